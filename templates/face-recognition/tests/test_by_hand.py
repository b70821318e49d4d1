"""The central functions alone, against numbers that anybody can work out on paper."""

import numpy as np
import pytest

from project_package import model
from project_package.evaluate import area_under_curve, equal_error_rate
from project_package.kit.statistics import tar_at_far_1
from project_package.studies.identification import compare


def test_accepted_is_what_lies_above_all_but_one_percent_of_the_others() -> None:
    """A hundred pairs of two people at 0.00 to 0.99: one may pass, so 0.98 does not count."""
    apart, own = np.arange(100) / 100, np.array([0.985, 0.98, 0.5, 0.99])
    truth = np.r_[np.zeros(100), np.ones(4)]
    assert tar_at_far_1(truth, np.r_[apart, own]) == pytest.approx(0.5)


def test_of_fewer_than_a_hundred_others_none_may_pass() -> None:
    truth = np.r_[np.zeros(99), np.ones(2)]
    scores = np.r_[np.zeros(98), 0.9, 0.9, 0.91]
    assert tar_at_far_1(truth, scores) == pytest.approx(0.5), "a tie is not above"


def test_without_pairs_of_both_kinds_there_is_no_number() -> None:
    assert np.isnan(tar_at_far_1(np.ones(3), np.arange(3.0)))
    assert np.isnan(tar_at_far_1(np.zeros(3), np.arange(3.0)))


def test_the_threshold_lets_the_stated_share_of_strangers_pass() -> None:
    scores = np.r_[np.arange(1000) / 1000, 2, 2]
    same = np.r_[np.zeros(1000, bool), True, True]
    edge = model.threshold_at(same, scores, 0.05)
    assert (scores[~same] > edge).mean() == pytest.approx(0.05)
    assert model.threshold_at(same, scores, 0.0005) == pytest.approx(0.999)


def test_the_equal_error_rate_is_where_both_errors_meet() -> None:
    """Of four each: one of the own below, one of the others above the middle."""
    same = np.array([True] * 4 + [False] * 4)
    scores = np.array([0.9, 0.8, 0.7, 0.2, 0.75, 0.3, 0.1, 0.0])
    assert equal_error_rate(same, scores) == pytest.approx(0.25)
    assert equal_error_rate(same, np.r_[np.full(4, 2.0), np.zeros(4)]) == 0
    assert equal_error_rate(~same, np.r_[np.full(4, 2.0), np.zeros(4)]) == 1


def test_the_area_counts_how_often_one_is_above_the_other() -> None:
    same = np.array([True, True, False, False])
    assert area_under_curve(same, np.array([0.9, 0.5, 0.5, 0.1])) == pytest.approx(0.875)


def test_vectors_get_length_one_and_nothing_stays_nothing() -> None:
    found = model.unit(np.array([[3.0, 4.0], [0.0, 0.0]]))
    assert found.tolist() == [[0.6, 0.8], [0.0, 0.0]]


def test_the_scatter_within_people_forgets_where_they_stand() -> None:
    """Two people far apart, each with two pictures one off their own middle along one axis."""
    found = np.array([[1.0, 0], [-1, 0], [100, 51], [100, 49]])
    within = model.scatter(found, np.array(["a", "a", "b", "b"]))
    assert within == pytest.approx(np.diag([0.5, 0.5]))


def test_whitened_each_persons_pictures_vary_alike_in_every_direction() -> None:
    random = np.random.default_rng(0)
    people = np.repeat(np.arange(200), 6)
    middle = random.normal(size=(200, 3)) * 5
    found = middle[people] + random.normal(size=(1200, 3)) * [0.1, 1, 10]
    settings = {"components": 3, "shrinkage": 0.0}
    mean, directions = model.whiten(found, people, settings)
    within = model.scatter((found - mean) @ directions, people)
    assert within == pytest.approx(np.eye(3), abs=1e-6)
    shrunk = model.whiten(found, people, {**settings, "shrinkage": 1.0})[1]
    lengths = np.linalg.norm(shrunk, axis=0)
    assert lengths == pytest.approx(lengths[0]), "shrunk wholly, no direction counts more"


def test_a_lighter_neighbour_sets_its_bit_and_a_darker_one_does_not() -> None:
    levels = np.zeros((1, 3, 3))
    levels[0, 1, 1] = 5
    assert model.codes(levels, 1).tolist() == [[[0]]]
    levels[0, 1, 2] = 9  # to the right: the first bit
    assert model.codes(levels, 1).tolist() == [[[1]]]
    levels[0, 0, 1] = 5  # above, as light as the middle: the third
    assert model.codes(levels, 1).tolist() == [[[5]]]


def test_a_neighbour_is_as_far_away_as_the_radius_says() -> None:
    levels = np.zeros((1, 5, 5))
    levels[0, 2, 2], levels[0, 2, 4] = 5, 9  # two to the right
    assert model.codes(levels, 2).tolist() == [[[1]]]
    assert model.codes(levels, 1)[0, 1, 1] == 0


def test_patterns_of_at_most_two_changes_have_a_number_each() -> None:
    assert len(set(model.UNIFORM.tolist())) == model.KINDS == 59
    assert model.UNIFORM[0b01010101] == model.UNIFORM[0b00100010] == 58
    assert len({model.UNIFORM[code] for code in (0, 255, 0b00000111, 0b11000001)}) == 4


def test_an_edge_votes_for_its_direction_and_for_no_other() -> None:
    """Light grows to the right: direction 0 of four; turned by a quarter, direction 1."""
    settings = {"orientations": 4, "cell": 10, "window": 4.0, "floor": 0.0}
    ramp = np.tile(np.arange(20.0) * 3, (20, 1))
    across = model.gradients(ramp[None], settings).reshape(-1, 4)
    down = model.gradients(ramp.T[None], settings).reshape(-1, 4)
    assert across[0] == pytest.approx([1, 0, 0, 0])
    assert down[0] == pytest.approx([0, 1, 0, 0])


def test_an_even_picture_has_no_edges() -> None:
    settings = {"orientations": 8, "cell": 14, "window": 7.0, "floor": 10.0}
    assert not model.gradients(np.full((1, 112, 92), 77, np.uint8), settings).any()


def test_a_person_is_as_alike_as_their_pictures_are_on_average() -> None:
    vectors = np.array([[1.0, 0], [0.6, 0.8], [0, 1], [0.8, 0.6]])
    people = np.array(["a", "a", "b", "c"])
    likeness, nearest = compare(vectors, people, np.array([True, True, True, False]))
    assert likeness[3] == pytest.approx((0.8 + 0.96) / 2)
    assert nearest.tolist() == ["a", "a", "b", "a"]


def test_all_pairs_are_made_once() -> None:
    one, other, same = model.pairs(np.array(["a", "b", "a"]))
    assert list(zip(one, other, same, strict=True)) == [
        (0, 1, False),
        (0, 2, True),
        (1, 2, False),
    ]


def test_a_picture_that_is_moved_repeats_its_edge() -> None:
    pixels = np.arange(9).reshape(1, 3, 3)
    assert model.moved(pixels, 1, 0)[0].tolist() == [[0, 1, 2], [0, 1, 2], [3, 4, 5]]
    assert model.moved(pixels, 0, -1)[0].tolist() == [[1, 2, 2], [4, 5, 5], [7, 8, 8]]
    assert model.moved(pixels, 0, 0)[0].tolist() == pixels[0].tolist()
