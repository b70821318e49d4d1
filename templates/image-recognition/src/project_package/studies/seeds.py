"""How much of the result is luck?"""

from collections.abc import Mapping
from typing import Any

import numpy as np

from ..baselines import HOG
from ..data import CLASSES
from ..evaluate import Judged
from ..fit import accuracy, predict
from ..kit import figures
from ..kit.results import Picture, Study, Table
from ..kit.statistics import decimal
from ..kit.training import checkpoint, restore
from ..kit.workspace import Workspace
from ..model import ResidualNetwork

ENOUGH = 3  # networks: a spread of fewer says nothing


def study(workspace: Workspace, evaluated: Judged) -> Study:
    """The same recipe from other seeds, beside the network that is shipped."""
    networks = evaluated.training["networks"]
    by_seed = seeds_table(workspace, evaluated, networks)
    return Study(
        title="How much of it is luck?",
        text="The network was trained again from other seeds, everything else alike. Each was "
        "measured on the validation set during training, and at its end on the test set.",
        tables={"seeds": by_seed},
        figures={"learning-curve": draw(workspace, networks)},
        notes={"spread": spread_note(by_seed, evaluated)},
    )


def seeds_table(workspace: Workspace, judged: Judged, networks: Mapping[str, Any]) -> Table:
    """One row a network."""
    rows: list[list[str | int | float]] = []
    for name, made in networks.items():
        found = float(judged.right.mean())
        if name != "model":
            network = ResidualNetwork(len(CLASSES), **workspace.config["model"])
            restore(checkpoint(workspace.models, name), network)
            found = accuracy(predict(network, judged.images.pixels), judged.images)
        title, epochs = "**shipped**" if name == "model" else "repeat", f"{made['epochs']:.1f}"
        validated = made["validation_accuracy"]
        rows.append([title, made["seed"], made["steps"], epochs, validated, found])
    return Table(
        "One network is shipped, whatever its seed brings; the repeats differ from it in their "
        "seed alone.",
        ["network", "seed", "steps", "epochs", "accuracy, validation set", "accuracy, test set"],
        rows,
    )


def spread_note(by_seed: Table, judged: Judged) -> str:
    """Mean and standard deviation over all networks of this recipe."""
    found = [float(row[-1]) for row in by_seed.rows]
    if len(found) < ENOUGH:
        return "Not repeated from enough other seeds in this run (`repeats` in config.toml)."
    rival = float(np.mean(judged.said[HOG] == judged.images.labels))
    above = sum(accuracy > rival for accuracy in found)
    return (
        f"{len(found)} networks from as many seeds, by the same recipe: accuracy "
        f"{decimal(np.mean(found))} ± {decimal(np.std(found, ddof=1))} (standard deviation), from "
        f"{decimal(min(found))} to {decimal(max(found))}; {above} of {len(found)} lie above the "
        f"{decimal(rival)} of {HOG}."
    )


def draw(workspace: Workspace, networks: Mapping[str, Any]) -> Picture:
    """Validation accuracy by images seen."""
    with figures.figure(workspace.figures / "learning-curve") as (_, axes):
        for name, made in networks.items():
            shipped = name == "model"
            axes.plot(
                [point["images"] for point in made["curve"]],
                [point["accuracy"] for point in made["curve"]],
                "o-" if shipped else ".-",
                color=figures.MODEL if shipped else figures.OTHER,
                label="shipped" if shipped else "repeats" if name == "repeat-1" else None,
            )
        axes.set(xlabel="images seen", ylabel="validation accuracy")
        axes.legend(loc="lower right")
    watched = workspace.config["train"]["watched"]
    return Picture(
        f"Accuracy on at most {watched:,} validation images during training, without the mirror "
        "image.",
        "Validation accuracy against images seen, for the shipped network and its repeats.",
    )
