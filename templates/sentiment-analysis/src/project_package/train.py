"""Fit the models of config.toml, and tune the simple methods that they are compared with.

Two questions, two models: one for kinds of text that it is taught, one for any other. For a kind
that is not taught, nothing of the kind itself takes part in fitting, nor in tuning what stands
beside: the other three stand in for it, one left out at a time.
"""

import time
from collections.abc import Mapping, Sequence
from itertools import combinations

import numpy as np
import pandas as pd
from joblib import Parallel, delayed
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import csr_matrix

from . import data, lexicon, model
from .data import KINDS
from .kit.persistence import save_model
from .kit.provenance import write_training
from .kit.served import tabulate
from .kit.statistics import STRONGEST, Predictions
from .kit.workspace import Workspace
from .model import Recipe, Terms
from .unfinished import in_parallel, workers
from .watch import summarise

VADER = "VADER"
ELSEWHERE = "elsewhere.skops"  # for each kind, a model that was taught the other three
REFERENCE_DIGITS = 3


def run(workspace: Workspace) -> None:
    """Write the models and models/training.json. The test set is not opened."""
    started = time.perf_counter()
    config, seed = workspace.config, workspace.seed
    train = data.load(workspace, "train", reader="train")
    terms, recipe = Terms(**config["features"]), model.build(config)
    counts = model.count(train.text, terms)
    held_out_taught = rate_taught(workspace, train, counts)
    by_kind = compare_simple(workspace, train, counts)

    (taught,) = model.fit_raters(
        [model.build_taught(config)], train, counts, terms, seed, adapted=True
    )
    (untaught,) = model.fit_raters([recipe], train, counts, terms, seed, adapted=False)
    save_model(workspace, {"taught": taught.as_parts(), "untaught": untaught.as_parts()})
    elsewhere = {}
    for kind in KINDS:
        others = (train.kind != kind).to_numpy()
        (rater,) = model.fit_raters(
            [recipe], train[others], counts[others], terms, seed, adapted=False
        )
        elsewhere[kind] = rater.as_parts()
    save_model(workspace, elsewhere, ELSEWHERE)
    found = r_by_kind(train, held_out_taught)
    write_training(
        workspace,
        {
            "taught": found,
            "elsewhere": by_kind,
            "simple": rank_simple(by_kind, model.simple(config)),
            "ranges": ranges(train, held_out_taught, config["train"]["coverage"]),
            "settings": dict(config["train"]),
            "reference_scores": held_out_taught.round(REFERENCE_DIGITS).tolist(),
            "reference_summaries": tabulate([summarise(text) for text in train.text]),
        },
        seconds=time.perf_counter() - started,
    )
    print(f"kinds taught: cross-validated Pearson r {np.mean([*found.values()]):.3f}")


def held_out(workspace: Workspace) -> Predictions:
    """Ratings of each kind of the training set by a model that was taught the other three."""
    train, config = data.load(workspace, "train", reader="train"), workspace.config
    counts = model.count(train.text, Terms(**config["features"]))
    recipes = dict.fromkeys(KINDS, model.build(config))
    rows = {
        "id": train.id,
        "group": train.group,
        "fold": train.kind.map(KINDS.index),
        "stratum": train.kind,
        "truth": train.rating,
        "model": rate_by_others(workspace, train, counts, recipes),
    }
    return Predictions(
        pd.DataFrame(rows),
        metric="mean_pearson_r",
        higher_is_better=True,
        baselines={" or ".join([*model.simple(config), VADER]): STRONGEST},
        unit="snippets",
    )


def held_out_baseline(workspace: Workspace) -> NDArray[np.float64]:
    """Ratings of the same rows by the simple method that does best, tuned without each kind."""
    train, config = data.load(workspace, "train", reader="train"), workspace.config
    counts = model.count(train.text, Terms(**config["features"]))
    methods = model.simple(config)
    ranked = rank_simple(compare_simple(workspace, train, counts), methods)
    name, settings = next(iter(ranked.items()))
    if name == VADER:
        return lexicon.vader_ratings(list(train.text))
    tuned = {kind: methods[name][setting] for kind, setting in settings.items()}
    return rate_by_others(workspace, train, counts, tuned)


