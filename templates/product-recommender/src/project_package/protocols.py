"""Ways of holding interactions out. They answer different questions, and the answers differ.

random       what else of its own past does a person's taste predict? (comparable with papers)
last one     the newest film of each person
rolling      what will people choose after a given day? (what a shop would meet)
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

PARTS = ("train", "validation", "test")
VALIDATION_SHARE, TEST_SHARE = 0.1, 0.2
CUTS = (0.5, 0.6, 0.7, 0.8, 0.9)  # of all interactions, in order of time
HORIZON = 0.1


def random_split(people: NDArray, seed: int) -> NDArray[np.int64]:
    """Index into PARTS for every interaction: 70 / 10 / 20 % of each person's, drawn at random."""
    random = np.random.default_rng(seed)
    part = np.zeros(len(people), dtype=np.int64)
    for person in np.unique(people):
        rows = random.permutation(np.flatnonzero(people == person))
        tests, validations = int(TEST_SHARE * len(rows)), int(VALIDATION_SHARE * len(rows))
        part[rows[:tests]] = 2
        part[rows[tests : tests + validations]] = 1
    return part


def last_of_each(people: NDArray, times: NDArray, tie_breaker: NDArray) -> NDArray[np.bool_]:
    """Marks the newest interaction of every person; of equally new ones the highest tie-breaker."""
    order = np.lexsort((tie_breaker, times, people))
    ends = np.flatnonzero(np.diff(people[order], append=-1))
    last = np.zeros(len(people), dtype=bool)
    last[order[ends]] = True
    return last


def rolling_origins(
    times: NDArray, cuts: tuple[float, ...] = CUTS, horizon: float = HORIZON
) -> Iterator[tuple[NDArray[np.bool_], NDArray[np.bool_]]]:
    """(past, future) for every cut; interactions of one second are never parted."""
    ordered = np.sort(times)

    def moment(share: float) -> float:
        position = round(share * len(ordered))
        return float(ordered[position]) if position < len(ordered) else np.inf

    for cut in cuts:
        start, end = moment(cut), moment(cut + horizon)
        yield times < start, (times >= start) & (times < end)


def warm(people: NDArray, past: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Marks the interactions of people who have a past."""
    return np.isin(people, people[past])
