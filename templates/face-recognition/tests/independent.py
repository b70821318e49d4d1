"""What test_recompute.py needs to know of this project, from NumPy and libraries alone."""

import json
from collections.abc import Callable
from functools import cache
from itertools import combinations, product
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy.linalg import eigh
from scipy.ndimage import convolve1d, map_coordinates
from skimage.measure import block_reduce
from sklearn.covariance import shrunk_covariance
from sklearn.decomposition import PCA
from sklearn.metrics import roc_auc_score, roc_curve
from sklearn.preprocessing import normalize

from project_package.kit.sample import FACES, write_sample
from project_package.kit.statistics import decimal
from project_package.kit.workspace import Workspace
from project_package.predict import Recogniser

DRAWN = ("train", "test")  # parts that the seed decides
SHARES = {"train": 0.5, "test": 0.5}
BASELINE_LEVEL = {  # on the sample, whatever the seed
    "pixels": 0.02,
    "eigenfaces": 0.02,
    "fisherfaces": 0.05,
    "local binary patterns": 0.015,
    "plain gradients": 0.05,
}
FACTS = {
    "BINOMIAL": "weights of a smoothing that every descriptor begins with",
    "NEIGHBOURS": "a local binary pattern has eight neighbours",
    "KINDS": "of uniform patterns there are 58, and one for all others",
    "CHUNK": "pictures at a time; no result depends on it",
    "LIGHT": "grey levels that rounding may cost",
    "DIGITS": "decimals of a place on a circle",
    "PLACES": "decimals with which a likeness is kept",
}
SHOWS: dict[str, object] = {}  # what to set a number to where half of it shows nothing here
DROPS: dict[str, Callable[[Workspace], int]] = {}


def part(workspace: Workspace, name: str) -> dict[str, np.ndarray]:
    """The arrays of one part."""
    with np.load(workspace.processed / f"{name}.npz") as stored:
        return {key: stored[key] for key in stored}


def every_pair(ids: np.ndarray, people: np.ndarray) -> pd.DataFrame:
    """All pairs of pictures by their places, each once."""
    rows = []
    for number, (one, other) in enumerate(combinations(range(len(ids)), 2)):
        whose = people[other] if number % 2 == 0 else people[one]
        alike = int(people[one] == people[other])
        rows.append((f"{ids[one]} {ids[other]}", whose, alike, one, other))
    return pd.DataFrame(rows, columns=["id", "group", "truth", "one", "other"])


def sealed_truth(workspace: Workspace) -> pd.DataFrame:
    """Id, bootstrap unit and truth of every pair of the sealed test set."""
    test = part(workspace, "test")
    return every_pair(test["ids"], test["people"])[["id", "group", "truth"]]


def metric(truth: ArrayLike, scores: ArrayLike) -> float:
    """The headline's metric: the last point of scikit-learn's curve within 1 % of accepts."""
    truth, scores = np.asarray(truth), np.asarray(scores)
    if truth.min() == truth.max():
        return float("nan")
    false, true, _ = roc_curve(truth, scores, drop_intermediate=False)
    return float(true[false <= 0.01 + 1e-12].max())


def raw_faces(workspace: Workspace) -> dict[str, np.ndarray]:
    """The pictures that the run began with."""
    if json.loads(workspace.manifest.read_text(encoding="utf-8"))["sample"]:
        with np.load(workspace.sample / FACES) as stored:
            return {key: stored[key] for key in stored}
    paths = sorted(workspace.raw.glob("s*/*.pgm"), key=str)
    pixels = [np.frombuffer(each.read_bytes()[-112 * 92 :], np.uint8) for each in paths]
    return {
        "pixels": np.stack(pixels).reshape(-1, 112, 92),
        "people": np.array([each.parent.name for each in paths]),
        "ids": np.array([f"{each.parent.name}/{each.stem}" for each in paths]),
    }


def raw_count(workspace: Workspace) -> int:
    """Pictures there."""
    return len(raw_faces(workspace)["ids"])


def shuffle_target(folder: Path, random: np.random.Generator) -> None:
    """Give every picture the name of another one."""
    path = write_sample(folder)
    with np.load(path) as stored:
        faces = {key: stored[key] for key in stored}
    faces["people"] = random.permutation(faces["people"])
    np.savez_compressed(path, **faces)


