"""The model for the demo in the browser: page/infer.js reads what is exported here."""

import datetime as dt
import json
from typing import Any

from . import data
from .kit.trees import pack_boosting
from .kit.workspace import Workspace, read_json
from .model import FEATURES, GROUPS, NOON, PLACES, SLOTS, Series
from .predict import Forecaster
from .serve import HIGHEST, LONGEST, LOWEST, WARMEST

LOOKUPS = [("/usual", {})]
EXAMPLES = 400
STRETCH = (1.0, 0.97, 1.04, 0.5, 3.0, 1.1, 0.9)  # what days are multiplied by in further turns


def export(workspace: Workspace) -> dict[str, bytes]:
    """Boosting models, ridges, margins, and the usual days that the page begins with."""
    forecaster = Forecaster.load(workspace)
    training = read_json(workspace.models / "training.json", made_by="train")
    values = {
        "settings": forecaster.fitted.settings,
        "ridges": forecaster.fitted.ridges.tolist(),
        "seen": forecaster.fitted.seen.tolist(),
        "places": PLACES,
        "margins": training["margins"],
        "typical": training["typical"],
        "groups": {name: [FEATURES.index(each) for each in own] for name, own in GROUPS.items()},
        "usual": {**training["profiles"], "days": forecaster.history},
        "limits": {
            "longest": LONGEST, "demand": [LOWEST, HIGHEST], "temperature": [-WARMEST, WARMEST]
        },
    }  # fmt: skip
    trees = {
        f"boosting{number}.bin": pack_boosting(each)
        for number, each in enumerate(forecaster.fitted.boosting)
    }
    return {"forecast.json": json.dumps(values).encode(), **trees}


def examples(workspace: Workspace) -> list[dict[str, Any]]:
    """Days of the training set as they were known, then stretched; some that are refused."""
    series, dates = data.series(data.load(workspace, "train", reader="demo"))
    needed = Forecaster.load(workspace).history
    days = [
        day for day in range(needed + 1, len(dates)) if series.known[day - needed - 1 : day].all()
    ]
    bodies = [as_body(series, dates, day, needed, factor) for factor in STRETCH for day in days][
        :EXAMPLES
    ]
    first = bodies[0]
    few, odd = (
        {**first, **{name: first[name][cut:] for name in ("demand", "temperature")}}
        for cut in (SLOTS, 1)
    )
    return [*bodies, few, odd]


def as_body(
    series: Series, dates: list[str], day: int, days: int, factor: float = 1.0
) -> dict[str, Any]:
    """What /predict takes for `day`: so many whole days before today, and this morning."""
    first, until = day - 1 - days, NOON - SLOTS
    free = [
        number for number in range(first, day + 1)
        if not series.working[number] and dt.date.fromisoformat(dates[number]).weekday() < 5
    ]  # fmt: skip
    return {
        "date": dates[day],
        "demand": (factor * series.demand[first:day]).ravel()[:until].tolist(),
        "temperature": series.temperature[first:day].ravel()[:until].tolist(),
        "holidays": [dates[number] for number in free],
    }
