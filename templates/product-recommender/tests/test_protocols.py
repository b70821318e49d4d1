from itertools import pairwise

import numpy as np
import pytest

from project_package.model import Interactions
from project_package.protocols import (
    CUTS,
    last_of_each,
    random_split,
    rolling_origins,
)
from project_package.timeline import Origin


@pytest.fixture
def interactions() -> Interactions:
    """Forty people who come at different times, some of them at the very same second."""
    random = np.random.default_rng(0)
    people = np.repeat(np.arange(40), 25)
    films = np.concatenate([random.permutation(60)[:25] for _ in range(40)])
    return Interactions(people, films, random.integers(0, 300, 1_000), (40, 60))


def test_no_past_is_younger_than_its_future(interactions: Interactions) -> None:
    for past, future in rolling_origins(interactions.times):
        assert interactions.times[past].max() < interactions.times[future].min()
        assert past.sum() > 0
        assert future.sum() > 0


def test_each_future_is_the_next_origins_past(interactions: Interactions) -> None:
    cuts = list(rolling_origins(interactions.times))
    for (past, future), (later, _) in pairwise(cuts):
        assert ((past | future) == later).all()
    assert (cuts[-1][0] | cuts[-1][1]).all()


def test_people_without_a_past_are_counted_and_not_measured() -> None:
    people = np.array([0, 0, 1, 1, 0, 2, 2, 1, 3, 3])
    everything = Interactions(people, np.arange(10), np.arange(10), (4, 10))
    origin = Origin.at(everything, CUTS[0])
    assert set(origin.future.people) <= {0, 1}
    assert origin.newcomers == 1
    assert origin.new_films == 1


def test_the_last_film_is_the_newest_and_ties_are_broken_by_the_key() -> None:
    people = np.array([0, 0, 0, 1, 1])
    times = np.array([1, 5, 5, 9, 2])
    by_number = last_of_each(people, times, np.array([7, 3, 4, 1, 2]))
    assert list(by_number) == [False, False, True, True, False]
    reversed_key = last_of_each(people, times, -np.array([7, 3, 4, 1, 2]))
    assert list(reversed_key) == [False, True, False, True, False]


def test_the_random_split_depends_on_the_seed_alone(interactions: Interactions) -> None:
    people = interactions.people
    assert (random_split(people, 1) == random_split(people, 1)).all()
    assert (random_split(people, 1) != random_split(people, 2)).any()
