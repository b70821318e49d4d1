"""Networks on disk: plain arrays in one .npz file, read without pickle."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from .games import GAMES
from .kit.workspace import ProjectError
from .model import Network, make_network

Trained = tuple[Network, NDArray[np.int64]]


def save_networks(path: Path, networks: Mapping[str, Trained]) -> None:
    """Write network and tuples of each game, by the game's name."""
    path.parent.mkdir(parents=True, exist_ok=True)
    arrays = {}
    for game, (network, tuples) in networks.items():
        arrays[f"{game}.weights"], arrays[f"{game}.tuples"] = network.weights, tuples
    beside = path.with_name(f".{path.name}")
    with beside.open("wb") as file:
        np.savez_compressed(file, **arrays)
    beside.replace(path)


def load_networks(path: Path) -> dict[str, Network]:
    """The networks of a file; raises ProjectError when there is none."""
    if not path.exists():
        advice = "run `python -m project_package train` first"
        raise ProjectError(f"{path.name} is not there yet: {advice}")
    with np.load(path, allow_pickle=False) as arrays:
        networks = {}
        for name in {key.split(".")[0] for key in arrays.files}:
            network = make_network(GAMES[name], arrays[f"{name}.tuples"])
            network.weights[:] = arrays[f"{name}.weights"]
            networks[name] = network
    return networks
