"""Descriptors of faces and how alike two of them are. Nothing here reads or writes a file.

Every method turns a picture into a vector of length one; two pictures are as alike as the cosine
between their vectors. What a method learns, it learns from the people of the training set.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import eigh

Array = NDArray[np.float64]
MODEL, PIXELS, EIGENFACES = "whitened gradients", "pixels", "eigenfaces"
FISHERFACES, PATTERNS, GRADIENTS = "fisherfaces", "local binary patterns", "plain gradients"
SIMPLE = (PIXELS, EIGENFACES, FISHERFACES, PATTERNS, GRADIENTS)
BINOMIAL = np.array([1, 4, 6, 4, 1]) / 16  # smooths about as a Gaussian of one pixel
NEIGHBOURS, KINDS = 8, 59  # of a pixel; uniform patterns of these, and one for all others
CHUNK = 8  # pictures at a time: as many as the processor's memory holds well
LIGHT, DIGITS = 1e-9, 6  # grey levels that rounding may cost; decimals of a place on a circle


@dataclass(frozen=True)
class Encoder:
    """A fitted method: `features` of pictures, less their `mean`, times `directions`.

    With `mirrored`, a face and its mirror image count half each.
    """

    features: Callable[[NDArray], Array]
    mean: Array
    directions: Array | None = None
    mirrored: bool = False

    def embed(self, pixels: NDArray) -> Array:
        """Vectors of length one, shape (n, d), of pictures (n, height, width)."""
        return unit(sum(unit(each) for each in self._project(pixels)))

    def distance(self, pixels: NDArray) -> Array:
        """How far pictures are from the mean of those learned from, shape (n,)."""
        found = [np.linalg.norm(each, axis=1) for each in self._project(pixels)]
        return np.mean(found, axis=0)

    def _project(self, pixels: NDArray) -> list[Array]:
        shown = [pixels, pixels[:, :, ::-1]] if self.mirrored else [pixels]
        found = [self.features(each) - self.mean for each in shown]
        return found if self.directions is None else [each @ self.directions for each in found]


class Remembered:
    """A descriptor that is worked out once for each picture: folds show most of them again."""

    def __init__(self, features: Callable[[NDArray], Array]) -> None:
        self.features, self.known = features, dict[bytes, Array]()

    def __call__(self, pixels: NDArray) -> Array:
        """Descriptors, shape (n, d), of pictures (n, height, width)."""
        names = [each.tobytes() for each in pixels]
        new = [row for row, name in enumerate(names) if name not in self.known]
        for row, vector in zip(new, self.features(pixels[new]) if new else (), strict=True):
            self.known[names[row]] = vector
        return np.stack([self.known[name] for name in names])


def build(config: Mapping[str, Any]) -> Callable[[NDArray, NDArray], Encoder]:
    """The model of config.toml: a function that fits it to pictures and their people."""
    chosen = config["model"]
    features = Remembered(lambda faces: gradients(faces, chosen))

    def fit(pixels: NDArray, people: NDArray) -> Encoder:
        shown = [moved(pixels, *step) for step in steps(chosen["shift"])]
        shown += [each[:, :, ::-1] for each in shown]
        found = np.concatenate([features(each) for each in shown])
        mean, directions = whiten(found, np.tile(people, len(shown)), chosen)
        return Encoder(features, mean, directions, mirrored=True)

    return fit


def simple(name: str, settings: Mapping[str, Any], config: Mapping[str, Any]) -> Callable:
    """One of the SIMPLE methods under `settings`: a function that fits it likewise."""

    @Remembered
    def features(pixels: NDArray) -> Array:
        if name == PATTERNS:
            return patterns(pixels, **settings)
        if name == GRADIENTS:
            return gradients(pixels, {**config["model"], **settings})
        return thumbnails(pixels, config["baselines"]["block"])

    def fit(pixels: NDArray, people: NDArray) -> Encoder:
        found = features(pixels)
        mean, directions = found.mean(axis=0), None
        if name == EIGENFACES:
            directions = principal(found, settings["components"])
        if name == FISHERFACES:
            directions = discriminant(found, people, **settings)
        return Encoder(features, mean, directions)

    return fit


def steps(shift: int) -> Sequence[tuple[int, int]]:
    """Not at all, and by `shift` pixels down, up, right and left."""
    return [(0, 0), (shift, 0), (-shift, 0), (0, shift), (0, -shift)]


def moved(pixels: NDArray, down: int, right: int) -> NDArray:
    """The pictures moved; what comes into view repeats the edge."""
    reach = max(abs(down), abs(right))
    wide = np.pad(pixels, ((0, 0), (reach, reach), (reach, reach)), mode="edge")
    top, left = reach - down, reach - right
    return wide[:, top : top + pixels.shape[1], left : left + pixels.shape[2]]


def unit(vectors: Array) -> Array:
    """Each row with length one; a row of zeros stays."""
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / np.where(lengths > 0, lengths, 1))


def thumbnails(pixels: NDArray, block: int) -> Array:
    """Means of `block` × `block` pixels; of each picture mean 0 and length 1."""
    n, height, width = pixels.shape
    rows, columns = height // block, width // block
    cut = pixels[:, : rows * block, : columns * block].astype(float)
    small = cut.reshape(n, rows, block, columns, block).mean(axis=-1).mean(axis=2).reshape(n, -1)
    return unit(small - small.mean(axis=1, keepdims=True))


def gradients(pixels: NDArray, settings: Mapping[str, Any]) -> Array:
    """Histograms of oriented gradients (Dalal and Triggs, 2005), cells of Gaussian windows.

    Square roots of shares of the directions in a cell; `floor` grey levels keep an even cell calm.
    """
    # practice: gradients
    if len(pixels) > CHUNK:
        parts = [pixels[start : start + CHUNK] for start in range(0, len(pixels), CHUNK)]
        return np.concatenate([gradients(part, settings) for part in parts])
    across, down = slopes(smooth(pixels))
    strength, turn = np.hypot(across, down), np.arctan2(down, across) / (2 * np.pi)
    count, cell = settings["orientations"], settings["cell"]
    place = (turn % 1) * count
    first, part = np.floor(place).astype(int)[:, None] % count, place - np.floor(place)
    votes = np.zeros((len(pixels), count, *pixels.shape[1:]))
    np.put_along_axis(votes, first, (strength * (1 - part))[:, None], axis=1)
    np.put_along_axis(votes, (first + 1) % count, (strength * part)[:, None], axis=1)
    rows, columns = (windows(side, cell, settings["window"]) for side in pixels.shape[1:])
    found = np.moveaxis(rows @ votes @ columns.T, 1, -1)
    lengths = np.linalg.norm(found, axis=-1, keepdims=True)
    return np.asarray(np.sqrt(found / (lengths + settings["floor"]))).reshape(len(pixels), -1)
    # practice: end


def smooth(pixels: NDArray) -> Array:
    """Down, then across by BINOMIAL; edges are repeated."""
    _, height, width = pixels.shape
    reach, shares = len(BINOMIAL) // 2, [*enumerate(BINOMIAL)]
    tall = np.pad(np.asarray(pixels, dtype=float), ((0, 0), (reach, reach), (0, 0)), mode="edge")
    down = sum(tall[:, k : k + height] * share for k, share in shares)
    wide = np.pad(down, ((0, 0), (0, 0), (reach, reach)), mode="edge")
    return np.asarray(sum(wide[:, :, k : k + width] * share for k, share in shares))


def slopes(levels: Array) -> tuple[Array, Array]:
    """Half the difference of the neighbours on both sides, across and down; edges are repeated."""
    wide = np.pad(levels, ((0, 0), (1, 1), (1, 1)), mode="edge")
    across, down = wide[:, 1:-1, 2:] - wide[:, 1:-1, :-2], wide[:, 2:, 1:-1] - wide[:, :-2, 1:-1]
    return across / 2, down / 2


def windows(side: int, cell: int, width: float) -> Array:
    """Gaussian windows, `cell` pixels apart, shape (cells, side); each adds up to 1."""
    centres = np.arange(cell // 2, side, cell)
    found = np.exp(-np.square((np.arange(side) - centres[:, None]) / width) / 2)
    return np.asarray(found / found.sum(axis=1, keepdims=True))


def patterns(pixels: NDArray, radius: int, rows: int, halved: bool) -> Array:
    """Local binary patterns (Ahonen, Hadid and Pietikäinen, 2006): square roots of their shares.

    The picture is cut into `rows` of regions, one less across; `halved` looks from twice as far.
    """
    levels = smooth(pixels)[:, ::2, ::2] if halved else np.asarray(pixels, dtype=float)
    kinds = UNIFORM[codes(levels, radius)]
    found = []
    for band in np.array_split(kinds, rows, axis=1):
        for region in np.array_split(band, rows - 1, axis=2):
            flat = region.reshape(len(pixels), -1) + KINDS * np.arange(len(pixels))[:, None]
            counts = np.bincount(flat.ravel(), minlength=KINDS * len(pixels))
            found.append(counts.reshape(len(pixels), KINDS) / flat.shape[1])
    return np.sqrt(np.concatenate(found, axis=1))


def codes(levels: Array, radius: int) -> NDArray[np.int64]:
    """A bit for each of eight neighbours on a circle: is it at least as light as the middle?"""
    # practice: codes
    _, height, width = levels.shape
    middle = levels[:, radius : height - radius, radius : width - radius]
    found = np.zeros(middle.shape, dtype=np.int64)
    for bit in range(NEIGHBOURS):
        angle = 2 * np.pi * bit / NEIGHBOURS
        y, x = (round(float(radius * each), DIGITS) for each in (-np.sin(angle), np.cos(angle)))
        top, left = int(np.floor(y)), int(np.floor(x))
        level = np.zeros(middle.shape)
        for row, share_down in ((top, 1 - (y - top)), (top + 1, y - top)):
            for column, share in ((left, 1 - (x - left)), (left + 1, x - left)):
                if share_down * share > 0:
                    start, across = radius + row, radius + column
                    part = levels[:, start : start + middle.shape[1]]
                    level += share_down * share * part[:, :, across : across + middle.shape[2]]
        found |= (level >= middle - LIGHT).astype(np.int64) << bit
    return found
    # practice: end


def _uniform() -> NDArray[np.int64]:
    """Patterns with at most two changes around the circle have a number; all others share one."""
    ring = [[code >> bit & 1 for bit in range(NEIGHBOURS)] for code in range(1 << NEIGHBOURS)]
    turned = [bits[1:] + bits[:1] for bits in ring]
    calm = [sum(map(int.__ne__, *both)) <= 2 for both in zip(ring, turned, strict=True)]
    return np.where(calm, np.cumsum(calm) - 1, KINDS - 1)


UNIFORM = _uniform()


def principal(found: Array, components: int) -> Array:
    """The directions along which features vary most, shape (features, components) or fewer.

    Around their mean, n rows vary along n − 1 directions at most; any other would be arbitrary.
    """
    axes = np.linalg.svd(found - found.mean(axis=0), full_matrices=False)[2]
    return axes[: min(components, len(found) - 1)].T


def scatter(found: Array, people: NDArray) -> Array:
    """How features vary within a person: the covariance around each person's own mean."""
    # practice: scatter
    _, number = np.unique(people, return_inverse=True)
    means = np.stack([found[number == each].mean(axis=0) for each in range(number.max() + 1)])
    own = found - means[number]
    return own.T @ own / len(found)
    # practice: end


