"""Measure the detector on the test part. Nothing else in the project opens that part."""

import time
from collections.abc import Callable, Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.base import clone
from sklearn.calibration import calibration_curve
from sklearn.metrics import (
    accuracy_score,
    average_precision_score,
    brier_score_loss,
    matthews_corrcoef,
    precision_recall_curve,
)

from . import data, figures, model
from .intervals import bootstrap, paired_difference
from .predict import SpamDetector
from .results import Picture, Results, Score, Table, write_results
from .workspace import Workspace, read_json

TEMPORAL_CUT = "2002-09-11"  # about four fifths of the mails came before this day
SHORT_MAIL = 50  # words
WORST = 20
EVEN_ODDS = 0.5
BINS = 8  # of the reliability curve; most mails are in the first and the last


def run(workspace: Workspace) -> None:
    """Write reports/metrics.json, errors.csv and the figures."""
    started = time.perf_counter()
    test = data.load(workspace, "test", reader="evaluate")
    earlier = pd.concat(data.load(workspace, part, reader="evaluate") for part in data.PARTS[:2])
    training = read_json(workspace.models / "training.json", made_by="train")
    detector = SpamDetector.load(workspace)
    raw = model.scores(detector.detector, test.text)
    mails = test.assign(
        probability=model.probabilities(detector.calibration, raw),
        keywords=model.keyword_rule(test.text),
    )
    errors = worst_errors(mails, detector)
    workspace.reports.mkdir(exist_ok=True)
    errors.to_csv(workspace.reports / "errors.csv", index=False, lineterminator="\n")
    draw(workspace, mails)
    results = Results(
        primary="pr_auc",
        baseline_name="keyword rule",
        scores=score(mails, training["thresholds"], workspace.seed),
        difference=paired_difference(
            average_precision_score,
            mails.spam,
            mails.probability,
            mails.keywords,
            groups=mails.group,
            seed=workspace.seed,
        ),
        tables={
            "candidates": candidates_table(training),
            "slices": slices_table(mails, workspace.seed),
            "temporal": temporal_table(pd.concat([earlier, test]), detector, workspace.seed),
            "errors": errors_table(errors),
        },
        figures=PICTURES,
        notes={
            "threshold": threshold_note(mails, training, workspace.config["train"]["ham_cost"]),
            "calibration": calibration_note(mails),
        },
    )
    write_results(workspace, results, time.perf_counter() - started)
    print(f"PR-AUC {results.scores['pr_auc'].model}")


def score(mails: pd.DataFrame, thresholds: Mapping[str, float], seed: int) -> dict[str, Score]:
    """All metrics with intervals; `thresholds` were chosen before the test part was opened."""
    keyword_found = (mails.keywords > 0).astype(float)

    def measure(
        label: str,
        metric: Callable[..., float],
        by_model: pd.Series,
        by_rule: pd.Series,
        higher_is_better: bool = True,
    ) -> Score:
        interval = bootstrap(metric, mails.spam, by_model, groups=mails.group, seed=seed)
        return Score(label, interval, float(metric(mails.spam, by_rule)), higher_is_better)

    likely = (mails.probability >= EVEN_ODDS).astype(float)
    capped = (mails.probability >= thresholds["capped"]).astype(float)
    return {
        "pr_auc": measure("PR-AUC", average_precision_score, mails.probability, mails.keywords),
        "mcc": measure("MCC", matthews_corrcoef, likely, keyword_found),
        "accuracy": measure("accuracy", accuracy_score, likely, keyword_found),
        "spam_caught": measure("spam caught, strict threshold", caught, capped, keyword_found),
        "ham_blocked": measure(
            "ham blocked, strict threshold", blocked, capped, keyword_found, False
        ),
        "caught_at_cap": measure(
            "spam caught at ham blocked ≤ 0.2 %", caught_at_cap, mails.probability, mails.keywords
        ),
        "brier": measure("Brier score", brier_score_loss, mails.probability, keyword_found, False),
    }


def caught(spam: NDArray, verdict: NDArray) -> float:
    """Share of the spam that is blocked (recall)."""
    return float(np.mean(np.asarray(verdict)[np.asarray(spam) == 1]))


def blocked(spam: NDArray, verdict: NDArray) -> float:
    """Share of the ham that is blocked (false positive rate)."""
    return float(np.mean(np.asarray(verdict)[np.asarray(spam) == 0]))


def caught_at_cap(spam: NDArray, probability: NDArray) -> float:
    """A point of the test part's own curve: recall where at most 0.2 % of the ham is blocked."""
    threshold = model.capped_threshold(probability, spam, 0.002)
    return caught(spam, np.asarray(probability) >= threshold)


def candidates_table(training: Mapping) -> Table:
    """What the choice rested on; no number here comes from the test part."""
    rows = [
        [
            ("**chosen:** " if name == training["chosen"] else "") + name,
            row["pr_auc"],
            row["spread"],
        ]
        for name, row in training["candidates"].items()
    ]
    folds = training["settings"]["folds"]
    return Table(
        f"Grouped {folds}-fold cross-validation on the training part.",
        ["candidate", "PR-AUC", "standard deviation over folds"],
        rows,
    )


