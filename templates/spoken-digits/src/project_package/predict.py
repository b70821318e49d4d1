"""The shipped recogniser, ready for use: NumPy alone, without PyTorch."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from .audio import RATE, SoundError, log_mel, loudness, read_wave, warp
from .data import DIGITS
from .kit.arrays import load_arrays, save_arrays
from .kit.web import one_thread
from .kit.workspace import ProjectError, Workspace, read_json

FILE = "model.npz"
KERNEL, STRIDES = 3, (2, 2, 2, 1)  # side and steps of the four convolutions
NAMES = tuple(f"{each}{n}" for each in ("kernel", "bias") for n in range(len(STRIDES)))
NAMES += ("head", "head_bias")  # of a network's arrays
BATCH = 200
WINDOW = (10, 8)  # of the occlusion map: bands and frames covered at a time
NONE = len(DIGITS)  # the class of what is no digit
LONGEST = 3.0  # seconds of a recording
PLACES, SHOWN = 5, 4  # decimals of what enrolment keeps, and of what the page draws
Arrays = Mapping[str, NDArray[np.float32]]
Enrolled = Mapping[str, Sequence[Sequence[float]]]


@dataclass(frozen=True)
class Answer:
    """What the recogniser takes a recording for, and why.

    `sure` is false where it does not answer: `reason` says why. `probabilities` are of the digits
    and of "none of them". `seen` is the spectrogram, bands from low to high; `occlusion` says by
    how much the probability of `digit` falls when a part of it is put out. `descriptor` is what
    enrolment keeps.
    """

    digit: int
    word: str
    probability: float
    sure: bool
    threshold: float
    reason: str
    loudness: float
    probabilities: dict[str, float]
    seen: list[list[float]]
    occlusion: list[list[float]]
    descriptor: list[float]


@dataclass(frozen=True)
class Recogniser:
    """A trained network as arrays, with the settings of what it sees and when it answers."""

    arrays: Arrays
    sound: Mapping[str, Any]
    warps: Sequence[float]
    temperature: float = 1.0
    threshold: float = 0.0
    silence: float = 0.0
    weight: float = 0.0

    @classmethod
    def load(cls, workspace: Workspace) -> "Recogniser":
        """Read what `train` shipped; raises ProjectError when there is none."""
        arrays = load_arrays(workspace.models / FILE, (*NAMES, "about"))
        return cls(arrays, **json.loads(str(arrays.pop("about"))))

    def save(self, path: Path) -> None:
        """Write the arrays, and all else as JSON in one of them."""
        about = {name: value for name, value in vars(self).items() if name != "arrays"}
        save_arrays(path, {**self.arrays, "about": np.array(json.dumps(about))})

    def describe(self, seen: NDArray) -> NDArray[np.float32]:
        """What the last layer is given, shape (n, values), of spectrograms (n, bands, frames)."""
        starts = range(0, max(1, len(seen)), BATCH)  # of no recordings one part, that is empty
        parts = [seen[start : start + BATCH] for start in starts]
        return np.concatenate([_features(self.arrays, part.astype(np.float32)) for part in parts])

    def chances(self, seen: NDArray, warps: Sequence[float] | None = None) -> NDArray[np.float64]:
        """Probabilities, shape (n, classes): the mean over vocal tracts, then calibrated."""
        tracts = [warp(tract, self.sound) for tract in (warps or self.warps)]
        each = [softmax(self.logits(np.einsum("ij,njt->nit", how, seen))) for how in tracts]
        return softmax(np.log(np.mean(each, axis=0)) / self.temperature)

    def logits(self, seen: NDArray) -> NDArray[np.float64]:
        """Scores of the classes, shape (n, classes)."""
        found = self.describe(seen) @ self.arrays["head"].T + self.arrays["head_bias"]
        return found.astype(float)

    @one_thread
    def recognise(
        self, samples: NDArray[np.int16], enrolled: Enrolled, explain: bool = True
    ) -> Answer:
        """Take one recording for a digit; `enrolled` are descriptors by word, as answers gave them.

        Without `explain` the occlusion is left out, which takes longer than all else. Raises
        ProjectError for descriptors of another model.
        """
        seen = log_mel(samples, self.sound)[None]
        descriptor = self.describe(seen)[0]
        found = remember(self.chances(seen)[0], descriptor, enrolled, self.weight)
        digit, loud = int(found[:NONE].argmax()), loudness(samples, self.sound)
        probability = float(found[digit])
        reason = (
            "silence" if loud < self.silence
            else "none of them" if found[NONE] > probability
            else "not sure" if probability < self.threshold else ""
        )  # fmt: skip
        return Answer(
            digit=digit,
            word=DIGITS[digit],
            probability=probability,
            sure=not reason,
            threshold=self.threshold,
            reason=reason,
            loudness=loud,
            probabilities=dict(zip((*DIGITS, "none of them"), found.tolist(), strict=True)),
            seen=seen[0].round(SHOWN).tolist(),
            occlusion=self.occlusion(seen[0], digit).round(SHOWN).tolist() if explain else [],
            descriptor=descriptor.astype(float).round(PLACES).tolist(),
        )

    def occlusion(self, seen: NDArray, digit: int) -> NDArray[np.float64]:
        """Fall of a digit's probability, part by part (Zeiler and Fergus, 2014); unwarped."""
        rows, columns = (
            range(0, size, step) for size, step in zip(seen.shape, WINDOW, strict=True)
        )
        covered = np.repeat(seen[None], 1 + len(rows) * len(columns), axis=0)
        places = [(row, column) for row in rows for column in columns]
        for picture, (row, column) in zip(covered[1:], places, strict=True):
            picture[row : row + WINDOW[0], column : column + WINDOW[1]] = 0
        found = self.chances(covered, [1.0])[:, digit]
        return (found[0] - found[1:]).reshape(len(rows), len(columns))


