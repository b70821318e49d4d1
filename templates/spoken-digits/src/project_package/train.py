"""Train the network that is shipped, and again without each speaker; tune the simple methods.

A network is trained by one thread, whose sums are added up in one order: a busy machine takes
longer and finds the same numbers.
"""

import os
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import combinations, product
from typing import Any, TypeVar

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from tqdm import tqdm

from . import data, model
from .data import Recordings
from .kit.arrays import save_arrays
from .kit.provenance import write_training
from .kit.served import SCORES, SUMMARIES, tabulate
from .kit.statistics import NAIVE, STRONGEST, Predictions
from .kit.workspace import ProjectError, Workspace
from .model import NEAREST, SVM, Network, Picture
from .predict import FILE, NONE, Recogniser
from .watch import summarise

NETWORKS = "networks.npz"
SHORTER = 3  # an attempt: a third of the steps
POINTS = 10  # of a learning curve
PLACES = 6  # of a probability that is kept for monitoring
TOLERANCE = 1e-4  # between PyTorch and the arrays that are shipped
BASELINES = {SVM: STRONGEST, NEAREST: NAIVE}
MODEL, STRANGERS = "model", "strangers"
Job, Done = TypeVar("Job"), TypeVar("Done")
_drawing = threading.Lock()  # PyTorch draws first weights from a generator that threads share


def run(workspace: Workspace) -> None:
    """Write models/model.npz, networks.npz and training.json. The test set is not opened."""
    started, config = time.perf_counter(), workspace.config
    train = data.load(workspace, "train", reader="train")
    seen = model.see(train.sounds, config["sound"])
    jobs = plan(train, workspace)
    fitted = in_threads(lambda job: fit(train, seen, *job, config), [*jobs.values()])
    made = dict(zip(jobs, fitted, strict=True))
    held = {who: recogniser(made[f"{who}/0"][0], config) for who in speakers_of(train)}
    chances = say_without(train, seen, held)
    temperature = model.fit_temperature(chances, train.digits)
    calibrated = chances ** (1 / temperature)
    calibrated /= calibrated.sum(axis=1, keepdims=True)
    said = calibrated[:, :NONE].argmax(axis=1)
    confidence = calibrated[np.arange(len(said)), said]
    threshold = model.cheapest_threshold(confidence, said == train.digits, config["costs"]["error"])
    limits = {"temperature": temperature, "threshold": threshold}
    shipped = recogniser(made[MODEL][0], config, **limits)
    gap = require_parity(made[MODEL][0], shipped, seen)
    shipped.save(workspace.models / FILE)
    folded = {
        f"{name}/{key}": array
        for name, (network, _) in made.items()
        for key, array in network.fold().items()
        if name != MODEL
    }
    save_arrays(workspace.models / NETWORKS, folded)
    chosen, candidates = tune(train, seen, config["baselines"])
    write_training(
        workspace,
        {
            **limits,
            "parity": gap,
            "parameters": sum(weight.numel() for weight in made[MODEL][0].parameters()),
            "curves": {name: curve for name, (_, curve) in made.items()},
            "held_out": {
                who: float((said == train.digits)[train.speakers == who].mean()) for who in held
            },
            "chosen": chosen,
            "candidates": candidates,
            SCORES: confidence.round(PLACES).tolist(),
            SUMMARIES: tabulate([summarise(sound) for sound in train.sounds]),
        },
        seconds=time.perf_counter() - started,
    )
    found = float(np.mean(said == train.digits))
    print(f"{len(made)} networks; on training takes of the speaker each has not heard: {found:.3f}")


def speakers_of(recordings: Recordings) -> list[str]:
    """All speakers, in the order of their names."""
    return sorted(set(recordings.speakers.tolist()))


def plan(train: Recordings, workspace: Workspace) -> dict[str, tuple[NDArray[np.bool_], int]]:
    """By name, the rows that a network learns from, and its seed.

    `model` is shipped and hears everybody; `SPEAKER/0`, `SPEAKER/1` … hear all but one, and
    `strangers/0` … know neither some speakers nor some words.
    """
    # practice: plan
    config, seed = workspace.config, workspace.seed
    jobs = {MODEL: (np.ones(len(train), dtype=bool), seed)}
    people = speakers_of(train)
    for repeat in range(config["train"]["repeats"] + 1):
        jobs |= {f"{who}/{repeat}": (train.speakers != who, seed + repeat) for who in people}
    for number, left_out in enumerate(config[STRANGERS]["words"]):
        strange = np.isin(train.speakers, people[2 * number : 2 * number + 2])
        jobs[f"{STRANGERS}/{number}"] = (~strange & ~np.isin(train.digits, left_out), seed)
    return jobs
    # practice: end


