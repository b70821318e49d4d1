"""A heat wave as traffic: after ordinary days of autumn come those of January, as they were."""

import math

import numpy as np
from numpy.typing import NDArray

from . import data, model
from .kit.replay import Stream
from .kit.served import Seen
from .kit.workspace import Workspace
from .model import SLOTS, Series
from .watch import summarise

SUMMER = 31  # the first days of the series: those of January


def replay(workspace: Workspace) -> Stream:
    """Days of the training set by a model of its last half, which has seen no summer.

    The first half of the days is the past, forecast out of order; then the rest; then, as if
    they came next, the days of January, the first that have a week before them.
    """
    config, (series, dates) = (
        workspace.config,
        data.series(data.load(workspace, "train", reader="simulate")),
    )
    every = [day for day in range(len(dates)) if series.known[day] and model.ready(series, day)]
    summer = [day for day in every if day < SUMMER]
    mild = [day for day in every if day >= SUMMER]
    past, later = mild[::2], mild[1::2]
    said = {day: each for day, each in zip(mild, held_out(series, mild, config), strict=True)}
    fitted = model.fit(series, [day for day in mild if day > config["model"]["warm_up"]], config)
    said |= {day: fitted.forecast(series, day) for day in summer}
    order = later + summer
    days = [dates[day] for day in later] + [
        f"{int(dates[day][:4]) + 1}{dates[day][4:]}" for day in summer
    ]
    return Stream(
        title=f"{len(later)} days from {days[0]} on, then {len(summer)} of January as if they came "
        "a year later, by a model that knows no summer",
        past=seen(series, past, said),
        past_truths=series.demand[past].ravel().tolist(),
        later=seen(series, order, said),
        later_truths=series.demand[order].ravel().tolist(),
        times=[date for date in days for _ in range(SLOTS)],
        begins=len(later) * SLOTS,
    )


def held_out(series: Series, days: list[int], config: dict) -> list[NDArray[np.float64]]:
    """What a model of the other weeks says of each day: every second week is left out in turn."""
    said = {}
    for turn in (0, 1):
        learned = [
            day
            for day in days
            if (day // model.WEEK) % 2 != turn and day > config["model"]["warm_up"]
        ]
        fitted = model.fit(series, learned, config)
        said |= {
            day: fitted.forecast(series, day) for day in days if (day // model.WEEK) % 2 == turn
        }
    return [said[day] for day in days]


def seen(series: Series, days: list[int], said: dict[int, NDArray[np.float64]]) -> list[Seen]:
    """What the service would have logged."""
    return [
        Seen(math.log(said[day][slot]), summarise(series, day, slot), said=float(said[day][slot]))
        for day in days
        for slot in range(SLOTS)
    ]
