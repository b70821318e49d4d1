"""Tune the baselines inside each origin's past, fit the model of config.toml, save one an origin.

The test set, the period after the last origin, is not opened.
"""

import time
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from joblib import Parallel, delayed
from numpy.typing import NDArray
from tqdm import tqdm

from . import data
from .kit.provenance import write_training
from .kit.served import SCORES, SUMMARIES, tabulate
from .kit.statistics import STRONGEST, Predictions
from .kit.workspace import Workspace
from .model import (
    RECENT,
    Interactions,
    ItemWeights,
    Recommender,
    fit_item_knn,
    fit_model,
    fit_recent_popularity,
)
from .persistence import MODEL, Saved, save_model
from .protocols import Origin, asked_periods, attempted_periods
from .ranking import Lists, best, best_settings, make_lists, novelty
from .watch import summarise

TUNED = {"recent": fit_recent_popularity, "neighbours": fit_item_knn}
WORTH_PROCESSES = 20_000  # ratings; with fewer, starting processes takes longer than the work
PLACES = 6  # of a number that is kept for monitoring


def run(workspace: Workspace) -> None:
    """Write models/*.npz and models/training.json."""
    started, config = time.perf_counter(), workspace.config
    films, users = data.load_films(workspace), data.load_users(workspace)
    train = data.index(data.load(workspace, "train", reader="train"), films, users)
    pasts = {period: train.where(train.periods < period) for period in asked_periods(config)}
    chosen = dict(zip(pasts, choose_all(pasts.values(), config["baselines"]), strict=True))
    for period, past in tqdm(pasts.items(), desc="fitting", unit="origin"):
        recommender = fit_model(past, config["model"])
        saved = Saved(recommender, films, past.popularity, len(np.unique(past.people)))
        save_model(workspace, saved, model_file(period, config))
    picks = config["train"]["picks"]
    write_training(
        workspace,
        {
            "model": config["model"],
            "chosen": {str(period): settings for period, settings in chosen.items()},
            "grids": config["baselines"],
            **reference(recommender, past, picks, workspace.seed),
        },
        seconds=time.perf_counter() - started,
    )
    print(f"baselines at the last origin: {chosen[period]}")


def model_file(period: int, config: Mapping[str, Any]) -> str:
    """Where the model of an origin is saved; the last one is the one that is served."""
    return MODEL if period == asked_periods(config)[-1] else f"before-{period}.npz"


def choose_all(
    pasts: Collection[Interactions], grids: Mapping[str, Mapping[str, Sequence[Any]]]
) -> list[dict[str, dict[str, Any]]]:
    """What `choose` says of each past."""
    workers = -1 if max(len(past.people) for past in pasts) > WORTH_PROCESSES else 1
    jobs = (delayed(choose)(past, grids) for past in pasts)
    chosen = Parallel(n_jobs=workers, return_as="generator")(jobs)
    return list(tqdm(chosen, desc="choosing", unit="origin", total=len(pasts)))


def choose(
    past: Interactions, grids: Mapping[str, Mapping[str, Sequence[Any]]]
) -> dict[str, dict[str, Any]]:
    """The settings, out of `grids`, with which each baseline was best one origin earlier.

    That origin's future is the last period of `past`, so nothing later is ever asked.
    """
    earlier = Origin.before(past, int(past.periods.max()))
    return {
        name: best_settings(TUNED[name], grid, earlier.past, earlier.future)
        for name, grid in grids.items()
    }


def held_out(workspace: Workspace) -> Predictions:
    """NDCG@10 of the configured model's lists at origins earlier than all of the headline.

    Each is fitted on what came before its origin; nothing that the headline asks is looked at.
    A list is named by the first of the ratings that it is scored on.
    """
    config, users = workspace.config, data.load_users(workspace).user.to_numpy()
    ratings, parts = data.load(workspace, "train", reader="attempts"), []
    first = ratings.groupby(["period", "user"]).id.min()
    for origin in _earlier_origins(workspace, ratings):
        lists = _next_choices(fit_model(origin.past, config["model"]), origin)
        people = users[lists.people]
        ids = first[origin.period][people].to_numpy()
        rows = {"id": ids, "group": people, "fold": origin.period, "model": lists.ndcg}
        parts.append(pd.DataFrame(rows))
    return Predictions(
        pd.concat(parts, ignore_index=True),
        metric="mean",
        higher_is_better=True,
        baselines={RECENT: STRONGEST},
        unit="lists",
    )


def held_out_baseline(workspace: Workspace) -> NDArray[np.float64]:
    """NDCG@10 of recent popularity for the same lists, its days chosen one origin earlier."""
    grids = {"recent": workspace.config["baselines"]["recent"]}
    origins = _earlier_origins(workspace, data.load(workspace, "train", reader="attempts"))
    chosen = choose_all([origin.past for origin in origins], grids)
    found = [
        _next_choices(fit_recent_popularity(origin.past, **settings["recent"]), origin).ndcg
        for origin, settings in zip(origins, chosen, strict=True)
    ]
    return np.concatenate(found)


def _earlier_origins(workspace: Workspace, ratings: pd.DataFrame) -> list[Origin]:
    train = data.index(ratings, data.load_films(workspace), data.load_users(workspace))
    return [Origin.before(train, period) for period in attempted_periods(workspace.config)]


def _next_choices(recommender: Recommender, origin: Origin) -> Lists:
    return make_lists(recommender, origin.past.matrix, origin.future.matrix)


def reference(
    recommender: ItemWeights, known: Interactions, picks: int, seed: int
) -> dict[str, Any]:
    """Lists for visitors who pick a few films, and their picks, as the service will log them."""
    order = np.random.default_rng(seed).permutation(len(known.people))
    order = order[np.argsort(known.people[order], kind="stable")]
    place = np.arange(len(order)) - np.searchsorted(known.people[order], known.people[order])
    visits = known.where(order[place < picks]).matrix
    visits = visits[np.flatnonzero(np.diff(visits.indptr))]
    films, fame = best(recommender.scores(visits), visits), known.popularity
    surprise = novelty(films, fame, len(np.unique(known.people)))
    picked = np.split(visits.indices, visits.indptr[1:-1])
    return {
        SCORES: surprise.round(PLACES).tolist(),
        SUMMARIES: tabulate([summarise(fame[own]) for own in picked]),
    }