def in_threads(work: Callable[[Job], Done], jobs: Sequence[Job]) -> list[Done]:
    """The results in the order of the jobs, one thread a core."""
    torch.set_num_threads(1)
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        return [*tqdm(pool.map(work, jobs), total=len(jobs), desc="training", unit="network")]


def fit(
    train: Recordings, seen: Picture, rows: NDArray[np.bool_], seed: int, config: Mapping[str, Any]
) -> tuple[Network, list[float]]:
    """A network that has learned from these rows and nothing else, and its loss along the way."""
    settings, sound = config["train"], config["sound"]
    random = torch.Generator().manual_seed(seed)
    own, draws = train.take(rows), np.random.default_rng(seed)
    nothing = model.no_digits(own, round(settings["nothing"] * len(own)), draws)
    pictures = torch.from_numpy(np.concatenate([seen[rows], model.see(nothing, sound)]))
    labels = torch.from_numpy(np.concatenate([own.digits, np.full(len(nothing), NONE)]))
    with _drawing:
        torch.manual_seed(seed)
        network = Network(sound["bands"], config["model"]["width"], config["model"]["dropout"])
    optimiser = torch.optim.AdamW(network.parameters(), weight_decay=settings["weight_decay"])
    network.train()
    order, losses = torch.empty(0, dtype=torch.long), []
    for step in range(settings["steps"]):
        if len(order) < settings["batch_size"]:
            order = torch.cat([order, torch.randperm(len(labels), generator=random)])
        batch, order = order[: settings["batch_size"]], order[settings["batch_size"] :]
        for group in optimiser.param_groups:
            group["lr"] = rate(step / settings["steps"], settings)
        heard = model.augment(pictures[batch], config["augment"], sound, random)
        loss = nn.functional.cross_entropy(
            network(heard, random), labels[batch], label_smoothing=settings["smoothing"]
        )
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        losses.append(float(loss.detach()))
    curve = [float(np.mean(part)) for part in np.array_split(losses, POINTS)]
    return network.eval(), curve


def rate(progress: float, settings: Mapping[str, float]) -> float:
    """The learning rate of one cycle (Smith and Topin, 2019); `progress` goes from 0 to 1."""
    warm_up = settings["warm_up"]
    if progress < warm_up:
        return settings["peak_rate"] * progress / warm_up
    return settings["peak_rate"] * (1 - progress) / (1 - warm_up)


def recogniser(
    network: Network | Mapping[str, NDArray], config: Mapping[str, Any], **limits: float
) -> Recogniser:
    """A network, or its arrays, as the service uses it."""
    arrays = network.fold() if isinstance(network, Network) else network
    silence, weight = config["service"]["silence"], config["enrolment"]["weight"]
    warps = config["model"]["warps"]
    return Recogniser(arrays, config["sound"], warps, silence=silence, weight=weight, **limits)


def say_without(
    recordings: Recordings, seen: Picture, networks: Mapping[str, Recogniser]
) -> NDArray[np.float64]:
    """Probabilities, shape (n, classes), each by the network that has not heard its speaker."""
    # practice: say_without
    chances = np.empty((len(recordings), NONE + 1))
    for who, network in networks.items():
        rows = recordings.speakers == who
        chances[rows] = network.chances(seen[rows])
    return chances
    # practice: end


def require_parity(network: Network, shipped: Recogniser, seen: Picture) -> float:
    """The largest gap between PyTorch and the arrays; raises ProjectError above TOLERANCE."""
    with torch.inference_mode():
        expected: Tensor = torch.softmax(network(torch.from_numpy(seen)), dim=1)
    plain = Recogniser(shipped.arrays, shipped.sound, [1.0])
    gap = float(np.abs(plain.chances(seen) - expected.numpy()).max())
    if gap > TOLERANCE:
        raise ProjectError(f"the shipped arrays differ from the network by {gap:.2g}")
    return gap


