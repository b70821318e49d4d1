"""Train the network that is shipped, repeat it, and train it without some fields; tune the rest."""

import time
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray

from . import boxes, data, model
from .boxes import MATCH, SCORE
from .fit import fit, in_threads
from .kit.arrays import save_arrays
from .kit.provenance import write_training
from .kit.served import SCORES, SUMMARIES, tabulate
from .kit.statistics import NAIVE, SIMPLE, STRONGEST, Predictions
from .kit.workspace import ProjectError, Workspace
from .model import Network
from .pictures import KINDS, Pictures, as_column
from .predict import FILE, Detector
from .simple import HOUGH, REGIONS, WATERSHED
from .tuning import choose_thresholds, mean_precision, say_simple, tune
from .watch import certainty, summarise

NETWORKS, HELD_OUT = "networks.npz", "held_out.npz"
TOLERANCE = 1e-3  # between PyTorch, which calculates with fewer digits, and what is shipped
BASELINES = {HOUGH: STRONGEST, WATERSHED: SIMPLE, REGIONS: NAIVE}
MODEL, REPEAT, BY_FIELD, BY_PICTURE = "model", "repeat", "field", "picture"


def run(workspace: Workspace) -> None:
    """Write the networks, held_out.npz and training.json. The test set is not opened."""
    started, config = time.perf_counter(), workspace.config
    train = data.load(workspace, "train", reader="train")
    jobs = plan(train, workspace)
    fitted = in_threads(lambda job: fit(train, *job, config), [*jobs.values()])
    made = dict(zip(jobs, fitted, strict=True))
    every = {name: detector(network, config) for name, (network, _) in made.items()}
    held = {
        kind: say_held_out(
            train, {n: each for n, each in every.items() if n.startswith(f"{kind}/")}, jobs
        )
        for kind in (BY_FIELD, BY_PICTURE)
    }
    thresholds = choose_thresholds(held[BY_FIELD], train.cells, MATCH)
    shipped = detector(made[MODEL][0], config, thresholds)
    gap = require_parity(made[MODEL][0], shipped, train)
    shipped.save(workspace.models / FILE)
    repeats = {
        f"{name}/{key}": array
        for name in jobs
        if name.startswith(REPEAT)
        for key, array in made[name][0].fold().items()
    }
    save_arrays(workspace.models / NETWORKS, repeats)
    save_arrays(workspace.models / HELD_OUT, pack_held_out(held))
    chosen, candidates = tune(train, workspace)
    counted = [shipped.counted(found) for found in held[BY_FIELD]]
    write_training(
        workspace,
        {
            "parameters": sum(each.numel() for each in made[MODEL][0].parameters()),
            "losses": {name: losses for name, (_, losses) in made.items()},
            "thresholds": list(thresholds),
            "parity": gap,
            "chosen": chosen,
            "candidates": candidates,
            SCORES: [certainty(each[:, SCORE]) for each in counted],
            SUMMARIES: tabulate([summarise(picture) for picture in train.pixels]),
        },
        seconds=time.perf_counter() - started,
    )
    found = mean_precision(held[BY_FIELD], train.cells, MATCH)
    print(f"{len(made)} networks; mAP on training pictures of fields not learned from: {found:.3f}")


def plan(train: Pictures, workspace: Workspace) -> dict[str, tuple[NDArray[np.bool_], int, int]]:
    """By name, the rows that a network learns from, its seed and its steps.

    `model` is shipped and `repeat/1` … are made as it is, from other seeds. `field/0` … leave some
    fields out; `picture/0` … leave out as many pictures, dealt one by one, and learn from others
    of the same fields. These learn for a share of the steps.
    """
    settings, seed = workspace.config["train"], workspace.seed
    everything, steps = np.ones(len(train), dtype=bool), settings["steps"]
    jobs = {MODEL: (everything, seed, steps)}
    for number in range(1, settings["repeats"] + 1):
        jobs[f"{REPEAT}/{number}"] = (everything, seed + number, steps)
    fewer = round(settings["shorter"] * steps)
    for name, folds in (
        (BY_FIELD, folds_of(train.fields, settings["folds"], seed)),
        (BY_PICTURE, torn_apart(train.fields, settings["folds"], seed)),
    ):
        for fold in range(settings["folds"]):
            jobs[f"{name}/{fold}"] = (folds != fold, seed, fewer)
    return jobs


def folds_of(fields: NDArray[np.int64], folds: int, seed: int) -> NDArray[np.int64]:
    """The fold of each picture, shape (n,): whole fields, dealt by turns in random order."""
    random = np.random.default_rng(seed)
    _, codes = np.unique(fields, return_inverse=True)
    return random.permutation(codes.max() + 1)[codes] % folds


