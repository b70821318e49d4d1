"""Choose recommender and settings on the validation part, then fit on all but the test part."""

import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from . import data
from .model import Candidate, Explained, Interactions, Recipe, candidates, pick_order
from .persistence import Saved, save_model
from .ranking import best, measure, novelty
from .workspace import Workspace, write_json

PICKS = 5  # films, as a visitor of the page might pick


@dataclass(frozen=True)
class Choice:
    """The best settings of one candidate, and NDCG@10 of each person where they were chosen."""

    settings: Mapping[str, Any]
    ndcg: NDArray[np.float64]
    tried: int
    seconds: float


def run(workspace: Workspace) -> None:
    """Write models/model.npz and models/training.json. The test part is not opened."""
    started = time.perf_counter()
    films, users = data.load_films(workspace), data.load_users(workspace)
    train, held_out = (
        data.index(data.load(workspace, part, reader="train"), films, users)
        for part in ("train", "validation")
    )
    choices = choose(offered(workspace), train, held_out, workspace.seed)
    chosen = simplest_of_the_best(choices)

    known = train.joined_with(held_out)
    recommender = recipe_of(chosen, choices[chosen].settings, workspace)(known)
    save_model(workspace, Saved(recommender, films, known.popularity, len(users)))
    write_json(
        workspace.models / "training.json",
        {
            "chosen": chosen,
            "candidates": {
                name: {**asdict(choice), "ndcg": float(choice.ndcg.mean())}
                for name, choice in choices.items()
            },
            "settings": workspace.config["train"],
            "seconds": round(time.perf_counter() - started, 1),
            "reference_scores": novelty_of_visits(recommender, known, workspace.seed),
        },
    )
    print(f"chosen: {chosen}, validation NDCG@10 {choices[chosen].ndcg.mean():.4f}")


def offered(workspace: Workspace) -> dict[str, Candidate]:
    """The candidates as config.toml wants them."""
    return candidates(workspace.config["train"]["als_iterations"])


def recipe_of(
    name: str, settings: Mapping[str, Any], workspace: Workspace, seed: int | None = None
) -> Recipe:
    """How to fit the candidate of that name; the seed is the project's if none is given."""
    start = workspace.seed if seed is None else seed
    return partial(offered(workspace)[name].fitted, settings=settings, seed=start)


def choose(
    to_try: Mapping[str, Candidate], train: Interactions, held_out: Interactions, seed: int
) -> dict[str, Choice]:
    """The best settings of every candidate by NDCG@10 on `held_out`."""
    choices = {}
    total = sum(len(candidate.settings) for candidate in to_try.values())
    with tqdm(total=total, desc="choosing settings", unit="fit") as progress:
        for name, candidate in to_try.items():
            started = time.perf_counter()
            found = []
            for settings in candidate.settings:
                recommender = candidate.fitted(train, settings, seed)
                found.append(measure(recommender, train.matrix, held_out.matrix).ndcg)
                progress.update()
            top = int(np.argmax(np.mean(found, axis=1)))
            seconds = round(time.perf_counter() - started, 1)
            choices[name] = Choice(candidate.settings[top], found[top], len(found), seconds)
    return choices


def simplest_of_the_best(choices: Mapping[str, Choice]) -> str:
    """The first candidate within one standard error of the best (Breiman et al., 1984).

    The candidates stand in order, simplest first, and the error is that of the paired difference.
    """
    best_of_all = max(choices.values(), key=lambda choice: choice.ndcg.mean())
    for name, choice in choices.items():
        gap = best_of_all.ndcg - choice.ndcg
        if gap.mean() <= gap.std() / np.sqrt(len(gap)):
            return name
    raise AssertionError("the best candidate is within any distance of itself")


def novelty_of_visits(recommender: Explained, known: Interactions, seed: int) -> list[float]:
    """Novelty of the lists for visitors who pick a few films, as the service will log it."""
    place = pick_order(known, np.random.default_rng(seed))
    visits = known.where(place < PICKS).matrix
    films = best(recommender.scores(visits), visits)
    return novelty(films, known.popularity, known.shape[0]).round(6).tolist()
