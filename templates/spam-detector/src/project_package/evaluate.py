"""Measure the detector on the test set. Nothing else in the project opens that part."""

import time
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import binomtest
from sklearn.base import clone
from sklearn.calibration import calibration_curve
from sklearn.metrics import (
    accuracy_score,
    average_precision_score,
    brier_score_loss,
    matthews_corrcoef,
    precision_recall_curve,
)

from . import data, model
from .kit import figures
from .kit.results import EACH_ALONE, Picture, Results, Score, Table, write_results
from .kit.statistics import NAIVE, STRONGEST, Predictions, bootstrap, decimal, paired_difference
from .kit.statistics import verdict as difference_verdict
from .kit.workspace import Workspace, read_json
from .model import blocked, caught
from .predict import SpamDetector
from .train import grouped_folds, rate_cuts

TEMPORAL_CUT = "2002-09-11"  # about four fifths of the mails came before this day
SHORT_MAIL = 50  # words
WORST = 20
EVEN_ODDS = 0.5
BINS = 8  # of the reliability curve; most mails are in the first and the last
BAYES, RULE = "naive Bayes", "keyword rule"


def run(workspace: Workspace) -> None:
    """Write reports/metrics.json, predictions.csv, errors.csv and the figures."""
    started = time.perf_counter()
    test = data.load(workspace, "test", reader="evaluate")
    train = data.load(workspace, "train", reader="evaluate")
    training = read_json(workspace.models / "training.json", made_by="train")
    detector = SpamDetector.load(workspace)
    bayes, at_cap = (
        model.naive_bayes()[training[tuned]].fit(train.text, train.spam)
        for tuned in ("baseline", "baseline_at_cap")
    )
    mails = test.assign(
        probability=detector.rate(list(test.text)),
        bayes=model.scores(bayes, test.text),
        bayes_at_cap=model.scores(at_cap, test.text),
        keywords=model.keyword_rule(test.text),
    )
    errors = worst_errors(mails, detector)
    workspace.reports.mkdir(exist_ok=True)
    errors.to_csv(workspace.reports / "errors.csv", index=False, lineterminator="\n")
    draw(workspace, mails)
    everything = pd.concat([train, test], ignore_index=True)
    splits = rate_splits(everything, training, workspace.seed)
    results = Results(
        primary="pr_auc",
        label="PR-AUC",
        predictions=Predictions(
            pd.DataFrame(
                {
                    "id": mails.id,
                    "group": mails.group,
                    "truth": mails.spam,
                    "model": mails.probability,
                    BAYES: mails.bayes,
                    RULE: mails.keywords,
                }
            ),
            metric="average_precision",
            higher_is_better=True,
            baselines={BAYES: STRONGEST, RULE: NAIVE},
            unit="mails",
        ),
        scores=score(mails, training, workspace.seed),
        tables={
            "candidates": candidates_table(training),
            "splits": splits_table(splits),
            "slices": slices_table(mails, workspace.seed),
            "temporal": temporal_table(everything, detector, workspace.seed),
            "errors": errors_table(errors),
        },
        figures=PICTURES,
        notes={
            "threshold": threshold_note(mails, training),
            "cap": cap_note(mails, training, splits, workspace.seed),
            "splits": splits_note(splits),
            "calibration": calibration_note(mails),
        },
        measured_on="mails whose threads and copies no model had seen",
    )
    written = write_results(workspace, results, time.perf_counter() - started)
    print(f"PR-AUC {written['primary']['value']:.4f}, {written['comparison']['verdict']}")


def score(mails: pd.DataFrame, training: Mapping, seed: int) -> dict[str, Score]:
    """Further metrics with intervals, naive Bayes beside them; no threshold is of the test set."""
    cap = training["settings"]["ham_blocked"]

    def measure(
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
        "spam_caught": measure("spam caught, strict threshold", caught, strict, by_bayes),
        "ham_blocked": measure("ham blocked, strict threshold", blocked, strict, by_bayes, False),
        "caught_at_cap": measure(
            f"oracle's: spam caught at ham blocked ≤ {cap:.1%}, threshold of the test curve",
            at_cap, mails.probability, mails.bayes_at_cap,
        ),
        "mcc": measure("MCC", matthews_corrcoef, likely, by_odds),
        "accuracy": measure("accuracy", accuracy_score, likely, by_odds),
        "brier": measure("Brier score", brier_score_loss, mails.probability, None, False),
    }  # fmt: skip


