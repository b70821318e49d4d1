"""A drawn sample: invented faces, for tests and for work without a network.

Each person has a shape of head, eyes, brows, nose, mouth and hair; each picture of them is turned,
moved, lit and noisy in its own way, some with glasses. Nobody is shown.
"""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

PEOPLE, EACH = 24, 8
HEIGHT, WIDTH = 112, 92
SEED = 14
FACES = "faces.npz"
LOOKS = {  # what tells people apart, each drawn between two ends; lengths in half widths
    "wide": (0.52, 0.64), "long": (0.66, 0.8), "skin": (140, 205), "hair": (15, 110),
    "fringe": (-0.62, -0.4), "apart": (0.2, 0.29), "eyes": (-0.18, -0.06), "eye": (0.055, 0.09),
    "brow": (0.1, 0.17), "thick": (0.014, 0.04), "nose": (0.16, 0.27), "wing": (0.05, 0.1),
    "mouth": (0.13, 0.24), "low": (0.34, 0.44), "lips": (0.02, 0.045), "jaw": (-0.14, 0.14),
    "ground": (40, 120),
}  # fmt: skip
POSE = {  # what tells pictures of one person apart: standard deviations
    "right": 0.055, "down": 0.045, "larger": 0.05, "tilt": 0.06, "turn": 0.09, "smile": 0.02,
    "open": 0.02, "light": 24.0, "shade": 12.0, "bright": 10.0,
}  # fmt: skip
GLASSES = 0.25  # of the people wear some, now and then
NOISE = 7.0  # grey levels


def write_sample(folder: Path) -> Path:
    """The file of the sample; what is there stays."""
    path = folder / FACES
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        np.savez_compressed(path, **draw(SEED))
    return path


def draw(seed: int) -> dict[str, NDArray[Any]]:
    """`pixels` uint8 (n, height, width), `people` and `ids` (n,); the same seed, the same faces."""
    random = np.random.default_rng(seed)
    pixels, people, ids = [], [], []
    for person in range(1, PEOPLE + 1):
        looks = {name: random.uniform(*ends) for name, ends in LOOKS.items()}
        wears = random.random() < GLASSES
        for number in range(1, EACH + 1):
            pose = {name: random.normal(0, size) for name, size in POSE.items()}
            pixels.append(face(looks, pose, bool(wears and random.random() < 1 / 2), random))
            people.append(f"drawn{person}")
            ids.append(f"drawn{person}/{number}")
    return {"pixels": np.stack(pixels), "people": np.array(people), "ids": np.array(ids)}


def face(
    looks: dict[str, float], pose: dict[str, float], glasses: bool, random: Generator
) -> NDArray[np.uint8]:
    """One picture."""
    down, right = np.mgrid[: float(HEIGHT), : float(WIDTH)]
    x, y = (right - WIDTH / 2) / (WIDTH / 2), (down - HEIGHT / 2) / (WIDTH / 2)
    x, y = x - pose["right"], y - pose["down"]
    cos, sin = np.cos(pose["tilt"]), np.sin(pose["tilt"])
    x, y = ((cos * x + sin * y) / (1 + pose["larger"]), (cos * y - sin * x) / (1 + pose["larger"]))
    levels = np.full(x.shape, looks["ground"])
    width = looks["wide"] + looks["jaw"] * np.clip(y, 0, 1)
    blend(levels, looks["hair"], ellipse(x, y + 0.12, width + 0.09, looks["long"] + 0.12))
    blend(levels, looks["skin"], ellipse(x, y - 0.05, width, looks["long"]))
    blend(levels, looks["hair"], ellipse(x, y - looks["fringe"] + 0.3, 0.55, 0.3))
    inside = x - pose["turn"]  # features move with the head's turn, its outline hardly
    dark = looks["skin"] * 0.35
    for side in (-1, 1):
        at = inside - side * looks["apart"]
        high = y - looks["eyes"]
        blend(levels, 235, ellipse(at, high, looks["eye"] * 1.5, looks["eye"] * 0.75))
        pupil = looks["eye"] * 0.6
        blend(levels, 30, ellipse(at - pose["turn"] / 3, high, pupil, pupil))
        brow = high + 0.13 + side * at * 0.2
        blend(levels, looks["hair"], ellipse(at, brow, looks["brow"], looks["thick"]))
        if glasses:
            rim = np.abs(np.hypot(at / 0.17, high / 0.13) - 1)
            blend(levels, 25, np.clip(1.4 - rim / 0.09, 0, 1))
    nose = y - looks["eyes"] - looks["nose"]
    blend(levels, dark * 1.6, ellipse(inside - pose["turn"] / 2, nose, looks["wing"], 0.03))
    blend(levels, looks["skin"] * 1.12, ellipse(inside - pose["turn"] / 2, nose + 0.12, 0.025, 0.1))
    bend = (y - looks["low"]) + pose["smile"] * 10 * np.square(inside)
    lips = looks["lips"] + abs(pose["open"])
    blend(levels, dark, ellipse(inside, bend, looks["mouth"] + pose["smile"], lips))
    levels += pose["light"] * x + pose["shade"] * y + pose["bright"]
    levels += random.normal(0, NOISE, levels.shape)
    return np.clip(levels, 0, 255).astype(np.uint8)


def ellipse(x: NDArray, y: NDArray, wide: Any, high: float) -> NDArray[np.float64]:
    """How much of each pixel lies inside, its edge softened."""
    far = np.hypot(x / wide, y / high)
    return np.asarray(np.clip((1 - far) * np.minimum(wide, high) * WIDTH / 3 + 0.5, 0, 1))


def blend(levels: NDArray, tone: float, share: NDArray) -> None:
    """Lay a tone over the levels where `share` says."""
    levels += share * (tone - levels)
