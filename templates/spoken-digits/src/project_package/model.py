"""The network, voices that it has not heard imitated, and the simple methods; no input or output.

The network sees log-mel spectrograms as float32, shape (n, bands, frames), from 0 to 1.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.fft import dct
from scipy.optimize import minimize_scalar
from scipy.special import logsumexp
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC
from torch import Tensor, nn

from .audio import CORNER, MEL, RATE, band_mels, log_mel
from .data import Recordings
from .predict import KERNEL, NONE, STRIDES

CLASSES = NONE + 1  # the digits, and none of them
SVM, NEAREST = "MFCC + SVC", "nearest neighbour on MFCC"
SHORT, LONG = 0.1, 0.8  # seconds of noise, at least and at most
VOICES = ("tract", "speed", "shift")  # what is drawn of every imitated voice
BOUNDS = (0.1, 10.0)  # of the inverse temperature

Settings = Mapping[str, Any]
Picture = NDArray[np.float32]


class Network(nn.Module):
    """Four convolutions; of the last one the largest over time, band by band, decides."""

    def __init__(self, bands: int, width: int, dropout: float) -> None:
        super().__init__()
        widths = [1, *(width * many for many, _ in enumerate(STRIDES, start=1))]
        self.dropout = dropout
        self.convolutions = nn.ModuleList(
            nn.Conv2d(before, after, KERNEL, stride, padding=1, bias=False)
            for before, after, stride in zip(widths[:-1], widths[1:], STRIDES, strict=True)
        )
        self.norms = nn.ModuleList(nn.BatchNorm2d(after) for after in widths[1:])
        for stride in STRIDES:
            bands = -(-bands // stride)
        self.head = nn.Linear(widths[-1] * bands, CLASSES)

    def forward(self, seen: Tensor, random: torch.Generator | None = None) -> Tensor:
        """Logits, shape (n, CLASSES); with `random`, as in training, parts are dropped."""
        found = seen[:, None]
        for convolve, norm in zip(self.convolutions, self.norms, strict=True):
            found = torch.relu(norm(convolve(found)))
        found = found.amax(dim=-1).flatten(1)
        if random is not None:
            kept = torch.rand(found.shape, generator=random) >= self.dropout
            found = found * kept / (1 - self.dropout)
        logits: Tensor = self.head(found)
        return logits

    def fold(self) -> dict[str, NDArray[np.float32]]:
        """The network as plain arrays, every normalisation made part of its convolution."""
        arrays = {"head": self.head.weight, "head_bias": self.head.bias}
        for number, (convolve, norm) in enumerate(zip(self.convolutions, self.norms, strict=True)):
            factor = norm.weight / torch.sqrt(norm.running_var + norm.eps)
            arrays[f"kernel{number}"] = convolve.weight * factor[:, None, None, None]
            arrays[f"bias{number}"] = norm.bias - norm.running_mean * factor
        return {name: array.detach().numpy() for name, array in arrays.items()}


def see(sounds: NDArray[np.object_], settings: Settings) -> Picture:
    """Spectrograms of recordings, shape (n, bands, frames)."""
    seen = [log_mel(sound, settings) for sound in sounds]
    shape = (len(seen), settings["bands"], settings["frames"])
    return np.array(seen, dtype=np.float32).reshape(shape)


def no_digits(recordings: Recordings, rows: int, random: np.random.Generator) -> NDArray:
    """Sounds to learn "none of them" from: of words the halves of two, and noise, by turns."""
    # practice: no_digits
    made = []
    for number in range(rows):
        one, other = random.choice(len(recordings), 2)
        first, second = recordings.sounds[one], recordings.sounds[other]
        cut_up = np.concatenate([second[len(second) // 2 :], first[: len(first) // 2]])
        made.append(cut_up if number % 2 else noise(random))
    column = np.empty(len(made), dtype=object)
    column[:] = made
    return column
    # practice: end


def noise(random: np.random.Generator) -> NDArray[np.int16]:
    """Noise of any colour and length, growing or fading."""
    many = int(random.uniform(SHORT, LONG) * RATE)
    waves = np.fft.rfft(random.normal(0, 1, many))
    coloured = np.fft.irfft(waves * np.arange(1, len(waves) + 1) ** random.uniform(-1, 1), many)
    swelling = np.linspace(*random.uniform(0, 1, 2), many)
    sound = coloured * swelling / np.abs(coloured).max()
    return (sound * np.iinfo(np.int16).max).astype(np.int16)


def augment(seen: Tensor, settings: Settings, sound: Settings, random: torch.Generator) -> Tensor:
    """The same words as other voices, rooms and microphones would give them; shape as `seen`."""
    rows, bands, frames = seen.shape

    def any_of(*shape: int) -> Tensor:
        return torch.rand(rows, *shape, generator=random)

    moved = warp(seen, sound, any_of(len(VOICES)) * 2 - 1, settings)
    tilt = (any_of(1, 1) * 2 - 1) * settings["tilt"] * torch.linspace(-1, 1, bands)[:, None]
    heard = torch.where(moved > 0, moved + tilt, moved)
    grain = torch.randn(rows, bands, frames, generator=random) * settings["grain"]
    floor = (any_of(1, 1) * settings["noise"] + grain) * (any_of(1, 1) < settings["noisy"])
    return mask(torch.maximum(heard, floor).clamp(0, 1), settings, random)


def warp(seen: Tensor, sound: Settings, how: Tensor, settings: Settings) -> Tensor:
    """Vocal tract, speed and place in time changed; `how`, (n, 3) as VOICES, from −1 to 1.

    A tract shorter by a factor raises all resonances by it (Jaitly and Hinton, 2013): on the axis
    of bands that is no mere shift.
    """
    tract = torch.exp(how[:, :1] * settings["tract"])
    speed = torch.exp(how[:, 1:2] * settings["speed"])
    mels = torch.tensor(band_mels(sound), dtype=torch.float32)
    hertz = CORNER * torch.expm1(mels / MEL)
    wanted = MEL * torch.log1p(hertz / tract / CORNER)
    down = (2 * (wanted - mels[0]) / (mels[-1] - mels[0]) - 1).clamp(-1, 1)
    across = torch.linspace(-1, 1, seen.shape[2]) * speed + how[:, 2:] * settings["shift"]
    shape = (-1, *seen.shape[1:])
    grid = torch.stack([across[:, None].expand(shape), down[:, :, None].expand(shape)], dim=-1)
    return nn.functional.grid_sample(seen[:, None], grid, align_corners=True)[:, 0]


def mask(seen: Tensor, settings: Settings, random: torch.Generator) -> Tensor:
    """Stripes along both axes put out (SpecAugment: Park et al., 2019)."""
    for axis in (1, 2):
        size = seen.shape[axis]
        for _ in range(settings["masks"]):
            wide, start = torch.rand(2, len(seen), 1, generator=random)
            wide = wide * settings["mask"] * size
            start = start * (size - wide)
            place = torch.arange(size)
            hidden = (place >= start) & (place < start + wide)
            seen = seen.masked_fill(hidden[:, :, None] if axis == 1 else hidden[:, None], 0.0)
    return seen


def cepstra(seen: Picture, segments: int, coefficients: int) -> NDArray[np.float64]:
    """MFCC averaged over equal segments of what was said, shape (n, segments × coefficients).

    The margins of silence are left out first, so that a segment is a part of the word.
    """
    # practice: cepstra
    rows = []
    for whole, shown in zip(dct(seen.astype(float), axis=1, norm="ortho"), seen, strict=True):
        heard = np.flatnonzero(shown.max(axis=0) > 0)
        first, last = (heard[0], heard[-1] + 1) if len(heard) else (0, shown.shape[1])
        edges = np.linspace(first, last, segments + 1)
        parts = zip(np.floor(edges[:-1]).astype(int), np.ceil(edges[1:]).astype(int), strict=True)
        rows.append(np.concatenate([whole[:coefficients, a:b].mean(axis=1) for a, b in parts]))
    return np.stack(rows)
    # practice: end


def simple(name: str, cost: float) -> Pipeline:
    """A simple method over cepstra, not yet fitted."""
    last = SVC(C=cost) if name == SVM else KNeighborsClassifier(1)
    return make_pipeline(StandardScaler(), last)


def fit_temperature(chances: NDArray, truth: NDArray) -> float:
    """The divisor of log probabilities under which the truth is least surprising (Guo, 2017)."""
    logs = np.log(chances)

    def surprise(inverse: float) -> float:
        scaled = logs * inverse
        return float(np.mean(logsumexp(scaled, axis=1) - scaled[np.arange(len(truth)), truth]))

    return float(1 / minimize_scalar(surprise, bounds=BOUNDS, method="bounded").x)


def cheapest_threshold(confidence: NDArray, right: NDArray, error_cost: float) -> float:
    """The confidence from which on to answer, when asking costs 1 and an error `error_cost`.

    Halfway between two recordings, so that the threshold does not sit on one of them.
    """
    # practice: cheapest_threshold
    order = np.argsort(-confidence, kind="stable")
    errors = np.concatenate([[0], np.cumsum(~right[order])])
    asked = np.arange(len(order), -1, -1)
    answered = int(np.argmin(errors * error_cost + asked))
    edges = np.concatenate([[1.0], confidence[order], [0.0]])
    return float((edges[answered] + edges[answered + 1]) / 2)
    # practice: end
