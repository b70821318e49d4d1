"""What test_recompute.py needs to know of this project, from libraries alone."""

import json
import wave
from collections.abc import Callable
from itertools import pairwise, product

import numpy as np
import pandas as pd
import torch
from numpy.typing import ArrayLike
from scipy.fft import dct, rfft
from scipy.signal.windows import hann
from sklearn.metrics import accuracy_score
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from project_package.kit.sample import SOUNDS_FILE, write_sample
from project_package.kit.statistics import decimal
from project_package.kit.workspace import Workspace

DRAWN = ("train", "test")  # parts that the seed decides
SHARES = {"train": 0.6, "test": 0.4}
BASELINE_LEVEL = {  # on the sample, whatever the seed
    "MFCC + SVC": 0.6,
    "nearest neighbour on MFCC": 0.5,
}
FACTS = {
    "RATE": "samples a second, as the data have them",
    "LOUDEST": "the largest sample of 16 bits",
    "MEL": "how pitch is heard, a formula of the field",
    "CORNER": "hertz, of the same formula",
    "BEL": "ten decibels are one bel",
    "FAINTEST": "what silence counts as, far below any sound",
    "TINY": "keeps the logarithm of zero away",
    "SHORT": "seconds of noise that nobody said, at least",
    "LONG": "seconds of it at most: as long as a word",
    "BOUNDS": "of a search that ends inside them",
    "KERNEL": "the architecture of the network",
    "STRIDES": "the same, and how many convolutions it has",
    "BATCH": "spectrograms at a time; no result depends on it",
    "WINDOW": "of the map of what decided, which is only shown",
    "LONGEST": "seconds that the service takes",
    "PLACES": "decimals that are kept",
    "SHOWN": "decimals that the page draws",
    "SHORTER": "attempts take a third of the steps",
    "POINTS": "of a learning curve, which is only shown",
    "TOLERANCE": "between two libraries' arithmetic",
    "PART": "samples, of what is watched and not learned from",
    "QUIETEST": "of what is watched and not learned from",
}
SHOWS: dict[str, object] = {  # what to set a number to where half of it shows nothing here
    "baselines.coefficients": 6,
    "costs.error": 50.0,
    "service.silence": -10.0,
    "strangers.sounds": 10,
    "sound.fft": 1024,
    "sound.frames": 20,
    "enrolment.weight": 40.0,
}
DROPS: dict[str, Callable[[Workspace], int]] = {
    "recordings without a single sample": lambda workspace: sum(
        len(sound) == 0 for sound in raw(workspace)["sounds"]
    ),
}
DIGITS = range(10)


def part(workspace: Workspace, name: str) -> dict[str, np.ndarray]:
    """The arrays of one part, sounds apart from each other."""
    with np.load(workspace.processed / f"{name}.npz") as stored:
        arrays = {key: stored[key] for key in stored}
    sounds = np.split(arrays.pop("sound"), arrays.pop("ends")[:-1])
    return {**arrays, "sounds": sounds}


def sealed_truth(workspace: Workspace) -> pd.DataFrame:
    """Id, speaker and digit of the sealed test set."""
    test = part(workspace, "test")
    return pd.DataFrame({"id": test["ids"], "group": test["speakers"], "truth": test["digits"]})


def metric(truth: ArrayLike, said: ArrayLike) -> float:
    """The headline's metric: every speaker has as many rows."""
    return float(accuracy_score(truth, said))


def raw(workspace: Workspace) -> dict[str, np.ndarray]:
    """The recordings that the run began with."""
    if json.loads(workspace.manifest.read_text(encoding="utf-8"))["sample"]:
        with np.load(workspace.sample / SOUNDS_FILE) as stored:
            arrays = {key: stored[key] for key in stored}
        return {**arrays, "sounds": np.split(arrays["sound"], arrays["ends"][:-1])}
    paths = sorted(workspace.raw.glob("recordings/*.wav"))
    sounds = []
    for path in paths:
        with wave.open(str(path)) as file:
            sounds.append(np.frombuffer(file.readframes(file.getnframes()), "<i2"))
    names = [path.stem.split("_") for path in paths]
    return {
        "sounds": sounds,
        "digits": np.array([int(name[0]) for name in names]),
        "speakers": np.array([name[1] for name in names]),
        "ids": np.array([path.stem for path in paths]),
    }


