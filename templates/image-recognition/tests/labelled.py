"""The sample's test set as lines of feedback, and the same with truths that are wrong."""

import base64
import io

import numpy as np
from PIL import Image

from project_package import data
from project_package.data import CLASSES
from project_package.kit.workspace import Workspace


def lines(workspace: Workspace) -> list[dict]:
    """As somebody would bring them who named what later pictures show."""
    images = data.read_part(workspace.processed / "test.npz")
    return [
        {"image": as_png(pixels), "truth": CLASSES[label]}
        for pixels, label in zip(images.pixels, images.labels, strict=True)
    ]


def as_png(pixels: np.ndarray) -> str:
    """A picture file in base64."""
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    return base64.b64encode(file.getvalue()).decode()


def swapped(lines: list[dict]) -> list[dict]:
    """Each picture has the name of the class after its own."""
    after = dict(zip(CLASSES, (*CLASSES[1:], CLASSES[0]), strict=True))
    return [{**line, "truth": after[line["truth"]]} for line in lines]


def size(workspace: Workspace) -> int:
    """How many rows the training part has."""
    return len(data.load(workspace, "train", reader="train"))
