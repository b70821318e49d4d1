"""Look at the training set before anything is fitted: what is sold, and what drives the price."""

import numpy as np
import pandas as pd

from . import data
from .kit import figures
from .kit.results import Picture, Study, Table, write_exploration
from .kit.workspace import Workspace

DRIVERS = 8
QUARTILES = {"lowest": 0.0, "first quartile": 0.25, "median": 0.5, "third": 0.75, "highest": 1.0}


def run(workspace: Workspace) -> None:
    """Write reports/exploration.json and two figures."""
    sales = data.load(workspace, "train", reader="explore")
    draw(workspace, sales)
    middle, dearest = sales.price.median(), sales.price.max()
    study = Study(
        title="The training set",
        text="What the sales of the training set are, before any model.",
        tables={
            "columns": columns_table(sales),
            "faults": faults_table(sales),
            "drivers": drivers_table(sales),
        },
        figures={
            "prices": Picture("Prices, on a logarithmic scale.", "Histogram of prices."),
            "months": Picture(
                "Median price by month of sale; the bars are the number of sales.",
                "A line of median prices over bars of sales, by month.",
            ),
        },
        notes={
            "target": f"The median price of the {len(sales):,} sales of the training set is "
            f"${middle:,.0f}, the highest {dearest / middle:.0f} times that."
        },
    )
    write_exploration(workspace, study)
    print(f"{len(sales):,} sales in the training set, median price ${middle:,.0f}")


def columns_table(sales: pd.DataFrame) -> Table:
    """How the price and the measured columns are spread."""
    rows = [
        [name, *(float(sales[name].quantile(share)) for share in QUARTILES.values())]
        for name in ("price", "sqft_living", "sqft_lot", "grade", "bedrooms", "bathrooms")
    ]
    return Table("The price and what is measured of a house.", ["column", *QUARTILES], rows)


def faults_table(sales: pd.DataFrame) -> Table:
    """What is missing, doubtful, or there more than once."""
    kinds = {
        "a value missing": sales.isna().any(axis=1),
        "no bedroom or no bathroom": (sales.bedrooms == 0) | (sales.bathrooms == 0),
        "never renovated, as far as is known": sales.year_renovated == 0,
        "of a house sold more than once": sales.house.duplicated(keep=False),
    }
    rows = [[name, int(mask.sum()), float(mask.mean())] for name, mask in kinds.items()]
    return Table("Sales of the training set that ask for care.", ["", "sales", "share"], rows)


def drivers_table(sales: pd.DataFrame) -> Table:
    """The columns that rise or fall with the price most, each by itself."""
    ranks = sales[data.FEATURES].corrwith(sales.price, method="spearman")
    strongest = ranks.sort_values(key=abs, ascending=False, kind="stable").head(DRIVERS)
    rows = [[name, float(value)] for name, value in strongest.items()]
    caption = "Rank correlation (Spearman) with the price: each column by itself, no cause."
    return Table(caption, ["column", "correlation"], rows)


def draw(workspace: Workspace, sales: pd.DataFrame) -> None:
    """Prices, and the market over time."""
    edges = np.geomspace(sales.price.min(), sales.price.max(), 40)
    with figures.figure(workspace.figures / "prices", height=3.2) as (_, axes):
        axes.hist(sales.price, edges, color=figures.MODEL)
        axes.set(xscale="log", xlabel="price, $", ylabel="sales")
    by_month = sales.groupby("month_of_sale").price.agg(["median", "size"])
    with figures.figure(workspace.figures / "months", height=3.2) as (_, axes):
        axes.bar(by_month.index, by_month["size"], color=figures.OTHER, alpha=0.4)
        axes.set(xlabel=f"month, counted from January {data.FIRST_YEAR}", ylabel="sales")
        prices = axes.twinx()
        prices.plot(by_month.index, by_month["median"] / 1_000, "o-", color=figures.MODEL)
        prices.set_ylabel("median price, $1,000")
