"""What `train` hands on to the service, kept in files of plain arrays."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from .kit.arrays import load_arrays, save_arrays
from .kit.workspace import Workspace
from .model import ItemWeights

MODEL = "model.npz"
FILMS = {"film": int, "title": str, "year": str, "genres": str}


@dataclass(frozen=True)
class Saved:
    """A recommender, its catalogue, and how many people know each film."""

    recommender: ItemWeights
    films: pd.DataFrame
    popularity: NDArray[np.int64]
    people: int


def save_model(workspace: Workspace, saved: Saved, name: str = MODEL) -> None:
    """Write models/`name`."""
    films = {column: saved.films[column].to_numpy(dtype=kind) for column, kind in FILMS.items()}
    numbers = {"popularity": saved.popularity, "people": saved.people}
    save_arrays(workspace.models / name, {**vars(saved.recommender), **numbers, **films})


def load_model(workspace: Workspace, name: str = MODEL) -> Saved:
    """Read what `save_model` wrote; raises ProjectError when it is missing or damaged."""
    names = ("weights", "lift", "popularity", "people", *FILMS)
    arrays = load_arrays(workspace.models / name, names)
    return Saved(
        recommender=ItemWeights(arrays["weights"], arrays["lift"]),
        films=pd.DataFrame({column: arrays[column] for column in FILMS}),
        popularity=arrays["popularity"],
        people=int(arrays["people"]),
    )
