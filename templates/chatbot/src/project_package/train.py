"""Fit the model of config.toml, and place its threshold by a written cost on the validation part.

Bags of words, the baseline, are tuned by the same means: each setting gets a threshold of its own
on the validation part, and the cheapest setting there is the one that is compared.
"""

import time
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from joblib import Parallel, delayed
from numpy.typing import NDArray
from sklearn.base import clone
from sklearn.model_selection import StratifiedKFold
from sklearn.pipeline import Pipeline

from . import data, model
from .kit.persistence import save_model
from .kit.provenance import write_training
from .kit.served import tabulate
from .kit.statistics import STRONGEST, Predictions
from .kit.workspace import Workspace
from .model import Judged, Recipe
from .watch import summarise

Fold = tuple[NDArray[np.int64], NDArray[np.int64]]
BASELINE = "baseline.skops"
FOLDS = 3  # of the cross-validation by which attempts are scored
REFERENCE_DIGITS = 6
WORTH_PROCESSES = 3_000  # rows; with fewer, starting processes takes longer than the work


def run(workspace: Workspace) -> None:
    """Write both models and models/training.json. The test set is not opened."""
    started = time.perf_counter()
    config = workspace.config
    train, validation = (
        data.load(workspace, part, reader="train") for part in ("train", "validation")
    )
    recipe = model.fitted(model.build(config), train.text, train.label)
    judged = model.ask(recipe, validation.text)
    cost = _price(workspace)
    threshold = model.cheapest_threshold(judged, validation.label, cost)
    found = rate(judged, validation.label, threshold, cost)
    simple = tune_simple(train, validation, model.bags_of_words(config), cost)
    baseline = min(simple, key=lambda name: simple[name][1]["cost"])
    save_model(workspace, recipe.pipeline)
    save_model(workspace, simple[baseline][0].pipeline, BASELINE)
    names = train.drop_duplicates("label").set_index("label").intent
    write_training(
        workspace,
        {
            "threshold": threshold,
            "out_weight": recipe.out_weight,
            "intents": {str(label): name for label, name in names.sort_index().items()},
            "validation": found,
            "baseline": baseline,
            "candidates": {name: told for name, (_, told) in simple.items()},
            "reference_scores": judged.score.round(REFERENCE_DIGITS).tolist(),
            "reference_summaries": tabulate([summarise(text) for text in validation.text]),
        },
        seconds=time.perf_counter() - started,
    )
    print(f"on the validation part, where the threshold was placed: {found}")


def _price(workspace: Workspace) -> float:
    """What answering a query out of scope costs."""
    return float(workspace.config["threshold"]["out_cost"])


def _numbered(folds: Sequence[Fold]) -> NDArray[np.int64]:
    """The fold of each row, shape (n,)."""
    fold = np.empty(sum(len(unseen) for _, unseen in folds), dtype=int)
    for number, (_, unseen) in enumerate(folds):
        fold[unseen] = number
    return fold


def tune_simple(
    train: pd.DataFrame, validation: pd.DataFrame, recipes: Mapping[str, Recipe], cost: float
) -> dict[str, tuple[Recipe, dict[str, float]]]:
    """Each recipe fitted, with what it comes to on the validation part at a threshold of its own.

    What differs in the rule alone is fitted once.
    """
    done: dict[int, Pipeline] = {}
    found = {}
    for name, recipe in recipes.items():
        if id(recipe.pipeline) not in done:
            done[id(recipe.pipeline)] = recipe.pipeline.fit(train.text, train.label)
        judged = model.ask(recipe, validation.text)
        threshold = model.cheapest_threshold(judged, validation.label, cost)
        found[name] = recipe, rate(judged, validation.label, threshold, cost)
    return found


def rate(judged: Judged, truth: pd.Series, threshold: float, cost: float) -> dict[str, float]:
    """Threshold, both sides of the headline there, and what they cost together."""
    said = judged.answered(threshold)
    inside = model.in_scope_accuracy(truth, said)
    outside = model.out_of_scope_recall(truth, said)
    total = (1 - inside) + cost * (1 - outside)
    return {"threshold": threshold, "inside": inside, "outside": outside, "cost": total}


