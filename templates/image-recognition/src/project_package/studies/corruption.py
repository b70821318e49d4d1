"""Corruption robustness: does it hold when pictures are moved, noisy or held askew?"""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import ndimage

from .. import baselines
from ..baselines import HOG
from ..data import Images
from ..evaluate import Judged
from ..kit import figures
from ..kit.results import Picture, Study, Table
from ..kit.workspace import Workspace

Pixels = NDArray[np.uint8]
Method = Callable[[Pixels], NDArray]


def move(pixels: Pixels, by: int, random: np.random.Generator) -> Pixels:
    """Every image moved by `by` pixels along each axis, in a direction of its own."""
    side = pixels.shape[1]
    padded = np.pad(pixels, ((0, 0), (by, by), (by, by)))
    corners = random.choice([0, 2 * by], size=(len(pixels), 2))
    return np.stack(
        [
            image[top : top + side, left : left + side]
            for image, (top, left) in zip(padded, corners, strict=True)
        ]
    )


def add_noise(pixels: Pixels, deviation: int, random: np.random.Generator) -> Pixels:
    """Gaussian noise on every pixel."""
    noisy = pixels + random.normal(0, deviation, pixels.shape)
    return noisy.clip(0, 255).round().astype(np.uint8)


def turn(pixels: Pixels, degrees: int, random: np.random.Generator) -> Pixels:
    """Every image turned about its centre, to the left or to the right."""
    angles = random.choice([-degrees, degrees], size=len(pixels))
    turned = [
        ndimage.rotate(image, angle, reshape=False, order=1)
        for image, angle in zip(pixels, angles, strict=True)
    ]
    return np.stack(turned)


CORRUPTIONS: Mapping[str, Callable[[Pixels, int, np.random.Generator], Pixels]] = {
    "move": move, "noise": add_noise, "turn": turn,
}  # fmt: skip
TOLD = {
    "move": "moved by (pixels)",
    "noise": "noise (standard deviation, grey levels)",
    "turn": "turned by (degrees)",
}


def study(workspace: Workspace, evaluated: Judged) -> Study:
    """Network and support vector machine on the same corrupted test images."""
    settings, rivals = workspace.config, evaluated.rivals
    measured = measure(
        evaluated.images.take(slice(settings["evaluate"]["corrupted"])),
        {
            "network": lambda pixels: evaluated.recogniser.probabilities(pixels).argmax(1),
            HOG: lambda pixels: baselines.predict(HOG, rivals[HOG], pixels, settings["baselines"]),
        },
        settings["evaluate"]["corruption"],
        workspace.seed,
    )
    return Study(
        title="Does it hold when pictures are disturbed?",
        text="Corruption robustness: test images were moved, made noisy, or turned, each kind by "
        "itself and more and more strongly, and shown to both. Moved images are also part of the "
        f"network's training (by at most {settings['train']['shift']} pixels), noisy and turned "
        f"ones are not; {HOG} learned from untouched images only.",
        tables={"robustness": table(measured)},
        figures={"robustness": draw(workspace, measured)},
    )


def measure(
    test: Images,
    methods: Mapping[str, Method],
    levels: Mapping[str, Sequence[int]],
    seed: int,
) -> pd.DataFrame:
    """Accuracy of each method by kind and level of corruption (0: untouched)."""

    def all_of(pixels: Pixels) -> list[float]:
        return [float(np.mean(method(pixels) == test.labels)) for method in methods.values()]

    untouched = all_of(test.pixels)
    rows: list[tuple] = []
    for kind, corrupt in CORRUPTIONS.items():
        rows.append((kind, 0, *untouched))
        for level in levels[kind]:
            random = np.random.default_rng(seed)
            rows.append((kind, level, *all_of(corrupt(test.pixels, level, random))))
    return pd.DataFrame(rows, columns=["kind", "level", *methods]).assign(images=len(test))


def table(measured: pd.DataFrame) -> Table:
    """Accuracy under corruption."""
    shown = measured.assign(kind=measured.kind.map(TOLD)).drop(columns="images")
    return Table(
        f"Accuracy on {measured.images[0]:,} test images, corrupted. One draw of noise and no "
        "intervals: a small gap may be chance.",
        ["images", "by", *shown.columns[2:]],
        shown.to_numpy().tolist(),
    )


def draw(workspace: Workspace, measured: pd.DataFrame) -> Picture:
    """One panel for each kind of corruption."""
    path = workspace.figures / "robustness"
    with figures.figure(path, width=9, height=3.4) as (drawing, whole):
        whole.remove()
        panels = drawing.subplots(1, len(TOLD), sharey=True)
        for axes, (kind, rows) in zip(panels, measured.groupby("kind", sort=False), strict=True):
            axes.plot(rows.level, rows.network, "o-", color=figures.MODEL, label="network")
            axes.plot(rows.level, rows[HOG], "s-", color=figures.BASELINE, label=HOG)
            axes.set(xlabel=TOLD[kind].replace(" (", "\n("), ylim=(0, 1))
        panels[0].set_ylabel("accuracy")
        panels[0].legend(loc="lower left")
    return Picture(
        "Accuracy when test images are moved, made noisy, or turned.",
        "Accuracy by strength of three corruptions, for the network and for the HOG baseline.",
    )
