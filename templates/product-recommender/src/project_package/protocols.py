"""Ways of holding interactions out. They answer different questions, and the answers differ.

in time   what will people choose after a given day? (what a shop would meet; the headline)
random    what else of its own past does a person's taste predict? (comparable with papers)
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .model import (
    NEIGHBOURS,
    POPULAR,
    Interactions,
    Recommender,
    fit_ease,
    fit_item_knn,
    fit_popularity,
)
from .ranking import Lists, best_settings, make_lists

PERSONAL = "EASE alone"


def periods_of(times: NDArray, periods: int) -> NDArray[np.int64]:
    """The period, from 0, that each interaction falls into; equally many fall into each.

    Those of one second are never parted.
    """
    ordered = np.sort(times)
    starts = ordered[[round(part * len(ordered) / periods) for part in range(1, periods)]]
    return np.searchsorted(starts, times, side="right").astype(np.int64)


def asked_periods(config: Mapping[str, Any]) -> list[int]:
    """The first period after each day that the headline asks about; the last is the test set."""
    periods = config["data"]["periods"]
    return list(range(periods - config["evaluate"]["origins"], periods))


def attempted_periods(config: Mapping[str, Any]) -> list[int]:
    """The periods just before those: what attempts are scored on is in no headline."""
    first = asked_periods(config)[0]
    return list(range(first - config["attempts"]["origins"], first))


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


def random_split(
    people: NDArray, test_share: float, validation_share: float, seed: int
) -> NDArray[np.int64]:
    """0, 1 or 2 for every interaction: known, validation or test, drawn for each person."""
    random = np.random.default_rng(seed)
    part = np.zeros(len(people), dtype=np.int64)
    for person in np.unique(people):
        rows = random.permutation(np.flatnonzero(people == person))
        tests, validations = int(test_share * len(rows)), int(validation_share * len(rows))
        part[rows[:tests]] = 2
        part[rows[tests : tests + validations]] = 1
    return part


def random_lists(
    everything: Interactions, config: Mapping[str, Any]
) -> tuple[dict[str, Lists], dict[str, Any]]:
    """Lists where a share of each person's films, drawn at random, is held out, and the settings.

    These are chosen on a further share, which then joins what is known.
    """
    own, grids = config["random"], config["baselines"]
    shares = own["test_share"], own["validation_share"]
    part = random_split(everything.people, *shares, config["seed"])
    train, validation, test = (everything.where(part == number) for number in range(3))
    known = everything.where(part < 2)
    recommenders: dict[str, Recommender] = {POPULAR: fit_popularity(known)}
    tried = {
        NEIGHBOURS: (fit_item_knn, grids["neighbours"]),
        PERSONAL: (fit_ease, {"penalty": own["penalty"]}),
    }
    chosen = {}
    for name, (fit, values) in tried.items():
        chosen[name] = best_settings(fit, values, train, validation)
        recommenders[name] = fit(known, **chosen[name])
    lists = {
        name: make_lists(recommender, known.matrix, test.matrix)
        for name, recommender in recommenders.items()
    }
    return lists, chosen