def held_out(workspace: Workspace) -> Predictions:
    """What `try` and `tune` judge by: answers to the training set's queries, each held out.

    The threshold of a fold comes from the scores of the others.
    """
    train = data.load(workspace, "train", reader="train")
    folds = grouped_folds(train, FOLDS, workspace.seed)
    fold, cost, recipe = _numbered(folds), _price(workspace), model.build(workspace.config)
    (judged,) = out_of_fold(train, [recipe], folds)
    rows = {
        "id": train.id,
        "group": train.group,
        "fold": fold,
        "truth": train.label,
        "model": answer_by_fold(judged, train.label, fold, cost),
    }
    return Predictions(
        pd.DataFrame(rows),
        metric="in_out_mean",
        higher_is_better=True,
        baselines={"bag of words": STRONGEST},
        unit="queries",
    )


def held_out_baseline(workspace: Workspace) -> NDArray[np.int64]:
    """Answers to the same queries by the bag of words that does best on them."""
    train = data.load(workspace, "train", reader="train")
    folds, cost = grouped_folds(train, FOLDS, workspace.seed), _price(workspace)
    fold = _numbered(folds)
    recipes = [*model.bags_of_words(workspace.config).values()]
    said = [
        answer_by_fold(judged, train.label, fold, cost)
        for judged in out_of_fold(train, recipes, folds)
    ]
    return max(said, key=lambda each: model.in_out_mean(train.label, each))


def answer_by_fold(
    judged: Judged, truth: pd.Series, fold: NDArray[np.int64], cost: float
) -> NDArray[np.int64]:
    """Each fold's answers at the threshold that is cheapest on the other folds."""
    said = np.empty(len(fold), dtype=int)
    for number in np.unique(fold):
        here, others = np.flatnonzero(fold == number), np.flatnonzero(fold != number)
        threshold = model.cheapest_threshold(judged.take(others), truth.to_numpy()[others], cost)
        said[here] = judged.take(here).answered(threshold)
    return said


def out_of_fold(
    train: pd.DataFrame, recipes: Sequence[Recipe], folds: Sequence[Fold]
) -> list[Judged]:
    """By recipe, what models that had not seen its group make of each query.

    Of each recipe all but the counting is fitted within the fold; one pipeline is fitted once.
    """
    pipelines = {id(recipe.pipeline): recipe.pipeline for recipe in recipes}
    workers = -1 if len(train) > WORTH_PROCESSES else 1
    jobs = [
        delayed(_score_unseen)(pipeline, train, fold)
        for pipeline in pipelines.values()
        for fold in folds
    ]
    done = iter(Parallel(n_jobs=workers)(jobs))
    scores: dict[int, NDArray[np.float64]] = {}
    classes = np.unique(train.label)
    for key in pipelines:
        scores[key] = np.empty((len(train), len(classes)))
        for _, unseen in folds:
            scores[key][unseen] = next(done)
    return [
        model.judge(scores[id(recipe.pipeline)], classes, recipe.out_weight) for recipe in recipes
    ]


def _score_unseen(pipeline: Pipeline, train: pd.DataFrame, fold: Fold) -> NDArray[np.float64]:
    fit, unseen = fold
    fresh = clone(pipeline).fit(train.text.iloc[fit], train.label.iloc[fit])
    said: NDArray[np.float64] = fresh.decision_function(train.text.iloc[unseen])
    return said


def grouped_folds(train: pd.DataFrame, folds: int, seed: int) -> list[Fold]:
    """Rows to fit on and rows to score: intents in equal shares, the same words kept together."""
    first = train.drop_duplicates("group")
    splitter = StratifiedKFold(n_splits=folds, shuffle=True, random_state=seed)
    cuts = []
    for _, unseen in splitter.split(first, first.label):
        held = train.group.isin(first.group.iloc[unseen]).to_numpy()
        cuts.append((np.flatnonzero(~held), np.flatnonzero(held)))
    return cuts
