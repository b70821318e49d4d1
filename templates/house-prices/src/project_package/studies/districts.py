"""In which districts is it wrong?"""

import numpy as np
import pandas as pd

from ..evaluate import Evaluated
from ..kit import figures
from ..kit.results import Picture, Study, Table
from ..kit.statistics import Interval, bootstrap
from ..kit.workspace import Workspace
from ..model import LATITUDE

SHOWN = 5  # districts from either end


def study(workspace: Workspace, evaluated: Evaluated) -> Study:
    """The error by zip code, as a map and as both ends of a list."""
    draw(workspace, evaluated.sales)
    fewest = workspace.config["evaluate"]["fewest_sales"]
    return Study(
        title="In which districts is it wrong?",
        text="The error on the test set by zip code.",
        tables={"districts": districts_table(evaluated.sales, fewest, workspace.seed)},
        figures={
            "map": Picture(
                "Median error by zip code on the test set; the larger the circle, the more sales.",
                "Map of King County, one circle a zip code, its colour the median error there.",
            )
        },
    )


def districts_table(sales: pd.DataFrame, fewest: int, seed: int) -> Table:
    """The best and the worst zip codes with enough sales."""
    parts = {code: part for code, part in sales.groupby("zipcode") if len(part) >= fewest}
    ranked = sorted(parts, key=lambda zipcode: parts[zipcode].error.median())
    shown = ranked if len(ranked) <= 2 * SHOWN else ranked[:SHOWN] + ranked[-SHOWN:]
    rows = [
        [str(zipcode), len(parts[zipcode]), median_error(parts[zipcode], seed)] for zipcode in shown
    ]
    return Table(
        f"Zip codes with at least {fewest} sales in the test set: both ends by median error, "
        "where chance has a part in who stands there; on other sales such ends tend to lie closer.",
        ["zip code", "n", "median error"],
        rows,
    )


def median_error(part: pd.DataFrame, seed: int) -> Interval:
    """Median error of these sales."""
    return bootstrap(np.median, part.error, groups=part.house, seed=seed)


def draw(workspace: Workspace, sales: pd.DataFrame) -> None:
    """The map of errors."""
    districts = sales.groupby("zipcode").agg(
        latitude=("latitude", "mean"),
        longitude=("longitude", "mean"),
        error=("error", "median"),
        sales=("error", "size"),
    )
    with figures.figure(workspace.figures / "map", width=7, height=5.5) as (drawing, axes):
        circles = axes.scatter(
            districts.longitude,
            districts.latitude,
            s=20 + 3 * districts.sales,
            c=100 * districts.error,
            cmap="viridis_r",
        )
        drawing.colorbar(circles, label="median error, %")
        axes.set(xlabel="longitude", ylabel="latitude", aspect=1 / np.cos(np.radians(LATITUDE)))
        axes.locator_params(axis="x", nbins=5)
