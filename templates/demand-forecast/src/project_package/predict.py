"""The trained forecaster, ready for use."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray

from . import model
from .kit.persistence import load_model
from .kit.web import one_thread
from .kit.workspace import ProjectError, Workspace, read_json
from .model import NOON, SLOTS, WEEK, Fitted, Series

BOOSTING = "sklearn.ensemble._hist_gradient_boosting"
ALLOWED = (
    "numpy.dtype",
    "sklearn._loss._loss.CyAbsoluteError",
    "sklearn._loss._loss.CyHalfSquaredError",
    "sklearn._loss.link.IdentityLink",
    "sklearn._loss.link.Interval",
    "sklearn._loss.loss.AbsoluteError",
    "sklearn._loss.loss.HalfSquaredError",
    f"{BOOSTING}.binning._BinMapper",
    f"{BOOSTING}.predictor.TreePredictor",
)


@dataclass(frozen=True)
class Forecast:
    """Demand of 48 half-hours in gigawatts, and bands by the share of half-hours they should hold.

    `effects` are shares of the mean demand, largest first; `base` is the last day of its kind.
    """

    date: str
    demand: list[float]
    bands: dict[str, dict[str, list[float]]]
    base: str
    effects: list[tuple[str, float]]


@dataclass(frozen=True)
class Forecaster:
    """The fitted model, the margins of its bands by level, and middle values of the features."""

    fitted: Fitted
    margins: Mapping[str, NDArray[np.float64]]
    typical: NDArray[np.float64]

    @classmethod
    def load(cls, workspace: Workspace) -> "Forecaster":
        """Read what `train` wrote; raises ProjectError when there is none."""
        stored = load_model(workspace, allowed=ALLOWED)
        training = read_json(workspace.models / "training.json", made_by="train")
        fitted = Fitted(**stored, settings=training["settings"])
        margins = {level: np.array(each) for level, each in training["margins"].items()}
        return cls(fitted, margins, np.array(training["typical"]))

    @property
    def history(self) -> int:
        """How many whole days before today a forecast reads."""
        return history(max(self.fitted.settings["bases"]))

    @one_thread
    def forecast(self, series: Series, day: int, first: date) -> Forecast:
        """The forecast of one day of a series that begins on `first`."""
        said = self.fitted.forecast(series, day)
        shares = model.effects(self.fitted, series, day, self.typical)
        base = model.base_days(series, day, 1)[0]
        return Forecast(
            (first + timedelta(days=day)).isoformat(),
            said.tolist(),
            {
                level: {
                    "low": (said * np.exp(-each)).tolist(),
                    "high": (said * np.exp(each)).tolist(),
                }
                for level, each in self.margins.items()
            },
            (first + timedelta(days=base)).isoformat(),
            sorted(shares.items(), key=lambda item: -abs(item[1])),
        )


def history(count: int) -> int:
    """Whole days before today in which so many of the kind of yesterday are, whatever it is."""
    return WEEK * count + 2


def as_series(given: Mapping[str, Any]) -> tuple[Series, int, date]:
    """The series of a request, the number of the day that is asked for, and its first date.

    `demand` and `temperature` end at noon of the day before `date`. Raises ProjectError when they
    do not.
    """
    asked = date.fromisoformat(str(given["date"]))
    demand, temperature = (
        np.asarray(given[name], dtype=float) for name in ("demand", "temperature")
    )
    whole, rest = divmod(len(demand), SLOTS)
    if rest != NOON or len(temperature) != len(demand):
        raise ProjectError(
            f"demand and temperature have to end at noon of the day before {asked}: whole days of "
            f"{SLOTS} half-hours and {NOON} more; got {len(demand):,} and {len(temperature):,}"
        )
    days, first = whole + 2, asked - timedelta(days=whole + 1)
    tables = np.full((2, days * SLOTS), np.nan)
    tables[:, : len(demand)] = demand, temperature
    dates = [first + timedelta(days=number) for number in range(days)]
    free = set(map(str, given.get("holidays", ())))
    weekday = np.array([each.weekday() for each in dates])
    working = (weekday < model.SATURDAY) & np.array([str(each) not in free for each in dates])
    series = Series(
        *tables.reshape(2, days, SLOTS), weekday=weekday, working=working, learn=np.ones(days, bool)
    )
    return series, days - 1, first


def run(workspace: Workspace, inputs: Sequence[str]) -> None:
    """Print one JSON line for each input, itself a JSON object as /predict takes it."""
    forecaster = Forecaster.load(workspace)
    for text in inputs:
        try:
            found = forecaster.forecast(*as_series(json.loads(text)))
        except (ValueError, TypeError, KeyError, IndexError) as error:
            raise ProjectError(
                f"no history: {text.strip()[:80]!r}; give JSON with date, demand and temperature"
            ) from error
        print(json.dumps(asdict(found)))
