"""The protocol of the second source, on paper and on invented series; nothing is downloaded."""

import numpy as np
import pytest

from project_package import m4


def test_measures_are_the_competitions() -> None:
    past = np.tile(np.arange(24.0), 14) + np.repeat(np.arange(14.0), 24)
    truth, said = np.full(48, 2.0), np.full(48, 1.0)
    assert m4.measures(past, truth, said) == pytest.approx((200 / 3, 1.0))


def test_the_published_benchmarks_have_the_published_average() -> None:
    assert m4.owa(*m4.PUBLISHED["Naive2"]) == pytest.approx(1.0)
    assert m4.owa(*m4.PUBLISHED["seasonal naive"]) == pytest.approx(0.628, abs=0.001)
    assert m4.owa(*m4.PUBLISHED["Theta"]) == pytest.approx(1.006, abs=0.001)


def test_a_forecast_starts_from_the_same_hours_a_week_before() -> None:
    past = np.arange(700.0)
    assert m4.start(past).tolist() == list(range(700 - 168, 700 - 168 + 48))
    rows = m4.describe(past, 1.0)
    assert rows[0, 0] == 144, "yesterday's hour against last week's"
    assert rows[30, 0] == 144 - 24, "of the second day, too, it is the last known"


def test_nothing_of_the_hours_ahead_is_learned_from() -> None:
    """Series that repeat their week are forecast well; what comes next is never handed over."""
    random = np.random.default_rng(0)
    weeks = [np.tile(random.uniform(1, 9, 168), 5)[:700] for _ in range(12)]
    said = m4.forecast([series[:652] for series in weeks], seed=1)
    errors = [m4.measures(w[:652], w[652:], s)[1] for w, s in zip(weeks, said, strict=True)]
    assert np.mean(errors) < 0.2
