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
from .model import SLOTS
from .predict import Forecaster, as_series
from .serve import History, require_enough

METRIC, HIGHER_IS_BETTER = "mape", False


class Labelled(History):
    """A line: what was known at noon as /predict takes it, and the day that came of it.

    `truth` is its demand in gigawatts, `warmth` its temperature in °C, 48 values each.
    """

    truth: Annotated[list[Annotated[float, Field(gt=0)]], Field(min_length=SLOTS, max_length=SLOTS)]
    warmth: Annotated[
        list[Annotated[float, Field(ge=-60, le=60)]], Field(min_length=SLOTS, max_length=SLOTS)
    ]


def tabulate(workspace: Workspace, lines: Sequence[Labelled]) -> pd.DataFrame:
    """Half-hours as the training set has them, each with the line that it is of.

    Raises ProjectError when a line has too few days before it, or two lines are of one day.
    """
    needed = Forecaster.load(serving(workspace)).history
    days = [str(line.date) for line in lines]
    if len(set(days)) < len(days):
        raise ProjectError("two lines are of the same day")
    for line in lines:
        require_enough(len(line.demand) // SLOTS, needed)
    train = set(data.load(workspace, "train", reader="retrain").date)
    rows = pd.DataFrame(
        {
            "date": np.repeat(days, SLOTS),
            "slot": np.tile(np.arange(SLOTS), len(days)),
            "demand": [value for line in lines for value in line.truth],
            "temperature": [value for line in lines for value in line.warmth],
            "line": [line.model_dump(mode="json") for line in lines for _ in range(SLOTS)],
        }
    )
    rows.insert(0, "id", rows.date + rows.slot.map(" {:02d}".format))
    return rows.assign(
        group=rows.date, known=rows.date.isin(train), time=rows.date, truth=rows.demand, learn=1
    )


def join(workspace: Workspace, rows: pd.DataFrame) -> None:
    """Add the days and those before them to the training part; only the days are learned from."""
    train = data.load(workspace, "train", reader="retrain")
    parts = [train]
    for line in rows.drop_duplicates("date").line:
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
    """The forecast of each half-hour by the model in `workspace`."""
    forecaster = Forecaster.load(workspace)
    said = {}
    for date, line in rows.drop_duplicates("date").set_index("date").line.items():
        series, day, _ = as_series(line)
        said[date] = forecaster.fitted.forecast(series, day)
    return np.array([said[row.date][row.slot] for row in rows.itertuples()])
