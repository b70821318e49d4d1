"""The shipped detector, ready for use: NumPy alone, without PyTorch."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .boxes import KIND, SCORE, suppress
from .kit.arrays import load_arrays, save_arrays
from .kit.web import one_thread
from .kit.workspace import ProjectError, Workspace, read_json
from .pictures import KINDS, decode, shrink

FILE = "model.npz"
# Stride, dilation, and whether what came in is added: of each convolution of 3 × 3.
LAYERS = (
    (2, 1, False), (2, 1, False), (1, 1, True), (2, 1, False),
    (1, 1, True), (1, 2, True), (1, 4, True), (1, 1, True),
)  # fmt: skip
KERNEL, COLOURS = 3, 3  # side of a convolution; channels of a picture
STEP, SIDES = 8, 4  # pixels from one place to the next; sides of a box
REACH = 10.0  # a side's logit counts up to here
MIDDLE, SPREAD = 153.0, 64.0  # of a pixel's values, about
NAMES = tuple(f"{each}{n}" for each in ("kernel", "bias") for n in range(len(LAYERS)))
NAMES += ("head", "head_bias")  # of a network's arrays
SCORE_PLACES, BOX_PLACES = 6, 2  # decimals of an answer
Arrays = Mapping[str, NDArray[np.float32]]


@dataclass(frozen=True)
class Found:
    """A cell: its kind, its box (left, top, right, bottom in pixels), and how sure the network is.

    The score orders detections; it is no probability.
    """

    kind: str
    box: list[float]
    score: float


@dataclass(frozen=True)
class Answer:
    """All detections, best first, and how many of each kind reach their threshold."""

    counts: dict[str, int]
    thresholds: dict[str, float]
    found: list[Found]


@dataclass(frozen=True)
class Detector:
    """A trained network as arrays, with what decides which of its peaks are detections."""

    arrays: Arrays
    picture: Mapping[str, int]
    detection: Mapping[str, Any]
    thresholds: Sequence[float] = (0.0,) * len(KINDS)

    @classmethod
    def load(cls, workspace: Workspace) -> "Detector":
        """Read what `train` shipped; raises ProjectError when there is none."""
        arrays = load_arrays(workspace.models / FILE, (*NAMES, "about"))
        return cls(arrays, **json.loads(str(arrays.pop("about"))))

    def save(self, path: Path) -> None:
        """Write the arrays, and all else as JSON in one of them."""
        about = {name: value for name, value in vars(self).items() if name != "arrays"}
        save_arrays(path, {**self.arrays, "about": np.array(json.dumps(about))})

    def maps(self, pixels: NDArray[np.uint8]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Heat maps from 0 to 1, shape (kinds, rows, columns), and sides in pixels, (4, ...)."""
        found = see(pixels[None])[0]
        for number, (stride, dilation, added) in enumerate(LAYERS):
            kernel, bias = self.arrays[f"kernel{number}"], self.arrays[f"bias{number}"]
            new = convolve(found, kernel, bias, stride, dilation)
            found = np.maximum(0, new + found if added else new)
        said = np.tensordot(self.arrays["head"].astype(float), found, 1)
        said += self.arrays["head_bias"][:, None, None]
        sides = np.logaddexp(0, said[len(KINDS) :].clip(-REACH, REACH)) * STEP
        return 1 / (1 + np.exp(-said[: len(KINDS)])), sides

    @one_thread
    def detect(self, pixels: NDArray[np.uint8]) -> NDArray[np.float64]:
        """Detections in a picture (height, width, 3): kind, box and score, (n, 6), best first."""
        heat, sides = self.maps(pixels)
        settings, (height, width) = self.detection, pixels.shape[:2]
        kinds, rows, columns = np.nonzero((heat == peaks(heat)) & (heat > settings["least"]))
        x, y = (columns + 0.5) * STEP, (rows + 0.5) * STEP
        left, top, right, bottom = sides[:, rows, columns]
        corners = [x - left, y - top, x + right, y + bottom]
        limits = [width, height, width, height]
        boxes = np.stack(corners, axis=1).clip(0, limits).round(BOX_PLACES)
        scores = heat[kinds, rows, columns].round(SCORE_PLACES)
        found = suppress(np.column_stack([kinds, boxes, scores]), settings["overlap"])
        places = [np.cumsum(found[:, KIND] == kind) for kind in range(len(KINDS))]
        order = np.select([found[:, KIND] == kind for kind in range(len(KINDS))], places)
        return found[order <= np.take(settings["most"], found[:, KIND].astype(int))]

    def answer(self, pixels: NDArray[np.uint8]) -> Answer:
        """What is in a picture, for the service."""
        found = self.detect(pixels)
        counts = self.counted(found)
        names = [KINDS[int(kind)] for kind in found[:, KIND]]
        return Answer(
            {name: int((counts[:, KIND] == kind).sum()) for kind, name in enumerate(KINDS)},
            dict(zip(KINDS, self.thresholds, strict=True)),
            [
                Found(name, row[KIND + 1 : SCORE].tolist(), float(row[SCORE]))
                for name, row in zip(names, found, strict=True)
            ],
        )

    def counted(self, found: NDArray) -> NDArray:
        """The detections whose score reaches the threshold of their kind."""
        return found[found[:, SCORE] >= np.take(self.thresholds, found[:, KIND].astype(int))]


def see(pixels: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Pictures (n, height, width, 3) as the network takes them, (n, 3, height, width)."""
    return (np.moveaxis(pixels, -1, 1).astype(float) - MIDDLE) / SPREAD


def convolve(
    found: NDArray, kernel: NDArray, bias: NDArray, stride: int, dilation: int
) -> NDArray[np.float64]:
    """A convolution of 3 × 3 with a margin of zeros, of one picture (channels, rows, columns)."""
    channels, rows, columns = found.shape
    margin = (dilation, dilation)
    padded = np.pad(found, ((0, 0), margin, margin))
    parts = [
        padded[:, down : down + rows : stride, across : across + columns : stride]
        for down in range(0, KERNEL * dilation, dilation)
        for across in range(0, KERNEL * dilation, dilation)
    ]
    stacked = np.stack(parts, axis=1).reshape(channels * len(parts), -1)
    sums = kernel.reshape(len(kernel), -1).astype(float) @ stacked + bias[:, None]
    return sums.reshape(len(kernel), *parts[0].shape[1:])


def peaks(heat: NDArray[np.float64]) -> NDArray[np.float64]:
    """The largest value of each place and its eight neighbours."""
    rows, columns = heat.shape[1:]
    padded = np.pad(heat, ((0, 0), (1, 1), (1, 1)))
    moved = [
        padded[:, down : down + rows, across : across + columns]
        for down in range(KERNEL)
        for across in range(KERNEL)
    ]
    return np.max(moved, axis=0)


def read_picture(path: Path, settings: Mapping[str, int]) -> NDArray[np.uint8]:
    """The pixels of a file at the detector's size; raises ProjectError when it is no picture."""
    try:
        return shrink(decode(path.read_bytes()), settings)
    except OSError as error:
        raise ProjectError(f"{path}: {error}") from error


def run(workspace: Workspace, inputs: Sequence[str]) -> None:
    """Print one JSON line for each picture file; boxes in pixels of the size that is seen."""
    detector = Detector.load(workspace)
    for name in inputs:
        answer = detector.answer(read_picture(Path(name.strip()), detector.picture))
        print(json.dumps({"file": name.strip(), **asdict(answer)}, ensure_ascii=False))


def read_training(workspace: Workspace) -> dict[str, Any]:
    """models/training.json."""
    return dict(read_json(workspace.models / "training.json", made_by="train"))
