"""Measure the detector on the test set. Nothing else in the project opens that part."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from sklearn.metrics import (
    accuracy_score,
    brier_score_loss,
    matthews_corrcoef,
    precision_recall_curve,
)

from . import data, model
from .kit import figures
from .kit.results import (
    EACH_ALONE,
    Picture,
    Results,
    Score,
    Table,
    keep_errors,
    run_studies,
    slices_table,
    write_results,
)
from .kit.statistics import NAIVE, STRONGEST, Predictions, bootstrap
from .kit.workspace import Workspace, read_json
from .model import blocked, caught
from .predict import SpamDetector

WORST, WORDS_SHOWN = 20, 5
EVEN_ODDS = 0.5
CORNER = (0.9, 1.002)  # of the figure, where the curves differ: drawn larger
BAYES, RULE = "naive Bayes", "keyword rule"
AT_CAP = f"{BAYES}, tuned for the cap"


@dataclass(frozen=True)
class Evaluated:
    """The test set's mails with what each method says of them, the training set's, the detector."""

    mails: pd.DataFrame
    train: pd.DataFrame
    detector: SpamDetector
    training: Mapping[str, Any]


def run(workspace: Workspace) -> None:
    """Write reports/metrics.json, predictions.csv, errors.csv and the figures."""
    started = time.perf_counter()
    evaluated = measure(workspace)
    mails, training, config = evaluated.mails, evaluated.training, workspace.config
    results = Results(
        primary="pr_auc",
        label="PR-AUC",
        predictions=predictions(mails),
        scores=score(mails, training, config["thresholds"]["ham_blocked"], workspace.seed),
        tables={
            "candidates": candidates_table(training, config),
            "slices": slices_table(
                f"Share of mails judged wrongly at even odds, by kind of mail. {EACH_ALONE}",
                ["mails", "n", "error"],
                kinds(mails, config["evaluate"]["short_mail"]),
                (mails.probability >= EVEN_ODDS) != mails.spam,
                mails.group,
                workspace.seed,
            ),
            "errors": errors_table(workspace, evaluated),
        },
        figures={"precision-recall": draw_curves(workspace, mails)},
        notes={"threshold": threshold_note(mails, training, config["thresholds"]["ham_cost"])},
        studies=run_studies(workspace, evaluated),
        measured_on="mails whose threads and copies no model had seen",
    )
    written = write_results(workspace, results, time.perf_counter() - started)
    print(f"PR-AUC {written['primary']['value']:.4f}, {written['comparison']['verdict']}")


def measure(workspace: Workspace) -> Evaluated:
    """Open the test set and ask the detector and its baselines, which are fitted here."""
    test = data.load(workspace, "test", reader="evaluate")
    train = data.load(workspace, "train", reader="evaluate")
    training = read_json(workspace.models / "training.json", made_by="train")
    detector = SpamDetector.load(workspace)
    recipes = model.naive_bayes(workspace.config)
    bayes, at_cap = (
        recipes[training[tuned]].fit(train.text, train.spam)
        for tuned in ("baseline", "baseline_at_cap")
    )
    mails = test.assign(
        probability=detector.rate(list(test.text)),
        bayes=model.scores(bayes, test.text),
        bayes_at_cap=model.scores(at_cap, test.text),
        keywords=model.keyword_rule(test.text),
    )
    return Evaluated(mails, train, detector, training)


def predictions(mails: pd.DataFrame) -> Predictions:
    """What the headline is computed from."""
    columns = {
        "id": "id", "group": "group", "spam": "truth", "probability": "model", "bayes": BAYES,
        "keywords": RULE,
    }  # fmt: skip
    return Predictions(
        mails[list(columns)].rename(columns=columns),
        metric="average_precision",
        higher_is_better=True,
        baselines={BAYES: STRONGEST, RULE: NAIVE},
        unit="mails",
    )


def score(mails: pd.DataFrame, training: Mapping, cap: float, seed: int) -> dict[str, Score]:
    """Further metrics with intervals, naive Bayes beside them.

    Every threshold comes from training but the oracle's, which takes it from the test curve.
    """

    def measured(
        label: str, metric: Callable[..., float], column: Any, other: Any, higher: bool = True
    ) -> Score:
        interval = bootstrap(metric, mails.spam, column, groups=mails.group, seed=seed)
        beside = None if other is None else float(metric(mails.spam, other))
        return Score(label, interval, beside, higher)

    def at_cap(spam: Any, scores: Any) -> float:
        return model.caught_at_cap(spam, scores, cap)

    likely = (mails.probability >= EVEN_ODDS).astype(float)
    by_odds = (mails.bayes >= 0).astype(float)
    strict = (mails.probability >= training["thresholds"]["capped"]).astype(float)
    by_bayes = (mails.bayes_at_cap >= training["baseline_capped"]).astype(float)
    return {
        "spam_caught": measured("recall (spam caught), strict threshold", caught, strict, by_bayes),
        "ham_blocked": measured(
            "false-positive rate (ham blocked), strict threshold", blocked, strict, by_bayes, False
        ),
        "caught_at_cap": measured(
            f"oracle's: spam caught at ham blocked ≤ {cap:.1%}, threshold of the test curve",
            at_cap, mails.probability, mails.bayes_at_cap,
        ),
        "mcc": measured("MCC", matthews_corrcoef, likely, by_odds),
        "accuracy": measured("accuracy", accuracy_score, likely, by_odds),
        "brier": measured("Brier score", brier_score_loss, mails.probability, None, False),
    }  # fmt: skip


def candidates_table(training: Mapping, config: Mapping) -> Table:
    """Model and baselines as `train` compared them; no number here comes from the test set."""
    marks = {training["chosen"]: "**model:** "}
    for tuned, column in (("baseline", "PR-AUC"), ("baseline_at_cap", "recall")):
        name = training[tuned]
        marks[name] = f"**baseline, {column}:** " if name not in marks else "**baseline:** "
    rows = [
        [marks.get(name, "") + name, row["caught"], f"{row['pr_auc']:.4f}"]
        for name, row in training["candidates"].items()
    ]
    return Table(
        f"Grouped {config['train']['folds']}-fold cross-validation on the training set, scores of "
        "all folds pooled. Naive Bayes is tuned for either column.",
        ["", f"recall at ham blocked ≤ {config['thresholds']['ham_blocked']:.1%}", "PR-AUC"],
        rows,
    )


def kinds(mails: pd.DataFrame, short: int) -> dict[str, pd.Series]:
    """Kinds of mail that a reader would ask about, each as a mask of the rows."""
    years, spam = mails.date.dt.year, mails.spam == 1
    return {
        "hard ham (newsletters, receipts)": mails.folder == "hard-ham-1",
        "HTML mail": mails.html,
        "plain mail": ~mails.html,
        f"short mail (under {short} words)": mails.body.str.split().str.len() < short,
        "news feed": mails.feed,
        "spam of 2001": (years == 2001) & spam,
        "spam of 2002": (years == 2002) & spam,
    }


def errors_table(workspace: Workspace, evaluated: Evaluated) -> Table:
    """The mails on which the detector was most sure and wrong, with the words that drove it."""
    mails, detector = evaluated.mails, evaluated.detector.detector
    surprise = (mails.probability - mails.spam).abs()
    worst = mails.assign(surprise=surprise).nlargest(WORST, "surprise")
    effects = (model.word_effects(detector, text, WORDS_SHOWN) for text in worst.text)
    errors = pd.DataFrame(
        {
            "id": worst.id,
            "truth": np.where(worst.spam == 1, "spam", "ham"),
            "probability": worst.probability.round(3),
            "subject": worst.subject.str.slice(0, 60),
            "words": [", ".join(word for word, _ in moved) for moved in effects],
        }
    )
    shown = {
        "truth": "truth", "probability": "probability of spam", "subject": "subject",
        "words": "strongest words",
    }  # fmt: skip
    caption = f"The {len(errors)} mails with the largest gap between probability and truth"
    return keep_errors(workspace, errors, shown, caption)


def threshold_note(mails: pd.DataFrame, training: Mapping, ham_cost: float) -> str:
    """What the threshold of the stated cost does on the test set."""
    threshold = training["thresholds"]["cost"]
    verdict, ham = mails.probability >= threshold, mails.spam == 0
    return (
        f"One lost ham is priced at {ham_cost:g} spams let through. Out-of-fold scores put the "
        f"cheapest threshold at a probability of {threshold:.4g}; on the test set it blocks "
        f"{int(verdict[ham].sum())} of {int(ham.sum()):,} wanted mails and lets "
        f"{1 - caught(mails.spam, verdict):.1%} of the spam through."
    )


def draw_curves(workspace: Workspace, mails: pd.DataFrame) -> Picture:
    """The precision-recall curves, and the keyword rule's point."""
    rule_found = mails.keywords > 0
    with figures.figure(workspace.figures / "precision-recall") as (_, axes):
        for column, colour, name in (
            ("bayes", figures.OTHER, BAYES), ("probability", figures.MODEL, "model")
        ):  # fmt: skip
            precision, recall, _ = precision_recall_curve(mails.spam, mails[column])
            axes.plot(recall, precision, color=colour, label=name)
        axes.plot(
            caught(mails.spam, rule_found),
            mails.spam[rule_found].mean(),
            "o",
            color=figures.BASELINE,
            label=RULE,
        )
        axes.set(xlabel="recall: spam caught", ylabel="precision", ylim=(0, 1.02), xlim=(0, 1.02))
        axes.legend(loc="lower left")
        corner = axes.inset_axes((0.38, 0.32, 0.5, 0.5), xlim=CORNER, ylim=CORNER)
        for line in axes.get_lines()[:2]:
            corner.plot(*line.get_data(), color=line.get_color())
        side = CORNER[1] - CORNER[0]
        axes.indicate_inset((CORNER[0], CORNER[0], side, side), edgecolor=figures.INK)
    return Picture(
        "Precision and recall on the test set, the corner larger; the point is the keyword rule.",
        "Precision over recall: curves of model and naive Bayes, a point for the keyword rule.",
    )