def rate_by_others(
    workspace: Workspace, train: pd.DataFrame, counts: csr_matrix, recipes: Mapping[str, Recipe]
) -> NDArray[np.float64]:
    """Each kind's ratings by its recipe, fitted to other kinds without what belongs to its rows."""
    terms, ratings = Terms(**workspace.config["features"]), np.empty(len(train))
    own = {kind: (train.kind == kind).to_numpy() for kind in recipes}
    jobs = []
    for kind, recipe in recipes.items():
        related = train.group.isin(train.group[own[kind]]).to_numpy()
        cut = np.flatnonzero(~own[kind] & ~related), np.flatnonzero(own[kind])
        jobs.append(
            delayed(rate_unseen)([recipe], train, counts, cut, terms, workspace.seed, adapted=False)
        )
    rated = Parallel(n_jobs=workers(len(train)))(jobs)
    for kind, (found,) in zip(recipes, rated, strict=True):
        ratings[own[kind]] = found
    return ratings


def rate_taught(
    workspace: Workspace, train: pd.DataFrame, counts: csr_matrix
) -> NDArray[np.float64]:
    """Ratings of all rows by models for taught kinds that had not seen their group."""
    config = workspace.config
    cuts = model.grouped_folds(train, config["train"]["folds"], workspace.seed)
    terms, recipe = Terms(**config["features"]), model.build_taught(config)
    jobs = {
        f"fold-{number}": delayed(rate_unseen)(
            [recipe], train, counts, cut, terms, workspace.seed, adapted=True
        )
        for number, cut in enumerate(cuts)
    }
    finished = in_parallel(workspace, jobs, "cross-validation", len(train))
    ratings = np.empty(len(train))
    for (_, unseen), (rated,) in zip(cuts, finished.values(), strict=True):
        ratings[unseen] = rated
    return ratings


def compare_simple(
    workspace: Workspace, train: pd.DataFrame, counts: csr_matrix
) -> dict[str, dict[str, float]]:
    """For every simple setting and each kind, mean Pearson r on the other three, it left out.

    Each model is taught two kinds and rates the other two: what it says of one speaks for the
    other, of which neither model nor score has seen anything.
    """
    config = workspace.config
    terms, recipes = Terms(**config["features"]), {}
    for settings in model.simple(config).values():
        recipes |= settings
    jobs = {}
    for pair in combinations(KINDS, 2):
        taught = train.kind.isin(pair).to_numpy()
        cut = np.flatnonzero(taught), np.flatnonzero(~taught)
        jobs["-".join(pair)] = delayed(rate_unseen)(
            list(recipes.values()), train, counts, cut, terms, workspace.seed, adapted=False
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


def rank_simple(
    by_kind: Mapping[str, Mapping[str, float]], methods: Mapping[str, Mapping[str, Recipe]]
) -> dict[str, dict[str, str]]:
    """The simple methods, the strongest first: for each kind the setting that did best.

    Best where that kind played no part.
    """
    tuned = {
        name: {kind: max(tried, key=lambda each: by_kind[each][kind]) for kind in KINDS}
        for name, tried in methods.items()
    }
    tuned[VADER] = dict.fromkeys(KINDS, VADER)

    def strength(name: str) -> float:
        return sum(by_kind[tuned[name][kind]][kind] for kind in KINDS)

    return {name: tuned[name] for name in sorted(tuned, key=strength, reverse=True)}


def rate_unseen(
    recipes: Sequence[Recipe],
    snippets: pd.DataFrame,
    counts: csr_matrix,
    cut: tuple[NDArray, NDArray],
    terms: Terms,
    seed: int,
    *,
    adapted: bool,
) -> NDArray[np.float64]:
    """Fit each recipe on the first rows of the cut, scales too; ratings of the second."""
    fit, unseen = cut
    known = snippets.iloc[fit]
    raters = model.fit_raters(recipes, known, counts[fit], terms, seed, adapted=adapted)
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
    # practice: pearson_r
    with np.errstate(invalid="ignore", divide="ignore"):
        return float(np.corrcoef(truth, ratings)[0, 1])
    # practice: end


def ranges(train: pd.DataFrame, held_out: NDArray, coverage: float) -> dict[str, float]:
    """For each kind, how far the human rating lies from the model's at most in `coverage` of rows.

    Split-conformal, on held-out ratings (Lei et al., 2018).
    """
    # practice: ranges
    missed = np.abs(train.rating - held_out)
    return {
        kind: float(np.quantile(missed[train.kind == kind], coverage, method="higher"))
        for kind in KINDS
    }
    # practice: end
