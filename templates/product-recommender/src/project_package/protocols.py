"""Ways of holding interactions out. They answer different questions, and the answers differ.

in time   what will people choose after a given day? (what a shop would meet; the headline)
random    what else of its own past does a person's taste predict? (comparable with papers)
"""

import datetime as dt
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .model import Interactions

PERIODS = 10  # of equally many interactions, in order of time
ORIGINS = (5, 6, 7, 8, 9)  # the first period after each of the days that are asked about
SEALED = 9  # the period that is the test set
VALIDATION_SHARE, TEST_SHARE = 0.1, 0.2  # of the random split


def periods_of(times: NDArray) -> NDArray[np.int64]:
    """The tenth of all interactions that each falls into; those of one second are never parted."""
    ordered = np.sort(times)
    starts = ordered[[round(share * len(ordered) / PERIODS) for share in range(1, PERIODS)]]
    return np.searchsorted(starts, times, side="right").astype(np.int64)


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


def random_split(people: NDArray, seed: int) -> NDArray[np.int64]:
    """0, 1 or 2 for every interaction: 70 / 10 / 20 % of each person's, drawn at random."""
    random = np.random.default_rng(seed)
    part = np.zeros(len(people), dtype=np.int64)
    for person in np.unique(people):
        rows = random.permutation(np.flatnonzero(people == person))
        tests, validations = int(TEST_SHARE * len(rows)), int(VALIDATION_SHARE * len(rows))
        part[rows[:tests]] = 2
        part[rows[tests : tests + validations]] = 1
    return part
