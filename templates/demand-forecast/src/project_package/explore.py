"""Look at the training set before anything is fitted: the day's shape, the week, the weather."""

import numpy as np
import pandas as pd

from . import data, model
from .kit import figures
from .kit.results import Picture, Study, Table, write_exploration
from .kit.workspace import Workspace
from .model import SLOTS, Series

LAGS = {"the day before": 1, "two days before": 2, "a week before": 7}
BINS = (-50, 8, 12, 16, 20, 24, 28, 60)  # °C
KINDS = ("working day", "Saturday", "Sunday or holiday")


def run(workspace: Workspace) -> None:
    """Write reports/exploration.json and two figures."""
    series, dates = data.series(data.load(workspace, "train", reader="explore"))
    draw(workspace, series)
    demand = series.demand[series.known]
    top = int(np.nanargmax(series.demand) // SLOTS)
    study = Study(
        title="The training set",
        text="What the days of the training set are, before any model.",
        tables={
            "kinds": kinds_table(series),
            "lags": lags_table(series),
            "warmth": warmth_table(series),
        },
        figures={
            "shapes": Picture("Mean demand by half-hour and kind of day.", "Three lines of a day."),
            "weather": Picture(
                "Mean demand of a day against its mean temperature.",
                "Points, one a day, of demand against temperature.",
            ),
        },
        notes={
            "target": f"The {len(demand)} days of the training set have a mean demand of "
            f"{demand.mean():.2f} GW; the highest half-hour, {np.nanmax(series.demand):.2f} GW, "
            f"was on {dates[top]}, when it was {np.nanmax(series.temperature[top]):.1f} °C."
        },
    )
    write_exploration(workspace, study)
    print(f"{len(demand)} days in the training set, mean demand {demand.mean():.2f} GW")


def kinds_table(series: Series) -> Table:
    """How many days of each kind there are, and what is used on them."""
    rows = []
    for kind, name in enumerate(KINDS):
        days = series.demand[(series.kind == kind) & series.known]
        if len(days):
            rows.append([name, len(days), days.mean(), days.min(), days.max()])
    return Table("Days by kind, in gigawatts.", ["", "days", "mean", "lowest", "highest"], rows)


def lags_table(series: Series) -> Table:
    """How alike two days are, by how far they lie apart."""
    log, rows = np.log(series.demand), []
    for name, lag in LAGS.items():
        change = np.abs(log[lag:] - log[:-lag])
        rows.append([name, float(np.nanmean(change)), float(np.nanquantile(change, 0.9))])
    kinds = [day for day in range(len(log)) if day > model.WEEK]
    change = np.array([np.abs(log[day] - log[model.base_days(series, day, 1)[0]]) for day in kinds])
    rows.append(["last of its kind, as at noon before", float(np.nanmean(change)),
                 float(np.nanquantile(change, 0.9))])  # fmt: skip
    caption = "By how much a half-hour differs from the same of another day, in logarithms."
    return Table(caption, ["compared with", "mean", "nine tenths below"], rows)


def warmth_table(series: Series) -> Table:
    """Demand by how warm a day was on average."""
    columns = {"warmth": series.temperature, "demand": series.demand}
    means = pd.DataFrame({name: values.mean(axis=1) for name, values in columns.items()})
    rows = [
        [f"{part.warmth.min():.1f} to {part.warmth.max():.1f}", len(part), part.demand.mean()]
        for _, part in means.dropna().groupby(pd.cut(means.warmth, BINS), observed=True)
    ]
    return Table(
        "Days by their mean temperature: cold and heat both cost.",
        ["°C", "days", "mean demand, GW"], rows,
    )  # fmt: skip


def draw(workspace: Workspace, series: Series) -> None:
    """The shape of a day, and demand against warmth."""
    with figures.figure(workspace.figures / "shapes", height=3.2) as (_, axes):
        for kind, name, style in zip(range(len(KINDS)), KINDS, ("-", "--", ":"), strict=True):
            days = series.demand[(series.kind == kind) & series.known]
            axes.plot(np.arange(SLOTS) / 2, days.mean(axis=0), style, label=name)
        axes.set(xlabel="hour", ylabel="demand, GW")
        axes.legend()
    with figures.figure(workspace.figures / "weather", height=3.2) as (_, axes):
        means = series.temperature.mean(axis=1), series.demand.mean(axis=1)
        axes.scatter(*means, s=10, color=figures.MODEL)
        axes.set(xlabel="mean temperature, °C", ylabel="mean demand, GW")