def as_table(faces: dict[str, np.ndarray]) -> pd.DataFrame:
    """A row a picture: id, person, and its pixels added up in three ways."""
    flat = faces["pixels"].reshape(len(faces["ids"]), -1).astype(float)
    weights = np.random.default_rng(0).random((flat.shape[1], 3))
    sums = pd.DataFrame(flat @ weights, columns=["a", "b", "c"])
    return sums.assign(id=faces["ids"], person=faces["people"])[["id", "person", "a", "b", "c"]]


def sealed_table(workspace: Workspace) -> pd.DataFrame:
    """Every picture of both parts."""
    return pd.concat([as_table(part(workspace, name)) for name in DRAWN], ignore_index=True)


def raw_table(workspace: Workspace) -> pd.DataFrame:
    """The same from the raw pictures."""
    return as_table(raw_faces(workspace))


def judged(workspace: Workspace) -> pd.DataFrame:
    """The pairs of the test set with what the saved model says, and the strongest simple method."""
    test = part(workspace, "test")
    said = pd.read_csv(workspace.reports / "predictions.csv")
    simple = json.loads((workspace.reports / "metrics.json").read_text("utf-8"))["baselines"][0]
    threshold = Recogniser.load(workspace).threshold
    return every_pair(test["ids"], test["people"]).assign(
        model=said.model, simple=said[simple["column"]], passed=said.model > threshold
    )


def equal_error(pairs: pd.DataFrame, column: str) -> float:
    """Where both error rates meet on scikit-learn's curve."""
    false, true, _ = roc_curve(pairs.truth, pairs[column], drop_intermediate=False)
    place = np.argmin(np.abs(1 - true - false))
    return float((1 - true[place] + false[place]) / 2)


def metrics(workspace: Workspace) -> dict[str, tuple[float, float | None]]:
    """Every further metric: of the model, and of the strongest simple method."""
    pairs = judged(workspace)
    own, apart = pairs[pairs.truth == 1], pairs[pairs.truth == 0]
    columns = ("model", "simple")
    return {
        "eer": tuple(equal_error(pairs, name) for name in columns),
        "auc": tuple(roc_auc_score(pairs.truth, pairs[name]) for name in columns),
        "accepted": (own.passed.mean(), None),
        "false_accepts": (apart.passed.mean(), None),
        "closed_set": closed_set(workspace),
    }


def closed_set(workspace: Workspace) -> tuple[float, float]:
    """Five pictures of everybody known, each of the others given to the nearest mean likeness."""
    train, test = part(workspace, "train"), part(workspace, "test")
    name = json.loads((workspace.reports / "metrics.json").read_text("utf-8"))["baselines"][0][
        "name"
    ]
    chosen = json.loads((workspace.models / "training.json").read_text("utf-8"))["chosen"][name]
    found = []
    for vectors in (
        Recogniser.load(workspace).embed(test["pixels"]),
        embed(name, chosen, workspace.config, train, test["pixels"]),
    ):
        table = pd.DataFrame(vectors).assign(person=test["people"])
        order = table.groupby("person").cumcount()
        known, asked = table[order < 5], table[order >= 5]
        likeness = pd.DataFrame(
            known.drop(columns="person").to_numpy() @ asked.drop(columns="person").to_numpy().T
        )
        nearest = likeness.groupby(known.person.to_numpy()).mean().idxmax()
        found.append(float((nearest.to_numpy() == asked.person.to_numpy()).mean()))
    return found[0], found[1]


def tables(workspace: Workspace) -> dict[str, dict[str, list[float | None]]]:
    """Refusals by person, and every method on the same pairs."""
    pairs, people = judged(workspace), part(workspace, "test")["people"]
    own = pairs[pairs.truth == 1]
    rows = json.loads((workspace.reports / "metrics.json").read_text("utf-8"))["baselines"]
    said = pd.read_csv(workspace.reports / "predictions.csv")
    names = {"whitened gradients": "model", **{row["name"]: row["column"] for row in rows}}
    return {
        "people": {
            who: [1 - part.passed.mean()] for who, part in own.groupby(people[own.one.to_numpy()])
        },
        "methods": {
            name: [metric(said.truth, said[column]), equal_error(said, column)]
            for name, column in names.items()
        },
    }


