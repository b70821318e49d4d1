"""The central functions alone, against numbers that anybody can work out on paper."""

import numpy as np
import pandas as pd
import pytest

from project_package import baselines, data, intervals, model
from project_package.model import Series
from project_package.studies.bands import pinball
from project_package.studies.cost import mean_cost

COMFORT = {"warm": 18.0, "cool": 15.0, "hot": 19.0, "chilly": 14.0}


def flat(levels: list[float], first_weekday: int = 0, free: tuple[int, ...] = ()) -> Series:
    """Days that are each as high all day, at 20 °C, from a Monday on; `free` ones are holidays."""
    days = len(levels)
    weekday = (np.arange(days) + first_weekday) % 7
    working = (weekday < 5) & ~np.isin(np.arange(days), free)
    demand = np.repeat(np.array(levels, dtype=float)[:, None], 48, axis=1)
    return Series(demand, np.full((days, 48), 20.0), weekday, working, np.ones(days, bool))


def test_an_error_counts_in_per_cent_of_the_truth_and_without_its_sign() -> None:
    assert model.mape([100, 200, 400], [110, 150, 400]) == pytest.approx(35 / 3)
    assert model.mape([2.0], [1.0]) == pytest.approx(50.0)
    assert model.mape([1.0], [2.0]) == pytest.approx(100.0)


def test_kinds_are_working_saturday_and_free() -> None:
    series = flat([1.0] * 14, free=(8,))
    assert series.kind.tolist() == [0, 0, 0, 0, 0, 1, 2, 0, 2, 0, 0, 0, 1, 2]


def test_the_last_days_of_a_kind_come_latest_first_and_before_the_day() -> None:
    series = flat([1.0] * 21, free=(8,))
    assert model.same_kind(series, 19, 19, 2) == [12, 5]
    assert model.same_kind(series, 13, 13, 5) == [8, 6]
    assert model.same_kind(series, 9, 9, 2) == [7, 4]
    assert model.same_kind(series, 5, 5) == [0], "where there is none, the first"


def test_a_day_that_is_missing_is_no_base() -> None:
    series = flat([1.0] * 21)
    series.demand[17, 30] = np.nan
    assert model.same_kind(series, 18, 18, 2) == [16, 15]


def test_what_a_forecast_starts_from_is_over_at_noon_before() -> None:
    series = flat([1.0] * 21)
    assert model.base_days(series, 17, 3) == [15, 14, 11], "today, a Wednesday, is not over"


def test_features_are_differences_of_logarithms_and_temperatures() -> None:
    levels = [2.0] * 21
    levels[16] = 3.0  # this morning, a Wednesday
    series = flat(levels)
    series.temperature[16, :24] = np.linspace(10, 33, 24)
    row = dict(zip(model.FEATURES, model.features(series, 17, 2, COMFORT)[5], strict=True))
    assert row["morning"] == row["late_morning"] == pytest.approx(np.log(1.5), abs=1e-6)
    assert row["latest"] == row["forenoon"] == pytest.approx(np.log(1.5), abs=1e-6)
    assert (row["yesterday"], row["base_week"], row["base_age"]) == (0, 0, 2.5)
    assert row["base_level"] == pytest.approx(np.log(2), abs=1e-6)
    assert (row["now"], row["coldest"]) == (33, 10)
    assert row["warmer_now"] == pytest.approx(13)
    assert row["heat_now"] == pytest.approx(31.5 - 18, abs=1e-6), "of 30 to 33 °C, above 18"
    assert (row["cold_now"], row["heat_yesterday"], row["cold_yesterday"]) == (0, 2, 0)
    assert row["hotter_at_noon"] == pytest.approx(13), "33 °C, after bases of 20 °C"
    assert (row["colder_at_noon"], row["hotter_yesterday"], row["colder_yesterday"]) == (0, 0, 0)
    assert (row["working"], row["saturday"], row["monday"], row["holiday"]) == (1, 0, 0, 0)
    assert row["slot"] == 5


