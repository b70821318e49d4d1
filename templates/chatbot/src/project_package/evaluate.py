"""Measure the assistant on the test set. Nothing else in the project opens that part."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from sklearn.metrics import roc_auc_score

from . import data, model
from .data import NOWHERE, OUT
from .kit import figures
from .kit.persistence import load_model
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
from .model import Judged, Recipe
from .predict import ALLOWED, Assistant
from .train import BASELINE

WORST, WORDS_SHOWN, CONFUSIONS = 20, 5, 10
BAG, ALWAYS = "bag of words", "bag of words that always answers"
LENGTHS = {"1 to 4 words": (1, 4), "5 to 8 words": (5, 8), "9 to 12 words": (9, 12),
           "13 words and more": (13, np.inf)}  # fmt: skip
# Larson et al., EMNLP 2019, table 2, full data: in-scope accuracy and out-of-scope recall, in per
# cent; the first three with out of scope as a class, the last with a threshold.
PUBLISHED = {
    "SVM": (91.0, 14.5),
    "MLP on sentence embeddings (USE)": (93.5, 47.4),
    "BERT": (96.9, 40.3),
    "BERT with a threshold": (96.2, 52.3),
}


@dataclass(frozen=True)
class Evaluated:
    """The test set's queries with what each method says; what each makes of them beside it.

    Columns of `queries`: those of the data, `model`, `bag` and `always` (numbers of intents).
    """

    queries: pd.DataFrame
    assistant: Assistant
    judged: Judged
    by_bag: Judged
    training: Mapping[str, Any]


def run(workspace: Workspace) -> None:
    """Write reports/metrics.json, predictions.csv, errors.csv and the figures."""
    started = time.perf_counter()
    evaluated = measure(workspace)
    queries, training = evaluated.queries, evaluated.training
    results = Results(
        primary="in_out_mean",
        label="mean of in-scope accuracy and out-of-scope recall",
        predictions=predictions(queries),
        scores=score(evaluated, workspace.seed),
        tables={
            "candidates": candidates_table(training),
            "slices": slices_table(
                f"Share of queries met: answered rightly, or rightly not answered. {EACH_ALONE}",
                ["queries", "n", "met"],
                kinds(queries),
                queries.model == queries.label,
                queries.group,
                workspace.seed,
            ),
            "confusions": confusions_table(queries, training["intents"]),
            "errors": errors_table(workspace, evaluated),
        },
        figures={"curve": draw_curve(workspace, evaluated)},
        notes={"threshold": threshold_note(evaluated, workspace.config["threshold"]["out_cost"])},
        studies=run_studies(workspace, evaluated),
        measured_on="the publisher's test queries",
    )
    written = write_results(workspace, results, time.perf_counter() - started)
    print(f"in_out_mean {written['primary']['value']:.4f}, {written['comparison']['verdict']}")


def measure(workspace: Workspace) -> Evaluated:
    """Open the test set and ask the assistant and the baselines."""
    test = data.load(workspace, "test", reader="evaluate")
    training = read_json(workspace.models / "training.json", made_by="train")
    assistant = Assistant.load(workspace)
    rule = model.bags_of_words(workspace.config)[training["baseline"]].out_weight
    bag = Recipe(load_model(workspace, allowed=ALLOWED, name=BASELINE), rule)
    judged, by_bag = assistant.judge(list(test.text)), model.ask(bag, test.text)
    queries = test.assign(
        model=judged.answered(assistant.threshold),
        bag=by_bag.answered(training["candidates"][training["baseline"]]["threshold"]),
        always=by_bag.label,
    )
    return Evaluated(queries, assistant, judged, by_bag, training)


def predictions(queries: pd.DataFrame) -> Predictions:
    """What the headline is computed from: numbers of intents, −1 for none."""
    columns = {
        "id": "id", "group": "group", "label": "truth", "model": "model", "bag": BAG,
        "always": ALWAYS,
    }  # fmt: skip
    return Predictions(
        queries[list(columns)].rename(columns=columns),
        metric="in_out_mean",
        higher_is_better=True,
        baselines={BAG: STRONGEST, ALWAYS: NAIVE},
        unit="queries",
    )


def score(evaluated: Evaluated, seed: int) -> dict[str, Score]:
    """Further metrics with intervals, the bag of words beside them."""
    queries = evaluated.queries

    def measured(
        label: str, metric: Callable[..., float], said: ArrayLike, bag: ArrayLike
    ) -> Score:
        interval = bootstrap(metric, queries.label, said, groups=queries.group, seed=seed)
        return Score(label, interval, float(metric(queries.label, bag)))

    return {
        "in_scope_accuracy": measured(
            "in-scope accuracy: answered, and rightly",
            model.in_scope_accuracy, queries.model, queries.bag,
        ),
        "out_of_scope_recall": measured(
            "out-of-scope recall: not answered",
            model.out_of_scope_recall, queries.model, queries.bag,
        ),
        "auroc": measured(
            "AUROC of the score, in scope against out of scope, whatever the threshold",
            auroc, evaluated.judged.score, evaluated.by_bag.score,
        ),
        "always_answering": measured(
            "in-scope accuracy of who always answers",
            model.in_scope_accuracy, evaluated.judged.label, evaluated.by_bag.label,
        ),
    }  # fmt: skip


def auroc(truth: ArrayLike, scores: ArrayLike) -> float:
    """How often a query in scope scores higher than one out of scope."""
    return float(roc_auc_score(np.asarray(truth) != NOWHERE, scores))


def candidates_table(training: Mapping[str, Any]) -> Table:
    """Model and bags of words on the validation part; no number here comes from the test set."""
    rows = [
        [name, found["inside"], found["outside"], found["cost"]]
        for name, found in training["candidates"].items()
    ]
    for row in rows:
        row[0] = f"**baseline:** {row[0]}" if row[0] == training["baseline"] else row[0]
    found = training["validation"]
    return Table(
        "On the validation part, each at its cheapest threshold there: flattered all alike.",
        ["", "in-scope accuracy", "out-of-scope recall", "cost"],
        [["**model**", found["inside"], found["outside"], found["cost"]], *rows],
    )


def kinds(queries: pd.DataFrame) -> dict[str, pd.Series]:
    """Kinds of query that a reader would ask about, each as a mask of the rows."""
    length = queries.text.str.split().str.len()
    found = {
        domain.replace("_", " "): queries.domain == domain
        for domain in sorted(set(queries.domain) - {OUT})
    }
    found[OUT] = queries.domain == OUT
    for name, (least, most) in LENGTHS.items():
        found[f"in scope, {name}"] = length.between(least, most) & (queries.domain != OUT)
        found[f"{OUT}, {name}"] = length.between(least, most) & (queries.domain == OUT)
    return found


def confusions_table(queries: pd.DataFrame, intents: Mapping[str, str]) -> Table:
    """What was most often taken for what, answers alone."""
    wrong = queries[(queries.model != queries.label) & (queries.model != NOWHERE)]
    pairs = wrong.groupby(["intent", "model"]).size()
    order = pairs.reset_index(name="n").sort_values(
        ["n", "intent", "model"], ascending=[False, True, True]
    )
    rows = [
        [row.intent, intents[str(row.model)], int(row.n), row.n / len(wrong)]
        for row in order.head(CONFUSIONS).itertuples()
    ]
    return Table(
        f"The {len(rows)} most frequent wrong answers.",
        ["truth", "answered as", "queries", "share of the wrong answers"],
        rows,
    )


def errors_table(workspace: Workspace, evaluated: Evaluated) -> Table:
    """The wrong answers furthest above the threshold, with the words that drove them."""
    queries, assistant = evaluated.queries, evaluated.assistant
    scored = queries.assign(score=evaluated.judged.score)
    wrong = scored[(scored.model != scored.label) & (scored.model != NOWHERE)]
    worst = wrong.nlargest(WORST, "score")
    effects = [
        model.word_effects(assistant.recipe.pipeline, text, label, WORDS_SHOWN)
        for text, label in zip(worst.text, worst.model, strict=True)
    ]
    errors = pd.DataFrame(
        {
            "id": worst.id,
            "text": worst.text,
            "truth": worst.intent,
            "answered": [assistant.intents[label] for label in worst.model],
            "score": worst.score.round(3),
            "words": [", ".join(word for word, _ in moved) for moved in effects],
        }
    )
    shown = {"text": "query", "truth": "truth", "answered": "answered as", "score": "score",
             "words": "strongest words"}  # fmt: skip
    return keep_errors(
        workspace, errors, shown, f"The {len(errors)} wrong answers with the highest score"
    )


def threshold_note(evaluated: Evaluated, out_cost: float) -> str:
    """What the threshold of the stated cost does on the test set."""
    queries = evaluated.queries
    outside = queries.label == NOWHERE
    wild = int((queries.model[outside] != NOWHERE).sum())
    inside = queries[~outside]
    unanswered, wrong = inside.model == NOWHERE, inside.model != inside.label
    return (
        f"A query out of scope that is answered is priced at {out_cost:g} times one in scope that "
        f"is not answered rightly. The validation part puts the cheapest threshold at a score of "
        f"{evaluated.assistant.threshold:.3f}; on the test set the assistant then answers {wild} "
        f"of {int(outside.sum()):,} queries that it cannot know, and of {len(inside):,} that it "
        f"could know {int(unanswered.sum())} not at all and {int((wrong & ~unanswered).sum())} "
        "wrongly."
    )


def curve(judged: Judged, truth: pd.Series) -> pd.DataFrame:
    """In-scope accuracy (`inside`) and out-of-scope recall (`outside`) at every threshold."""
    order = np.argsort(-judged.score, kind="stable")
    outside, right = (truth == NOWHERE).to_numpy()[order], (judged.label == truth)[order]
    found = pd.DataFrame(
        {
            "inside": np.cumsum(right) / (~outside).sum(),
            "outside": 1 - np.cumsum(outside) / outside.sum(),
        }
    )
    return found[np.append(np.diff(judged.score[order]) < 0, True)]


def draw_curve(workspace: Workspace, evaluated: Evaluated) -> Picture:
    """Both sides of the headline at every threshold, and where the threshold was placed."""
    queries = evaluated.queries
    with figures.figure(workspace.figures / "curve") as (_, axes):
        for name, judged, column, colour in (
            (BAG, evaluated.by_bag, "bag", figures.OTHER),
            ("model", evaluated.judged, "model", figures.MODEL),
        ):
            found = curve(judged, queries.label)
            axes.plot(found.inside, found.outside, color=colour, label=name)
            axes.plot(
                model.in_scope_accuracy(queries.label, queries[column]),
                model.out_of_scope_recall(queries.label, queries[column]),
                "o",
                color=colour,
            )
        for number, pair in enumerate(PUBLISHED.values()):
            place = [side / 100 for side in pair]
            axes.plot(*place, "x", color=figures.BASELINE, label="" if number else "published")
        axes.set(
            xlabel="in-scope accuracy: answered, and rightly",
            ylabel="out-of-scope recall: not answered",
            xlim=(0, 1.02),
            ylim=(0, 1.02),
        )
        axes.legend(loc="lower left")
    return Picture(
        "Both sides of the headline at every threshold; the points are the thresholds placed on "
        "the validation part, the crosses what is published.",
        "Out-of-scope recall over in-scope accuracy: curves of model and bag of words, a point on "
        "each, and four crosses for published results.",
    )