def badness(workspace: Workspace) -> pd.Series:
    """By id, how far beyond the threshold a pair lies on the wrong side."""
    pairs = judged(workspace)
    beyond = pairs.model - Recogniser.load(workspace).threshold
    return pd.Series(np.where(pairs.truth == 1, -beyond, beyond), index=pairs.id)


def notes(workspace: Workspace) -> dict[str, list[str]]:
    """What the sentences on this run have to say."""
    pairs, people = judged(workspace), part(workspace, "test")["people"]
    own = pairs[pairs.truth == 1]
    refused = (~own.passed).groupby(people[own.one.to_numpy()]).mean()
    return {
        "people": [f"{(refused == 0).sum()} are never", f"refused in {refused.max():.0%} of"],
        "closed-set": [decimal(closed_set(workspace)[0])],
    }


def saved_model(workspace: Workspace) -> np.ndarray:
    """What the model in models/ says of the sealed test set."""
    test = part(workspace, "test")
    return likeness(Recogniser.load(workspace).embed(test["pixels"]))


def likeness(vectors: np.ndarray) -> np.ndarray:
    """Of every pair, in the order of `every_pair`."""
    return (vectors @ vectors.T)[np.triu_indices(len(vectors), 1)]


def baselines(workspace: Workspace) -> dict[str, np.ndarray]:
    """Each simple method tuned and fitted anew on the sealed training set."""
    config, train, test = workspace.config, part(workspace, "train"), part(workspace, "test")
    fold = folds(train["people"], workspace.seed, config["train"]["folds"])
    found = {}
    for name in BASELINE_LEVEL:
        grid = config["baselines"].get(name.split()[-1], {})
        tried = [dict(zip(grid, values, strict=True)) for values in product(*grid.values())]
        scores = [held_out(name, each, config, train, fold) for each in tried]
        best = tried[int(np.argmax(scores))]
        found[name] = likeness(embed(name, best, config, train, test["pixels"]))
    return found


def folds(people: np.ndarray, seed: int, count: int) -> np.ndarray:
    """The fold of each picture: people in the order of their names, dealt by the seed."""
    names = sorted(set(people))
    dealt = np.random.default_rng(seed).permutation(len(names))
    place = {names[number]: turn % count for turn, number in enumerate(dealt)}
    return np.array([place[name] for name in people])


def held_out(name: str, settings: dict, config: dict, train: dict, fold: np.ndarray) -> float:
    """The metric over the pairs of all folds."""
    truth, said = [], []
    for number in range(fold.max() + 1):
        mine = fold == number
        others = {key: each[~mine] for key, each in train.items()}
        vectors = embed(name, settings, config, others, train["pixels"][mine])
        pairs = every_pair(train["ids"][mine], train["people"][mine])
        truth.append(pairs.truth)
        said.append(likeness(vectors).round(10))
    return metric(np.concatenate(truth), np.concatenate(said))


def embed(name: str, settings: dict, config: dict, train: dict, pixels: np.ndarray) -> np.ndarray:
    """Vectors of length one by a simple method that is fitted to `train`."""
    known, asked = (features(name, settings, config, each) for each in (train["pixels"], pixels))
    mean = known.mean(axis=0)
    if name == "eigenfaces":
        fitted = PCA(min(settings["components"], len(known) - 1), svd_solver="full").fit(known)
        return normalize(fitted.transform(asked))
    if name == "fisherfaces":
        fitted = PCA(min(settings["components"], len(known) - 1), svd_solver="full").fit(known)
        scores = pd.DataFrame(fitted.transform(known))
        own = scores - scores.groupby(train["people"]).transform("mean")
        within = own.T.to_numpy() @ own.to_numpy() / len(own)
        between = scores.T.to_numpy() @ scores.to_numpy() / len(scores) - within
        _, turned = eigh(between, shrunk_covariance(within, settings["shrinkage"]))
        kept = len(set(train["people"])) - 1
        return normalize(fitted.transform(asked) @ turned[:, -kept:])
    return normalize(asked - mean)