def _features(arrays: Arrays, found: NDArray) -> NDArray[np.float32]:
    """The convolutions, and of the last one the largest over time."""
    found = found[:, None]
    for number, stride in enumerate(STRIDES):
        padded = np.pad(found, ((0, 0), (0, 0), (1, 1), (1, 1)))
        parts = sliding_window_view(padded, (KERNEL, KERNEL), axis=(-2, -1))
        kernel, bias = arrays[f"kernel{number}"], arrays[f"bias{number}"]
        taken = parts[:, :, ::stride, ::stride]
        sums = np.einsum("ncyxkl,ockl->noyx", taken, kernel, optimize=True)
        found = np.maximum(0, sums + bias[:, None, None])
    rows, channels, bands, _ = found.shape
    return found.max(axis=-1).reshape(rows, channels * bands)


def softmax(logits: NDArray) -> NDArray[np.float64]:
    """Probabilities along the last axis."""
    raised = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return np.asarray(raised / raised.sum(axis=-1, keepdims=True))


def remember(
    chances: NDArray, descriptor: NDArray, enrolled: Enrolled, weight: float
) -> NDArray[np.float64]:
    """Probabilities, where the asker's own recordings speak too.

    Each digit's probability is raised by the cosine between this recording and the mean of those
    enrolled for it; digits of which there is none keep the mean of all. Raises ProjectError for
    descriptors of another length.
    """
    # practice: remember
    likeness = np.full(len(chances), np.nan)
    for word, vectors in enrolled.items():
        if any(len(vector) != len(descriptor) for vector in vectors):
            raise ProjectError(f"{word} was enrolled with another model: enrol it again")
        mean = np.mean(np.asarray(vectors, dtype=float), axis=0)
        lengths = np.linalg.norm(mean) * np.linalg.norm(descriptor)
        likeness[DIGITS.index(word)] = mean @ descriptor / max(lengths, np.finfo(float).tiny)
    if np.isnan(likeness).all():
        return np.asarray(chances, dtype=float)
    likeness[np.isnan(likeness)] = np.nanmean(likeness)
    return softmax(np.log(chances) + weight * likeness)
    # practice: end


def read_recording(path: Path) -> NDArray[np.int16]:
    """The samples of a file; raises ProjectError when it is none that can be used."""
    try:
        samples = read_wave(path.read_bytes())
    except (OSError, SoundError) as error:
        raise ProjectError(f"{path}: {error}") from error
    if len(samples) > LONGEST * RATE:
        raise ProjectError(f"{path} is longer than {LONGEST:g} seconds: cut out one word")
    return samples


def run(workspace: Workspace, inputs: Sequence[str]) -> None:
    """Print one JSON line for each WAV file, without its pictures."""
    recogniser = Recogniser.load(workspace)
    for name in inputs:
        answer = asdict(recogniser.recognise(read_recording(Path(name.strip())), {}, explain=False))
        for long in ("seen", "occlusion", "descriptor"):
            del answer[long]
        print(json.dumps({"file": name.strip(), **answer}, ensure_ascii=False))


def read_training(workspace: Workspace) -> dict[str, Any]:
    """models/training.json."""
    return dict(read_json(workspace.models / "training.json", made_by="train"))
