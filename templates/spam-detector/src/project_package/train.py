"""Fit the model of config.toml and calibrate it by grouped cross-validation on the training set.

Thresholds rest on the scores of all folds together, as one fold has too few wanted mails.
Naive Bayes, the baseline, is tuned twice: for the headline's metric, and for the question's, how
much spam is caught when at most `ham_blocked` of the wanted mails may be lost.
"""

import time
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from joblib import Parallel, delayed
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from sklearn.base import clone
from sklearn.metrics import average_precision_score
from sklearn.model_selection import StratifiedGroupKFold
from sklearn.pipeline import Pipeline
from tqdm import tqdm

from . import data, model
from .kit.persistence import save_model
from .kit.provenance import write_training
from .kit.served import tabulate
from .kit.statistics import STRONGEST, Predictions
from .kit.workspace import Workspace
from .watch import summarise

Cut = tuple[NDArray[np.int64], NDArray[np.int64]]
MODEL = "words and characters, joined with naive Bayes"
REFERENCE_DIGITS = 6
WORTH_PROCESSES = 1_000  # rows; with fewer, starting processes takes longer than the work


def run(workspace: Workspace) -> None:
    """Write models/model.skops and models/training.json. The test set is not opened."""
    started = time.perf_counter()
    config, train = workspace.config, data.load(workspace, "train", reader="train")
    folds, limits = config["train"]["folds"], config["thresholds"]
    configured, baselines = model.build(config), model.naive_bayes(config)
    said = rate_held_out(train, {MODEL: configured, **baselines}, folds, workspace.seed)
    cap = limits["ham_blocked"]
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
    """Scores of the training set's mails by models of config.toml that had not seen their group."""
    mails, folds = data.load(workspace, "train", reader="train"), workspace.config["train"]["folds"]
    recipes = {MODEL: model.build(workspace.config)}
    fold = np.empty(len(mails), dtype=int)
    for number, (_, unseen) in enumerate(grouped_folds(mails, folds, workspace.seed)):
        fold[unseen] = number
    said = rate_held_out(mails, recipes, folds, workspace.seed)[MODEL]
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
    mails, config = data.load(workspace, "train", reader="train"), workspace.config
    recipes = model.naive_bayes(config)
    said = rate_held_out(mails, recipes, config["train"]["folds"], workspace.seed)
    return max(said.values(), key=lambda raw: average_precision_score(mails.spam, raw))


def rate_held_out(
    mails: pd.DataFrame, candidates: Mapping[str, Pipeline], folds: int, seed: int
) -> dict[str, NDArray[np.float64]]:
    """For every candidate, scores of all mails by models that had not seen their group."""
    cuts = grouped_folds(mails, folds, seed)
    held_out = {name: np.empty(len(mails)) for name in candidates}
    for (_, unseen), scores in zip(cuts, rate_cuts(mails, candidates, cuts), strict=True):
        for name, raw in scores.items():
            held_out[name][unseen] = raw
    return held_out


def grouped_folds(mails: pd.DataFrame, folds: int, seed: int) -> list[Cut]:
    """Rows to fit on and rows to rate: stratified by class, groups kept together."""
    splitter = StratifiedGroupKFold(n_splits=folds, shuffle=True, random_state=seed)
    return list(splitter.split(mails, mails.spam, mails.group))


def rate_cuts(
    mails: pd.DataFrame, candidates: Mapping[str, Pipeline], cuts: Sequence[Cut]
) -> list[dict[str, NDArray[np.float64]]]:
    """For every cut, each candidate fitted to its first rows and its scores of the second.

    Terms are counted once for all cuts, which no fit can notice, as counting a mail needs no
    other mail; the weights of terms are fitted within the cut.
    """
    families: dict[str, dict[str, Pipeline]] = {}
    for name, candidate in candidates.items():
        families.setdefault(repr(candidate[0]), {})[name] = candidate
    spam = mails.spam.to_numpy()
    jobs = []
    for family in families.values():
        counts = next(iter(family.values()))[0].transform(mails.text)
        jobs += [delayed(score_cut)(counts, spam, cut, family) for cut in cuts]
    workers = -1 if len(mails) > WORTH_PROCESSES else 1
    finished = Parallel(n_jobs=workers, return_as="generator")(jobs)
    merged: list[dict[str, NDArray]] = [{} for _ in cuts]
    for number, scores in enumerate(tqdm(finished, total=len(jobs), desc="fits", unit="cut")):
        merged[number % len(cuts)] |= scores
    return merged


def score_cut(
    counts: csr_matrix, spam: NDArray, cut: Cut, family: Mapping[str, Pipeline]
) -> dict[str, NDArray[np.float64]]:
    """Fit a family to one cut's first rows, weights of terms too; scores of the second."""
    fit, unseen = cut
    return {
        name: model.scores(clone(candidate[1:]).fit(counts[fit], spam[fit]), counts[unseen])
        for name, candidate in family.items()
    }
