"""How far off are the counts, and whom does it miss?"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from .. import boxes
from ..boxes import KIND, MATCH
from ..evaluate import MODEL, Evaluated
from ..kit.results import Score, Study, Table
from ..kit.statistics import Interval
from ..kit.workspace import Workspace
from ..pictures import KINDS
from ..simple import HOUGH, WHITE
from ..tuning import choose_thresholds, say_simple


def study(workspace: Workspace, evaluated: Evaluated) -> Study:
    """Counts of each kind in each picture, by the network and the strongest simple method."""
    simple = simple_thresholds(workspace, evaluated)
    said = {
        MODEL: count(evaluated.found[MODEL], evaluated.shipped.thresholds),
        HOUGH: count(evaluated.found[HOUGH], simple),
    }
    there = count(evaluated.test.cells)
    rows = []
    for name, counts in said.items():
        for kind, called in enumerate(KINDS):
            off = counts[:, kind] - there[:, kind]
            rows.append(
                [name, called, float(there[:, kind].mean()),
                 evaluated.interval(np.mean, np.abs(off)), evaluated.interval(np.mean, off)]
            )  # fmt: skip
    all_off = [np.abs(counts - there).sum(axis=1) for counts in said.values()]
    missed = white_cells_missed(evaluated)
    return Study(
        title="Counting",
        text="What a user reads are counts. A detection is counted from the threshold of its kind "
        "on, which was chosen on training pictures by networks that had not learned from them "
        "(for the simple method, on the pictures on which it was tuned). Bias is counted minus "
        "boxed; many cells have no box, so a bias above zero may be the truth.",
        tables={
            "counts": Table(
                "Error of the count in a picture and its bias, intervals by field.",
                ["method", "kind", "boxed a picture", "error", "bias"],
                rows,
            )
        },
        notes={"white": white_note(evaluated, missed)},
        scores={
            "count_error": Score(
                "cells of wrong count in a picture", evaluated.interval(np.mean, all_off[0]),
                float(all_off[1].mean()), higher_is_better=False,
            )
        },
    )  # fmt: skip


def count(found: Sequence[NDArray], thresholds: Sequence[float] | None = None) -> NDArray[np.int64]:
    """How many there are of each kind in each picture, shape (n, kinds)."""
    counts = np.zeros((len(found), len(KINDS)), dtype=np.int64)
    for row, each in enumerate(found):
        for kind in range(len(KINDS)):
            own = each[each[:, KIND] == kind]
            least = -np.inf if thresholds is None else thresholds[kind]
            counts[row, kind] = len(own) if thresholds is None else int((own[:, -1] >= least).sum())
    return counts


def simple_thresholds(workspace: Workspace, evaluated: Evaluated) -> list[float]:
    """For the strongest simple method, where F1 is highest on the pictures it was tuned on."""
    settings = workspace.config["baselines"]
    random = np.random.default_rng(workspace.seed)
    some = evaluated.train.take(random.permutation(len(evaluated.train))[: settings["pictures"]])
    found = say_simple(some, HOUGH, evaluated.training["chosen"][HOUGH], settings)
    return choose_thresholds(found, some.cells, MATCH)


def white_cells_missed(evaluated: Evaluated) -> list[tuple[str, int]]:
    """Pictures in which white cells are boxed that are not counted, and how many."""
    missed = []
    for row, detected in enumerate(evaluated.found[MODEL]):
        cells = evaluated.test.cells[row]
        taken = boxes.match(evaluated.shipped.counted(detected), cells, MATCH)
        white = np.flatnonzero(cells[:, KIND] == WHITE)
        lost = len(white) - int(np.isin(white, taken).sum())
        if lost:
            missed.append((str(evaluated.test.ids[row]), lost))
    return missed


def white_note(evaluated: Evaluated, missed: list[tuple[str, int]]) -> str:
    """Whether a white cell is missed, and where."""
    there = sum(int((cells[:, KIND] == WHITE).sum()) for cells in evaluated.test.cells)
    lost = sum(many for _, many in missed)
    told = f": {', '.join(name for name, _ in missed)}" if missed else ""
    share = Interval(lost / there, *_ends(lost, there))
    return f"{there:,} white cells are boxed, and {lost:,} of them not counted ({share}){told}."


def _ends(lost: int, there: int) -> tuple[float, float]:
    """Of a share (Wilson, 1927): none missed in so many is not never."""
    z2, share = Z**2, lost / there
    middle = (share + z2 / (2 * there)) / (1 + z2 / there)
    half = Z * np.sqrt(share * (1 - share) / there + z2 / (2 * there) ** 2) / (1 + z2 / there)
    return max(0.0, middle - half), min(1.0, middle + half)


Z = 1.959964  # standard deviations of a 95 % interval
