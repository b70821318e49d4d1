"""The demo: the trained pilot in the visitor's browser, with the physics that it flies in."""

from typing import Any

import numpy as np

from . import data
from .flights import Chance, Heuristic, observed
from .kit.packing import pack
from .kit.workspace import Workspace
from .model import ENGINES, SEEN
from .predict import Lander
from .serve import FARTHEST

OBSERVATIONS = 200  # each of two controllers', that the browser has to answer as the service does


def export(workspace: Workspace) -> dict[str, bytes]:
    """Both networks, and what their outputs are called."""
    pilot = Lander.load(workspace).pilot
    arrays = {name: array for name, array in pilot.arrays().items() if name in ("policy", "value")}
    about = {
        "sizes": pilot.arrays()["sizes"].tolist(), "scale": pilot.scale, "engines": ENGINES,
        "numbers": len(SEEN), "farthest": FARTHEST,
    }  # fmt: skip
    single = {name: array.astype(np.float32) for name, array in arrays.items()}
    return {"model.bin": pack(about, single)}


def examples(workspace: Workspace) -> list[dict[str, Any]]:
    """Observations of training landings that chance and the heuristic flew; two are refused."""
    landings = data.load(workspace, "train", reader="demo")
    random = np.random.default_rng(workspace.seed)
    bodies: list[dict[str, Any]] = []
    for controller in (Chance(), Heuristic()):
        seen = observed(controller, landings, 1)
        chosen = random.integers(len(seen), size=OBSERVATIONS)
        bodies += [{"observation": seen[place].astype(float).tolist()} for place in chosen]
    refused = [{"observation": [0.0] * 7}, {"observation": [1000.0] * 8}]
    return [*bodies, *refused]
