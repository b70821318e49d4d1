import numpy as np
import pytest
from scipy.sparse import csr_array

from project_package.model import SameForAll
from project_package.ranking import LENGTH, best, make_lists, novelty
from project_package.studies.beyond import gini, head_share

FILMS = 30


def matrix(*people: list[int]) -> csr_array:
    dense = np.zeros((len(people), FILMS))
    for row, films in enumerate(people):
        dense[row, films] = 1
    return csr_array(dense)


DOWNWARDS = SameForAll(np.arange(FILMS, 0, -1.0))  # recommends 0, 1, 2, …


def test_a_perfect_list_has_an_ndcg_of_one() -> None:
    lists = make_lists(DOWNWARDS, matrix([20], [20]), matrix(list(range(10)), [0, 1]))
    assert lists.ndcg == pytest.approx([1, 1])
    assert lists.recall == pytest.approx([1, 1])
    assert lists.precision == pytest.approx([1, 0.2])


def test_ndcg_is_what_the_formula_says() -> None:
    lists = make_lists(DOWNWARDS, matrix([20]), matrix([1, 5, 29]))
    gained = 1 / np.log2(3) + 1 / np.log2(7)
    possible = 1 + 1 / np.log2(3) + 1 / np.log2(4)
    assert lists.ndcg == pytest.approx([gained / possible])


def test_what_a_person_has_met_is_never_recommended() -> None:
    lists = make_lists(DOWNWARDS, matrix([0, 1, 2]), matrix([3]))
    assert set(lists.films[0]).isdisjoint({0, 1, 2})
    assert lists.ndcg == pytest.approx([1])


def test_people_with_nothing_held_out_do_not_count() -> None:
    lists = make_lists(DOWNWARDS, matrix([0], [0], [0]), matrix([1], [], [2]))
    assert list(lists.people) == [0, 2]


def test_ties_go_to_the_lower_number() -> None:
    assert list(best(np.zeros((1, FILMS)), matrix([4]))[0]) == [0, 1, 2, 3, 5, 6, 7, 8, 9, 10]


def test_gini_tells_one_film_for_all_from_each_its_own() -> None:
    assert gini(np.arange(FILMS).reshape(-1, LENGTH), FILMS) == pytest.approx(0)
    assert gini(np.zeros((50, 1), dtype=int), FILMS) == pytest.approx(1 - 1 / FILMS)


def test_rare_films_are_novel_and_the_head_is_the_best_known_tenth() -> None:
    popularity = np.arange(FILMS)[::-1]
    common, rare = np.array([[0, 1]]), np.array([[28, 29]])
    assert novelty(rare, popularity, 40)[0] > novelty(common, popularity, 40)[0]
    assert head_share(np.array([0, 1, 2, 3]), popularity) == pytest.approx(0.75)
