import numpy as np

from project_package.groups import connect
from project_package.intervals import Interval, bootstrap, decimal, paired_difference


def mean_of_second(_: np.ndarray, values: np.ndarray) -> float:
    return float(np.mean(values))


def test_the_interval_of_a_mean_is_the_textbooks() -> None:
    values = np.random.default_rng(0).normal(10, 2, 400)
    interval = bootstrap(np.mean, values, seed=1, rounds=2_000)
    expected = 1.96 * values.std() / np.sqrt(len(values))
    assert interval.low < interval.value < interval.high
    assert np.isclose(interval.high - interval.low, 2 * expected, rtol=0.15)


def test_rows_of_one_group_are_drawn_together() -> None:
    groups = np.repeat(np.arange(20), 20)
    values = np.repeat(np.random.default_rng(0).normal(size=20), 20)
    by_row = bootstrap(np.mean, values, seed=1)
    by_group = bootstrap(np.mean, values, groups=groups, seed=1)
    assert by_group.high - by_group.low > 3 * (by_row.high - by_row.low)


def test_a_model_does_not_differ_from_itself() -> None:
    values = np.random.default_rng(0).normal(size=50)
    difference = paired_difference(mean_of_second, values, values, values, seed=1)
    assert (difference.low, difference.value, difference.high) == (0, 0, 0)


def test_groups_join_rows_through_a_third() -> None:
    found = connect(["a", "b", "c", "d"], ["x", "x", None, None], [None, "y", "y", None])
    assert found[0] == found[1] == found[2] != found[3]


def test_a_number_shows_its_first_two_digits_however_small() -> None:
    values = (0.9263, 0.00884, -0.000196, 0.0, 72.913)
    shown = ["0.926", "0.0088", "-0.00020", "0.000", "72.9"]
    assert [decimal(value) for value in values] == shown
    assert decimal(-1e-17) == "0.000"
    assert Interval(0.00088, -0.0002, 0.0022).signed == "+0.00088 [-0.00020, +0.0022]"


def test_rows_that_are_all_alike_get_no_interval_of_certainty() -> None:
    assert str(bootstrap(np.mean, np.zeros(18), seed=1)) == "0.000 [no spread]"
