"""Boxes: how much two overlap, which detection finds which cell, and COCO's average precision.

A box is x1, y1, x2, y2 in pixels of the picture as it is stored. Cells, shape (n, 5), have their
kind before the box; detections, shape (n, 6), their score after it. Nothing here knows of blood.
"""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from .kit.statistics import interpolated_precision, map_50

__all__ = ["interpolated_precision", "map_50"]
KIND, BOX, SCORE = 0, slice(1, 5), 5  # columns
MATCH = 0.5  # overlap from which on a detection has found a cell: the metric's, by its name


def areas(boxes: NDArray) -> NDArray[np.float64]:
    """Of each box, shape (n,)."""
    sides: NDArray[np.float64] = np.prod(boxes[:, 2:] - boxes[:, :2], axis=1)
    return sides


def overlaps(some: NDArray, others: NDArray) -> NDArray[np.float64]:
    """Intersection over union of any two boxes, shape (n, m); 0 where both have no area."""
    # practice: overlaps
    low = np.maximum(some[:, None, :2], others[None, :, :2])
    high = np.minimum(some[:, None, 2:], others[None, :, 2:])
    shared = np.prod(np.maximum(high - low, 0), axis=2)
    union = areas(some)[:, None] + areas(others)[None] - shared
    return shared / np.maximum(union, np.finfo(float).tiny)
    # practice: end


def suppress(found: NDArray, overlap: float) -> NDArray:
    """Detections, best first; of two of one kind that overlap by more, the better one stays."""
    # practice: suppress
    found = found[np.argsort(-found[:, SCORE], kind="stable")]
    alike = overlaps(found[:, BOX], found[:, BOX]) > overlap
    alike &= found[:, None, KIND] == found[None, :, KIND]
    kept: list[int] = []
    for row in range(len(found)):
        if not alike[row, kept].any():
            kept.append(row)
    return found[kept]
    # practice: end


def match(found: NDArray, cells: NDArray, overlap: float) -> NDArray[np.int64]:
    """For each detection of one picture the cell that it finds, shape (n,), or -1.

    As COCO does it: the best first, each takes the cell of its kind with which it shares most, by
    `overlap` at least, among those that none has taken.
    """
    # practice: match
    shared = overlaps(found[:, BOX], cells[:, BOX])
    shared[found[:, None, KIND] != cells[None, :, KIND]] = 0
    taken = np.full(len(found), -1)
    for row in np.argsort(-found[:, SCORE], kind="stable") if len(cells) else ():
        best = int(shared[row].argmax())
        if shared[row, best] >= overlap:
            taken[row] = best
            shared[:, best] = 0
    return taken
    # practice: end


def precision_of_kind(
    found: Sequence[NDArray], cells: Sequence[NDArray], kind: int, overlap: float
) -> float:
    """Average precision of one kind over pictures."""
    scores, hits, many = [np.empty(0)], [np.empty(0, bool)], 0
    for detected, known in zip(found, cells, strict=True):
        own, there = detected[detected[:, KIND] == kind], known[known[:, KIND] == kind]
        scores.append(own[:, SCORE])
        hits.append(match(own, there, overlap) >= 0)
        many += len(there)
    return interpolated_precision(np.concatenate(scores), np.concatenate(hits), many)


def as_answers(
    found: Sequence[NDArray], cells: Sequence[NDArray], most: Sequence[int], overlap: float
) -> NDArray[np.float64]:
    """Detections as one column: for each picture and kind `most` places, best first.

    A place holds a detection's score, with a minus where it found no cell; 0 is an empty place.
    """
    column = np.zeros((len(found), sum(most)))
    starts = np.cumsum([0, *most])
    for row, (detected, known) in enumerate(zip(found, cells, strict=True)):
        signed = np.where(match(detected, known, overlap) >= 0, 1, -1) * detected[:, SCORE]
        for kind, (start, end) in enumerate(pairwise(starts)):
            own = signed[detected[:, KIND] == kind]
            own = own[np.argsort(-np.abs(own), kind="stable")][: end - start]
            column[row, start : start + len(own)] = own
    return column.ravel()


def as_truths(cells: Sequence[NDArray], most: Sequence[int]) -> NDArray[np.int64]:
    """Places of the same layout: 1 for each cell that is there, from the first place of its kind.

    Raises ValueError where a picture has more cells of a kind than places.
    """
    parts = []
    for known in cells:
        for kind, places in enumerate(most):
            many = int((known[:, KIND] == kind).sum())
            if many > places:
                raise ValueError(f"{many} cells of kind {kind} in one picture, {places} places")
            parts.append(np.arange(places) < many)
    return np.concatenate(parts).astype(np.int64)
