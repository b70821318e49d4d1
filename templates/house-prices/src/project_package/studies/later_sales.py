"""How far off is it in the months after?"""

import calendar
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from sklearn.base import clone
from sklearn.model_selection import GroupKFold

from .. import data, model
from ..evaluate import Evaluated, inside, median_bias
from ..kit.results import Study, Table
from ..kit.statistics import bootstrap
from ..kit.workspace import Workspace
from ..predict import Appraiser


def study(workspace: Workspace, evaluated: Evaluated) -> Study:
    """The same recipe on another split: the past is known, the coming months are not."""
    table = time_table(
        evaluated.everything, evaluated.appraiser, evaluated.simple, workspace.config
    )
    return Study(
        title="The months after",
        text="Both other splits let the model learn from months later than those it is asked for. "
        "Here the same recipe learns from the months before and is asked for those after, as in "
        "use, but for its settings, which were chosen on sales of all months.",
        tables={"time": table},
    )


def time_table(
    sales: pd.DataFrame, appraiser: Appraiser, simple: str, config: Mapping[str, Any]
) -> Table:
    """The same recipe, fitted to the sales up to the last known month and asked for those after.

    That is how it would be used: a house sold before is known, the coming market is not.
    """
    settings, seed = config["evaluate"], config["seed"]
    past, later = time_split(sales, settings["last_known"])
    parts = GroupKFold(n_splits=settings["margin_part"], shuffle=True, random_state=seed)
    fitting, held_out = next(parts.split(past, groups=past.house))
    fit, held = past.iloc[fitting], past.iloc[held_out]
    low, high, margin = model.interval_ends(fit, held, data.FEATURES, config)
    seen = later[data.FEATURES]
    ends = {
        "low": np.exp(low.predict(seen) - margin),
        "high": np.exp(high.predict(seen) + margin),
    }
    rows = []
    for name, by in (("model", "chosen"), (simple, simple)):
        fitted = clone(appraiser.models[by]).fit(past[data.FEATURES], past.price)
        priced = later.assign(model=fitted.predict(seen), **ends)
        columns = (priced.price, priced.model)
        options = {"groups": priced.house, "seed": seed}
        covered = bootstrap(np.mean, inside(priced), **options) if by == "chosen" else "–"
        rows.append(
            [
                name,
                bootstrap(model.median_ape, *columns, **options),
                bootstrap(median_bias, *columns, **options),
                covered,
            ]
        )
    known = month_name(settings["last_known"])
    return Table(
        f"Split in time: fitted to the {len(past):,} sales up to {known}, asked for the "
        f"{len(later):,} after; intervals meant to hold {appraiser.coverage:.0%}. One cut in one "
        "year: what is in brackets says nothing of other years.",
        ["", "median error", "median bias", "coverage"],
        rows,
    )


def time_split(sales: pd.DataFrame, last: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Sales up to the last month that is known, and those after it."""
    return sales[sales.month_of_sale <= last], sales[sales.month_of_sale > last]


def month_name(month: int) -> str:
    """A month of sale in words: February 2015."""
    year, number = divmod(month - 1, data.MONTHS)
    return f"{calendar.month_name[number + 1]} {data.FIRST_YEAR + year}"
