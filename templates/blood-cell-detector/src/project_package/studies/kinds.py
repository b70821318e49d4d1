"""How good is it by kind, and how tight are the boxes?"""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .. import boxes
from ..boxes import KIND, MATCH, SCORE
from ..evaluate import MODEL, Evaluated, precision
from ..kit import figures
from ..kit.results import Picture, Score, Study, Table
from ..kit.statistics import Interval
from ..kit.workspace import Workspace
from ..pictures import KINDS
from ..train import BASELINES

STRICT = np.arange(10, 20) / 20  # overlaps: .5, .55 … .95
TIGHT = 0.75


def study(workspace: Workspace, evaluated: Evaluated) -> Study:
    """Every method by kind, as COCO measures it, and precision against recall."""
    simple = evaluated.found[next(iter(BASELINES))]
    return Study(
        title="By kind",
        text="The headline asks for an overlap (IoU) of .5, and weighs the kinds alike.",
        tables={"kinds": kinds_table(evaluated)},
        figures={"curves": draw_curves(workspace, evaluated)},
        scores={
            "map_50_95": Score(
                "mAP, mean over IoU .5 to .95",
                strict_interval(evaluated, evaluated.found[MODEL]),
                float(np.mean([precision(evaluated, simple, overlap) for overlap in STRICT])),
            )
        },
    )


def kinds_table(found: Evaluated) -> Table:
    """COCO's average precision by kind, of every method."""
    rows: list[list[Any]] = []
    for name, detections in found.found.items():
        for kind, called in enumerate(KINDS):
            at = {
                overlap: boxes.precision_of_kind(detections, found.test.cells, kind, overlap)
                for overlap in STRICT
            }
            tight = next(value for overlap, value in at.items() if np.isclose(overlap, TIGHT))
            rows.append([name, called, at[STRICT[0]], tight, float(np.mean([*at.values()]))])
    return Table(
        "Average precision by kind, as COCO defines it: at an overlap (IoU) of .5, at .75, and the "
        "mean over .5, .55 … .95.",
        ["method", "kind", "AP at .5", "AP at .75", "AP at .5 to .95"],
        rows,
    )


def strict_interval(found: Evaluated, detections: Sequence[NDArray]) -> Interval:
    """The mean over the strict overlaps, by fields: pictures are drawn, their matches stay."""
    most = found.workspace.config["detection"]["most"]
    truth = boxes.as_truths(found.test.cells, most).reshape(len(found.test), -1)
    columns = [
        boxes.as_answers(detections, found.test.cells, most, overlap).reshape(len(truth), -1)
        for overlap in STRICT
    ]
    starts = np.cumsum([0, *most])

    def mean(cells: NDArray, *answers: NDArray) -> float:
        values = []
        for said in answers:
            for start, end in pairwise(starts):
                own = said[:, start:end].ravel()
                own, many = own[own != 0], int(cells[:, start:end].sum())
                values.append(boxes.interpolated_precision(np.abs(own), own > 0, many))
        return float(np.mean(values))

    return found.interval(mean, truth, *columns)


def draw_curves(workspace: Workspace, found: Evaluated) -> Picture:
    """Precision against recall, by kind, of the network and the strongest simple method."""
    methods = {MODEL: figures.MODEL, next(iter(BASELINES)): figures.BASELINE}
    with figures.figure(workspace.figures / "curves", width=9, height=3) as (drawing, whole):
        whole.remove()
        panels = drawing.subplots(1, len(KINDS), sharey=True)
        for kind, (axes, called) in enumerate(zip(panels, KINDS, strict=True)):
            for name, ink in methods.items():
                recall, exact = curve(found, found.found[name], kind)
                style = "-" if name == MODEL else "--"
                axes.plot(recall, exact, style, color=ink, label=name)
            axes.set(title=f"{called}s", xlabel="recall", xlim=(0, 1), ylim=(0, 1.02))
        panels[0].set_ylabel("precision")
        panels[0].legend(loc="lower left")
    return Picture(
        "Precision against recall at an overlap of .5: network (line), and the strongest simple "
        "method (dashed).",
        "Three panels, one a kind of cell, each with two curves that fall to the right.",
    )


def curve(
    found: Evaluated, detections: Sequence[NDArray], kind: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Recall and precision, the surest detection first."""
    scores, hits = [np.empty(0)], [np.empty(0, bool)]
    for detected, known in zip(detections, found.test.cells, strict=True):
        own = detected[:, KIND] == kind
        scores.append(detected[own, SCORE])
        hits.append(boxes.match(detected, known, MATCH)[own] >= 0)
    right = np.cumsum(np.concatenate(hits)[np.argsort(-np.concatenate(scores), kind="stable")])
    there = sum(int((known[:, KIND] == kind).sum()) for known in found.test.cells)
    return right / max(there, 1), right / np.arange(1, len(right) + 1)
