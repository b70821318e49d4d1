"""Choose all settings inside each origin's past, fit, and save one model an origin.

The test set, the period after the last origin, is not opened.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from tqdm import tqdm

from . import data
from .kit.provenance import write_training
from .kit.workspace import Workspace
from .model import (
    Interactions,
    ItemWeights,
    Recommender,
    fit_ease,
    fit_item_knn,
    fit_model,
    fit_recent_popularity,
    grid,
    with_trend,
)
from .persistence import MODEL, Saved, save_model
from .protocols import ORIGINS, SEALED, Origin
from .ranking import best, measure, novelty

PICKS = 5  # films, as a visitor of the page might pick

Settings = dict[str, dict[str, Any]]


def run(workspace: Workspace) -> None:
    """Write models/*.npz and models/training.json."""
    started = time.perf_counter()
    films, users = data.load_films(workspace), data.load_users(workspace)
    train = data.index(data.load(workspace, "train", reader="train"), films, users)
    grids = workspace.config["train"]
    chosen: dict[int, Settings] = {}
    for period in tqdm(ORIGINS, desc="choosing and fitting", unit="origin"):
        past = train.where(train.periods < period)
        chosen[period] = choose(past, grids)
        recommender = fit_model(past, chosen[period])
        saved = Saved(recommender, films, past.popularity, len(np.unique(past.people)))
        save_model(workspace, saved, model_file(period))
    write_training(
        workspace,
        {
            "chosen": {str(period): settings for period, settings in chosen.items()},
            "grids": grids,
            "reference_scores": novelty_of_visits(recommender, past, workspace.seed),
        },
        seconds=time.perf_counter() - started,
    )
    print(f"settings of the last origin: {chosen[SEALED]}")


def model_file(period: int) -> str:
    """Where the model of an origin is saved; the last one is the one that is served."""
    return MODEL if period == SEALED else f"before-{period}.npz"


def choose(past: Interactions, grids: Mapping[str, Mapping[str, Sequence[Any]]]) -> Settings:
    """The settings of the model and of its baselines that were best one origin earlier.

    That origin's future is the last period of `past`, so nothing later is ever asked.
    """
    earlier = Origin.before(past, int(past.periods.max()))
    known, future = earlier.past, earlier.future
    ease = best_settings(fit_ease, grids["ease"], known, future)
    fitted = fit_ease(known, **ease)
    return {
        "recent": best_settings(fit_recent_popularity, grids["recent"], known, future),
        "neighbours": best_settings(fit_item_knn, grids["neighbours"], known, future),
        "ease": ease,
        "trend": best_settings(
            lambda known, **settings: with_trend(fitted, known, **settings),
            grids["trend"],
            known,
            future,
        ),
    }


def best_settings(
    fit: Callable[..., Recommender],
    values: Mapping[str, Sequence[Any]],
    known: Interactions,
    future: Interactions,
) -> dict[str, Any]:
    """The combination of `values` with the highest NDCG@10; of equals, the first."""
    history, chosen = known.matrix, future.matrix

    def quality(settings: Mapping[str, Any]) -> float:
        return float(measure(fit(known, **settings), history, chosen).ndcg.mean())

    return max(grid(values), key=quality)


def novelty_of_visits(recommender: ItemWeights, known: Interactions, seed: int) -> list[float]:
    """Novelty of the lists for visitors who pick a few films, as the service will log it."""
    order = np.random.default_rng(seed).permutation(len(known.people))
    order = order[np.argsort(known.people[order], kind="stable")]
    place = np.arange(len(order)) - np.searchsorted(known.people[order], known.people[order])
    visits = known.where(order[place < PICKS]).matrix
    visits = visits[np.flatnonzero(np.diff(visits.indptr))]
    films = best(recommender.scores(visits), visits)
    people = len(np.unique(known.people))
    return novelty(films, known.popularity, people).round(6).tolist()
