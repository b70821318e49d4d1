"""Train the network that is shipped, repeat it, and train it without some fields; tune the others.

A network is trained by one thread, whose sums are added up in one order: a busy machine takes
longer and finds the same numbers.
"""

import os
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray
from tqdm import tqdm

from . import boxes, data, model, simple
from .boxes import KIND, SCORE
from .data import KINDS, Pictures
from .kit.arrays import save_arrays
from .kit.provenance import write_training
from .kit.served import SCORES, SUMMARIES, tabulate
from .kit.statistics import NAIVE, SIMPLE, STRONGEST, Predictions
from .kit.workspace import ProjectError, Workspace
from .model import Network
from .predict import FILE, Detector
from .simple import HOUGH, PURPLE, RED, REGIONS, TUNED, WATERSHED
from .watch import certainty, summarise

NETWORKS, HELD_OUT = "networks.npz", "held_out.npz"
POINTS = 10  # of a learning curve
TOLERANCE = 1e-3  # between PyTorch, which calculates with fewer digits, and what is shipped
BASELINES = {HOUGH: STRONGEST, WATERSHED: SIMPLE, REGIONS: NAIVE}
MODEL, REPEAT, BY_FIELD, BY_PICTURE = "model", "repeat", "field", "picture"
Job, Done = TypeVar("Job"), TypeVar("Done")
_drawing = threading.Lock()  # PyTorch draws first weights from a generator that threads share


def run(workspace: Workspace) -> None:
    """Write the networks, held_out.npz and training.json. The test set is not opened."""
    started, config = time.perf_counter(), workspace.config
    train = data.load(workspace, "train", reader="train")
    jobs = plan(train, workspace)
    fitted = in_threads(lambda job: fit(train, *job, config), [*jobs.values()])
    made = dict(zip(jobs, fitted, strict=True))
    shipped = detector(made[MODEL][0], config)
    gap = require_parity(made[MODEL][0], shipped, train)
    held = {
        kind: say_held_out(train, {name: detector(made[name][0], config) for name in jobs
                                   if name.startswith(f"{kind}/")}, jobs)
        for kind in (BY_FIELD, BY_PICTURE)
    }  # fmt: skip
    thresholds = choose_thresholds(held[BY_FIELD], train.cells, config["detection"]["match"])
    shipped = detector(made[MODEL][0], config, thresholds)
    shipped.save(workspace.models / FILE)
    repeats = {name: made[name][0].fold() for name in jobs if name.startswith(REPEAT)}
    save_arrays(
        workspace.models / NETWORKS,
        {f"{name}/{key}": array for name, arrays in repeats.items() for key, array in arrays.items()},
    )  # fmt: skip
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
    found = mean_precision(held[BY_FIELD], train.cells, config["detection"]["match"])
    print(f"{len(made)} networks; mAP on training pictures of fields not learned from: {found:.3f}")


def plan(train: Pictures, workspace: Workspace) -> dict[str, tuple[NDArray[np.bool_], int, int]]:
    """By name, the rows that a network learns from, its seed and its steps.

    `model` is shipped and `repeat/1` … are made as it is, from other seeds. `field/0` … leave some
    fields out; `picture/0` … leave out as many pictures, dealt one by one, and learn from others
    of the same fields. These learn for a share of the steps.
    """
    # practice: plan
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
    # practice: end


def folds_of(fields: NDArray[np.int64], folds: int, seed: int) -> NDArray[np.int64]:
    """The fold of each picture, shape (n,): whole fields, dealt by turns in random order."""
    # practice: folds_of
    random = np.random.default_rng(seed)
    _, codes = np.unique(fields, return_inverse=True)
    return random.permutation(codes.max() + 1)[codes] % folds
    # practice: end


