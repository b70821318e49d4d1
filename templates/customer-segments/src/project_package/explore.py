"""Look at the orders up to the last cut-off before anything is fitted."""

import numpy as np
import pandas as pd

from . import data
from .kit import figures
from .kit.results import Picture, Study, Table, write_exploration
from .kit.workspace import Workspace
from .train import last_cutoff

QUARTILES = {"lowest": 0.0, "first quartile": 0.25, "median": 0.5, "third": 0.75, "highest": 1.0}


def run(workspace: Workspace) -> None:
    """Write reports/exploration.json and two figures."""
    orders = data.load(workspace, "orders", reader="explore")
    now = data.describe(orders, last_cutoff(workspace.config))
    draw(workspace, orders, now)
    once = float((now.frequency == 1).mean())
    study = Study(
        title="The customers before the last cut-off",
        text="What is known of them then, before any model.",
        tables={"columns": columns_table(now), "cohorts": cohorts_table(orders, now)},
        figures={
            "months": Picture(
                "Days with an order by month; the line is dollars.",
                "Bars of orders and a line of dollars, by month.",
            ),
            "frequency": Picture(
                "Customers by how often they had ordered, on a logarithmic scale.",
                "Bars of customers for one order, two, and so on.",
            ),
        },
        notes={
            "target": f"Of the {len(now):,} customers, {once:.0%} had ordered once. The tenth who "
            f"had spent most came to {top_share(now.money):.0%} of all dollars so far."
        },
    )
    write_exploration(workspace, study)
    print(f"{len(now):,} customers, {once:.0%} of them with one order")


def top_share(money: pd.Series) -> float:
    """The part of all dollars that the tenth comes to who spent most."""
    return float(money.nlargest(max(1, round(len(money) / 10))).sum() / money.sum())


def columns_table(now: pd.DataFrame) -> Table:
    """How what is known of a customer is spread."""
    rows = [
        [name, *(float(now[name].quantile(share)) for share in QUARTILES.values())]
        for name in data.FEATURES
    ]
    caption = "Days since the last order and since the first, days with an order, dollars in all."
    return Table(caption, ["column", *QUARTILES], rows)


def cohorts_table(orders: pd.DataFrame, now: pd.DataFrame) -> Table:
    """Customers by the month of their first order."""
    first = orders.groupby("customer").date.min().dt.strftime("%Y-%m")
    rows = [
        [month, len(part), float((part.frequency > 1).mean()), float(part.money.mean())]
        for month, part in now.groupby(first.reindex(now.index))
    ]
    caption = "By month of the first order; who came first has had longer to come again."
    return Table(caption, ["first order", "customers", "came again", "dollars each"], rows)


def draw(workspace: Workspace, orders: pd.DataFrame, now: pd.DataFrame) -> None:
    """The months, and how often customers came."""
    by_month = orders.groupby(orders.date.dt.strftime("%Y-%m")).amount.agg(["size", "sum"])
    with figures.figure(workspace.figures / "months", height=3.2) as (_, axes):
        axes.bar(by_month.index, by_month["size"], color=figures.OTHER, alpha=0.4)
        axes.set(xlabel="month", ylabel="days with an order")
        axes.tick_params(axis="x", rotation=45)
        dollars = axes.twinx()
        dollars.plot(by_month.index, by_month["sum"] / 1_000, "o-", color=figures.MODEL)
        dollars.set_ylabel("dollars, thousands")
    with figures.figure(workspace.figures / "frequency", height=3.2) as (_, axes):
        axes.hist(now.frequency, np.arange(0.5, now.frequency.max() + 1), color=figures.MODEL)
        axes.set(yscale="log", xlabel="days with an order", ylabel="customers")