def torn_apart(fields: NDArray[np.int64], folds: int, seed: int) -> NDArray[np.int64]:
    """Folds as a split by pictures would deal them: pictures of one field go to different folds."""
    order = np.random.default_rng(seed).permutation(len(fields))
    order = order[np.argsort(fields[order], kind="stable")]
    dealt = np.empty(len(fields), dtype=np.int64)
    dealt[order] = np.arange(len(fields)) % folds
    return dealt


def detector(
    network: Network | Mapping[str, NDArray],
    config: Mapping[str, Any],
    thresholds: Sequence[float] = (0.0,) * len(KINDS),
) -> Detector:
    """A network, or its arrays, as the service uses it."""
    arrays = network.fold() if isinstance(network, Network) else network
    settings = {name: config["detection"][name] for name in ("least", "overlap", "most")}
    return Detector(arrays, dict(config["picture"]), settings, thresholds)


def say_held_out(
    train: Pictures, detectors: Mapping[str, Detector], jobs: Mapping[str, tuple]
) -> list[NDArray]:
    """Detections in every picture by the one that has not learned from it."""
    found: list[NDArray] = [np.empty((0, SCORE + 1))] * len(train)
    for name, each in detectors.items():
        for row in np.flatnonzero(~jobs[name][0]):
            found[row] = each.detect(train.pixels[row])
    return found


def pack_held_out(held: Mapping[str, Sequence[NDArray]]) -> dict[str, NDArray]:
    """Detections of held-out pictures as arrays: all in a row, and where each picture's end."""
    arrays = {}
    for name, found in held.items():
        arrays[f"{name}/found"] = np.concatenate(found)
        arrays[f"{name}/ends"] = np.cumsum([len(each) for each in found])
    return arrays


def require_parity(network: Network, shipped: Detector, train: Pictures) -> float:
    """The largest gap between PyTorch's heat and that of the arrays; ProjectError if too large."""
    with torch.inference_mode():
        expected = torch.sigmoid(network(model.as_tensor(train.pixels[:1]))[0])[0]
    gap = float(np.abs(shipped.maps(train.pixels[0])[0] - expected.numpy()).max())
    if gap > TOLERANCE:
        raise ProjectError(f"the shipped arrays differ from the network by {gap:.2g}")
    return gap


def places(pictures: Pictures, most: Sequence[int]) -> pd.DataFrame:
    """The rows by which everything is scored: so many places a picture and kind, and the truth."""
    kinds = np.repeat(KINDS, most)
    return pd.DataFrame(
        {
            "id": [f"{name}/{place}" for name in pictures.ids for place in range(sum(most))],
            "part_of": np.repeat(pictures.ids, sum(most)),
            "group": np.repeat(pictures.fields, sum(most)),
            "stratum": np.tile(kinds, len(pictures)),
            "truth": boxes.as_truths(pictures.cells, most),
        }
    )


def held_out(workspace: Workspace) -> Predictions:
    """What shorter trained networks find in training pictures of fields they have not seen."""
    train, config = data.load(workspace, "train", reader="train"), workspace.config
    settings, limits = config["train"], config["detection"]
    folds = folds_of(train.fields, settings["folds"], workspace.seed)
    fewer = round(settings["shorter"] * settings["steps"])
    jobs = {f"{fold}": (folds != fold, workspace.seed, fewer) for fold in range(settings["folds"])}
    made = in_threads(lambda job: fit(train, *job, config)[0], [*jobs.values()])
    detectors = {name: detector(each, config) for name, each in zip(jobs, made, strict=True)}
    found = say_held_out(train, detectors, jobs)
    rows = places(train, limits["most"]).assign(
        fold=np.repeat(folds, sum(limits["most"])),
        model=boxes.as_answers(found, train.cells, limits["most"], MATCH),
    )
    return Predictions(
        rows, metric="map_50", higher_is_better=True, baselines={HOUGH: STRONGEST}, unit="places"
    )


def held_out_baseline(workspace: Workspace) -> NDArray[np.float64]:
    """What Hough circles find in the same pictures, tuned on the other folds."""
    train, config = data.load(workspace, "train", reader="train"), workspace.config
    limits, found = config["detection"], as_column([np.empty((0, SCORE + 1))] * len(train))
    folds = folds_of(train.fields, config["train"]["folds"], workspace.seed)
    for fold in range(config["train"]["folds"]):
        chosen, _ = tune(train, workspace, np.flatnonzero(folds != fold))
        own = folds == fold
        found[own] = as_column(
            say_simple(train.take(own), HOUGH, chosen[HOUGH], config["baselines"])
        )
    return boxes.as_answers(found, train.cells, limits["most"], MATCH)
