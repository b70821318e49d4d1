"""Measure every method on people whom none has seen. Nothing else opens the test set."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from . import data, model
from .data import Faces
from .kit import figures
from .kit.holdout import Ledger
from .kit.results import Picture, Results, Score, Table, keep_errors, run_studies, write_results
from .kit.statistics import NAIVE, SIMPLE, STRONGEST, Interval, Predictions, bootstrap
from .kit.workspace import Workspace, read_json
from .model import MODEL, PIXELS, Array
from .predict import Recogniser
from .train import PLACES, Fit, score_pairs

WORST = 20
STEPS = 200  # of the figure


@dataclass(frozen=True)
class Evaluated:
    """The test people with the vectors of each method, and every pair of their pictures.

    `rows` has a column of likenesses for the model and for each of `baselines`, whose roles stand
    there, the strongest simple method first. `fit` is the recipe of the model, for the studies.
    """

    train: Faces
    test: Faces
    rows: pd.DataFrame
    vectors: Mapping[str, Array]
    baselines: Mapping[str, str]
    recogniser: Recogniser
    training: Mapping[str, Any]
    fit: Fit
    seed: int

    @property
    def strongest(self) -> str:
        """The strongest simple method, as people of the training set settled it."""
        return next(iter(self.baselines))

    @property
    def same(self) -> NDArray[np.bool_]:
        """Which pairs show one person."""
        return self.rows.truth.to_numpy() == 1

    def share(self, accepted: NDArray, chosen: NDArray) -> Interval:
        """Of the pairs that are `chosen`, the share that is accepted; drawn by people."""
        rows = np.flatnonzero(chosen)
        groups = self.rows.group.to_numpy()[rows]
        return bootstrap(np.mean, accepted[rows], groups=groups, seed=self.seed)


def run(workspace: Workspace) -> None:
    """Write reports/metrics.json, predictions.csv, errors.csv and the figures."""
    started = time.perf_counter()
    found = measure(workspace)
    columns = ["id", "group", "truth", "model", *found.baselines]
    ledger = Ledger(len(found.test), "pictures")
    ledger.count_as("pairs", len(found.rows))
    results = Results(
        primary="tar_at_far_1",
        label="share of a person's pairs accepted at 1 % false accepts",
        predictions=Predictions(
            found.rows[columns],
            metric="tar_at_far_1",
            higher_is_better=True,
            baselines=found.baselines,
            unit="pairs",
        ),
        measured_on=f"pairs of pictures of {len(set(found.test.people))} people never trained on",
        scores=score(found),
        tables={"candidates": candidates_table(found), "errors": errors_table(workspace, found)},
        figures={"trade": draw(workspace, found)},
        studies=run_studies(workspace, found),
        ledger=ledger,
    )
    written = write_results(workspace, results, time.perf_counter() - started)
    print(f"accepted at 1 %: {written['primary']['value']:.3f}, {written['comparison']['verdict']}")


def measure(workspace: Workspace) -> Evaluated:
    """Open the test set; fit the simple methods, as they were tuned, to the training people."""
    test = data.load(workspace, "test", reader="evaluate")
    train = data.load(workspace, "train", reader="evaluate")
    training = read_json(workspace.models / "training.json", made_by="train")
    recogniser = Recogniser.load(workspace)
    vectors = {"model": recogniser.embed(test.pixels)}
    for name in training["simple"]:
        fit = model.simple(name, training["chosen"][name], workspace.config)
        vectors[name] = fit(train.pixels, train.people).embed(test.pixels)
    strongest, *others = training["simple"]
    roles = {name: NAIVE if name == PIXELS else SIMPLE for name in others}
    rows = score_pairs(test, vectors)
    baselines = {strongest: STRONGEST, **roles}
    fit, seed = model.build(workspace.config), workspace.seed
    return Evaluated(train, test, rows, vectors, baselines, recogniser, training, fit, seed)


def score(found: Evaluated) -> dict[str, Score]:
    """Further metrics; the threshold was chosen on people of the training set."""
    same, said = found.same, found.rows.model.to_numpy()
    passed = said > found.recogniser.threshold
    groups = found.rows.group.to_numpy()
    baseline = found.rows[found.strongest].to_numpy()
    rate = bootstrap(equal_error_rate, same, said, groups=groups, seed=found.seed)
    area = bootstrap(area_under_curve, same, said, groups=groups, seed=found.seed)
    return {
        "eer": Score("equal error rate", rate, equal_error_rate(same, baseline), False),
        "auc": Score("area under the curve", area, area_under_curve(same, baseline)),
        "accepted": Score(
            "pairs of one person above the service's threshold", found.share(passed, same)
        ),
        "false_accepts": Score(
            "pairs of two people above the service's threshold",
            found.share(passed, ~same),
            higher_is_better=False,
        ),
    }


def equal_error_rate(same: NDArray[np.bool_], scores: NDArray) -> float:
    """Where as many pairs of one person are refused as pairs of two people are accepted."""
    own, apart = np.sort(scores[same]), np.sort(scores[~same])
    if not len(own) or not len(apart):
        return float("nan")
    edges = np.unique(scores)
    refused = np.searchsorted(own, edges, side="right") / len(own)
    accepted = 1 - np.searchsorted(apart, edges, side="right") / len(apart)
    place = np.argmin(np.abs(refused - accepted))
    return float((refused[place] + accepted[place]) / 2)


def area_under_curve(same: NDArray[np.bool_], scores: NDArray) -> float:
    """How often a pair of one person is more alike than a pair of two; ties count half."""
    own, apart = scores[same], np.sort(scores[~same])
    if not len(own) or not len(apart):
        return float("nan")
    below, upto = (np.searchsorted(apart, own, side=side) for side in ("left", "right"))
    return float(np.mean(below + upto) / 2 / len(apart))


def candidates_table(found: Evaluated) -> Table:
    """Model and simple methods as `train` compared them; no number here is of the test set."""
    training = found.training
    rows = []
    for name, tried in training["candidates"].items():
        best = max(tried, key=lambda settings: tried[settings])
        mark = "**model:** " if name == MODEL else ""
        rows.append([f"{mark}{name}", best or "–", len(tried), tried[best]])
    caption = "Accepted at 1 % false accepts, by people of the training set who were held out."
    return Table(caption, ["method", "best of its settings", "settings tried", "accepted"], rows)


def errors_table(workspace: Workspace, found: Evaluated) -> Table:
    """The most alike pairs of two people, and the least alike of one: by half."""
    rows = found.rows.assign(error=badness(found)).nlargest(WORST, "error", keep="first")
    errors = rows[["id", "truth", "model", "error"]].assign(
        shows=np.where(rows.truth == 1, "one person", "two people"), error=rows.error.round(PLACES)
    )
    shown = {
        "id": "pair",
        "shows": "shows",
        "model": "likeness",
        "error": "beyond the threshold by",
    }
    caption = f"The {len(errors)} pairs that lie farthest on the wrong side of the threshold"
    return keep_errors(workspace, errors, shown, caption)


def badness(found: Evaluated) -> Array:
    """How far each pair lies beyond the service's threshold, on the wrong side of it."""
    beyond = found.rows.model.to_numpy() - found.recogniser.threshold
    return np.where(found.same, -beyond, beyond)


def draw(workspace: Workspace, found: Evaluated) -> Picture:
    """False accepts against false refusals, method by method."""
    rates = np.geomspace(1 / STEPS / 5, 1, STEPS)
    with figures.figure(workspace.figures / "trade", height=3.6) as (_, axes):
        for name in ("model", *found.baselines):
            said = found.rows[name].to_numpy()
            own, apart = said[found.same], np.sort(said[~found.same])[::-1]
            edges = apart[np.minimum((rates * len(apart)).astype(int), len(apart) - 1)]
            refused = [(own <= edge).mean() for edge in edges]
            strong = {"color": figures.MODEL, "linewidth": 2.5} if name == "model" else {}
            axes.plot(rates, refused, label=MODEL if name == "model" else name, **strong)
        axes.set(
            xscale="log", xlabel="pairs of two people accepted", ylabel="of one person refused"
        )
        axes.legend(frameon=False)
    return Picture(
        "Of one person's pairs refused, for every share of pairs of two people accepted.",
        "Falling curves, one a method, over a logarithmic axis of false accepts.",
    )
