"""Model files of plain arrays: .npz archives, read with pickle switched off."""

import zipfile
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .workspace import COMMAND, ProjectError


def save_arrays(path: Path, arrays: Mapping[str, ArrayLike]) -> None:
    """Write the arrays beside `path` first, then move them into place."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.partial")
    with beside.open("wb") as file:
        np.savez(file, **arrays)
    beside.replace(path)


def load_arrays(path: Path, names: tuple[str, ...]) -> dict[str, NDArray]:
    """The arrays of these names; raises ProjectError when file or array is missing or damaged."""
    try:
        with np.load(path, allow_pickle=False) as stored:
            return {name: stored[name] for name in names}
    except FileNotFoundError:
        raise ProjectError(f"{path.name} is missing: run `{COMMAND} train` first") from None
    except (KeyError, ValueError, zipfile.BadZipFile) as error:
        raise ProjectError(f"{path.name} cannot be read: {error}") from error