def raw_count(workspace: Workspace) -> int:
    """Recordings there."""
    return len(raw(workspace)["ids"])


def shuffle_target(folder, random: np.random.Generator) -> None:
    """Give every recording the digit of another one of the speaker."""
    path = write_sample(folder)
    with np.load(path) as stored:
        arrays = {key: stored[key] for key in stored}
    for who in set(arrays["speakers"]):
        own = arrays["speakers"] == who
        arrays["digits"][own] = random.permutation(arrays["digits"][own])
    np.savez(path, **arrays)


def as_table(arrays: dict) -> pd.DataFrame:
    """A row a recording: id, speaker, digit, and its samples added up in three ways."""
    sums = [
        [
            len(sound),
            int(np.abs(sound.astype(int)).sum()),
            int((sound.astype(int) * np.arange(len(sound))).sum()),
        ]
        for sound in arrays["sounds"]
    ]
    table = pd.DataFrame(sums, columns=["a", "b", "c"])
    table = table.assign(id=arrays["ids"], speaker=arrays["speakers"], digit=arrays["digits"])
    return table[["id", "speaker", "digit", "a", "b", "c"]]


def sealed_table(workspace: Workspace) -> pd.DataFrame:
    """Every recording of both parts."""
    return pd.concat([as_table(part(workspace, name)) for name in DRAWN], ignore_index=True)


def raw_table(workspace: Workspace) -> pd.DataFrame:
    """The same from the raw recordings."""
    return as_table(raw(workspace))


