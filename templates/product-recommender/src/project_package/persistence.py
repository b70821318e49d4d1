"""The model files: plain arrays in .npz archives, read with pickle switched off."""

import zipfile
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from .kit.workspace import ProjectError, Workspace
from .model import ItemWeights

MODEL = "model.npz"
FILMS = {"film": int, "title": str, "year": str, "genres": str}


@dataclass(frozen=True)
class Saved:
    """What the service needs: a recommender, its catalogue, and how many people know each film."""

    recommender: ItemWeights
    films: pd.DataFrame
    popularity: NDArray[np.int64]
    people: int


def save_model(workspace: Workspace, saved: Saved, name: str = MODEL) -> None:
    """Write models/`name`, beside first and then moved into place."""
    path = workspace.models / name
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{name}.partial")
    with beside.open("wb") as file:
        np.savez(
            file,
            weights=saved.recommender.weights,
            lift=saved.recommender.lift,
            popularity=saved.popularity,
            people=np.array(saved.people),
            **{
                f"film_{name}": saved.films[name].to_numpy(dtype=kind)
                for name, kind in FILMS.items()
            },
        )
    beside.replace(path)


def load_model(workspace: Workspace, name: str = MODEL) -> Saved:
    """Read what `save_model` wrote; raises ProjectError when it is missing or damaged."""
    path = workspace.models / name
    try:
        with np.load(path, allow_pickle=False) as stored:
            arrays = dict(stored)
        return Saved(
            recommender=ItemWeights(arrays["weights"], arrays["lift"]),
            films=pd.DataFrame({name: arrays[f"film_{name}"] for name in FILMS}),
            popularity=arrays["popularity"],
            people=int(arrays["people"]),
        )
    except FileNotFoundError:
        command = "python -m project_package train"
        raise ProjectError(f"{name} is missing: run `{command}` first") from None
    except (KeyError, ValueError, zipfile.BadZipFile) as error:
        raise ProjectError(f"{name} cannot be read: {error}") from error
