"""Fit the model of config.toml and calibrate it by grouped cross-validation on the training set.

Thresholds rest on the scores of all folds together, as one fold has too few wanted mails.
Naive Bayes, the baseline, is tuned twice: for the headline's metric, and for the question's, how
much spam is caught when at most `ham_blocked` of the wanted mails may be lost.
"""

import time
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from sklearn.metrics import average_precision_score
from sklearn.model_selection import StratifiedGroupKFold, cross_val_predict
from sklearn.pipeline import Pipeline
from tqdm import tqdm

from . import data, model
from .kit.persistence import save_model
from .kit.provenance import write_training
from .kit.served import tabulate
from .kit.statistics import STRONGEST, Predictions
from .kit.workspace import Workspace
from .watch import summarise

Fold = tuple[NDArray[np.int64], NDArray[np.int64]]
MODEL = "words and characters, joined with naive Bayes"
REFERENCE_DIGITS = 6
WORTH_PROCESSES = 1_000  # rows; with fewer, starting processes takes longer than the work


def run(workspace: Workspace) -> None:
    """Write models/model.skops and models/training.json. The test set is not opened."""
    started = time.perf_counter()
    config, train = workspace.config, data.load(workspace, "train", reader="train")
    limits, cap = config["thresholds"], config["thresholds"]["ham_blocked"]
    configured, baselines = model.build(config), model.naive_bayes(config)
    said = cross_validate(workspace, train, {MODEL: configured, **baselines})
    table = {
        name: {
            "caught": model.caught_at_cap(train.spam, raw, cap),
            "pr_auc": float(average_precision_score(train.spam, raw)),
        }
        for name, raw in said.items()
    }
    at_cap = max(baselines, key=lambda name: table[name]["caught"])
    detector = configured.fit(train.text, train.spam)
    calibration = model.calibrator(said[MODEL], train.spam)
    probability = model.probabilities(calibration, said[MODEL])
    save_model(workspace, {"detector": detector, "calibration": calibration})
    write_training(
        workspace,
        {
            "chosen": MODEL,
            "baseline": max(baselines, key=lambda name: table[name]["pr_auc"]),
            "baseline_at_cap": at_cap,
            "candidates": table,
            "thresholds": {
                "cost": model.cheapest_threshold(probability, train.spam, limits["ham_cost"]),
                "capped": model.capped_threshold(probability, train.spam, cap),
            },
            "baseline_capped": model.capped_threshold(said[at_cap], train.spam, cap),
            "longest_body": config["data"]["longest_body"],
            "reference_scores": probability.round(REFERENCE_DIGITS).tolist(),
            "reference_summaries": tabulate([summarise(text) for text in train.text]),
        },
        seconds=time.perf_counter() - started,
    )
    print(f"{MODEL}: cross-validated {table[MODEL]}")


def held_out(workspace: Workspace) -> Predictions:
    """What `try` and `tune` judge by: out-of-fold scores of the training set's mails."""
    mails = data.load(workspace, "train", reader="train")
    said = cross_validate(workspace, mails, {MODEL: model.build(workspace.config)})[MODEL]
    fold = np.empty(len(mails), dtype=int)
    for number, (_, unseen) in enumerate(folds_of(workspace, mails)):
        fold[unseen] = number
    rows = {"id": mails.id, "group": mails.group, "fold": fold, "truth": mails.spam, "model": said}
    return Predictions(
        pd.DataFrame(rows),
        metric="average_precision",
        higher_is_better=True,
        baselines={"naive Bayes": STRONGEST},
        unit="mails",
    )


def held_out_baseline(workspace: Workspace) -> NDArray[np.float64]:
    """Scores of the same mails by naive Bayes, in the setting with the best of them."""
    mails = data.load(workspace, "train", reader="train")
    said = cross_validate(workspace, mails, model.naive_bayes(workspace.config))
    return max(said.values(), key=lambda raw: average_precision_score(mails.spam, raw))


def cross_validate(
    workspace: Workspace, mails: pd.DataFrame, recipes: Mapping[str, Pipeline]
) -> dict[str, NDArray[np.float64]]:
    """Out-of-fold scores by the folds of config.toml, by recipe."""
    return out_of_fold(mails, count_terms(mails, recipes), recipes, folds_of(workspace, mails))


def folds_of(workspace: Workspace, mails: pd.DataFrame) -> list[Fold]:
    """The folds of config.toml."""
    return grouped_folds(mails, workspace.config["train"]["folds"], workspace.seed)


def out_of_fold(
    mails: pd.DataFrame,
    counts: Mapping[str, csr_matrix],
    recipes: Mapping[str, Pipeline],
    folds: Sequence[Fold],
) -> dict[str, NDArray[np.float64]]:
    """By recipe, scores of all mails by models that had not seen their group, shape (n,).

    Of each recipe all but the counting is fitted within the fold, weights of terms too.
    """
    workers = -1 if len(mails) > WORTH_PROCESSES else 1
    said = {}
    for name, recipe in tqdm(recipes.items(), desc="cross-validation", unit="recipe"):
        fitted, method = recipe[1:], model.scored_by(recipe)
        raw = cross_val_predict(
            fitted, counts[name], mails.spam, cv=folds, n_jobs=workers, method=method
        )
        said[name] = model.as_scores(raw)
    return said


def count_terms(mails: pd.DataFrame, recipes: Mapping[str, Pipeline]) -> dict[str, csr_matrix]:
    """By recipe, how often each term is in each mail; what several recipes count is counted once.

    That may be done before the folds are cut, as counting a mail needs no other mail.
    """
    counted: dict[str, csr_matrix] = {}
    for counter in (recipe[0] for recipe in recipes.values()):
        if repr(counter) not in counted:
            counted[repr(counter)] = counter.transform(mails.text)
    return {name: counted[repr(recipe[0])] for name, recipe in recipes.items()}


def grouped_folds(mails: pd.DataFrame, folds: int, seed: int) -> list[Fold]:
    """Rows to fit on and rows to score: stratified by class, groups kept together."""
    splitter = StratifiedGroupKFold(n_splits=folds, shuffle=True, random_state=seed)
    return list(splitter.split(mails, mails.spam, mails.group))
