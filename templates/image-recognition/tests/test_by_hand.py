"""The central functions alone, against numbers that anybody can work out on paper."""

import numpy as np
import pytest

from project_package.data import difference
from project_package.evaluate import brier, calibration_error
from project_package.model import cheapest_threshold


def test_the_brier_score_adds_up_the_squares_over_all_classes() -> None:
    chances = np.array([[0.7, 0.2, 0.1], [0.1, 0.3, 0.6], [0.0, 0.0, 1.0]])
    found = brier(chances, np.array([0, 1, 0]))
    assert found == pytest.approx([0.09 + 0.04 + 0.01, 0.01 + 0.49 + 0.36, 2.0])


def test_too_sure_in_one_bin_and_too_shy_in_another_do_not_cancel() -> None:
    """Ten images at 0.3, five of them right; ten at 0.9, seven right: 0.2 off in both."""
    confidence = np.repeat([0.3, 0.9], 10)
    right = np.r_[np.arange(10) < 5, np.arange(10) < 7]
    assert calibration_error(confidence, right, bins=2) == pytest.approx(0.2)


def test_each_bin_counts_by_its_images_and_the_last_one_holds_certainty() -> None:
    """Thirty images at 1.0, all right; ten at 0.6, none right: a quarter of 0.6."""
    confidence = np.repeat([1.0, 0.6], [30, 10])
    assert calibration_error(confidence, confidence == 1, bins=5) == pytest.approx(0.15)


def test_two_images_differ_by_the_brightness_that_they_do_not_share() -> None:
    one, other, black = np.zeros((3, 1, 28, 28), np.uint8)
    one[0, 3, 4], other[0, 3, 4] = 100, 80
    assert difference(one, other) == pytest.approx([0.2])
    assert difference(other, one) == pytest.approx([0.2])
    assert difference(one, black) == pytest.approx([1.0])
    assert difference(black, black) == pytest.approx([0.0])


def test_bright_images_do_not_overflow_their_bytes() -> None:
    white = np.full((1, 28, 28), 255, np.uint8)
    assert difference(white, white // 5) == pytest.approx([0.8])


def test_the_cheapest_threshold_lies_between_two_images() -> None:
    """Two right, two wrong below them: answering the first two costs two questions."""
    confidence, right = np.array([0.6, 0.9, 0.5, 0.8]), np.array([False, True, False, True])
    assert 0.6 < cheapest_threshold(confidence, right, error_cost=5) < 0.8


def test_who_is_always_right_answers_and_who_is_always_wrong_asks() -> None:
    confidence = np.array([0.9, 0.5])
    assert cheapest_threshold(confidence, np.array([True, True]), error_cost=5) < 0.5
    assert cheapest_threshold(confidence, np.array([False, False]), error_cost=5) > 0.9
