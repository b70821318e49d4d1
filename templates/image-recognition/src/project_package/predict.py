"""The shipped recogniser, ready for use: ONNX Runtime and NumPy, no PyTorch."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from .kit.web import one_thread
from .kit.workspace import ProjectError, Workspace
from .photograph import PictureError, prepare

BATCH = 500
WINDOW, STRIDE = 7, 3  # of the occlusion map: 8 × 8 windows over 28 × 28 pixels


@dataclass(frozen=True)
class Verdict:
    """What the recogniser thinks of one picture, and why.

    `sure` is false where a person should be asked. `pixels` is what the network saw, 28 rows of 28
    grey levels. `occlusion` says by how much the probability of `label` falls when a window of the
    image is blacked out: rows from top to bottom.
    """

    label: str
    probability: float
    sure: bool
    threshold: float
    probabilities: dict[str, float]
    pixels: list[list[int]]
    occlusion: list[list[float]]
    remark: str


@dataclass(frozen=True)
class ImageRecogniser:
    """The exported network; it carries its classes' names and the threshold of confidence."""

    session: onnxruntime.InferenceSession
    classes: tuple[str, ...]
    threshold: float

    @classmethod
    def load(cls, workspace: Workspace) -> "ImageRecogniser":
        """Read what `train` exported; raises ProjectError when there is none."""
        path = workspace.models / "model.onnx"
        if not path.exists():
            raise ProjectError(f"{path.name} is missing: run `python -m {__package__} train` first")
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1  # for one picture, waking others costs more than they do
        session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
        about = session.get_modelmeta().custom_metadata_map
        return cls(session, tuple(json.loads(about["classes"])), float(about["threshold"]))

    def probabilities(self, pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Calibrated, of images uint8 (n, 28, 28); shape (n, classes)."""
        images = pixels[:, None].astype(np.float32) / 255
        chunks = [images[start : start + BATCH] for start in range(0, len(images), BATCH)]
        return np.concatenate([self.session.run(None, {"images": part})[0] for part in chunks])

    def occlusion(self, pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Fall of the likeliest class's probability by window (Zeiler and Fergus, 2014)."""
        corners = range(0, pixels.shape[0] - WINDOW + 1, STRIDE)
        covered = np.repeat(pixels[None], len(corners) ** 2 + 1, axis=0)
        places = [(top, left) for top in corners for left in corners]
        for image, (top, left) in zip(covered[1:], places, strict=True):
            image[top : top + WINDOW, left : left + WINDOW] = 0
        found = self.probabilities(covered)
        likeliest = found[0].argmax()
        return (found[0, likeliest] - found[1:, likeliest]).reshape(len(corners), -1)

    @one_thread
    def judge(self, content: bytes) -> Verdict:
        """What an encoded picture shows; raises PictureError when it cannot be used."""
        prepared = prepare(content)
        (found,) = self.probabilities(prepared.pixels[None])
        best = int(found.argmax())
        chances = zip(self.classes, found, strict=True)
        return Verdict(
            label=self.classes[best],
            probability=float(found[best]),
            sure=bool(found[best] >= self.threshold),
            threshold=self.threshold,
            probabilities={name: round(float(chance), 4) for name, chance in chances},
            pixels=prepared.pixels.tolist(),
            occlusion=self.occlusion(prepared.pixels).round(4).tolist(),
            remark=prepared.remark,
        )


def run(workspace: Workspace, inputs: Sequence[str]) -> None:
    """Print one JSON line for each picture file."""
    recogniser = ImageRecogniser.load(workspace)
    for name in inputs:
        try:
            verdict = recogniser.judge(Path(name.strip()).read_bytes())
        except (OSError, PictureError) as error:
            raise ProjectError(f"{name.strip() or 'no file named'}: {error}") from error
        print(json.dumps({"file": name, **asdict(verdict)}, ensure_ascii=False))
