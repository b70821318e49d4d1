"""Holding interactions out in time: what will people choose after a given day?

Another way, random films of each person, is a question of its own: `studies/protocols.py`.
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .kit.workspace import ProjectError
from .model import Interactions


def periods_of(times: NDArray, periods: int) -> NDArray[np.int64]:
    """The period, from 0, that each interaction falls into; equally many fall into each.

    Those of one second are never parted.
    """
    # practice: periods_of
    ordered = np.sort(times)
    starts = ordered[[round(part * len(ordered) / periods) for part in range(1, periods)]]
    return np.searchsorted(starts, times, side="right").astype(np.int64)
    # practice: end


def asked_periods(config: Mapping[str, Any]) -> list[int]:
    """The first period after each day that the headline asks about; the last is the test set."""
    periods = config["data"]["periods"]
    return list(range(periods - config["evaluate"]["origins"], periods))


def attempted_periods(config: Mapping[str, Any]) -> list[int]:
    """All periods before those: what attempts are scored on is in no headline.

    A baseline is tuned one origin earlier still, so the first two periods are never asked about.
    """
    earlier = list(range(2, asked_periods(config)[0]))
    if not earlier:
        raise ProjectError("no period is left for attempts: lower evaluate.origins in config.toml")
    return earlier


@dataclass(frozen=True)
class Origin:
    """The day between two periods: what came before it, and what people chose right after it.

    `future` are the choices of people with a past, `newcomers` those of people without one.
    """

    period: int
    past: Interactions
    future: Interactions
    newcomers: Interactions

    @classmethod
    def before(cls, everything: Interactions, period: int) -> "Origin":
        """The origin whose future is `period`."""
        past = everything.where(everything.periods < period)
        after = everything.where(everything.periods == period)
        known = np.isin(after.people, past.people)
        return cls(period, past, after.where(known), after.where(~known))

    @property
    def day(self) -> str:
        """The last day of the past, as YYYY-MM-DD."""
        return dt.datetime.fromtimestamp(int(self.past.times.max()), dt.UTC).date().isoformat()