def rate_splits(mails: pd.DataFrame, training: Mapping, seed: int) -> pd.DataFrame:
    """Choice kept, everything else anew for each of `splits` seeds: split, thresholds, scores.

    The first row is the split of the headline. One split has too few hard mails to say how much
    spam is caught at so strict a threshold; several say how far the answer moves.
    """
    settings = training["settings"]
    recipes = {
        "model": model.candidates(seed)[training["chosen"]],
        BAYES: model.naive_bayes()[training["baseline"]],
        f"{BAYES}, tuned for the cap": model.naive_bayes()[training["baseline_at_cap"]],
    }
    mails = mails.sort_values("id", ignore_index=True)
    seeds, cuts = range(seed, seed + settings["splits"]), []
    for number in seeds:
        train, test = data.split(mails, number)
        folds = grouped_folds(mails.iloc[train], settings["folds"], number)
        cuts.append([*((train[fit], train[unseen]) for fit, unseen in folds), (train, test)])
    rated = iter(rate_cuts(mails, recipes, [cut for of_seed in cuts for cut in of_seed]))
    rows = []
    for number, of_seed in zip(seeds, cuts, strict=True):
        scores = [next(rated) for _ in of_seed]
        spam = [mails.spam.to_numpy()[unseen] for _, unseen in of_seed]
        for name in recipes:
            *held_out, raw = [each[name] for each in scores]
            threshold = model.capped_threshold(
                np.concatenate(held_out), np.concatenate(spam[:-1]), settings["ham_blocked"]
            )
            rows.append(
                {
                    "seed": number,
                    "by": name,
                    "PR-AUC": average_precision_score(spam[-1], raw),
                    "caught": caught(spam[-1], raw >= threshold),
                    "blocked": blocked(spam[-1], raw >= threshold),
                    "oracle": model.caught_at_cap(spam[-1], raw, settings["ham_blocked"]),
                }
            )
    return pd.DataFrame(rows)


def splits_table(splits: pd.DataFrame) -> Table:
    """Mean over the splits with the lowest and the highest."""
    measures = ["PR-AUC", "caught", "blocked", "oracle"]
    rows = []
    for name, part in splits.groupby("by", sort=False):
        cells = [
            f"{part[column].mean():.4f} ({part[column].min():.4f} to {part[column].max():.4f})"
            for column in measures
        ]
        rows.append([name, *cells])
    return Table(
        f"Mean over {splits.seed.nunique()} splits of the same mails, each with a seed of its own, "
        "lowest and highest in brackets: how far chance moves it, no interval. Strict thresholds "
        "come from each split's own training mails, the oracle's from its test curve.",
        ["", "PR-AUC", "spam caught, strict", "ham blocked, strict", "spam caught, oracle's"],
        rows,
    )


def splits_note(splits: pd.DataFrame) -> str:
    """In how many of the splits the model is above naive Bayes."""
    by_seed = splits.pivot(index="seed", columns="by", values=["PR-AUC", "caught"])
    above = {
        name: int((by_seed[name, "model"] > by_seed[name, BAYES]).sum())
        for name in ("PR-AUC", "caught")
    }
    return (
        f"Of {len(by_seed)} splits, the model's PR-AUC is above that of naive Bayes in "
        f"{above['PR-AUC']}, and the share of spam caught at its strict threshold in "
        f"{above['caught']}. They share most of their mails, so this is no count of independent "
        "trials."
    )


