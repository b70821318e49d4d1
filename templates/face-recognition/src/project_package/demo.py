"""The model for the demo in the browser: page/infer.js reads what is exported here."""

import base64
from typing import Any

import numpy as np
from numpy.typing import NDArray

from . import data
from .kit.packing import pack, shorten
from .kit.workspace import Workspace
from .predict import FAINT, PLACES, Recogniser
from .serve import MOST_PEOPLE, MOST_PICTURES

EXAMPLES = 398  # beside two that are refused
BITS = 20  # of a weight that are kept: changes no answer by as much as is rounded off
ENROLLED = 3  # people in an example's gallery


def export(workspace: Workspace) -> dict[str, bytes]:
    """Mean and directions, and the settings of the descriptor."""
    recogniser = Recogniser.load(workspace)
    encoder = recogniser.encoder
    about = {
        **recogniser.settings,
        "threshold": recogniser.threshold,
        "usual": recogniser.usual,
        "faint": FAINT,
        "places": PLACES,
        "size": [data.HEIGHT, data.WIDTH],
        "most": [MOST_PEOPLE, MOST_PICTURES],
    }
    weights = {"mean": encoder.mean, "directions": encoder.directions.ravel()}
    return {"model.bin": pack(about, {name: shorten(each, BITS) for name, each in weights.items()})}


def examples(workspace: Workspace) -> list[dict[str, Any]]:
    """Faces of the training set, dimmed and moved, before galleries of a few people."""
    random, recogniser = np.random.default_rng(workspace.seed), Recogniser.load(workspace)
    train = data.load(workspace, "train", reader="demo")
    vectors = recogniser.embed(train.pixels).round(PLACES)
    bodies = []
    for row in random.choice(len(train), EXAMPLES):
        pixels = np.roll(train.pixels[row], random.integers(-4, 5, 2), axis=(0, 1))
        dimmed = (pixels * random.uniform(0.5, 1)).astype(np.uint8)
        gallery = {}
        for name in random.choice(np.unique(train.people), random.integers(ENROLLED + 1)):
            of_person = np.flatnonzero(train.people == name)[: random.integers(1, 4)]
            gallery[str(name)] = vectors[of_person].tolist()
        bodies.append({"picture": encode(dimmed), "gallery": gallery})
    grey = np.full_like(train.pixels[0], 90)
    wrong = {"picture": encode(dimmed), "gallery": {"of another model": [[1.0]]}}
    return [*bodies, {"picture": encode(grey)}, wrong]


def encode(pixels: NDArray[np.uint8]) -> str:
    """A picture as /predict takes it."""
    return base64.b64encode(pixels.tobytes()).decode()