def tune(
    train: Recordings, seen: Picture, settings: Mapping[str, Any]
) -> tuple[dict[str, list[Any]], dict[str, float]]:
    """For each speaker the cost and segments that were best on the five others, and all scores.

    Each of the five is left out once in turn. A machine without two speakers serves both of them:
    to choose for the one it is asked about the other.
    """
    people, grid = speakers_of(train), [*product(settings["costs"], settings["segments"])]
    right: dict[tuple[str, tuple], list[float]] = {}
    for segments in settings["segments"]:
        terms = model.cepstra(seen, segments, settings["coefficients"])

        def score(pair: tuple[str, str], cost: float, terms: NDArray = terms) -> list[float]:
            known = ~np.isin(train.speakers, pair)
            fitted = model.simple(SVM, cost).fit(terms[known], train.digits[known])
            asked = [train.speakers == who for who in pair]
            return [fitted.score(terms[rows], train.digits[rows]) for rows in asked]

        pairs = [*product(combinations(people, 2), settings["costs"])]
        found = in_threads(lambda job: score(*job), pairs)
        for ((one, other), cost), scores in zip(pairs, found, strict=True):
            right.setdefault((one, (cost, segments)), []).append(scores[1])
            right.setdefault((other, (cost, segments)), []).append(scores[0])
    means = {key: float(np.mean(scores)) for key, scores in right.items()}
    chosen = {who: [*max(grid, key=lambda each: means[who, each])] for who in people}
    names = {f"cost {c:g}, {s} segments": (c, s) for c, s in grid}
    table = {
        name: float(np.mean([means[who, each] for who in people])) for name, each in names.items()
    }
    return chosen, table


def fit_simple(
    name: str,
    train: Recordings,
    seen: Picture,
    rows: NDArray,
    chosen: Sequence[Any],
    settings: Mapping[str, Any],
) -> Callable[[Picture], NDArray[np.int64]]:
    """A simple method that has learned from these rows: spectrograms to digits."""
    cost, segments = chosen

    def terms(pictures: Picture) -> NDArray:
        return model.cepstra(pictures, segments, settings["coefficients"])

    fitted = model.simple(name, cost).fit(terms(seen[rows]), train.digits[rows])
    return lambda pictures: np.asarray(fitted.predict(terms(pictures)))


def for_everybody(chosen: Mapping[str, Sequence[Any]]) -> Sequence[Any]:
    """The settings that were chosen for most speakers."""
    return list(Counter(map(tuple, chosen.values())).most_common(1)[0][0])


def held_out(workspace: Workspace) -> Predictions:
    """What shorter trained networks say of training takes of the speaker each has not heard."""
    train = data.load(workspace, "train", reader="train")
    networks, seen = short_training(workspace, train)
    rows = {
        "id": train.ids,
        "group": train.speakers,
        "fold": pd.factorize(train.speakers, sort=True)[0],
        "truth": train.digits,
        "model": say_without(train, seen, networks)[:, :NONE].argmax(axis=1),
    }
    return Predictions(
        pd.DataFrame(rows),
        metric="accuracy_new_speaker",
        higher_is_better=True,
        baselines={SVM: STRONGEST},
        unit="recordings",
    )


def held_out_baseline(workspace: Workspace) -> NDArray[np.int64]:
    """What the support vector machine says of the same recordings, tuned for each speaker."""
    train = data.load(workspace, "train", reader="train")
    settings = workspace.config["baselines"]
    seen = model.see(train.sounds, workspace.config["sound"])
    chosen, _ = tune(train, seen, settings)
    said = np.empty(len(train), dtype=np.int64)
    for who, own in chosen.items():
        rows = train.speakers == who
        said[rows] = fit_simple(SVM, train, seen, ~rows, own, settings)(seen[rows])
    return said


def short_training(
    workspace: Workspace, train: Recordings
) -> tuple[dict[str, Recogniser], Picture]:
    """For each speaker a network that has not heard them, trained for a third of the steps."""
    config, people = workspace.config, speakers_of(train)
    config["train"]["steps"] //= SHORTER
    seen = model.see(train.sounds, config["sound"])
    jobs = [train.speakers != who for who in people]
    made = in_threads(lambda rows: fit(train, seen, rows, workspace.seed, config), jobs)
    networks = {who: recogniser(made[n][0], config) for n, who in enumerate(people)}
    return networks, seen
