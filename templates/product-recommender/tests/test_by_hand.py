"""The central functions alone, against numbers that anybody can work out on paper."""

import numpy as np
import pytest
from scipy.sparse import csr_array

from project_package.model import (
    DAY,
    Interactions,
    ItemWeights,
    SameForAll,
    fit_ease,
    fit_item_knn,
    fit_recent_popularity,
    with_trend,
)
from project_package.protocols import periods_of
from project_package.ranking import best, best_settings


def meetings(*pairs: tuple[int, int], days: tuple[int, ...] = (), films: int = 3) -> Interactions:
    """Who met which film, on which day."""
    people, met = (np.array(side) for side in zip(*pairs, strict=True))
    times = np.array(days or [0] * len(pairs)) * DAY
    return Interactions(people, met, times, np.zeros_like(people), (people.max() + 1, films))


# Film 0 is met by persons 0, 1 and 2; film 1 by 0 and 1; film 2 by 2.
MET = meetings((0, 0), (0, 1), (1, 0), (1, 1), (2, 0), (2, 2))


def test_periods_are_cut_by_how_many_ratings_there_are_and_not_by_the_calendar() -> None:
    assert list(periods_of(np.array([1, 2, 3, 100, 200, 300]), 3)) == [0, 0, 1, 1, 2, 2]


def test_periods_keep_the_rows_where_they_stand_and_one_second_together() -> None:
    assert list(periods_of(np.array([9, 1, 5, 5, 5, 7]), 2)) == [1, 0, 1, 1, 1, 1]


def test_the_last_days_count_and_the_time_before_breaks_ties() -> None:
    seen = meetings((0, 0), (1, 0), (2, 0), (3, 1), (4, 2), (5, 2), days=(1, 1, 1, 20, 20, 1))
    scores = fit_recent_popularity(seen, days=7).weights
    assert list(np.argsort(-scores)) == [2, 1, 0], "films 1 and 2 lately, 2 before that, too"
    assert list(np.floor(scores)) == [0, 1, 1]


def test_the_best_are_the_unseen_ones_in_order() -> None:
    scores = np.array([[0.1, 0.9, 0.5, 0.7], [4.0, 3.0, 2.0, 1.0]])
    seen = csr_array(np.array([[0, 1, 0, 0], [0, 0, 0, 0]]))
    assert best(scores, seen, 2).tolist() == [[3, 2], [0, 1]]
    assert scores[0, 1] == 0.9, "what was handed in is as it was"


def test_of_all_combinations_the_one_with_the_best_lists_is_taken() -> None:
    known, future = meetings((0, 0), (1, 0), films=40), meetings((0, 7), (1, 7), films=40)

    def fit(_: Interactions, row: int, step: int) -> SameForAll:
        """Film 7 comes first for row 3 and step 4 only, and no other combination lists it first."""
        return SameForAll(-np.abs(np.arange(40.0) - (row + step)))

    assert best_settings(fit, {"row": [1, 2, 3], "step": [2, 4]}, known, future) == {
        "row": 3, "step": 4,
    }  # fmt: skip


def test_of_equal_settings_the_first_is_taken() -> None:
    known, future = meetings((0, 0), films=40), meetings((0, 7), films=40)
    found = best_settings(
        lambda _, value: SameForAll(np.full(40, 0.0 * value)), {"value": [5, 3, 9]}, known, future
    )
    assert found == {"value": 5}


def test_films_are_near_that_the_same_people_met() -> None:
    """Films 0 and 1 share two people: 2 / √6 without shrinkage."""
    weights = fit_item_knn(MET, neighbours=3, shrinkage=0.0).weights
    expected = [[0, 2 / 6**0.5, 1 / 3**0.5], [2 / 6**0.5, 0, 0], [1 / 3**0.5, 0, 0]]
    assert weights == pytest.approx(np.array(expected))
    shrunk = fit_item_knn(MET, neighbours=3, shrinkage=1.0).weights
    assert shrunk[0, 1] == pytest.approx(2 / (6**0.5 + 1))


def test_each_film_keeps_its_nearest_only() -> None:
    weights = fit_item_knn(MET, neighbours=1, shrinkage=0.0).weights
    assert (weights > 0).tolist() == [[False, True, True], [True, False, False], [False] * 3]


def test_of_two_films_ease_is_a_division() -> None:
    """Film 0 is met by three people, two of whom met film 1: 2 / (3 + 1) and 2 / (2 + 1)."""
    two = meetings((0, 0), (0, 1), (1, 0), (1, 1), (2, 0), films=2)
    found = fit_ease(two, penalty=1.0)
    assert found.weights == pytest.approx(np.array([[0, 2 / 4], [2 / 3, 0]]))
    assert list(found.lift) == [1, 1]


def test_ease_explains_each_film_by_all_others_at_once() -> None:
    weights = fit_ease(MET, penalty=2.0).weights
    explained = np.linalg.solve([[3 + 2, 1], [1, 1 + 2]], [2, 0])  # film 1, by films 0 and 2
    assert weights[[0, 2], 1] == pytest.approx(explained)
    assert list(np.diag(weights)) == [0, 0, 0]


def test_the_trend_is_a_power_over_a_power() -> None:
    """Lately 0, 1 and 2 people, of all time 3, 1 and 2: ½² / 4, 1½² / 2, 2½² / 3."""
    seen = meetings((0, 0), (1, 0), (2, 0), (3, 1), (4, 2), (5, 2), days=(1, 1, 1, 20, 20, 20))
    ease = ItemWeights(np.arange(9.0).reshape(3, 3), np.ones(3))
    found = with_trend(ease, seen, days=7, recent=2.0, former=1.0)
    lift = np.array([0.25 / 4, 2.25 / 2, 6.25 / 3])
    assert found.lift == pytest.approx(lift / lift.max())
    assert found.weights is ease.weights
