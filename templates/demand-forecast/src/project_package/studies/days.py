"""On which days is it wrong?"""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .. import model
from ..evaluate import Evaluated, by_day
from ..kit.results import EACH_ALONE, Study, slices_table
from ..kit.workspace import Workspace
from ..model import FREE, SATURDAYS, WORKING


def study(workspace: Workspace, evaluated: Evaluated) -> Study:
    """The error by kind of day, by weather and by season."""
    days = by_day(evaluated.rows)
    return Study(
        title="On which days is it wrong?",
        text="The mean error of a day, by kind of day; one day may be of several kinds. Its "
        "weather is the day's own, which no forecast knew.",
        tables={
            "slices": slices_table(
                f"By kind of day. {EACH_ALONE}",
                ["days", "n", "error, %"],
                kinds(evaluated, workspace.config["evaluate"]),
                days.error,
                days.week,
                workspace.seed,
            )
        },
    )


def kinds(evaluated: Evaluated, settings: Mapping[str, Any]) -> dict[str, NDArray[np.bool_]]:
    """Kinds of days that a reader would ask about, each as a mask of the days."""
    series, places = evaluated.series, np.array(evaluated.days)
    kind, weekday = series.kind[places], series.weekday[places]
    warmest = series.temperature[places].max(axis=1)
    return {
        "working days": kind == WORKING,
        "Saturdays": kind == SATURDAYS,
        "Sundays and holidays": kind == FREE,
        "holidays in the week": ~series.working[places] & (weekday < model.SATURDAY),
        "the day after a day off": ~series.working[places - 1] & series.working[places],
        f"hot, above {settings['hot']:g} °C": warmest > settings["hot"],
        f"cold, never above {settings['cold']:g} °C": warmest < settings["cold"],
    }
