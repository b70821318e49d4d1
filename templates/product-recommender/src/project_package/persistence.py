"""The model file: plain arrays in an .npz archive, read with pickle switched off."""

import zipfile
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from .errors import ProjectError
from .model import Explained, Factors, ItemWeights
from .workspace import Workspace

MODEL = "model.npz"


@dataclass(frozen=True)
class Saved:
    """What the service needs: a recommender, its catalogue, and how many people know each film."""

    recommender: Explained
    films: pd.DataFrame
    popularity: NDArray[np.int64]
    people: int


def save_model(workspace: Workspace, saved: Saved) -> None:
    """Write models/model.npz, beside first and then moved into place."""
    path = workspace.models / MODEL
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{MODEL}.partial")
    with beside.open("wb") as file:
        np.savez(
            file,
            **_as_arrays(saved.recommender),
            **{
                f"film_{column}": saved.films[column].to_numpy(dtype=kind)
                for column, kind in (("film", int), ("title", str), ("year", str), ("genres", str))
            },
            popularity=saved.popularity,
            people=np.array(saved.people),
        )
    beside.replace(path)


def load_model(workspace: Workspace) -> Saved:
    """Read what `save_model` wrote; raises ProjectError when it is missing or damaged."""
    path = workspace.models / MODEL
    try:
        with np.load(path, allow_pickle=False) as stored:
            arrays = dict(stored)
        films = {name.removeprefix("film_"): arrays[name] for name in arrays if name[:5] == "film_"}
        return Saved(
            recommender=_from_arrays(arrays),
            films=pd.DataFrame(films),
            popularity=arrays["popularity"],
            people=int(arrays["people"]),
        )
    except FileNotFoundError:
        command = "python -m project_package train"
        raise ProjectError(f"{MODEL} is missing: run `{command}` first") from None
    except (KeyError, ValueError, zipfile.BadZipFile) as error:
        raise ProjectError(f"{MODEL} cannot be read: {error}") from error


def _as_arrays(recommender: Explained) -> dict[str, NDArray]:
    if isinstance(recommender, ItemWeights):
        return {"weights": recommender.weights}
    if isinstance(recommender, Factors):
        return {
            "factors": recommender.films,
            "penalty": np.array(recommender.penalty),
            "confidence": np.array(recommender.confidence),
        }
    raise TypeError(f"a {type(recommender).__name__} has no place in {MODEL}")


def _from_arrays(arrays: dict[str, NDArray]) -> Explained:
    if "weights" in arrays:
        return ItemWeights(arrays["weights"])
    return Factors(arrays["factors"], float(arrays["penalty"]), float(arrays["confidence"]))
