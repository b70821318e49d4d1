"""A generated sample: circles like cells, drawn anew in every project, for tests and work offline.

Red rings, purple discs with a lobed core and small dots lie on a wide ground; a picture is a window
on such a field. Of many fields there are two or three windows, shifted against each other, so that
a split by pictures leaks as that of the real data does. A few cells lack their box, as there.
Nobody's blood is shown.
"""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

SAMPLE_FILE = "generated.npz"
SEED = 16
HEIGHT, WIDTH = 72, 96
MARGIN = 14  # pixels by which a field is wider than a window, on each side
FIELDS, SHARED = 62, 20  # so many in all, and so many of them shown more than once
RED, WHITE, PLATELET = range(3)
SIZES = {RED: (7.0, 9.5), WHITE: (11.0, 16.0), PLATELET: (2.6, 3.8)}  # radii in pixels
MANY = {RED: (12, 24), WHITE: (1, 3), PLATELET: (2, 6)}  # in a field
UNBOXED = {RED: 0.08, WHITE: 0.0, PLATELET: 0.1}  # share of cells that nobody boxed
GRAIN = 7.0  # levels by which the ground is uneven, by its own pattern in every field
SEEN = 0.35  # of a cell's area that has to lie in the window


def write_sample(folder: Path) -> Path:
    """The file of the sample; what is there stays."""
    path = folder / SAMPLE_FILE
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        np.savez(path, **draw(SEED))
    return path


def draw(seed: int, fields: int = FIELDS, shared: int = SHARED) -> dict[str, NDArray[Any]]:
    """Arrays as `data.write_part` writes them: a window of each field, two or three of `shared`.

    The numbers in `fields` tell nothing: which pictures show one field has to be found.
    """
    random = np.random.default_rng(seed)
    pixels, cells, names = [], [], []
    for number in range(fields):
        ground, known = draw_field(random)
        windows = 2 + int(random.random() < 0.2) if number < shared else 1
        for window in range(windows):
            x, y = random.integers(0, 2 * MARGIN, 2)
            noise = random.normal(0, 2.5, (HEIGHT, WIDTH, 3))
            picture = ground[y : y + HEIGHT, x : x + WIDTH] * random.uniform(0.97, 1.03) + noise
            pixels.append(np.clip(np.rint(picture), 0, 255).astype(np.uint8))
            cells.append(seen_through(known, x, y))
            names.append(f"drawn_{number:03d}_{window}")
    order = random.permutation(len(names))
    cells = [cells[row] for row in order]
    cells[0] = np.concatenate([cells[0], cells[0][:1]])  # boxed twice
    cells[1] = np.concatenate([cells[1], [[RED, 40.0, 30.0, 40.0, 30.0]]])  # without an area
    official = np.where(random.random(len(names)) < 0.2, "test", "train")
    return {
        "pixels": np.stack(pixels)[order],
        "cells": np.concatenate(cells),
        "ends": np.cumsum([len(each) for each in cells]),
        "fields": np.zeros(len(names), dtype=np.int64),
        "official": official,
        "ids": np.array(names)[order],
    }


def draw_field(random: Generator) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The ground, shape (height, width, 3), and kind and box of all that has one."""
    height, width = HEIGHT + 2 * MARGIN, WIDTH + 2 * MARGIN
    light = np.array([206.0, 207.0, 203.0]) + random.normal(0, 5, 3)
    slope = np.linspace(-1, 1, width) * random.normal(0, 4)
    ground = np.ones((height, width, 3)) * light + slope[:, None]
    grain = gaussian_filter(random.normal(0, 1, (height, width)), 1.5)
    ground += (GRAIN * grain / grain.std())[..., None]
    stain = random.normal(0, 7, 3)
    known: list[list[float]] = []
    taken: list[tuple[float, float, float]] = []
    for kind in (WHITE, RED, PLATELET):
        for _ in range(random.integers(*MANY[kind])):
            radius = random.uniform(*SIZES[kind])
            x, y = random.uniform(0, width), random.uniform(0, height)
            gaps = [np.hypot(x - other, y - above) - far for other, above, far in taken]
            if min(gaps, default=radius) < 0.55 * radius:
                continue
            taken.append((x, y, radius))
            tall = radius * random.uniform(0.85, 1.15)
            paint(ground, kind, (x, y), (radius, tall), stain, random)
            if random.random() >= UNBOXED[kind]:
                known.append([kind, x - radius, y - tall, x + radius, y + tall])
    return ground, np.array(known, dtype=float).reshape(-1, 5)


def paint(
    ground: NDArray[np.float64],
    kind: int,
    middle: tuple[float, float],
    radii: tuple[float, float],
    stain: NDArray[np.float64],
    random: Generator,
) -> None:
    """One cell, into the ground."""
    down, across = np.mgrid[: ground.shape[0], : ground.shape[1]]

    def disc(x: float, y: float, wide: float, tall: float) -> NDArray[np.float64]:
        far = np.hypot((across - x) / wide, (down - y) / tall)
        return np.clip((1 - far) * min(wide, tall) + 0.5, 0, 1)[..., None]

    (x, y), (wide, tall) = middle, radii
    body = disc(x, y, wide, tall)
    if kind == RED:
        colour = np.array([182.0, 150, 152]) + stain + random.normal(0, 6)
        inner = disc(x, y, wide * 0.45, tall * 0.45) * random.uniform(0.1, 0.7)
        body = body * (1 - inner * 0.6)
    elif kind == WHITE:
        colour = np.array([185.0, 155, 200]) + stain
    else:
        colour = np.array([158.0, 142, 190]) + stain + random.normal(0, 8)
    ground += body * (colour - ground) * 0.85
    if kind == WHITE:  # the core, in two or three lobes
        for _ in range(random.integers(2, 4)):
            left, up = random.uniform(-0.3, 0.3, 2)
            lobe = disc(x + left * wide, y + up * tall, wide * 0.5, tall * 0.5)
            ground += lobe * (np.array([128.0, 104, 184]) + stain - ground) * 0.85


def seen_through(known: NDArray[np.float64], x: int, y: int) -> NDArray[np.float64]:
    """Kind and box of what a window at x, y shows enough of, cut off at its edges."""
    moved = known - [0, x, y, x, y]
    cut = moved.copy()
    cut[:, [1, 3]] = cut[:, [1, 3]].clip(0, WIDTH)
    cut[:, [2, 4]] = cut[:, [2, 4]].clip(0, HEIGHT)
    left, whole = ((each[:, 3] - each[:, 1]) * (each[:, 4] - each[:, 2]) for each in (cut, moved))
    return cut[left >= SEEN * whole]
