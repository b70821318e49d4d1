"""How often do the intervals hold, and for whom?"""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from ..evaluate import Evaluated, inside, median_bias
from ..kit import figures
from ..kit.results import EACH_ALONE, Picture, Study, Table
from ..kit.statistics import bootstrap
from ..kit.workspace import Workspace

TENTHS = 10


def study(workspace: Workspace, evaluated: Evaluated) -> Study:
    """Coverage on the test set, and error, bias and coverage by decile of the price."""
    sales, coverage, seed = evaluated.sales, evaluated.appraiser.coverage, workspace.seed
    draw(workspace, sales, coverage)
    return Study(
        title="How often do the intervals hold?",
        text="Over the whole test set, and from the cheapest tenth of the houses to the dearest.",
        tables={"deciles": deciles_table(sales, seed)},
        figures={
            "deciles": Picture(
                "Share of prices inside their interval, by decile of the price; the line is what "
                "is meant.",
                "Bars of coverage for ten price groups beside a line at the share that is meant.",
            )
        },
        notes={"coverage": coverage_note(sales, coverage, seed)},
    )


def deciles(sales: pd.DataFrame) -> pd.Series:
    """1 for the cheapest tenth of the sales, 10 for the dearest."""
    return pd.qcut(sales.price.rank(method="first"), TENTHS, labels=False) + 1


def deciles_table(sales: pd.DataFrame, seed: int) -> Table:
    """Error, bias and coverage from the cheapest decile to the dearest."""
    rows = []
    for number, part in sales.groupby(deciles(sales)):
        options = {"groups": part.house, "seed": seed}
        rows.append(
            [
                str(number),
                f"{part.price.min() / 1e3:,.0f} to {part.price.max() / 1e3:,.0f}",
                bootstrap(np.median, part.error, **options),
                bootstrap(median_bias, part.price, part.model, **options).signed,
                bootstrap(np.mean, inside(part), **options),
            ]
        )
    return Table(
        "By decile of the price, from the cheapest; a positive bias means valued too high. The "
        "deciles are by the price paid, which no model knows: one that is not exact tends to lean "
        f"upwards among the cheapest and downwards among the dearest. {EACH_ALONE}",
        ["decile", "price, $1,000", "median error", "median bias", "coverage"],
        rows,
    )


def coverage_note(sales: pd.DataFrame, meant: float, seed: int) -> str:
    """What the intervals are meant to hold, what they held, and how wide they are."""
    covered = bootstrap(np.mean, inside(sales), groups=sales.house, seed=seed)
    width = float(np.median((sales.high - sales.low) / sales.model))
    held = (
        "no clear difference from what is meant"
        if covered.low <= meant <= covered.high
        else f"{'more' if covered.low > meant else 'less'} often than they are meant to"
    )
    return (
        f"Intervals are meant to hold {meant:.0%} of the prices; on the test set they hold "
        f"{covered}, {held}. The median interval is {width:.0%} of the price wide."
    )


def draw(workspace: Workspace, sales: pd.DataFrame, coverage: float) -> None:
    """Coverage by decile."""
    held = pd.Series(inside(sales), sales.index).groupby(deciles(sales)).mean()
    with figures.figure(workspace.figures / "deciles", height=3.2) as (_, axes):
        axes.bar(held.index, held, color=figures.MODEL)
        axes.axhline(coverage, color=figures.BASELINE, linestyle="--")
        axes.set(xlabel="decile of the price, cheapest first", ylabel="coverage", ylim=(0, 1))
        axes.xaxis.set_major_locator(plt.MultipleLocator(1))