def shrunk(covariance: Array, share: float) -> Array:
    """A covariance drawn towards a sphere of the same size, as few people say little of it."""
    size = np.trace(covariance) / len(covariance)
    return (1 - share) * covariance + share * size * np.eye(len(covariance))


def whiten(found: Array, people: NDArray, settings: Mapping[str, Any]) -> tuple[Array, Array]:
    """Mean and directions in which a person's own pictures differ equally in all (WCCN).

    Within-class covariance normalisation (Hatch, Kajarekar and Stolcke, 2006) of the principal
    components: what changes from picture to picture of one person weighs little.
    """
    # practice: whiten
    mean = found.mean(axis=0)
    axes = principal(found, settings["components"])
    within = shrunk(scatter((found - mean) @ axes, people), settings["shrinkage"])
    sizes, turned = np.linalg.eigh(within)
    return mean, axes @ (turned / np.sqrt(sizes))
    # practice: end


def discriminant(found: Array, people: NDArray, components: int, shrinkage: float) -> Array:
    """Fisherfaces (Belhumeur et al., 1997): people apart, each one's pictures together."""
    mean, axes = found.mean(axis=0), principal(found, components)
    scores = (found - mean) @ axes
    within = scatter(scores, people)
    between = scores.T @ scores / len(scores) - within
    kept = len(np.unique(people)) - 1
    return axes @ eigh(between, shrunk(within, shrinkage))[1][:, ::-1][:, :kept]


def pairs(people: NDArray) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.bool_]]:
    """All pairs of pictures, each once, and whether both are of one person, shape (pairs,) each."""
    one, other = np.triu_indices(len(people), 1)
    return one, other, people[one] == people[other]


def threshold_at(same: NDArray[np.bool_], scores: Array, rate: float) -> float:
    """The likeness above which at most the share `rate` of pairs of two people lies."""
    # practice: threshold_at
    apart = np.sort(scores[~same])[::-1]
    return float(apart[int(np.floor(rate * len(apart)))])
    # practice: end