def slices_table(mails: pd.DataFrame, seed: int) -> Table:
    """Error rate at even odds in parts of the data that a reader would ask about."""
    words = mails.body.str.split().str.len()
    years = mails.date.dt.year
    slices = {
        "hard ham (newsletters, receipts)": mails.folder == "hard-ham-1",
        "HTML mail": mails.html,
        "plain mail": ~mails.html,
        f"short mail (under {SHORT_MAIL} words)": words < SHORT_MAIL,
        "news feed": mails.feed,
        "spam of 2001": (years == 2001) & (mails.spam == 1),
        "spam of 2002": (years == 2002) & (mails.spam == 1),
    }
    wrong = (mails.probability >= EVEN_ODDS) != mails.spam
    rows = []
    for name, chosen in slices.items():
        if not chosen.any():
            continue
        groups = mails.group[chosen]
        rows.append(
            [name, int(chosen.sum()), bootstrap(np.mean, wrong[chosen], groups=groups, seed=seed)]
        )
    return Table("Share of mails judged wrongly, by kind of mail.", ["mails", "n", "error"], rows)


def temporal_table(mails: pd.DataFrame, detector: SpamDetector, seed: int) -> Table:
    """The same recipe trained on the past and tested on what came later.

    Most of the later ham is one news feed, which is easy; so the table has a row without it.
    """
    later = mails.date >= TEMPORAL_CUT
    past, future = mails[~later], mails[later]
    future = future[~future.group.isin(past.group)]
    if past.spam.nunique() < 2 or future.spam.nunique() < 2:
        return Table("Too few dated mails for a temporal split.", ["tested on"], [])
    fitted = clone(detector.detector).fit(past.text, past.spam)
    future = future.assign(raw=model.scores(fitted, future.text))
    rows = []
    for name, part in (
        (f"from {TEMPORAL_CUT} on", future),
        ("the same without the news feed", future[~future.feed]),
    ):
        interval = bootstrap(
            average_precision_score, part.spam, part.raw, groups=part.group, seed=seed
        )
        rows.append([name, len(part), int(part.spam.sum()), interval])
    return Table(
        f"Trained on the {len(past):,} mails before {TEMPORAL_CUT}; their copies are left out.",
        ["tested on", "mails", "spam", "PR-AUC"],
        rows,
    )


def worst_errors(mails: pd.DataFrame, detector: SpamDetector) -> pd.DataFrame:
    """The mails on which the detector was most sure and wrong, with the words that drove it."""
    surprise = (mails.probability - mails.spam).abs()
    worst = mails.assign(surprise=surprise).nlargest(WORST, "surprise")
    words = [
        ", ".join(word for word, _ in model.word_effects(detector.detector, text, most=5))
        for text in worst.text
    ]
    return pd.DataFrame(
        {
            "id": worst.id,
            "truth": np.where(worst.spam == 1, "spam", "ham"),
            "probability": worst.probability.round(3),
            "subject": worst.subject.str.slice(0, 60),
            "words": words,
        }
    )


def errors_table(errors: pd.DataFrame) -> Table:
    """The worst errors as the write-up shows them."""
    columns = ["truth", "probability", "subject", "words"]
    rows = errors[columns].to_numpy().tolist()
    return Table(
        f"The {len(errors)} mails with the largest gap between probability and truth "
        "(reports/errors.csv).",
        ["truth", "probability of spam", "subject", "strongest words"],
        rows,
    )


def threshold_note(mails: pd.DataFrame, training: Mapping, ham_cost: float) -> str:
    """What the threshold of the stated cost does on the test part."""
    threshold = training["thresholds"]["cost"]
    verdict = mails.probability >= threshold
    lost, missed = blocked(mails.spam, verdict), 1 - caught(mails.spam, verdict)
    return (
        f"One lost ham is priced at {ham_cost:g} spams let through. Out-of-fold and validation "
        f"scores put the cheapest threshold at a probability of {threshold:.3f}; on the test part "
        f"it blocks {lost:.2%} of the ham and lets {missed:.1%} of the spam through."
    )


def calibration_note(mails: pd.DataFrame) -> str:
    """How far the stated probabilities are from the shares observed."""
    bins = (mails.probability * BINS).clip(upper=BINS - 1).astype(int)
    observed, stated = mails.groupby(bins).spam.mean(), mails.groupby(bins).probability.mean()
    gap = float(np.average((observed - stated).abs(), weights=bins.value_counts().sort_index()))
    return (
        f"On average over the mails, the stated probability is off by {gap:.3f} from the share "
        f"observed (expected calibration error, {BINS} bins)."
    )


PICTURES = {
    "precision-recall": Picture(
        "Precision and recall on the test part; the point is the keyword rule.",
        "Precision-recall curve of the model near the upper right corner, "
        "with the keyword rule far below it.",
    ),
    "calibration": Picture(
        "Of the mails given a probability, the share that were spam.",
        "Reliability curve of the model beside the diagonal of perfect calibration.",
    ),
}


def draw(workspace: Workspace, mails: pd.DataFrame) -> None:
    """The precision-recall curve and the reliability curve."""
    precision, recall, _ = precision_recall_curve(mails.spam, mails.probability)
    rule_found = mails.keywords > 0
    with figures.figure(workspace.figures / "precision-recall") as (_, axes):
        axes.plot(recall, precision, color=figures.MODEL, label="model")
        axes.plot(
            caught(mails.spam, rule_found),
            mails.spam[rule_found].mean(),
            "o",
            color=figures.BASELINE,
            label="keyword rule",
        )
        axes.set(xlabel="recall: spam caught", ylabel="precision", ylim=(0, 1.02), xlim=(0, 1.02))
        axes.legend(loc="lower left")
    observed, stated = calibration_curve(mails.spam, mails.probability, n_bins=BINS)
    with figures.figure(workspace.figures / "calibration", width=5) as (_, axes):
        axes.plot([0, 1], [0, 1], "--", color=figures.OTHER, label="perfect")
        axes.plot(stated, observed, "o-", color=figures.MODEL, label="model")
        axes.set(xlabel="stated probability", ylabel="share that was spam")
        axes.legend()
