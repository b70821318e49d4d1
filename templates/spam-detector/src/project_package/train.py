"""Choose the model by grouped cross-validation on the training part, then calibrate it."""

import time
from collections.abc import Mapping

import numpy as np
import pandas as pd
from joblib import Parallel, delayed
from numpy.typing import NDArray
from sklearn.base import clone
from sklearn.metrics import average_precision_score
from sklearn.model_selection import StratifiedGroupKFold
from sklearn.pipeline import Pipeline
from tqdm import tqdm

from . import data, model
from .persistence import save_model
from .workspace import Workspace, write_json

WORTH_PROCESSES = 1_000  # rows; with fewer, starting processes takes longer than the work


def run(workspace: Workspace) -> None:
    """Write models/model.skops and models/training.json. The test part is not opened."""
    started = time.perf_counter()
    settings = workspace.config["train"]
    train = data.load(workspace, "train", reader="train")
    validation = data.load(workspace, "validation", reader="train")

    table, held_out = compare(train, workspace.seed, settings["folds"])
    chosen = max(table, key=lambda name: table[name]["pr_auc"])
    detector = model.candidates(workspace.seed)[chosen].fit(train.text, train.spam)
    on_validation = model.scores(detector, validation.text)

    # The validation part alone has too few hams to place a threshold at 2 in 1,000: one mail
    # would decide. Out-of-fold scores of the training part are as unseen, so both are pooled.
    calibration = model.calibrator(held_out[chosen], train.spam)
    pooled = np.concatenate([held_out[chosen], on_validation])
    spam = np.concatenate([train.spam, validation.spam])
    probability = model.probabilities(calibration, pooled)
    thresholds = {
        "cost": model.cheapest_threshold(probability, spam, settings["ham_cost"]),
        "capped": model.capped_threshold(probability, spam, settings["ham_blocked"]),
    }

    model.with_plain_vocabulary(detector)
    save_model(workspace, {"detector": detector, "calibration": calibration})
    write_json(
        workspace.models / "training.json",
        {
            "chosen": chosen,
            "candidates": table,
            "thresholds": thresholds,
            "validation_pr_auc": average_precision_score(validation.spam, on_validation),
            "settings": settings,
            "seconds": round(time.perf_counter() - started, 1),
            "reference_scores": model.probabilities(calibration, on_validation).round(6).tolist(),
        },
    )
    print(f"chosen: {chosen}, cross-validated PR-AUC {table[chosen]['pr_auc']:.4f}")


def compare(
    train: pd.DataFrame, seed: int, folds: int
) -> tuple[dict[str, dict[str, float]], dict[str, NDArray[np.float64]]]:
    """PR-AUC of every candidate with its spread over folds, and its out-of-fold scores."""
    splitter = StratifiedGroupKFold(n_splits=folds, shuffle=True, random_state=seed)
    cuts = list(splitter.split(train, train.spam, train.group))
    families = by_terms(model.candidates(seed))
    jobs = [delayed(score_fold)(train, cut, family) for cut in cuts for family in families]
    held_out = {name: np.empty(len(train)) for family in families for name in family}
    by_fold: dict[str, list[float]] = {name: [] for name in held_out}
    workers = -1 if len(train) > WORTH_PROCESSES else 1
    finished = Parallel(n_jobs=workers, return_as="generator")(jobs)
    for rows, raw in tqdm(finished, total=len(jobs), desc="cross-validation", unit="fit"):
        for name, values in raw.items():
            held_out[name][rows] = values
            by_fold[name].append(average_precision_score(train.spam.iloc[rows], values))
    table = {
        name: {"pr_auc": float(np.mean(values)), "spread": float(np.std(values))}
        for name, values in by_fold.items()
    }
    return table, held_out


def by_terms(candidates: Mapping[str, Pipeline]) -> list[dict[str, Pipeline]]:
    """Candidates that count the same terms, together: counting takes longer than fitting."""
    families: dict[str, dict[str, Pipeline]] = {}
    for name, candidate in candidates.items():
        families.setdefault(repr(candidate[0]), {})[name] = candidate
    return list(families.values())


def score_fold(
    train: pd.DataFrame, cut: tuple[NDArray, NDArray], family: Mapping[str, Pipeline]
) -> tuple[NDArray, dict[str, NDArray[np.float64]]]:
    """Fit a family on one fold's rows, the terms too; scores of the rows it has not seen."""
    fit, unseen = train.iloc[cut[0]], train.iloc[cut[1]]
    terms = clone(next(iter(family.values()))[0])
    known, new = terms.fit_transform(fit.text), terms.transform(unseen.text)
    raw = {
        name: model.scores(clone(candidate[-1]).fit(known, fit.spam), new)
        for name, candidate in family.items()
    }
    return cut[1], raw
