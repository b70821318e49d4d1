"""Tune the simple methods by people of the training set, fit the model of config.toml, save it."""

import time
from collections.abc import Callable, Mapping, Sequence
from itertools import product
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from tqdm import tqdm

from . import data, model
from .data import Faces
from .kit.arrays import save_arrays
from .kit.provenance import write_training
from .kit.served import SCORES, SUMMARIES, tabulate
from .kit.statistics import STRONGEST, Predictions, tar_at_far_1
from .kit.workspace import Workspace
from .model import MODEL, SIMPLE, Array, Encoder, pairs
from .watch import summarise

PLACES = 10  # of a likeness that is kept
FILE = "model.npz"
Fit = Callable[[NDArray, NDArray], Encoder]
Held = tuple[NDArray[np.intp], Encoder]


def run(workspace: Workspace) -> None:
    """Write models/model.npz and models/training.json. The test set is not opened."""
    started, config = time.perf_counter(), workspace.config
    train = data.load(workspace, "train", reader="train")
    chosen, table = tune(train, workspace)
    fit = model.build(config)
    held = by_fold(train, fit, workspace)
    said = out_of_fold(train, held)
    same, scores = said.truth.to_numpy() == 1, said.model.to_numpy()
    table[MODEL] = {"": tar_at_far_1(said.truth.to_numpy(), scores)}
    threshold = model.threshold_at(same, scores, config["service"]["false_accepts"])
    distances = np.empty(len(train))
    for rows, encoder in held:
        distances[rows] = encoder.distance(train.pixels[rows])
    usual = float(np.quantile(distances, config["service"]["usual"]))
    encoder = fit(train.pixels, train.people)
    fitted = {"mean": encoder.mean, "directions": encoder.directions}
    limits = {"threshold": threshold, "usual": usual}
    save_arrays(workspace.models / FILE, {**fitted, **limits, **config["model"]})
    write_training(
        workspace,
        {
            "simple": sorted(SIMPLE, key=lambda name: -max(table[name].values())),
            "chosen": chosen,
            "candidates": table,
            **limits,
            SCORES: distances.round(PLACES).tolist(),
            SUMMARIES: tabulate([summarise(pixels) for pixels in train.pixels]),
        },
        seconds=time.perf_counter() - started,
    )
    print(f"{MODEL}: {table[MODEL]['']:.3f} of a person's pairs accepted, on people held out")


def tune(
    train: Faces, workspace: Workspace
) -> tuple[dict[str, dict[str, Any]], dict[str, dict[str, float]]]:
    """The best settings of each simple method, and the measure of all, on people held out."""
    chosen, table = {}, {}
    for name in tqdm(SIMPLE, desc="tuning", unit="method"):
        tried = [*settings_of(name, workspace.config["baselines"])]
        found = {}
        for settings in tried:
            fit = model.simple(name, settings, workspace.config)
            said = out_of_fold(train, by_fold(train, fit, workspace))
            measured = tar_at_far_1(said.truth.to_numpy(), said.model.to_numpy())
            found[", ".join(f"{key} {value}" for key, value in settings.items())] = measured
        table[name] = found
        chosen[name] = tried[int(np.argmax([*found.values()]))]
    return chosen, table


def settings_of(name: str, grids: Mapping[str, Any]) -> list[dict[str, Any]]:
    """All settings of config.toml under which a simple method is tried."""
    grid = grids.get(name.split()[-1], {})
    return [dict(zip(grid, values, strict=True)) for values in product(*grid.values())]


def folds_of(people: NDArray, workspace: Workspace) -> NDArray[np.int64]:
    """Which fold each picture is in, shape (n,); a person is in one of them."""
    # practice: folds_of
    names = np.unique(people)
    order = np.random.default_rng(workspace.seed).permutation(len(names))
    fold = np.empty(len(names), dtype=np.int64)
    fold[order] = np.arange(len(names)) % workspace.config["train"]["folds"]
    return fold[np.searchsorted(names, people)]
    # practice: end


def by_fold(train: Faces, fit: Fit, workspace: Workspace) -> list[Held]:
    """For each fold its rows, and an encoder that has seen none of their people."""
    fold = folds_of(train.people, workspace)
    parts = [np.flatnonzero(fold == number) for number in range(fold.max() + 1)]
    others = [np.flatnonzero(fold != number) for number in range(fold.max() + 1)]
    fitted = (fit(train.pixels[rows], train.people[rows]) for rows in others)
    return list(zip(parts, fitted, strict=True))


def out_of_fold(train: Faces, held: Sequence[Held]) -> pd.DataFrame:
    """Every pair of pictures within a fold: id, group, fold, truth and what its encoder says."""
    found = []
    for number, (rows, encoder) in enumerate(held):
        part = train.take(rows)
        found.append(score_pairs(part, {"model": encoder.embed(part.pixels)}).assign(fold=number))
    return pd.concat(found, ignore_index=True)


def score_pairs(faces: Faces, vectors: Mapping[str, Array]) -> pd.DataFrame:
    """All pairs of pictures: id, group, truth (1 for one person), and the likeness by each method.

    A pair of two people belongs to the one and to the other in turn, so that the bootstrap, which
    draws people, draws its two sides alike.
    """
    one, other, same = pairs(faces.people)
    turn = (np.arange(len(one)) % 2).astype(bool)
    group = np.where(turn, faces.people[one], faces.people[other])
    ids = [f"{a} {b}" for a, b in zip(faces.ids[one], faces.ids[other], strict=True)]
    said = {
        name: np.einsum("ij,ij->i", each[one], each[other]).round(PLACES)
        for name, each in vectors.items()
    }
    return pd.DataFrame({"id": ids, "group": group, "truth": same.astype(int), **said})


def held_out(workspace: Workspace) -> Predictions:
    """What the model of config.toml says of pairs of people that it was not fitted to.

    A pair is named by the first of its two pictures.
    """
    train = data.load(workspace, "train", reader="train")
    rows = out_of_fold(train, by_fold(train, model.build(workspace.config), workspace))
    return Predictions(
        rows.assign(id=rows.id.str.partition(" ")[0]),
        metric="tar_at_far_1",
        higher_is_better=True,
        baselines={" or ".join(SIMPLE): STRONGEST},
        unit="pairs",
    )


def held_out_baseline(workspace: Workspace) -> Array:
    """What the strongest simple method says of the same pairs, the best of its settings."""
    train = data.load(workspace, "train", reader="train")
    chosen, table = tune(train, workspace)
    best = max(SIMPLE, key=lambda name: max(table[name].values()))
    fit = model.simple(best, chosen[best], workspace.config)
    return out_of_fold(train, by_fold(train, fit, workspace)).model.to_numpy()
