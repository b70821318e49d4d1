"""Bootstrap confidence intervals (Efron and Tibshirani, 1993), by row or by group of rows."""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

ROUNDS = 1000
LEVEL = 0.95
MOST_PLACES = 6

Metric = Callable[..., float]


@dataclass(frozen=True)
class Interval:
    """A value with the ends of its 95 % interval."""

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        return self._written(decimal)

    @property
    def signed(self) -> str:
        """A difference, each of its numbers with a sign."""
        return self._written(lambda number: f"{'' if number < 0 else '+'}{decimal(number)}")

    def _written(self, number: Callable[[float], str]) -> str:
        """Rows that are all alike have no spread to draw from, which is not certainty."""
        if self.low == self.high:
            return f"{number(self.value)} [no spread]"
        return f"{number(self.value)} [{number(self.low)}, {number(self.high)}]"


def decimal(value: float) -> str:
    """Three decimals; more where two digits would not show, fewer where a third says nothing.

    0.926, 0.0088, 0.00020, 72.9, 1,234
    """
    if not math.isfinite(value):
        return "–"
    size = math.floor(math.log10(abs(value))) if value else 0
    places = 3 if -2 <= size < 1 else max(0, min((1 if size < 0 else 2) - size, MOST_PLACES))
    rounded = round(float(value), places)  # NumPy rounds .6125 to .612
    return f"{rounded:,.{places}f}" if rounded else "0.000"


def bootstrap(
    metric: Metric,
    *columns: ArrayLike,
    groups: ArrayLike | None = None,
    seed: int,
    rounds: int | None = None,
) -> Interval:
    """Percentile interval of `metric(*columns)`; the columns have one entry a row, shape (n, ...).

    With `groups`, shape (n,), whole groups are drawn, as rows of one group are not independent.
    Rounds in which the metric is undefined (one class only, say) are left out.
    """
    arrays = [np.asarray(column) for column in columns]
    value = float(metric(*arrays))
    draws = [
        float(metric(*(array[rows] for array in arrays)))
        for rows in _resamples(len(arrays[0]), groups, seed, rounds or ROUNDS)
    ]
    low, high = _percentiles(draws)
    return Interval(value, low, high)


def paired_difference(
    metric: Metric,
    truth: ArrayLike,
    model: ArrayLike,
    baseline: ArrayLike,
    *,
    groups: ArrayLike | None = None,
    seed: int,
    rounds: int | None = None,
) -> Interval:
    """Interval of metric(truth, model) − metric(truth, baseline), both on the same resamples."""

    def difference(y: NDArray, a: NDArray, b: NDArray) -> float:
        return metric(y, a) - metric(y, b)

    return bootstrap(difference, truth, model, baseline, groups=groups, seed=seed, rounds=rounds)


def _resamples(
    rows: int, groups: ArrayLike | None, seed: int, rounds: int
) -> Iterator[NDArray[np.intp]]:
    random = np.random.default_rng(seed)
    if groups is None:
        for _ in range(rounds):
            yield random.integers(0, rows, rows)
        return
    _, codes, sizes = np.unique(np.asarray(groups), return_inverse=True, return_counts=True)
    by_group = np.argsort(codes, kind="stable")
    starts = np.cumsum(sizes) - sizes
    for _ in range(rounds):
        drawn = random.integers(0, len(sizes), len(sizes))
        lengths = sizes[drawn]
        within = np.arange(lengths.sum()) - np.repeat(np.cumsum(lengths) - lengths, lengths)
        yield by_group[np.repeat(starts[drawn], lengths) + within]


def _percentiles(draws: list[float]) -> tuple[float, float]:
    tail = (1 - LEVEL) / 2 * 100
    low, high = np.nanpercentile(draws, [tail, 100 - tail])
    return float(low), float(high)
