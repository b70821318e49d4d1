"""A heat wave as traffic: after ordinary days of autumn come those of January, as they were."""

import numpy as np
from numpy.typing import NDArray

from . import data, model
from .kit.replay import Stream
from .kit.served import Seen
from .kit.workspace import Workspace
from .model import SLOTS, Series
from .watch import watched

SUMMER, AUTUMN = 31, 59  # days of the year: January is over, March begins


def replay(workspace: Workspace) -> Stream:
    """Days of the training set by a model that has seen no summer.

    Of the days from March on every second one is the past; the others come as traffic, and then,
    as if they came next, the days of January, the first that have a week before them.
    """
    config = workspace.config
    series, dates = data.series(data.load(workspace, "train", reader="simulate"))
    every = [day for day in range(len(dates)) if series.known[day] and model.ready(series, day)]
    summer = [day for day in every if day < SUMMER]
    mild = [day for day in every if day >= AUTUMN]
    past, later = mild[::2], mild[1::2]
    said = dict(zip(mild, held_out(series, mild, config), strict=True))
    fitted = model.fit(series, mild, config)
    said |= {day: fitted.forecast(series, day) for day in summer}
    order = later + summer
    a_year_later = [f"{int(dates[day][:4]) + 1}{dates[day][4:]}" for day in summer]
    days = [dates[day] for day in later] + a_year_later
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
        learned = [day for day in days if (day // model.WEEK) % 2 != turn]
        fitted = model.fit(series, learned, config)
        said |= {day: fitted.forecast(series, day) for day in days if day not in set(learned)}
    return [said[day] for day in days]


def seen(series: Series, days: list[int], said: dict[int, NDArray[np.float64]]) -> list[Seen]:
    """What the service would have logged."""
    return [each for day in days for each in watched(series, day, said[day])]
