import numpy as np
import pytest

from project_package.kit import statistics
from project_package.kit.statistics import (
    LEVEL,
    Interval,
    bootstrap,
    paired_difference,
)


def mean_of_second(_: np.ndarray, values: np.ndarray) -> float:
    return float(np.mean(values))


def written_out(values: np.ndarray, groups: np.ndarray, seed: int, rounds: int) -> list[float]:
    """Whole groups with replacement, one after the other, and both ends of 95 %."""
    members = [np.flatnonzero(groups == name) for name in sorted(set(groups))]
    random, draws = np.random.default_rng(seed), []
    for _ in range(rounds):
        drawn = random.integers(0, len(members), len(members))
        draws.append(np.exp(values[np.concatenate([members[number] for number in drawn])]).mean())
    return list(np.percentile(draws, [2.5, 97.5]))


def test_the_interval_of_a_mean_is_the_textbooks() -> None:
    values = np.random.default_rng(0).normal(10, 2, 400)
    interval = bootstrap(np.mean, values, seed=1, rounds=4_000)
    expected = 1.96 * values.std() / np.sqrt(len(values))
    assert interval.value == values.mean()
    assert interval.value - interval.low == pytest.approx(expected, rel=0.08)
    assert interval.high - interval.value == pytest.approx(expected, rel=0.08)
    assert LEVEL == 0.95


def test_the_interval_holds_its_level_over_many_samples() -> None:
    """Of the true mean, in 300 samples drawn anew: neither 90 % nor 68 % pass for 95 %."""
    random = np.random.default_rng(2)
    held = [
        found.low <= 0 <= found.high
        for found in (
            bootstrap(np.mean, random.normal(size=60), seed=seed, rounds=400) for seed in range(300)
        )
    ]
    assert 0.91 <= np.mean(held) <= 0.98


@pytest.mark.parametrize(
    "sizes", [[1] * 30 + [2] * 5, [1, 1, 1, 40], [2, 3] * 12, [7] * 6], ids=str
)
def test_rows_of_one_group_are_drawn_together(sizes: list[int]) -> None:
    """However few rows a group has, in whatever order the rows come, whatever names groups have."""
    random = np.random.default_rng(0)
    groups = random.permutation(np.repeat([f"g{n}" for n in range(len(sizes))], sizes))
    values = random.normal(size=len(groups)) + (groups == "g3") * 3
    for seed in (1, 2):
        found = bootstrap(
            lambda x: float(np.exp(x).mean()), values, groups=groups, seed=seed, rounds=60
        )
        assert [found.low, found.high] == pytest.approx(written_out(values, groups, seed, 60))


def test_many_rows_of_few_groups_say_little() -> None:
    groups = np.repeat(np.arange(20), 20)
    values = np.repeat(np.random.default_rng(0).normal(size=20), 20)
    by_row = bootstrap(np.mean, values, seed=1)
    by_group = bootstrap(np.mean, values, groups=groups, seed=1)
    assert by_group.high - by_group.low > 3 * (by_row.high - by_row.low)


def test_a_model_does_not_differ_from_itself() -> None:
    values = np.random.default_rng(0).normal(size=50)
    difference = paired_difference(mean_of_second, values, values, values, seed=1)
    assert (difference.low, difference.value, difference.high) == (0, 0, 0)


@pytest.mark.parametrize("groups", [None, np.arange(200) // 4], ids=["rows", "groups"])
def test_a_difference_is_model_minus_baseline_on_the_same_draws(groups) -> None:
    """The rows vary widely, the difference hardly: two intervals would not say so."""
    random = np.random.default_rng(0)
    baseline = random.normal(0, 50, 200)
    model = baseline + random.normal(2, 0.5, 200)
    found = paired_difference(mean_of_second, baseline, model, baseline, groups=groups, seed=1)
    assert found.value == pytest.approx((model - baseline).mean())
    assert 1.8 < found.low < found.value < found.high < 2.2
    alone = bootstrap(np.mean, model - baseline, groups=groups, seed=1)
    assert (found.low, found.high) == pytest.approx((alone.low, alone.high))


def test_columns_stay_together_row_by_row() -> None:
    first = np.arange(90.0)

    def apart(a: np.ndarray, b: np.ndarray) -> float:
        return float(np.abs(b[:, 0] - a).max())

    found = bootstrap(apart, first, np.column_stack([first, first]), seed=1, groups=first // 3)
    assert found.high == 0


def test_a_round_without_a_value_is_left_out_and_no_other() -> None:
    def undefined_without_the_last(values: np.ndarray) -> float:
        return float(values.mean()) if 19 in values else float("nan")

    found = bootstrap(undefined_without_the_last, np.arange(20), seed=1, rounds=500)
    assert 5 < found.low < 10 < found.high < 15


def test_rounds_and_seed_are_those_asked_for(monkeypatch) -> None:
    seen: list[float] = []

    def counted(values: np.ndarray) -> float:
        seen.append(float(values.mean()))
        return seen[-1]

    values = np.random.default_rng(0).normal(size=30)
    monkeypatch.setattr(statistics, "ROUNDS", 37)
    first = bootstrap(counted, values, seed=1)
    assert len(seen) == 1 + 37
    assert len(set(seen)) > 30, "every round draws anew"
    bootstrap(counted, values, seed=1, rounds=11)
    assert len(seen) == 1 + 37 + 1 + 11
    assert bootstrap(np.mean, values, seed=1) == first != bootstrap(np.mean, values, seed=2)
    assert str(Interval(0.5, 0.25, 0.75)) == "0.500 [0.250, 0.750]"


def test_a_number_shows_its_first_two_digits_however_small() -> None:
    values = (0.9263, 0.00884, -0.000196, 0.0, 72.913, np.float64(0.6125))
    shown = ["0.926", "0.0088", "-0.00020", "0.000", "72.9", "0.613"]
    assert [statistics.decimal(value) for value in values] == shown
    assert statistics.decimal(-1e-17) == "0.000"
    assert Interval(0.00088, -0.0002, 0.0022).signed == "+0.00088 [-0.00020, +0.0022]"


def test_rows_that_are_all_alike_get_no_interval_of_certainty() -> None:
    assert str(bootstrap(np.mean, np.zeros(18), seed=1)) == "0.000 [no spread]"
