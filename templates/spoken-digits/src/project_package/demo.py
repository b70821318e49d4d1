"""The model for the demo in the browser: page/infer.js reads what is exported here."""

import base64
from typing import Any

import numpy as np

from . import data
from .audio import FAINTEST, LOUDEST, RATE, TINY, filters, warp, write_wave
from .data import DIGITS
from .kit.packing import pack, shorten
from .kit.workspace import Workspace
from .model import see
from .predict import KERNEL, LONGEST, PLACES, STRIDES, WINDOW, Recogniser
from .serve import MOST_TAKES
from .stream import beside_fan

EXAMPLES = 398  # beside two that are refused
ON_SAMPLE = 120  # in tests: with its map of what decided, an answer takes a while
BITS = 20  # of a weight that are kept: changes no answer by as much as is rounded off


def export(workspace: Workspace) -> dict[str, bytes]:
    """The network, the filters of the bands and the vocal tracts, and the limits."""
    recogniser = Recogniser.load(workspace)
    arrays = {name: shorten(array, BITS).ravel() for name, array in recogniser.arrays.items()}
    arrays["filters"] = filters(recogniser.sound).ravel()
    tracts = [warp(tract, recogniser.sound) for tract in (1.0, *recogniser.warps)]
    arrays["tracts"] = np.stack(tracts).ravel()
    about = {
        **recogniser.sound,
        **{
            name: getattr(recogniser, name)
            for name in ("temperature", "threshold", "silence", "weight")
        },
        "words": DIGITS,
        "strides": STRIDES,
        "kernel": KERNEL,
        "widths": [len(recogniser.arrays[f"bias{number}"]) for number in range(len(STRIDES))],
        "window": WINDOW,
        "places": PLACES,
        "longest": LONGEST,
        "takes": MOST_TAKES,
        "loudest": LOUDEST,
        "rate": RATE,
        "faintest": FAINTEST,
        "tiny": TINY,
    }
    return {"model.bin": pack(about, arrays)}


def examples(workspace: Workspace) -> list[dict[str, Any]]:
    """Training takes as they are and beside a fan, some for an enrolled voice; two are refused."""
    random, recogniser = np.random.default_rng(workspace.seed), Recogniser.load(workspace)
    train = data.load(workspace, "train", reader="demo")
    many = ON_SAMPLE - 2 if workspace.holds_sample else EXAMPLES
    bodies: list[dict[str, Any]] = []
    for number, row in enumerate(random.choice(len(train), many)):
        sound = train.sounds[row]
        if number % 3 == 1:
            sound = beside_fan(sound, random.uniform(0, 30), random)
        body: dict[str, Any] = {"recording": encode(sound)}
        if number % 3 == 2:
            of_digits = random.choice(len(DIGITS), 3, replace=False)
            body["enrolled"] = {DIGITS[digit]: own(train, recogniser, digit) for digit in of_digits}
        bodies.append(body)
    bodies[0]["recording"] = encode(np.zeros(2000, np.int16))
    long = {"recording": encode(np.zeros(int(LONGEST * RATE) + 1, np.int16))}
    wrong = {**bodies[1], "enrolled": {"one": [[1.0]]}}
    return [*bodies, long, wrong]


def own(train: data.Recordings, recogniser: Recogniser, digit: int) -> list[list[float]]:
    """A descriptor of some recording of this digit."""
    row = np.flatnonzero(train.digits == digit)[:1]
    return (
        recogniser.describe(see(train.sounds[row], recogniser.sound))
        .astype(float)
        .round(PLACES)
        .tolist()
    )


def encode(sound: np.ndarray) -> str:
    """A recording as /predict takes it."""
    return base64.b64encode(write_wave(sound)).decode()
