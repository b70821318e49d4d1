"""Days that came later, with their demand: how `retrain` reads and learns from them."""

from collections.abc import Sequence
from typing import Annotated

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pydantic import Field

from . import data
from .kit.registry import serving
from .kit.workspace import ProjectError, Workspace
from .model import SLOTS, mape
from .predict import Forecaster, as_series
from .serve import History, require_enough

METRIC, HIGHER_IS_BETTER = "mean", False  # of each day's error in per cent


class Labelled(History):
    """A line: what was known at noon as /predict takes it, and the day that came of it.

    `truth` is its demand in gigawatts, `warmth` its temperature in °C, 48 values each.
    """

    truth: Annotated[list[Annotated[float, Field(gt=0)]], Field(min_length=SLOTS, max_length=SLOTS)]
    warmth: Annotated[
        list[Annotated[float, Field(ge=-60, le=60)]], Field(min_length=SLOTS, max_length=SLOTS)
    ]


def tabulate(workspace: Workspace, lines: Sequence[Labelled]) -> pd.DataFrame:
    """A row for each line: a day with its truth, known where it is in the training set.

    Raises ProjectError when a line has too few days before it, or two lines are of one day.
    """
    needed = Forecaster.load(serving(workspace)).history
    days = [str(line.date) for line in lines]
    if len(set(days)) < len(days):
        raise ProjectError("two lines are of the same day")
    for line in lines:
        require_enough(len(line.demand) // SLOTS, needed)
    train = set(data.load(workspace, "train", reader="retrain").date)
    return pd.DataFrame(
        {
            "id": [f"{day} 00" for day in days],  # as its first half-hour is called
            "group": days,
            "known": [day in train for day in days],
            "time": days,
            "truth": [line.truth for line in lines],
            "line": [line.model_dump(mode="json") for line in lines],
        }
    )


def join(workspace: Workspace, rows: pd.DataFrame) -> None:
    """Add the days and those before them to the training part; only the days are learned from."""
    train = data.load(workspace, "train", reader="retrain")
    parts = [train]
    for line in rows.line:
        series, day, first = as_series(line)
        dates = pd.date_range(first, periods=day + 1).strftime("%Y-%m-%d")
        demand, warmth = series.demand.copy(), series.temperature.copy()
        demand[day], warmth[day] = line["truth"], line["warmth"]
        table = pd.DataFrame(
            {
                "date": np.repeat(dates, SLOTS),
                "slot": np.tile(np.arange(SLOTS), day + 1),
                "demand": demand.ravel(),
                "temperature": warmth.ravel(),
                "working": np.repeat(series.working.astype(int), SLOTS),
                "learn": np.repeat((dates == line["date"]).astype(int), SLOTS),
            }
        )
        table.insert(0, "id", table.date + table.slot.map(" {:02d}".format))
        parts.append(table[table.demand.notna()])
    both = pd.concat(parts, ignore_index=True)
    both["demand_known"] = both.groupby("date").demand.transform("size")
    both = both.sort_values(["id", "learn", "demand_known"], kind="stable")
    both = both.drop_duplicates("id", keep="last").drop(columns="demand_known")
    data.write_part(workspace, "train", both[list(train)].reset_index(drop=True))


def say(workspace: Workspace, rows: pd.DataFrame) -> NDArray[np.float64]:
    """The mean error of each day in per cent, by the model in `workspace`."""
    fitted = Forecaster.load(workspace).fitted
    found = []
    for truth, line in zip(rows.truth, rows.line, strict=True):
        series, day, _ = as_series(line)
        found.append(mape(truth, fitted.forecast(series, day)))
    return np.array(found)
