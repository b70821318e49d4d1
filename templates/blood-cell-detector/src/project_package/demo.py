"""The model for the demo in the browser: page/infer.js reads what is exported here."""

from typing import Any

import numpy as np

from . import data
from .kit.packing import pack
from .kit.workspace import Workspace
from .pictures import KINDS
from .predict import BOX_PLACES, LAYERS, MIDDLE, REACH, SCORE_PLACES, SPREAD, STEP, Detector
from .serve import LEAST, MOST, encode
from .stream import blur

EXAMPLES = 398  # beside two that are refused
ON_SAMPLE = 200


def export(workspace: Workspace) -> dict[str, bytes]:
    """The network, how its peaks become detections, and the limits."""
    detector = Detector.load(workspace)
    arrays = {name: array.ravel() for name, array in detector.arrays.items()}
    about = {
        **detector.detection,
        "size": [detector.picture["width"], detector.picture["height"]],
        "thresholds": list(detector.thresholds),
        "kinds": KINDS,
        "layers": LAYERS,
        "widths": [len(detector.arrays[f"bias{number}"]) for number in range(len(LAYERS))],
        "step": STEP,
        "reach": REACH,
        "middle": MIDDLE,
        "spread": SPREAD,
        "places": [SCORE_PLACES, BOX_PLACES],
        "sides": [LEAST, MOST],
    }
    return {"model.bin": pack(about, arrays)}


def examples(workspace: Workspace) -> list[dict[str, Any]]:
    """Training pictures as they are, out of focus, and cut; two are refused."""
    random = np.random.default_rng(workspace.seed)
    train = data.load(workspace, "train", reader="demo")
    many = ON_SAMPLE - 2 if workspace.holds_sample else EXAMPLES
    bodies = []
    for number, row in enumerate(random.choice(len(train), many)):
        pixels = train.pixels[row]
        if number % 3 == 1:
            pixels = blur(pixels, random.uniform(0, 3))
        if number % 3 == 2:
            rows, columns = random.integers(LEAST, np.array(pixels.shape[:2]) + 1)
            pixels = np.ascontiguousarray(pixels[:rows, :columns])
        bodies.append(encode(pixels))
    return [*bodies, {**bodies[0], "height": 25}, {**bodies[0], "width": MOST + 1}]
