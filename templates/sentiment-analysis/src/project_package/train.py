"""Choose the recipe by grouped cross-validation on the training part, then fit it."""

import time

import numpy as np
import pandas as pd
from joblib import delayed
from numpy.typing import ArrayLike, NDArray

from . import data, model
from .persistence import save_model
from .unfinished import in_parallel
from .workspace import Workspace, write_json


def run(workspace: Workspace) -> None:
    """Write models/model.skops and models/training.json. The test part is not opened."""
    started = time.perf_counter()
    settings = workspace.config["train"]
    train = data.load(workspace, "train", reader="train")
    table, held_out = compare(workspace, train, settings["folds"])
    chosen = max(table, key=lambda name: table[name]["mean"])
    rater = model.Rater.fit(model.candidates()[chosen], train, workspace.seed)

    save_model(workspace, rater.as_parts())
    write_json(
        workspace.models / "training.json",
        {
            "chosen": chosen,
            "candidates": table,
            "ranges": ranges(train, held_out[chosen], settings["coverage"]),
            "settings": settings,
            "seconds": round(time.perf_counter() - started, 1),
            "reference_scores": held_out[chosen].round(3).tolist(),
        },
    )
    print(f"chosen: {chosen}, cross-validated Pearson r {table[chosen]['mean']:.3f}")


def compare(
    workspace: Workspace, train: pd.DataFrame, folds: int
) -> tuple[dict[str, dict[str, float]], dict[str, NDArray[np.float64]]]:
    """For every candidate Pearson r by kind, their mean and its spread; its held-out ratings."""
    seed = workspace.seed
    cuts = model.grouped_folds(train, folds, seed)
    recipes = model.candidates()
    jobs = {
        f"{place}-{fold}": delayed(rate_unseen)(
            recipes[name], train.iloc[fit], train.iloc[unseen], seed
        )
        for fold, (fit, unseen) in enumerate(cuts)
        for place, name in enumerate(recipes)
    }
    finished = in_parallel(workspace, jobs, "cross-validation", len(train))
    held_out = {name: np.empty(len(train)) for name in recipes}
    by_fold: dict[str, list[list[float]]] = {name: [] for name in recipes}
    for fold, (_, unseen) in enumerate(cuts):
        for place, name in enumerate(recipes):
            ratings = finished[f"{place}-{fold}"]
            held_out[name][unseen] = ratings
            by_fold[name].append(by_kind(train.iloc[unseen], ratings))
    table = {}
    for name, scores in by_fold.items():
        means = np.mean(scores, axis=0)
        table[name] = {
            **dict(zip(data.KINDS, means.tolist(), strict=True)),
            "mean": float(means.mean()),
            "spread": float(np.mean(scores, axis=1).std()),
        }
    return table, held_out


def rate_unseen(
    recipe: model.Recipe, known: pd.DataFrame, unseen: pd.DataFrame, seed: int
) -> NDArray[np.float64]:
    """Fit on `known`, terms and scales too; ratings of `unseen`."""
    is_known = unseen.kind.isin(known.kind)
    heads = [
        name for name, rows in ((model.SHARED, ~is_known), (model.ADAPTED, is_known)) if rows.any()
    ]
    return model.Rater.fit(recipe, known, seed, heads).predict(unseen.text, unseen.kind)


def by_kind(snippets: pd.DataFrame, ratings: NDArray) -> list[float]:
    """Pearson r for each kind of text."""
    return [
        pearson_r(snippets.rating[chosen], ratings[chosen])
        for chosen in ((snippets.kind == kind).to_numpy() for kind in data.KINDS)
    ]


def pearson_r(truth: ArrayLike, ratings: ArrayLike) -> float:
    """Correlation with the human ratings; not a number when one side does not vary."""
    with np.errstate(invalid="ignore", divide="ignore"):
        return float(np.corrcoef(truth, ratings)[0, 1])


def ranges(train: pd.DataFrame, held_out: NDArray, coverage: float) -> dict[str, float]:
    """For each kind, how far the human rating lies from the model's at most in `coverage` of rows.

    Split-conformal, on held-out ratings (Lei et al., 2018).
    """
    missed = np.abs(train.rating - held_out)
    return {
        kind: float(np.quantile(missed[train.kind == kind], coverage, method="higher"))
        for kind in data.KINDS
    }
