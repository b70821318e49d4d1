"""For which kinds of houses is it wrong?"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from ..evaluate import Evaluated
from ..kit.results import EACH_ALONE, Study, slices_table
from ..kit.workspace import Workspace

ACRE = 43_560  # square feet


def study(workspace: Workspace, evaluated: Evaluated) -> Study:
    """The error by age, grade, place and lot."""
    sales = evaluated.sales
    table = slices_table(
        f"By kind of house. {EACH_ALONE}",
        ["houses", "n", "median error"],
        kinds(sales, workspace.config["evaluate"]),
        sales.error,
        sales.house,
        workspace.seed,
        np.median,
    )
    return Study(
        title="For which kinds of houses is it wrong?",
        text="The error on the test set by kind of house; one house may be of several kinds.",
        tables={"slices": table},
    )


def kinds(sales: pd.DataFrame, settings: Mapping[str, Any]) -> dict[str, pd.Series]:
    """Kinds of houses that a reader would ask about, each as a mask of the rows."""
    new, old = settings["new_since"], settings["old_before"]
    high, low = settings["high_grade"], settings["low_grade"]
    return {
        "waterfront": sales.waterfront == 1,
        "renovated": sales.year_renovated > 0,
        f"built since {new}": sales.year_built >= new,
        f"built before {old}": sales.year_built < old,
        f"high grade ({high} and up)": sales.grade >= high,
        f"low grade ({low} and down)": sales.grade <= low,
        "lot over one acre": sales.sqft_lot > ACRE,
    }
