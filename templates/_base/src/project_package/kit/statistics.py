"""Intervals by the bootstrap (Efron and Tibshirani, 1993), and the model beside its baselines.

What each of them answered on the sealed test set is written to reports/predictions.csv, and every
number of the comparison is computed from that file, so that anybody can compute it again.
"""

import math
import re
import statistics
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy.stats import pearsonr

from .workspace import COMMAND, ProjectError, Workspace, hash_files

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

    Of `rounds` draws, or ROUNDS where none are named. Rows pair up by their place, whatever their
    index. With `groups`, shape (n,), whole groups are drawn, as rows of one group are not
    independent. Rounds in which the metric is undefined (one class only, say) are left out.
    """
    # practice: bootstrap
    arrays = [np.asarray(column) for column in columns]
    value = float(metric(*arrays))
    draws = [
        float(metric(*(array[rows] for array in arrays)))
        for rows in _resamples(len(arrays[0]), groups, seed, rounds or ROUNDS)
    ]
    low, high = _percentiles(draws)
    return Interval(value, low, high)
    # practice: end


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


PREDICTIONS = "predictions.csv"
PRIVATE = "private/predictions.csv"
COLUMNS = ("id", "group", "stratum", "truth", "model")  # before those of the baselines
HEADLINE_ROUNDS = 1000
STRONGEST, SIMPLE, NAIVE = "strongest simple", "simple", "naive"
BETTER, UNCLEAR, WORSE = "better", "no clear difference", "worse"


def average_precision(truth: NDArray, scores: NDArray) -> float:
    """Area under precision and recall, in steps; rows of one score stand or fall together."""
    order = np.argsort(-scores, kind="stable")
    hits = np.cumsum(truth[order])
    last = np.append(np.flatnonzero(np.diff(scores[order])), len(scores) - 1)
    recall = hits[last] / hits[-1]
    return float(np.sum(np.diff(recall, prepend=0.0) * hits[last] / (last + 1)))


def mean_pearson_r(truth: NDArray, said: NDArray) -> float:
    """Mean over strata of Pearson r; `truth` has two columns, the value and its stratum."""
    strata = [truth[:, 1] == number for number in np.unique(truth[:, 1])]
    return float(np.mean([np.corrcoef(truth[rows, 0], said[rows])[0, 1] for rows in strata]))


RECALLS = np.linspace(0, 1, 101)  # at which COCO reads precision off


def interpolated_precision(scores: NDArray, hits: NDArray, positives: int) -> float:
    """COCO's average precision: the best one at each of 101 recalls or beyond, on average.

    `hits`, shape (n,) as `scores`, says which of them found one of so many `positives`; not a
    number where there is none to find.
    """
    # practice: interpolated_precision
    if not positives:
        return float("nan")
    right = np.cumsum(hits[np.argsort(-scores, kind="stable")])
    precision = right / np.arange(1, len(right) + 1)
    best = np.maximum.accumulate(precision[::-1])[::-1]
    places = np.searchsorted(right / positives, RECALLS)
    return float(np.mean(np.append(best, 0.0)[np.minimum(places, len(best))]))
    # practice: end


def map_50(truth: NDArray, said: NDArray) -> float:
    """Mean over kinds of COCO's average precision; `truth` has two columns, cells and their kind.

    A row is a place: its truth is 1 where there is something to find, and what is said of it the
    score of a detection, with a minus where it found nothing; 0 is no detection.
    """
    found = []
    for kind in np.unique(truth[:, 1]):
        own = truth[:, 1] == kind
        scores = said[own][said[own] != 0]
        cells = int(truth[own, 0].sum())
        found.append(interpolated_precision(np.abs(scores), scores > 0, cells))
    return float(np.mean(found))


def in_out_mean(truth: NDArray, said: NDArray) -> float:
    """Mean of in-scope accuracy and out-of-scope recall; −1 is no class: out of scope, no answer.

    Not a number where one of the two sides is missing.
    """
    outside, right = truth == -1, truth == said
    if outside.all() or not outside.any():
        return float("nan")
    return float((right[~outside].mean() + right[outside].mean()) / 2)


def normalised_gini(truth: NDArray, said: NDArray) -> float:
    """The Gini coefficient of the truth in the order said, over the largest; ties share places."""
    middle = (len(truth) - 1) / 2
    largest = float(np.sort(truth) @ (np.arange(len(truth)) - middle))
    order = np.argsort(said)
    last = np.append(np.flatnonzero(np.diff(said[order])), len(said) - 1)
    sums = np.diff(np.cumsum(truth[order])[last], prepend=0.0)
    places = last - (np.diff(last, prepend=-1) - 1) / 2  # of those alike, the middle one
    return float(sums @ (places - middle)) / largest if largest else math.nan


FALSE_ACCEPTS = 0.01  # of the metric's name


def tar_at_far_1(truth: NDArray, scores: NDArray) -> float:
    """Share of pairs of one person (truth 1) above what at most 1 % of all other pairs exceed."""
    # practice: tar_at_far_1
    apart = np.sort(scores[truth == 0])[::-1]
    own = scores[truth == 1]
    if not len(apart) or not len(own):
        return float("nan")
    return float(np.mean(own > apart[int(FALSE_ACCEPTS * len(apart))]))
    # practice: end


def bleu(_: NDArray, counts: NDArray) -> float:
    """BLEU (Papineni et al., 2002) of all rows together, 0 to 100, smoothed as sacreBLEU does.

    A row of `counts`, shape (n, 6), is of one sentence: words said, words of its truth, and the
    n-grams of 1, 2, 3 and 4 words that both have.
    """
    # practice: bleu
    said, true, *shared = counts.sum(axis=0).tolist()
    logs, smoothing = [], 1
    for order, found in enumerate(shared):
        there = int(np.maximum(counts[:, 0] - order, 0).sum())
        if not there or not any(shared):
            return 0.0
        if not found:
            smoothing *= 2
        logs.append(math.log(found / there if found else 1 / (smoothing * there)))
    return 100 * math.exp(min(0, 1 - true / said) + statistics.fmean(logs))
    # practice: end


def accuracy(truth: NDArray, said: NDArray) -> float:
    """Share of the rows that say what is true."""
    return float(np.mean(truth == said))


MEASURES: dict[str, Callable[[NDArray, NDArray], float]] = {
    "accuracy": accuracy,
    "accuracy_new_speaker": accuracy,  # each speaker has as many rows: it is their mean, too
    "average_precision": average_precision,
    "bleu": bleu,
    "in_out_mean": in_out_mean,
    "map_50": map_50,
    "mape": lambda truth, said: float(100 * np.mean(np.abs(said - truth) / truth)),
    "mean": lambda _, values: float(np.mean(values)),
    "mean_return": lambda _, returns: float(np.mean(returns)),  # of all runs' flights together
    "mean_of_truths": lambda truth, _: float(np.mean(truth)),
    "mean_pearson_r": mean_pearson_r,
    "median_ape": lambda truth, said: float(np.median(np.abs(said - truth) / truth)),
    "normalised_gini": normalised_gini,
    "pearson_r": lambda truth, said: float(pearsonr(truth, said).statistic),
    "tar_at_far_1": tar_at_far_1,
}
COUNTED = ("bleu",)  # of counts, which stand in one cell, parted by spaces


@dataclass(frozen=True)
class Predictions:
    """What model and baselines said of every unit of the sealed test set.

    `rows` has the columns `id`, `group` (the unit of the bootstrap), `truth`, `model`, and one
    for each baseline, called as the baseline is. A metric that is a mean over
    strata finds them in the column `stratum`; where a row is a part of one that the manifest
    lists, `part_of` has that one's id. Where the rows may not be passed on, `truth` is left out,
    the columns hold the score of each unit, and `metric` is "mean"; or counts of each unit,
    parted by spaces, for a metric of COUNTED.
    `baselines` gives each one's role, the strongest simple method first.
    `private` is what a recomputation from the raw data needs beside that, kept out of git.
    """

    rows: pd.DataFrame
    metric: str
    higher_is_better: bool
    baselines: Mapping[str, str]
    unit: str = "rows"
    private: pd.DataFrame | None = None


def write_predictions(workspace: Workspace, predictions: Predictions) -> dict[str, Any]:
    """Write reports/predictions.csv; returns what metrics.json says about it."""
    columns = {name: slug(name) for name in predictions.baselines}
    known = [name for name in COLUMNS if name in predictions.rows]
    path = workspace.reports / PREDICTIONS
    _write(predictions.rows[[*known, *columns]].rename(columns=columns), path)
    described: dict[str, Any] = {
        "file": f"reports/{PREDICTIONS}",
        "sha256": hash_files([path]),
        "rows": len(predictions.rows),
        "unit": predictions.unit,
        "metric": predictions.metric,
        "columns": [*known, *columns.values()],
    }
    if predictions.private is not None:
        private = workspace.reports / PRIVATE
        _write(predictions.private, private)
        described["private"] = {"file": f"reports/{PRIVATE}", "sha256": hash_files([private])}
    return described


def read_predictions(workspace: Workspace) -> pd.DataFrame:
    """reports/predictions.csv; ids and groups are text."""
    path = workspace.reports / PREDICTIONS
    if not path.exists():
        raise ProjectError(f"{path.name} is missing: run `{COMMAND} evaluate` again")
    return pd.read_csv(path, dtype={"id": str, "group": str})


def compare(
    rows: pd.DataFrame,
    metric: str,
    baselines: Mapping[str, str],
    *,
    higher_is_better: bool,
    seed: int,
) -> tuple[Interval, list[dict[str, Any]]]:
    """The model's score, and every baseline's with its paired difference from the model.

    All on the same resamples of `group`; a difference is model minus baseline.
    """
    measure, groups, model = MEASURES[metric], rows["group"], read_column(rows, "model", metric)
    truth = truth_of(rows)
    options: dict[str, Any] = {"groups": groups, "seed": seed, "rounds": HEADLINE_ROUNDS}
    table = []
    for name, role in baselines.items():
        said = read_column(rows, slug(name), metric)
        own = bootstrap(measure, truth, said, **options)
        difference = paired_difference(measure, truth, model, said, **options)
        table.append(
            {
                "name": name,
                "column": slug(name),
                "role": role,
                "value": own.value,
                "ci": [own.low, own.high],
                "difference": difference.value,
                "difference_ci": [difference.low, difference.high],
                "verdict": verdict(difference, higher_is_better),
            }
        )
    return bootstrap(measure, truth, model, **options), table


def read_column(rows: pd.DataFrame, name: str, metric: str) -> NDArray:
    """A column as its measure takes it: shape (n,), or with the counts of each row (n, counts)."""
    column = rows[name].to_numpy()
    if metric in COUNTED:
        return np.array([cell.split() for cell in column], dtype=np.int64)
    return column


def truth_of(rows: pd.DataFrame) -> NDArray:
    """What a measure gets for the truth: with strata two columns, without a truth the scores."""
    truth = rows.get("truth", rows["model"]).to_numpy()
    if "stratum" not in rows:
        return truth
    return np.column_stack([truth, pd.factorize(rows["stratum"])[0]])


def verdict(difference: Interval, higher_is_better: bool) -> str:
    """What the interval of model minus baseline allows to say."""
    # practice: verdict
    if difference.low <= 0 <= difference.high:
        return UNCLEAR
    return BETTER if (difference.low > 0) == higher_is_better else WORSE
    # practice: end


def compared(difference: Interval, higher_is_better: bool = True) -> str:
    """A difference with its verdict, for a sentence."""
    return f"{difference.signed} ({verdict(difference, higher_is_better)})"


def slug(name: str) -> str:
    """The name of a baseline as a column of predictions.csv."""
    return re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")


def _write(rows: pd.DataFrame, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    rows.to_csv(path, index=False, float_format="%.10g", lineterminator="\n")
