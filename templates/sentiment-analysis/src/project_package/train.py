"""Choose the recipes without the test set, then fit what is served and what is measured.

Two questions, two choices. For kinds of text that the model is taught: grouped cross-validation.
For a kind that it is not taught: the other three stand in for it, one left out at a time, so that
nothing of the kind itself takes part in the choice.
"""

import time
from collections.abc import Mapping, Sequence
from itertools import combinations

import numpy as np
import pandas as pd
from joblib import delayed
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import csr_matrix

from . import data, lexicon, model
from .data import KINDS
from .kit.persistence import save_model
from .kit.provenance import write_training
from .kit.workspace import Workspace
from .unfinished import in_parallel

VADER = "VADER"
ELSEWHERE = "elsewhere.skops"  # for each kind, a model that was taught the other three


def run(workspace: Workspace) -> None:
    """Write the models and models/training.json. The test set is not opened."""
    started = time.perf_counter()
    settings, seed = workspace.config["train"], workspace.seed
    train = data.load(workspace, "train", reader="train")
    counts = model.count(train.text)
    table, held_out = compare(workspace, train, counts, settings["folds"])
    chosen = max(table, key=lambda name: table[name]["mean"])
    by_kind = compare_elsewhere(workspace, train, counts)
    carrying = choose(by_kind, model.carrying())

    (taught,) = model.fit_raters([model.candidates()[chosen]], train, counts, seed, adapted=True)
    other = most_often(carrying)
    (untaught,) = model.fit_raters([model.carrying()[other]], train, counts, seed, adapted=False)
    save_model(workspace, {"taught": taught.as_parts(), "untaught": untaught.as_parts()})
    elsewhere = {}
    for kind, name in carrying.items():
        others = (train.kind != kind).to_numpy()
        (rater,) = model.fit_raters(
            [model.carrying()[name]], train[others], counts[others], seed, adapted=False
        )
        elsewhere[kind] = rater.as_parts()
    save_model(workspace, elsewhere, ELSEWHERE)
    write_training(
        workspace,
        {
            "chosen": chosen,
            "candidates": table,
            "carrying": carrying,
            "served_elsewhere": other,
            "elsewhere": by_kind,
            "simple": rank_simple(by_kind),
            "ranges": ranges(train, held_out[chosen], settings["coverage"]),
            "settings": settings,
            "reference_scores": held_out[chosen].round(3).tolist(),
        },
        seconds=time.perf_counter() - started,
    )
    print(f"chosen: {chosen}, cross-validated Pearson r {table[chosen]['mean']:.3f}")
    print(f"chosen for kinds not taught: {carrying}")


def compare(
    workspace: Workspace, train: pd.DataFrame, counts: csr_matrix, folds: int
) -> tuple[dict[str, dict[str, float]], dict[str, NDArray[np.float64]]]:
    """For every candidate Pearson r by kind, their mean and its spread; its held-out ratings."""
    cuts, recipes = model.grouped_folds(train, folds, workspace.seed), model.candidates()
    jobs = {
        f"fold-{number}": delayed(rate_unseen)(
            list(recipes.values()), train, counts, (fit, unseen), workspace.seed, adapted=True
        )
        for number, (fit, unseen) in enumerate(cuts)
    }
    finished = in_parallel(workspace, jobs, "cross-validation", len(train))
    held_out = {name: np.empty(len(train)) for name in recipes}
    by_fold: dict[str, list[list[float]]] = {name: [] for name in recipes}
    for (_, unseen), ratings in zip(cuts, finished.values(), strict=True):
        for name, rated in zip(recipes, ratings, strict=True):
            held_out[name][unseen] = rated
            by_fold[name].append([*r_by_kind(train.iloc[unseen], rated).values()])
    table = {}
    for name, scores in by_fold.items():
        means = np.mean(scores, axis=0)
        table[name] = {
            **dict(zip(KINDS, means.tolist(), strict=True)),
            "mean": float(means.mean()),
            "spread": float(np.mean(scores, axis=1).std()),
        }
    return table, held_out


def compare_elsewhere(
    workspace: Workspace, train: pd.DataFrame, counts: csr_matrix
) -> dict[str, dict[str, float]]:
    """For every recipe and each kind, the mean Pearson r on the other three, that kind left out.

    Each model is taught two kinds and rates the other two: what it says of one speaks for the
    other, of which neither model nor score has seen anything.
    """
    recipes = model.carrying()
    for settings in model.simple_carrying().values():
        recipes |= settings
    jobs = {}
    for pair in combinations(KINDS, 2):
        taught = train.kind.isin(pair).to_numpy()
        cut = np.flatnonzero(taught), np.flatnonzero(~taught)
        jobs["-".join(pair)] = delayed(rate_unseen)(
            list(recipes.values()), train, counts, cut, workspace.seed, adapted=False
        )
    finished = in_parallel(workspace, jobs, "kinds left out", len(train))
    found: dict[str, dict[str, list[float]]] = {
        name: {kind: [] for kind in KINDS} for name in [*recipes, VADER]
    }
    for pair, ratings in zip(combinations(KINDS, 2), finished.values(), strict=True):
        rest = train[~train.kind.isin(pair)]
        by_vader = lexicon.vader_ratings(list(rest.text))
        for name, rated in zip([*recipes, VADER], [*ratings, by_vader], strict=True):
            (one, r_of_one), (two, r_of_two) = r_by_kind(rest, rated).items()
            found[name][one].append(r_of_two)
            found[name][two].append(r_of_one)
    return {
        name: {kind: float(np.mean(scores)) for kind, scores in kinds.items()}
        for name, kinds in found.items()
    }


def choose(by_kind: Mapping[str, Mapping[str, float]], names: Sequence[str]) -> dict[str, str]:
    """For each kind, the recipe that did best where that kind played no part."""
    return {kind: max(names, key=lambda name: by_kind[name][kind]) for kind in KINDS}


def rank_simple(by_kind: Mapping[str, Mapping[str, float]]) -> dict[str, dict[str, str]]:
    """The simple methods, the strongest first: for each kind the setting that did best."""
    tuned = {name: choose(by_kind, list(tried)) for name, tried in model.simple_carrying().items()}
    tuned[VADER] = dict.fromkeys(KINDS, VADER)

    def strength(name: str) -> float:
        return sum(by_kind[tuned[name][kind]][kind] for kind in KINDS)

    return {name: tuned[name] for name in sorted(tuned, key=strength, reverse=True)}


def most_often(chosen: Mapping[str, str]) -> str:
    """The recipe that most kinds chose."""
    names = list(chosen.values())
    return max(names, key=names.count)


def rate_unseen(
    recipes: Sequence[model.Recipe],
    snippets: pd.DataFrame,
    counts: csr_matrix,
    cut: tuple[NDArray, NDArray],
    seed: int,
    *,
    adapted: bool,
) -> NDArray[np.float64]:
    """Fit each recipe on the first rows of the cut, scales too; ratings of the second."""
    fit, unseen = cut
    raters = model.fit_raters(recipes, snippets.iloc[fit], counts[fit], seed, adapted=adapted)
    kinds = snippets.kind.iloc[unseen]
    return np.array([rater.rate(counts[unseen], kinds) for rater in raters])


def r_by_kind(snippets: pd.DataFrame, ratings: NDArray) -> dict[str, float]:
    """Pearson r for each kind of text that there is."""
    rows = {kind: (snippets.kind == kind).to_numpy() for kind in KINDS}
    return {
        kind: pearson_r(snippets.rating[chosen], ratings[chosen])
        for kind, chosen in rows.items()
        if chosen.any()
    }


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
        for kind in KINDS
    }