def torn_apart(fields: NDArray[np.int64], folds: int, seed: int) -> NDArray[np.int64]:
    """Folds as a split by pictures would deal them: pictures of one field go to different folds."""
    order = np.random.default_rng(seed).permutation(len(fields))
    order = order[np.argsort(fields[order], kind="stable")]
    dealt = np.empty(len(fields), dtype=np.int64)
    dealt[order] = np.arange(len(fields)) % folds
    return dealt


def in_threads(work: Callable[[Job], Done], jobs: Sequence[Job]) -> list[Done]:
    """The results in the order of the jobs, one thread a core."""
    torch.set_num_threads(1)
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        return [*tqdm(pool.map(work, jobs), total=len(jobs), desc="training", unit="network")]


def fit(
    train: Pictures, rows: NDArray[np.bool_], seed: int, steps: int, config: Mapping[str, Any]
) -> tuple[Network, list[float]]:
    """A network that has learned from these rows and nothing else, and its loss along the way."""
    settings, random = config["train"], np.random.default_rng(seed)
    own = train.take(rows)
    with _drawing:
        torch.manual_seed(seed)
        network = Network(config["model"]["widths"])
    seen = model.as_tensor(own.pixels)
    network.to(memory_format=torch.channels_last)
    optimiser = torch.optim.AdamW(network.parameters(), weight_decay=settings["weight_decay"])
    network.train()
    order, losses = np.empty(0, dtype=int), []
    for step in range(steps):
        while len(order) < settings["batch_size"]:
            order = np.append(order, random.permutation(len(own)))
        batch, order = order[: settings["batch_size"]], order[settings["batch_size"] :]
        for group in optimiser.param_groups:
            group["lr"] = rate(step / steps, settings)
        pictures, cells = model.augment(seen[batch], own.cells[batch], config["augment"], random)
        wanted = model.targets(cells, pictures.shape[2:], config["target"])
        heat, sides = network(pictures.contiguous(memory_format=torch.channels_last))
        lost = model.loss(heat, sides, wanted, settings["box_weight"])
        optimiser.zero_grad()
        lost.backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), settings["clip"])
        optimiser.step()
        losses.append(float(lost.detach()))
    curve = [float(np.mean(part)) for part in np.array_split(losses, POINTS)]
    return network.eval(), curve


def rate(progress: float, settings: Mapping[str, float]) -> float:
    """The learning rate: up in a line, down along a cosine; `progress` goes from 0 to 1."""
    warm_up = settings["warm_up"]
    if progress < warm_up:
        return settings["peak_rate"] * progress / warm_up
    falling = (progress - warm_up) / (1 - warm_up)
    return float(settings["peak_rate"] * (1 + np.cos(np.pi * falling)) / 2)


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
    # practice: say_held_out
    found: list[NDArray] = [np.empty((0, SCORE + 1))] * len(train)
    for name, each in detectors.items():
        for row in np.flatnonzero(~jobs[name][0]):
            found[row] = each.detect(train.pixels[row])
    return found
    # practice: end


def choose_thresholds(
    found: Sequence[NDArray], cells: Sequence[NDArray], overlap: float
) -> list[float]:
    """For each kind the score from which on detections are counted: where F1 is highest."""
    # practice: choose_thresholds
    scores = np.concatenate([each[:, SCORE] for each in found])
    kinds = np.concatenate([each[:, KIND] for each in found])
    hits = np.concatenate(
        [boxes.match(each, known, overlap) >= 0 for each, known in zip(found, cells, strict=True)]
    )
    chosen = []
    for kind in range(len(KINDS)):
        there = sum(int((known[:, KIND] == kind).sum()) for known in cells)
        own = np.flatnonzero(kinds == kind)
        own = own[np.argsort(-scores[own], kind="stable")]
        quality = 2 * np.cumsum(hits[own]) / (np.arange(1, len(own) + 1) + there)
        chosen.append(float(scores[own[quality.argmax()]]) if len(own) else 1.0)
    return chosen
    # practice: end