def features(name: str, settings: dict, config: dict, pixels: np.ndarray) -> np.ndarray:
    """What a simple method looks at."""
    if name in DESCRIBED:
        chosen = {**config["model"], **settings} if name == "plain gradients" else settings
        return np.stack([described(name, face.tobytes(), **chosen) for face in pixels])
    block = config["baselines"]["block"]
    height, width = (side // block * block for side in pixels.shape[1:])
    cut = pixels[:, :height, :width].astype(float)
    small = block_reduce(cut, (1, block, block), np.mean).reshape(len(pixels), -1)
    return normalize(small - small.mean(axis=1, keepdims=True))


@cache
def described(name: str, picture: bytes, **settings: float) -> np.ndarray:
    """What a slow method looks at in one picture: folds ask for most of them again."""
    return DESCRIBED[name](np.frombuffer(picture, np.uint8).reshape(112, 92), **settings)


WEIGHTS = np.array([1, 4, 6, 4, 1]) / 16


def smoothed(face: np.ndarray) -> np.ndarray:
    """By the binomial weights along both axes."""
    down = convolve1d(face.astype(float), WEIGHTS, axis=0, mode="nearest")
    return convolve1d(down, WEIGHTS, axis=1, mode="nearest")


def binary_patterns(face: np.ndarray, radius: int, rows: int, halved: bool) -> np.ndarray:
    """Patterns of at most two changes by themselves, all others together, away from the border.

    In whichever order the patterns come: the likeness of two pictures does not depend on it.
    """
    levels = smoothed(face)[::2, ::2] if halved else face.astype(float)
    y, x = np.mgrid[radius : levels.shape[0] - radius, radius : levels.shape[1] - radius]
    bits = []
    for turn in range(8):
        up, right = (round(float(radius * wave(np.pi * turn / 4)), 6) for wave in (np.sin, np.cos))
        level = map_coordinates(levels, [y - up, x + right], order=1, mode="nearest")
        bits.append(level >= levels[y, x] - 1e-8)
    ring = np.stack(bits)
    changes = (ring != np.roll(ring, 1, axis=0)).sum(axis=0)
    code = np.where(changes <= 2, np.packbits(ring, axis=0)[0].astype(int), 256)
    regions = (
        region
        for band in np.array_split(code, rows, axis=0)
        for region in np.array_split(band, rows - 1, axis=1)
    )
    kinds = [pattern for pattern in range(257) if pattern == 256 or calm(pattern)]
    shares = [np.bincount(region.ravel(), minlength=257)[kinds] / region.size for region in regions]
    return np.sqrt(np.concatenate(shares))


def calm(pattern: int) -> bool:
    """Whether a ring of eight bits changes twice at most."""
    ring = f"{pattern:08b}"
    return sum(a != b for a, b in zip(ring, ring[1:] + ring[0], strict=True)) <= 2


def edges(face: np.ndarray, **settings: float) -> np.ndarray:
    """Histograms of gradients, cell by cell, written out."""
    levels = smoothed(face)
    across = convolve1d(levels, [0.5, 0, -0.5], axis=1, mode="nearest")
    down = convolve1d(levels, [0.5, 0, -0.5], axis=0, mode="nearest")
    count, cell = settings["orientations"], settings["cell"]
    place = (np.arctan2(down, across) / (2 * np.pi) % 1) * count
    below = np.floor(place).astype(int)
    strength, part = np.hypot(across, down), place - below
    found = []
    for centre_y in range(cell // 2, face.shape[0], cell):
        for centre_x in range(cell // 2, face.shape[1], cell):
            tall = np.exp(-(((np.arange(face.shape[0]) - centre_y) / settings["window"]) ** 2) / 2)
            wide = np.exp(-(((np.arange(face.shape[1]) - centre_x) / settings["window"]) ** 2) / 2)
            weight = strength * np.outer(tall / tall.sum(), wide / wide.sum())
            votes = np.bincount((below % count).ravel(), (weight * (1 - part)).ravel(), count)
            votes += np.bincount(((below + 1) % count).ravel(), (weight * part).ravel(), count)
            found.append(np.sqrt(votes / (np.linalg.norm(votes) + settings["floor"])))
    return np.concatenate(found)


DESCRIBED = {"local binary patterns": binary_patterns, "plain gradients": edges}
