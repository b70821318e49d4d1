"""The model beside the strongest simple method and the naive ones, on the sealed test set.

What each of them answered is written to reports/predictions.csv, and every number of the
comparison is computed from that file, so that anybody can compute it again.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import pearsonr

from .download import hash_files
from .errors import ProjectError
from .intervals import Interval, bootstrap, paired_difference
from .workspace import Workspace

PREDICTIONS = "predictions.csv"
PRIVATE = "private/predictions.csv"
ROUNDS = 1000  # of the bootstrap behind the headline
STRONGEST, SIMPLE, NAIVE = "strongest simple", "simple", "naive"
BETTER, UNCLEAR, WORSE = "better", "no clear difference", "worse"


def average_precision(truth: NDArray, scores: NDArray) -> float:
    """Area under precision and recall, in steps; rows of one score stand or fall together."""
    order = np.argsort(-scores, kind="stable")
    hits = np.cumsum(truth[order])
    last = np.append(np.flatnonzero(np.diff(scores[order])), len(scores) - 1)
    recall = hits[last] / hits[-1]
    return float(np.sum(np.diff(recall, prepend=0.0) * hits[last] / (last + 1)))


MEASURES: dict[str, Callable[[NDArray, NDArray], float]] = {
    "accuracy": lambda truth, said: float(np.mean(truth == said)),
    "average_precision": average_precision,
    "mean": lambda _, values: float(np.mean(values)),
    "median_ape": lambda truth, said: float(np.median(np.abs(said - truth) / truth)),
    "pearson_r": lambda truth, said: float(pearsonr(truth, said).statistic),
}


@dataclass(frozen=True)
class Predictions:
    """What model and baselines said of every unit of the sealed test set.

    `rows` has the columns `id`, `group` (the unit of the bootstrap), `truth`, `model`, and one
    for each baseline, called as the baseline is. Where the rows may not be passed on, `truth`
    is left out, the columns hold the score of each unit, and `metric` is "mean".
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
    known = [name for name in ("id", "group", "truth", "model") if name in predictions.rows]
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
        raise ProjectError(f"{path.name} is missing: run `python -m {__package__} evaluate` again")
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
    measure, groups, model = MEASURES[metric], rows["group"], rows["model"]
    truth = rows.get("truth", model)
    options: dict[str, Any] = {"groups": groups, "seed": seed, "rounds": ROUNDS}
    table = []
    for name, role in baselines.items():
        said = rows[slug(name)]
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


def verdict(difference: Interval, higher_is_better: bool) -> str:
    """What the interval of model minus baseline allows to say."""
    if difference.low <= 0 <= difference.high:
        return UNCLEAR
    return BETTER if (difference.low > 0) == higher_is_better else WORSE


def slug(name: str) -> str:
    """The name of a baseline as a column of predictions.csv."""
    return re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")


def _write(rows: pd.DataFrame, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    rows.to_csv(path, index=False, float_format="%.10g", lineterminator="\n")