def test_of_the_latest_known_change_the_afternoon_is_yesterdays() -> None:
    levels = [2.0] * 21
    levels[15], levels[16] = 2.2, 3.0
    row = model.features(flat(levels), 17, 1, COMFORT)
    place = model.FEATURES.index("latest")
    assert row[23, place] == pytest.approx(np.log(3.0 / 2.2), abs=1e-6)
    assert row[24, place] == pytest.approx(np.log(2.2 / 2.0), abs=1e-6)


def test_a_base_is_the_middle_of_the_last_days_of_the_kind() -> None:
    levels = [1.0] * 21
    levels[15], levels[14] = 4.0, 1.0
    assert model.base_of(flat(levels), 17, 1) == pytest.approx(np.full(48, np.log(4)))
    assert model.base_of(flat(levels), 17, 2) == pytest.approx(np.full(48, np.log(2)))


class Same:
    """A model that expects every day to be as its base."""

    def predict(self, rows: np.ndarray) -> np.ndarray:
        return np.zeros(len(rows))


def flat_lines(weight: float = 0.0) -> tuple[np.ndarray, np.ndarray]:
    """Ridges that give the first of their columns a weight, and have seen from -1 to 1 of all."""
    ridges = np.zeros((1, 48, len(model.LINES) + 1))
    ridges[..., 0] = weight
    seen = np.stack([np.full((48, len(model.LINES)), end) for end in (-1.0, 1.0)])
    return ridges, seen[None]


def test_a_line_is_not_drawn_beyond_what_was_seen() -> None:
    settings = {**COMFORT, "bases": [1], "boosting_share": 0.5, "carry": 0.0}
    fitted = model.Fitted([Same()], *flat_lines(0.4), settings)
    rows = np.zeros((1, 48, len(model.FEATURES)))
    for known, expected in ((0.5, 0.1), (1.0, 0.2), (30.0, 0.2), (-7.0, -0.2)):
        rows[..., model.FEATURES.index(model.LINES[0])] = known
        assert fitted.change(rows) == pytest.approx(np.full((1, 48), expected))


def test_lines_read_differences_alone() -> None:
    """A town three times as large, ten degrees within comfort: what ridges read is the same."""
    random = np.random.default_rng(0)
    small, large = flat([1.0] * 30), flat([1.0] * 30)
    small.demand[:] = random.uniform(1, 2, small.demand.shape)
    large.demand[:] = 3 * small.demand
    small.temperature[:], large.temperature[:] = 15.0, 17.0
    rows = [model.features(each, 28, 2, COMFORT)[:, model.PLACES] for each in (small, large)]
    assert rows[0] == pytest.approx(rows[1], abs=1e-5)


def test_a_share_of_the_mornings_miss_is_carried_on() -> None:
    levels = [2.0] * 21
    levels[16] = 3.0
    settings = {**COMFORT, "bases": [1], "boosting_share": 1.0, "carry": 0.25}
    fitted = model.Fitted([Same()], *flat_lines(), settings)
    series = flat(levels)
    assert fitted.carried(series, 16) == pytest.approx(0.25 * np.log(1.5))
    assert fitted.forecast(series, 17) == pytest.approx(np.full(48, 2 * 1.5**0.25))


def test_the_last_days_of_a_kind_are_averaged_and_this_morning_is_felt_in_part() -> None:
    levels = [1.0] * 21
    levels[15], levels[14], levels[16] = 4.0, 1.0, 8.0
    series = flat(levels)
    assert baselines.last_of_kind(1, 0.0)(series, 17) == pytest.approx(np.full(48, 4.0))
    assert baselines.last_of_kind(2, 0.0)(series, 17) == pytest.approx(np.full(48, 2.0))
    assert baselines.last_of_kind(2, 0.5)(series, 17) == pytest.approx(np.full(48, 4.0))


def test_the_naive_methods_know_no_more_than_noon() -> None:
    series = flat([float(day + 1) for day in range(21)])
    assert baselines.last_week(series, 17) == pytest.approx(np.full(48, 11.0))
    assert baselines.last_hours(series, 17)[[0, 23, 24, 47]] == pytest.approx([17, 17, 16, 16])


