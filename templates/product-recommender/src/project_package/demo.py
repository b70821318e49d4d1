"""The demo: the recommender in the visitor's browser, with its catalogue and all its weights."""

import json
from dataclasses import asdict
from typing import Any

import numpy as np

from . import data
from .kit.workspace import Workspace
from .predict import FilmRecommender
from .serve import LONGEST_LIST, LONGEST_QUERY, MOST_LIKED

WITHHELD = (
    "the demo holds every film title of MovieLens, and its terms of use allow nobody "
    "to redistribute the data without permission"
)
VISITS = 400  # that the browser has to answer as the service does
ADVENTURES = (0.0, 0.15, 0.3, 0.45)  # as the page's slider
LOOKUPS = [
    ("/films", {"query": query, "length": length})
    for query, length in (("", 12), ("the", 50), ("amélie", 8), ("L.A. 1", 8), ("horror 3", 5))
]


def export(workspace: Workspace) -> dict[str, bytes]:
    """The catalogue with the lift of its films, and the weights row by row (met film by film)."""
    recommender = FilmRecommender.load(workspace)
    saved = recommender.saved
    about = {
        "films": [asdict(recommender.film(place)) for place in range(len(saved.films))],
        "words": recommender.words,
        "lift": saved.recommender.lift.tolist(),
        "most": {"liked": MOST_LIKED, "length": LONGEST_LIST, "query": LONGEST_QUERY},
    }
    weights = saved.recommender.weights.astype("<f4")
    return {
        "model.json": json.dumps(about, ensure_ascii=False).encode(),
        "weights.bin": weights.tobytes(),
    }


def examples(workspace: Workspace) -> list[dict[str, Any]]:
    """Visitors who like some of the films that somebody of the training set met."""
    random = np.random.default_rng(workspace.seed)
    met = data.load(workspace, "train", reader="demo").groupby("user").film
    people = random.choice(sorted(met.groups), VISITS)
    return [_visit(met.get_group(person).to_numpy(), random) for person in people]


def _visit(met: np.ndarray, random: np.random.Generator) -> dict[str, Any]:
    liked = random.permutation(met)[: random.integers(1, MOST_LIKED + 1)]
    return {
        "liked": liked.tolist(),
        "length": int(random.integers(1, LONGEST_LIST + 1)),
        "adventure": float(random.choice(ADVENTURES)),
    }