def candidates_table(training: Mapping) -> Table:
    """What the choice rested on; no number here comes from the test set."""
    marks = dict.fromkeys((training["baseline"], training["baseline_at_cap"]), "**baseline:** ") | {
        training["chosen"]: "**chosen:** "
    }
    rows = [
        [marks.get(name, "") + name, row["caught"], row["error"], f"{row['pr_auc']:.4f}"]
        for name, row in training["candidates"].items()
    ]
    settings = training["settings"]
    return Table(
        f"Grouped {settings['folds']}-fold cross-validation on the training set, scores of all "
        "folds pooled; of models within a standard error of the most spam caught, PR-AUC chooses. "
        "Naive Bayes is tuned for either column.",
        [
            "candidate",
            f"spam caught at ham blocked ≤ {settings['ham_blocked']:.1%}",
            "± standard error",
            "PR-AUC",
        ],
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
    caption = f"Share of mails judged wrongly at even odds, by kind of mail. {EACH_ALONE}"
    return Table(caption, ["mails", "n", "error"], rows)


def temporal_table(mails: pd.DataFrame, detector: SpamDetector, seed: int) -> Table:
    """The same recipe trained on the past and tested on what came later.

    Most of the later ham is one news feed, which is easy; so the table has a row without it.
    """
    later = mails.date >= TEMPORAL_CUT
    past, future = mails[~later], mails[later]
    future = future[~future.group.isin(past.group)]
    if past.spam.nunique() < 2 or future[~future.feed].spam.nunique() < 2:
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
        f"Trained on the {len(past):,} mails before {TEMPORAL_CUT}; their threads and copies are "
        "left out.",
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


def threshold_note(mails: pd.DataFrame, training: Mapping) -> str:
    """What the threshold of the stated cost does on the test set."""
    threshold = training["thresholds"]["cost"]
    verdict = mails.probability >= threshold
    ham, missed = mails.spam == 0, 1 - caught(mails.spam, verdict)
    return (
        f"One lost ham is priced at {training['settings']['ham_cost']:g} spams let through. "
        f"Out-of-fold scores put the cheapest threshold at a probability of {threshold:.4g}; on "
        f"the test set it blocks {int(verdict[ham].sum())} of {int(ham.sum()):,} wanted mails and "
        f"lets {missed:.1%} of the spam through."
    )


def cap_note(mails: pd.DataFrame, training: Mapping, splits: pd.DataFrame, seed: int) -> str:
    """Whether the strict threshold keeps the cap it was made for."""
    cap, ham = training["settings"]["ham_blocked"], mails[mails.spam == 0]
    verdict = mails.probability >= training["thresholds"]["capped"]
    lost = int(verdict[ham.index].sum())
    shares = binomtest(lost, len(ham)).proportion_ci(method="exact")
    where = "inside" if shares.low <= cap <= shares.high else "outside"
    kept = splits[splits.by == "model"].blocked <= cap
    by_bayes = mails.bayes_at_cap >= training["baseline_capped"]
    more = paired_difference(caught, mails.spam, verdict, by_bayes, groups=mails.group, seed=seed)
    return (
        f"The strict threshold was set on out-of-fold scores to block at most {cap:.1%} of the "
        f"ham. On the test set the cap is **{'kept' if lost <= cap * len(ham) else 'broken'}**: "
        f"{lost} of {len(ham):,} wanted mails are blocked, {lost / len(ham):.2%} (exact 95 % "
        f"interval {shares.low:.2%} to {shares.high:.2%}, mails taken one by one; the cap lies "
        f"{where} it), and {caught(mails.spam, verdict):.1%} of the spam is caught. Over "
        f"{len(kept)} splits it is kept in {int(kept.sum())}. Naive Bayes tuned for the same cap "
        f"loses {blocked(mails.spam, by_bayes):.2%} of the ham and catches "
        f"{caught(mails.spam, by_bayes):.1%} of the spam: the model's share less that is "
        f"{more.signed}, {difference_verdict(more, higher_is_better=True)}. The oracle's figure "
        "takes its threshold from the test curve itself, which nobody could have known."
    )


def calibration_note(mails: pd.DataFrame) -> str:
    """How far the stated probabilities are from the shares observed."""
    bins = (mails.probability * BINS).clip(upper=BINS - 1).astype(int)
    observed, stated = mails.groupby(bins).spam.mean(), mails.groupby(bins).probability.mean()
    gap = float(np.average((observed - stated).abs(), weights=bins.value_counts().sort_index()))
    return (
        f"On average over the mails, the stated probability is off by {decimal(gap)} from the "
        f"share observed (expected calibration error, {BINS} bins; above zero by chance alone, "
        "even where the probabilities are right)."
    )


PICTURES = {
    "precision-recall": Picture(
        "Precision and recall on the test set; the point is the keyword rule.",
        "Precision over recall: curves of model and naive Bayes, a point for the keyword rule.",
    ),
    "calibration": Picture(
        "Of the mails given a probability, the share that were spam.",
        "Reliability curve of the model, with the diagonal of perfect calibration.",
    ),
}


def draw(workspace: Workspace, mails: pd.DataFrame) -> None:
    """The precision-recall curve and the reliability curve."""
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
    observed, stated = calibration_curve(mails.spam, mails.probability, n_bins=BINS)
    with figures.figure(workspace.figures / "calibration", width=5) as (_, axes):
        axes.plot([0, 1], [0, 1], "--", color=figures.OTHER, label="perfect")
        axes.plot(stated, observed, "o-", color=figures.MODEL, label="model")
        axes.set(xlabel="stated probability", ylabel="share that was spam")
        axes.legend()