def test_a_margin_is_the_miss_that_leaves_the_share_outside() -> None:
    """Nineteen misses of 0.1 to 1.9: of twenty, four fifths are the sixteenth."""
    misses = np.repeat(np.linspace(0.1, 1.9, 19)[:, None], 48, axis=1) * [[-1, 1] * 24]
    assert intervals.margins(misses, 0.8, 0) == pytest.approx(np.full(48, 1.6))
    assert intervals.margins(misses, 1.0, 0) == pytest.approx(np.full(48, 1.9))


def test_neighbours_share_their_misses_within_the_day() -> None:
    misses = np.arange(2 * 48, dtype=float).reshape(2, 48)
    first, second, *_, last = intervals.pooled(misses, 1)
    assert sorted(first) == [0, 1, 48, 49]
    assert sorted(second) == [0, 1, 2, 48, 49, 50]
    assert sorted(last) == [46, 47, 94, 95]


def test_a_level_rises_where_too_little_was_covered() -> None:
    """Two days late, as today is not over: the third day is the first to know of the first."""
    config = {"intervals": {"step": 0.3, "window": 50, "neighbours": 0}}
    before = np.tile(np.linspace(0.01, 1.0, 50)[:, None], 48)
    calm, wild = np.full((3, 48), 0.001), np.full((3, 48), 5.0)
    low, high = (
        intervals.adaptive_margins(before, misses, 0.8, config)[:, 0] for misses in (calm, wild)
    )
    assert low[0] == high[0]
    assert low[2] < low[0] < high[2]


def test_a_pinball_loss_weighs_what_is_missing() -> None:
    assert pinball(np.array([2.0]), np.array([1.0]), 0.9) == pytest.approx(0.9)
    assert pinball(np.array([1.0]), np.array([2.0]), 0.9) == pytest.approx(0.1)


def test_a_cost_is_what_too_little_and_too_much_cost() -> None:
    assert mean_cost(np.array([2.0, 1.0]), np.array([1.0, 3.0]), 3.0) == pytest.approx(2.5)


def test_ridge_regression_is_the_textbooks() -> None:
    """Two columns of spread 1 that do not go together: weights shrink by n / (n + penalty)."""
    rows = np.array([[1.0, 1.0], [1.0, -1.0], [-1.0, 1.0], [-1.0, -1.0]])
    target = 3 * rows[:, 0] - 2 * rows[:, 1] + 5
    assert model.ridge(rows, target, 0.0) == pytest.approx([3, -2, 5])
    assert model.ridge(rows, target, 4.0) == pytest.approx([1.5, -1, 5])


def test_days_with_a_hole_are_left_out_whole() -> None:
    rows = pd.DataFrame(
        {
            "date": np.repeat(["2014-01-01", "2014-01-02", "2014-01-03"], 48),
            "slot": np.tile(np.arange(48), 3),
            "demand": 1.0, "temperature": 20.0, "working": 1,
        }
    )  # fmt: skip
    rows.loc[5, "demand"] = 0.0
    rows.loc[100, "temperature"] = np.nan
    assert set(data.clean(rows).date) == {"2014-01-02"}
    assert len(data.clean(rows)) == 48


def test_a_date_parts_what_is_learned_from_what_is_tested() -> None:
    rows = pd.DataFrame({"date": ["2014-06-29", "2014-06-30", "2014-07-01", "2014-07-02"]})
    parts = data.split(rows, "2014-07-01")
    assert list(parts["train"].date) == ["2014-06-29", "2014-06-30"]
    assert list(parts["test"].date) == ["2014-07-01", "2014-07-02"]


def test_days_of_one_week_belong_together() -> None:
    assert data.weeks(["2014-07-06", "2014-07-07", "2014-07-13"]) == [
        "2014-06-30", "2014-07-07", "2014-07-07",
    ]  # fmt: skip
