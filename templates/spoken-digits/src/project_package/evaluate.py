"""Measure every method on speakers it has not heard. Nothing else opens the test set."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from . import data, model
from .audio import RATE
from .data import DIGITS, Recordings
from .kit import figures
from .kit.arrays import load_arrays
from .kit.results import (
    Picture,
    Results,
    Score,
    Table,
    keep_errors,
    run_studies,
    slices_table,
    write_results,
)
from .kit.statistics import Interval, Predictions, bootstrap
from .kit.workspace import Workspace
from .predict import NAMES, NONE, Recogniser, read_training
from .train import BASELINES, NETWORKS, fit_simple, say_without, speakers_of

WORST = 20
FIFTH = 0.2


@dataclass(frozen=True)
class Evaluated:
    """Both parts, and what each method says of the test set.

    `chances`, shape (n, classes), of every recording by the network that has not heard its
    speaker; `said` by each simple method, fitted without the speaker too.
    """

    workspace: Workspace
    train: Recordings
    test: Recordings
    train_seen: model.Picture
    seen: model.Picture
    training: Mapping[str, Any]
    shipped: Recogniser
    chances: NDArray[np.float64]
    said: Mapping[str, NDArray[np.int64]]

    @property
    def speakers(self) -> list[str]:
        """All speakers, in the order of their names."""
        return speakers_of(self.test)

    @property
    def digit(self) -> NDArray[np.int64]:
        """The likeliest digit, shape (n,)."""
        return self.chances[:, :NONE].argmax(axis=1)

    @property
    def right(self) -> NDArray[np.bool_]:
        """Where it is the one that was said, shape (n,)."""
        return self.digit == self.test.digits

    @property
    def confidence(self) -> NDArray[np.float64]:
        """Probability of the likeliest digit, shape (n,)."""
        return self.chances[:, :NONE].max(axis=1)

    @property
    def sure(self) -> NDArray[np.bool_]:
        """Where it answers: at the threshold of the service, and not "none of them"."""
        return answers(self.chances, self.shipped.threshold)

    def network(self, name: str) -> Recogniser:
        """One of models/networks.npz: SPEAKER/0, strangers/0 …; calibrated as the shipped one."""
        path, names = self.workspace.models / NETWORKS, tuple(f"{name}/{key}" for key in NAMES)
        arrays = dict(zip(NAMES, load_arrays(path, names).values(), strict=True))
        return Recogniser(**{**vars(self.shipped), "arrays": arrays})

    def interval(self, metric: Callable[..., float], *columns: NDArray) -> Interval:
        """By speakers."""
        return bootstrap(metric, *columns, groups=self.test.speakers, seed=self.workspace.seed)


def answers(chances: NDArray, threshold: float) -> NDArray[np.bool_]:
    """Where a digit is likelier than none of them, and likely enough."""
    confidence = chances[:, :NONE].max(axis=1)
    return (confidence >= threshold) & (confidence >= chances[:, NONE])


def run(workspace: Workspace) -> None:
    """Write reports/metrics.json, predictions.csv, errors.csv and the figures."""
    started = time.perf_counter()
    found = measure(workspace)
    rows = {
        "id": found.test.ids,
        "group": found.test.speakers,
        "truth": found.test.digits,
        "model": found.digit,
        **found.said,
    }
    results = Results(
        primary="accuracy_new_speaker",
        label="accuracy for a new speaker",
        predictions=Predictions(
            pd.DataFrame(rows),
            metric="accuracy_new_speaker",
            higher_is_better=True,
            baselines=BASELINES,
            unit="recordings",
        ),
        measured_on="recordings of speakers whom the network that is asked has not heard",
        scores=score(found, workspace.config["evaluate"]["bins"]),
        tables={
            "candidates": candidates_table(found),
            "slices": kinds_table(found),
            "errors": errors_table(workspace, found),
        },
        figures={"confusions": draw(workspace, found)},
        notes={"asking": asking_note(found, workspace.config["costs"]["error"])},
        studies=run_studies(workspace, found),
    )
    written = write_results(workspace, results, time.perf_counter() - started)
    print(f"new speaker: {written['primary']['value']:.3f}, {written['comparison']['verdict']}")


def measure(workspace: Workspace) -> Evaluated:
    """Open the test set; fit the simple methods, as they were tuned, without each speaker."""
    test = data.load(workspace, "test", reader="evaluate")
    train = data.load(workspace, "train", reader="evaluate")
    config, training = workspace.config, read_training(workspace)
    train_seen, seen = (model.see(part.sounds, config["sound"]) for part in (train, test))
    shipped = Recogniser.load(workspace)
    found = Evaluated(workspace, train, test, train_seen, seen, training, shipped, np.empty(0), {})
    chances = say_without(test, seen, {who: found.network(f"{who}/0") for who in found.speakers})
    said = {name: np.empty(len(test), dtype=np.int64) for name in BASELINES}
    for who in found.speakers:
        own, others = test.speakers == who, train.speakers != who
        for name in BASELINES:
            settings = training["chosen"][who], config["baselines"]
            fitted = fit_simple(name, train, train_seen, others, *settings)
            said[name][own] = fitted(seen[own])
    return Evaluated(**{**vars(found), "chances": chances, "said": said})


def score(found: Evaluated, bins: int) -> dict[str, Score]:
    """Further metrics; the threshold was chosen on training takes."""
    right, sure = found.right, found.sure
    worst = min(float(right[found.test.speakers == who].mean()) for who in found.speakers)
    gap = found.interval(partial(calibration_error, bins=bins), found.confidence, right)
    svm = found.said[next(iter(BASELINES))] == found.test.digits
    low = min(float(svm[found.test.speakers == who].mean()) for who in found.speakers)
    return {
        "worst_speaker": Score(
            "accuracy for the worst speaker", Interval(worst, worst, worst), low
        ),
        "calibration_error": Score(f"calibration error, {bins} bins", gap, higher_is_better=False),
        "answered": Score("answered without asking again", found.interval(np.mean, sure)),
        "accuracy_answered": Score(
            "accuracy of those answers", found.interval(share_right, right, sure)
        ),
    }


def share_right(right: NDArray, chosen: NDArray) -> float:
    """Accuracy among the chosen; undefined where none is."""
    return float(np.mean(right[chosen])) if chosen.any() else float("nan")


def calibration_error(confidence: NDArray, right: NDArray, bins: int) -> float:
    """Mean gap between stated confidence and accuracy over equal bins (Naeini et al., 2015)."""
    places = np.minimum((confidence * bins).astype(int), bins - 1)
    gaps = np.bincount(places, weights=confidence - right, minlength=bins)
    return float(np.abs(gaps).sum() / len(confidence))


def candidates_table(found: Evaluated) -> Table:
    """How the support vector machine was tuned; no number here is of the test set."""
    chosen = [
        f"cost {cost:g}, {segments} segments"
        for cost, segments in found.training["chosen"].values()
    ]
    rows = [
        [name, value, chosen.count(name)] for name, value in found.training["candidates"].items()
    ]
    return Table(
        "Settings of the support vector machine. For each speaker the best of them on the other "
        "speakers was taken; the means here are over all of these choices.",
        ["settings", "accuracy while choosing", "speakers for whom it was chosen"],
        rows,
    )


def kinds_table(found: Evaluated) -> Table:
    """Error rate by digit, length and loudness."""
    seconds = np.array([len(sound) for sound in found.test.sounds]) / RATE
    loud = np.array([np.abs(sound.astype(float)).max(initial=0) for sound in found.test.sounds])
    kinds = {
        **{word: found.test.digits == number for number, word in enumerate(DIGITS)},
        "the shortest fifth": seconds <= np.quantile(seconds, FIFTH),
        "the longest fifth": seconds >= np.quantile(seconds, 1 - FIFTH),
        "the quietest fifth": loud <= np.quantile(loud, FIFTH),
        "the loudest fifth": loud >= np.quantile(loud, 1 - FIFTH),
        "answered without asking again": found.sure,
        "asked again": ~found.sure,
    }
    return slices_table(
        "Share of recordings that were misheard, by kind, with intervals by speaker.",
        ["recordings", "n", "error"],
        kinds, ~found.right, found.test.speakers, found.workspace.seed,
    )  # fmt: skip


def errors_table(workspace: Workspace, found: Evaluated) -> Table:
    """The recordings on which it was most sure and wrong."""
    sureness = np.where(found.right, 0.0, found.confidence)
    worst = np.argsort(-sureness, kind="stable")[:WORST]
    errors = pd.DataFrame(
        {
            "id": found.test.ids[worst],
            "speaker": found.test.speakers[worst],
            "said": [DIGITS[digit] for digit in found.test.digits[worst]],
            "heard": [DIGITS[digit] for digit in found.digit[worst]],
            "probability": found.confidence[worst].round(3),
            "error": sureness[worst].round(6),
        }
    )
    shown = {name: name for name in ("id", "speaker", "said", "heard", "probability")}
    caption = f"The {len(errors)} surest errors"
    return keep_errors(workspace, errors, {**shown, "id": "recording"}, caption)


def asking_note(found: Evaluated, cost: float) -> str:
    """What asking again costs and saves."""
    paid = np.where(found.sure, ~found.right * cost, 1.0)
    always = found.interval(np.mean, ~found.right * cost)
    return (
        f"An error is priced at {cost:g} times asking again. On training takes the cheapest rule "
        f"is to answer from a confidence of {found.shipped.threshold:.2f} on. On the test set it "
        f"answers {found.sure.mean():.1%} of the recordings and costs "
        f"{found.interval(np.mean, paid)} questions a recording; always answering costs {always}, "
        "always asking 1."
    )


def draw(workspace: Workspace, found: Evaluated) -> Picture:
    """What was said against what was heard."""
    table = np.zeros((len(DIGITS), len(DIGITS)))
    np.add.at(table, (found.test.digits, found.digit), 1)
    shares = table / np.maximum(table.sum(axis=1, keepdims=True), 1)
    with figures.figure(workspace.figures / "confusions", width=6, height=5) as (_, axes):
        axes.imshow(shares, cmap="Blues", vmin=0, vmax=1)
        axes.grid(visible=False)
        axes.set_xticks(range(len(DIGITS)), DIGITS, rotation=45, ha="right")
        axes.set_yticks(range(len(DIGITS)), DIGITS)
        axes.set(xlabel="heard", ylabel="said")
        for said, heard in zip(*np.nonzero(shares >= 0.005), strict=True):
            ink = "white" if shares[said, heard] > 0.5 else figures.INK
            share = f"{shares[said, heard]:.0%}"
            axes.text(heard, said, share, ha="center", va="center", color=ink, fontsize=8)
    return Picture(
        "What was said and what was heard, each by a network that had not heard the speaker.",
        "A square of ten by ten shares; those on the diagonal are digits understood.",
    )