def spectrograms(sounds: list, settings: dict) -> np.ndarray:
    """Log-mel spectrograms, frame by frame, in decibels from the loudest place of each."""
    mels = np.linspace(
        *(1127 * np.log(1 + settings[end] / 700) for end in ("low", "high")), settings["bands"] + 2
    )
    hertz = 700 * (np.exp(mels / 1127) - 1)
    bins = np.arange(settings["fft"] // 2 + 1) * 8000 / settings["fft"]
    triangles = np.stack(
        [
            np.interp(bins, hertz[n : n + 3], [0, 1, 0], left=0, right=0)
            for n in range(settings["bands"])
        ]
    )
    window, found = hann(settings["frame"], sym=True), []
    for sound in sounds:
        columns, start = [], 0
        while True:
            frame = np.zeros(settings["frame"])
            taken = sound[start : start + settings["frame"]] / 32768
            frame[: len(taken)] = taken
            columns.append(triangles @ np.abs(rfft(frame * window, settings["fft"])) ** 2)
            if start + settings["frame"] >= len(sound):
                break
            start += settings["hop"]
        power = np.stack(columns, axis=1)
        levels = np.clip(
            1 + 10 * np.log10(np.maximum(power / power.max(), 1e-30)) / settings["decibels"],
            0,
            None,
        )
        many, frames = levels.shape[1], settings["frames"]
        if many >= frames:
            found.append(levels[:, (many - frames) // 2 :][:, :frames])
        else:
            before = (frames - many) // 2
            found.append(np.pad(levels, ((0, 0), (before, frames - many - before))))
    return np.stack(found)


def warped(seen: np.ndarray, tract: float, settings: dict) -> np.ndarray:
    """Every band read where it would lie for another vocal tract, between its neighbours."""
    mels = np.linspace(
        *(1127 * np.log(1 + settings[end] / 700) for end in ("low", "high")), settings["bands"] + 2
    )[1:-1]
    wanted = 1127 * np.log(1 + (700 * (np.exp(mels / 1127) - 1)) / tract / 700)
    rows = [
        np.stack([np.interp(wanted, mels, column) for column in picture.T], axis=1)
        for picture in seen
    ]
    return np.stack(rows)


def layers(arrays: dict, seen: np.ndarray) -> torch.Tensor:
    """What the last layer is given, by PyTorch."""
    found = torch.tensor(seen, dtype=torch.float32)[:, None]
    for number, stride in enumerate((2, 2, 2, 1)):
        kernel, bias = (torch.tensor(arrays[f"{name}{number}"]) for name in ("kernel", "bias"))
        found = torch.relu(torch.nn.functional.conv2d(found, kernel, bias, stride, padding=1))
    return found.amax(dim=3).flatten(1)


def chances(arrays: dict, seen: np.ndarray, workspace: Workspace, temperature: float) -> np.ndarray:
    """Probabilities of the classes: the mean over vocal tracts, calibrated."""
    config = workspace.config
    means = []
    for tract in config["model"]["warps"]:
        given = layers(arrays, warped(seen, tract, config["sound"]))
        logits = given @ torch.tensor(arrays["head"]).T + torch.tensor(arrays["head_bias"])
        means.append(torch.softmax(logits, dim=1).double().numpy())
    raised = np.mean(means, axis=0) ** (1 / temperature)
    return raised / raised.sum(axis=1, keepdims=True)


def network(workspace: Workspace, name: str) -> dict[str, np.ndarray]:
    """The arrays of one network."""
    with np.load(workspace.models / "networks.npz") as stored:
        return {
            key.removeprefix(f"{name}/"): stored[key]
            for key in stored
            if key.startswith(f"{name}/")
        }


def training(workspace: Workspace) -> dict:
    return json.loads((workspace.models / "training.json").read_text("utf-8"))


def judged(workspace: Workspace, repeat: int = 0) -> np.ndarray:
    """Probabilities of each test recording by the network without its speaker."""
    test = part(workspace, "test")
    seen, found = (
        spectrograms(test["sounds"], workspace.config["sound"]),
        np.zeros((len(test["ids"]), 11)),
    )
    for who in sorted(set(test["speakers"])):
        own = test["speakers"] == who
        arrays = network(workspace, f"{who}/{repeat}")
        found[own] = chances(arrays, seen[own], workspace, training(workspace)["temperature"])
    return found


def saved_model(workspace: Workspace) -> np.ndarray:
    """The likeliest digit of each test recording."""
    return judged(workspace)[:, :10].argmax(axis=1)


def known_model(workspace: Workspace) -> np.ndarray:
    """The same by the network that is shipped, which has heard everybody."""
    with np.load(workspace.models / "model.npz") as stored:
        arrays = {key: stored[key] for key in stored if key != "about"}
    seen = spectrograms(part(workspace, "test")["sounds"], workspace.config["sound"])
    return chances(arrays, seen, workspace, training(workspace)["temperature"])[:, :10].argmax(
        axis=1
    )


def answered(found: np.ndarray, workspace: Workspace) -> np.ndarray:
    best = found[:, :10].max(axis=1)
    return (best >= training(workspace)["threshold"]) & (best >= found[:, 10])


def calibration(found: np.ndarray, truth: np.ndarray, bins: int) -> float:
    best, right = found[:, :10].max(axis=1), found[:, :10].argmax(axis=1) == truth
    places = pd.cut(
        best, np.linspace(0, 1, bins + 1), labels=False, right=False, include_lowest=True
    )
    table = pd.DataFrame({"place": pd.Series(places).fillna(bins - 1), "gap": best - right})
    return float(table.groupby("place").gap.sum().abs().sum() / len(table))


def metrics(workspace: Workspace) -> dict[str, tuple[float, float | None]]:
    """Every further metric: of the model, and of the strongest simple method."""
    test, found = part(workspace, "test"), judged(workspace)
    said = pd.read_csv(workspace.reports / "predictions.csv")
    right = found[:, :10].argmax(axis=1) == test["digits"]
    svm = (said.mfcc_svc == said.truth).groupby(test["speakers"]).mean()
    sure = answered(found, workspace)
    return {
        "worst_speaker": (pd.Series(right).groupby(test["speakers"]).mean().min(), svm.min()),
        "calibration_error": (
            calibration(found, test["digits"], workspace.config["evaluate"]["bins"]),
            None,
        ),
        "answered": (sure.mean(), None),
        "accuracy_answered": (right[sure].mean(), None),
        "accuracy_known_speaker": (
            float(np.mean(known_model(workspace) == test["digits"])),
            float(np.mean(known_svm(workspace) == test["digits"])),
        ),
        "accuracy_enrolled": (float(enrolled(workspace).mean()), None),
        "other_words_answered": (float(other_words(workspace).mean()), None),
    }


def other_words(workspace: Workspace) -> np.ndarray:
    """Which words that a network was never told of it takes for a digit."""
    test, config, found = part(workspace, "test"), workspace.config, []
    people = sorted(set(test["speakers"]))
    for number, words in enumerate(config["strangers"]["words"]):
        pair = people[2 * number : 2 * number + 2]
        rows = np.flatnonzero(np.isin(test["speakers"], pair) & np.isin(test["digits"], words))
        seen = spectrograms([test["sounds"][row] for row in rows], config["sound"])
        arrays = network(workspace, f"strangers/{number}")
        said = chances(arrays, seen, workspace, training(workspace)["temperature"])
        found.append(answered(said, workspace))
    return np.concatenate(found)


def enrolled(workspace: Workspace) -> np.ndarray:
    """Where the digit is right once every speaker has said all of them before."""
    train, test, config = part(workspace, "train"), part(workspace, "test"), workspace.config
    found = judged(workspace)
    for who in sorted(set(test["speakers"])):
        arrays, means = network(workspace, f"{who}/0"), []
        for digit in DIGITS:
            rows = np.flatnonzero((train["speakers"] == who) & (train["digits"] == digit))
            few = [train["sounds"][row] for row in rows[: config["enrolment"]["takes"]]]
            means.append(layers(arrays, spectrograms(few, config["sound"])).numpy().mean(axis=0))
        own = np.flatnonzero(test["speakers"] == who)
        given = layers(
            arrays, spectrograms([test["sounds"][row] for row in own], config["sound"])
        ).numpy()
        means = np.stack(means)
        likeness = (
            given @ means.T / np.linalg.norm(given, axis=1)[:, None] / np.linalg.norm(means, axis=1)
        )
        found[own, :10] *= np.exp(config["enrolment"]["weight"] * likeness)
    return found[:, :10].argmax(axis=1) == test["digits"]


def tables(workspace: Workspace) -> dict[str, dict]:
    """By speaker, by seed, by kind."""
    test, found = part(workspace, "test"), judged(workspace)
    said = pd.read_csv(workspace.reports / "predictions.csv")
    right = pd.Series(found[:, :10].argmax(axis=1) == test["digits"])
    columns = [
        right,
        said.mfcc_svc == said.truth,
        pd.Series(known_model(workspace) == test["digits"]),
    ]
    people, own = sorted(set(test["speakers"])), pd.Series(enrolled(workspace))
    sure = answered(found, workspace)

    def by(column: pd.Series) -> dict:
        return column.groupby(test["speakers"]).mean().to_dict()

    means = [by(column) for column in columns]
    seeds = {}
    for repeat in range(workspace.config["train"]["repeats"] + 1):
        each = judged(workspace, repeat)[:, :10].argmax(axis=1) == test["digits"]
        label = ("repeat" if repeat else "**headline**", str(workspace.seed + repeat))
        seeds[label] = [each.mean(), *by(pd.Series(each)).values()]
    names = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
    return {
        "speakers": {
            who: [(test["speakers"] == who).sum(), *(mean[who] for mean in means)] for who in people
        },
        "seeds": seeds,
        "enrolment": {who: [means[0][who], by(own)[who]] for who in people},
        "strangers": {
            "digits of a new speaker": [len(sure), sure.mean()],
            "other words": [len(other_words(workspace)), other_words(workspace).mean()],
        },
        "slices": {
            **{
                name: [(test["digits"] == n).sum(), 1 - right[test["digits"] == n].mean()]
                for n, name in enumerate(names)
            },
            "answered without asking again": [sure.sum(), 1 - right[sure].mean()],
        },
    }


def badness(workspace: Workspace) -> pd.Series:
    """By id, how sure the network was of a wrong digit."""
    test, found = part(workspace, "test"), judged(workspace)
    wrong = found[:, :10].argmax(axis=1) != test["digits"]
    return pd.Series(np.where(wrong, found[:, :10].max(axis=1), 0.0).round(6), index=test["ids"])


def notes(workspace: Workspace) -> dict[str, list[str]]:
    """What the sentences on this run have to say."""
    test, found = part(workspace, "test"), judged(workspace)
    right = found[:, :10].argmax(axis=1) == test["digits"]
    known = np.mean(known_model(workspace) == test["digits"])
    said = pd.read_csv(workspace.reports / "predictions.csv")
    gain = (
        pd.Series(right.astype(float) - (said.mfcc_svc == said.truth))
        .groupby(test["speakers"])
        .mean()
    )
    return {
        "known": [f"understands {decimal(known)}", f"recordings, {decimal(right.mean())} and"],
        "six": [f"{(gain > 0).sum()} of {len(gain)} speakers"],
        "asking": [f"{answered(found, workspace).mean():.1%} of the recordings"],
    }


def cepstra(seen: np.ndarray, segments: int, count: int) -> np.ndarray:
    """Cepstral coefficients, averaged over segments of what lies between margins of silence."""
    rows = []
    for picture in seen:
        heard = np.flatnonzero(picture.any(axis=0))
        first, end = heard.min(), heard.max() + 1
        whole = dct(picture.astype(np.float32).astype(float), axis=0, norm="ortho")[:count]
        edges = first + np.arange(segments + 1) * (end - first) / segments
        rows.append([whole[:, int(a) : int(np.ceil(b))].mean(axis=1) for a, b in pairwise(edges)])
    return np.array(rows).reshape(len(seen), -1)


def terms_of(workspace: Workspace, segments: int) -> tuple[dict, dict, np.ndarray, np.ndarray]:
    train, test, config = part(workspace, "train"), part(workspace, "test"), workspace.config
    known, asked = (spectrograms(each["sounds"], config["sound"]) for each in (train, test))
    count = config["baselines"]["coefficients"]
    return train, test, cepstra(known, segments, count), cepstra(asked, segments, count)


def svm(cost: float):
    return make_pipeline(StandardScaler(), SVC(C=cost))


def best_for(workspace: Workspace) -> dict[str, tuple[float, int]]:
    """The settings of each speaker, by leaving out each of the others in turn."""
    grid, train = workspace.config["baselines"], part(workspace, "train")
    people, scores = sorted(set(train["speakers"])), {}
    for segments in grid["segments"]:
        _, _, terms, _ = terms_of(workspace, segments)
        for cost, who in product(grid["costs"], people):
            for other in [each for each in people if each != who]:
                known = ~np.isin(train["speakers"], [who, other])
                asked = train["speakers"] == other
                fitted = svm(cost).fit(terms[known], train["digits"][known])
                found = fitted.score(terms[asked], train["digits"][asked])
                scores.setdefault((who, cost, segments), []).append(found)
    order = [*product(grid["costs"], grid["segments"])]
    return {who: max(order, key=lambda each: np.mean(scores[who, *each])) for who in people}


def known_svm(workspace: Workspace) -> np.ndarray:
    """The machine with the settings that most speakers got, fitted to everybody."""
    chosen = [tuple(each) for each in training(workspace)["chosen"].values()]
    cost, segments = max(chosen, key=chosen.count)
    train, _, terms, asked = terms_of(workspace, segments)
    return svm(cost).fit(terms, train["digits"]).predict(asked)


def baselines(workspace: Workspace) -> dict[str, np.ndarray]:
    """Each simple method tuned and fitted anew, without the speaker that is asked about."""
    chosen = best_for(workspace)
    found = {
        name: np.zeros(len(part(workspace, "test")["ids"]), dtype=int) for name in BASELINE_LEVEL
    }
    for who, (cost, segments) in chosen.items():
        train, test, terms, asked = terms_of(workspace, segments)
        known, own = train["speakers"] != who, test["speakers"] == who
        methods = (svm(cost), make_pipeline(StandardScaler(), KNeighborsClassifier(1)))
        for name, method in zip(found, methods, strict=True):
            found[name][own] = method.fit(terms[known], train["digits"][known]).predict(asked[own])
    return found