def mean_precision(
    found: Sequence[NDArray], cells: Sequence[NDArray], overlap: float
) -> float:
    """Mean over the kinds of average precision."""
    each = [boxes.precision_of_kind(found, cells, kind, overlap) for kind in range(len(KINDS))]
    return float(np.mean(each))


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


def tune(
    train: Pictures, workspace: Workspace, asked: NDArray | None = None
) -> tuple[dict[str, dict[str, Any]], dict[str, float]]:
    """The settings of each simple method that were best on training pictures, and all scores.

    First those for what is purple, which all have in common, by the mean over white cells and
    platelets; then those for red cells. Of `asked` rows, or all, so many as config.toml says.
    """
    settings, match = workspace.config["baselines"], workspace.config["detection"]["match"]
    rows = np.arange(len(train)) if asked is None else asked
    random = np.random.default_rng(workspace.seed)
    some = train.take(random.permutation(rows)[: settings["pictures"]])
    others = [kind for kind in range(len(KINDS)) if kind != RED]

    def score(found: Sequence[NDArray], kinds: Sequence[int]) -> float:
        return float(
            np.mean([boxes.precision_of_kind(found, some.cells, kind, match) for kind in kinds])
        )

    def best(stage: str, tried: list, ask: Callable, kinds: Sequence[int], names: tuple) -> dict:
        scores = in_threads(
            lambda each: score([ask(row, each) for row in range(len(some))], kinds), tried
        )
        for each, value in zip(tried, scores, strict=True):
            table[f"{stage}: " + ", ".join(f"{name} {each[name]:g}" for name in names)] = value
        return dict(tried[int(np.nanargmax(scores))])

    table: dict[str, float] = {}
    purple = best(
        "what is purple", [*simple.grid(settings, PURPLE)],
        lambda row, each: simple.find_purple(some.pixels[row], each)[1], others, PURPLE,
    )  # fmt: skip
    bigs = [simple.find_purple(pixels, purple)[0] for pixels in some.pixels]
    chosen = {}
    for method, names in TUNED.items():
        chosen[method] = best(
            method, [*simple.grid({**settings, **{n: purple[n] for n in PURPLE}}, names)],
            lambda row, each, method=method: simple.find_red(
                some.pixels[row], bigs[row], method, each
            ),
            [RED], names,
        )  # fmt: skip
        chosen[method] = {name: chosen[method][name] for name in (*PURPLE, *names)}
    return chosen, table


def say_simple(
    pictures: Pictures, method: str, chosen: Mapping[str, Any], settings: Mapping[str, Any]
) -> list[NDArray]:
    """What a simple method finds in each picture, under the settings that were chosen."""
    return [simple.detect(each, method, {**settings, **chosen}) for each in pictures.pixels]


def places(pictures: Pictures, most: Sequence[int]) -> pd.DataFrame:
    """The rows by which everything is scored: so many places a picture and kind, and the truth."""
    kinds = np.repeat(KINDS, most)
    return pd.DataFrame(
        {
            "id": [f"{name}/{place}" for name in pictures.ids for place in range(sum(most))],
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
        model=boxes.as_answers(found, train.cells, limits["most"], limits["match"]),
    )
    return Predictions(
        rows, metric="map_50", higher_is_better=True, baselines={HOUGH: STRONGEST}, unit="places"
    )


def held_out_baseline(workspace: Workspace) -> NDArray[np.float64]:
    """What Hough circles find in the same pictures, tuned on the other folds."""
    train, config = data.load(workspace, "train", reader="train"), workspace.config
    limits, found = config["detection"], data.as_column([np.empty((0, SCORE + 1))] * len(train))
    folds = folds_of(train.fields, config["train"]["folds"], workspace.seed)
    for fold in range(config["train"]["folds"]):
        chosen, _ = tune(train, workspace, np.flatnonzero(folds != fold))
        own = folds == fold
        found[own] = data.as_column(
            say_simple(train.take(own), HOUGH, chosen[HOUGH], config["baselines"])
        )
    return boxes.as_answers(found, train.cells, limits["most"], limits["match"])
