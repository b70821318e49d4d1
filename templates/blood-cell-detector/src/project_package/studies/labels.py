"""Which labels do the networks contradict?"""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from .. import boxes
from ..boxes import BOX, KIND, SCORE
from ..evaluate import Evaluated
from ..gallery import show
from ..kit.results import Picture, Study, Table
from ..kit.workspace import Workspace
from ..pictures import KINDS
from ..train import BY_FIELD


def study(workspace: Workspace, evaluated: Evaluated) -> Study:
    """Training pictures, by networks that had not learned from them: the surest contradictions."""
    found = contradictions(evaluated)
    many = workspace.config["labels"]["crops"]
    worst = found.head(many)
    table = found.groupby("kind").size()
    rows = [[name, int(table.get(name, 0))] for name in KINDS]
    return Study(
        title="Labels that may be wrong",
        text="Detections in training pictures by networks that had not learned from them, from the "
        "service's threshold on, that touch no box of their kind. Either the network is wrong, or "
        "a cell has no box: look.",
        tables={
            "labels": Table(
                "Counted detections in training pictures that touch no box of their kind.",
                ["kind", "detections"], rows,
            )
        },
        figures={"labels": draw(workspace, evaluated, worst)},
        notes={"labels": labels_note(evaluated, found)},
    )  # fmt: skip


def contradictions(evaluated: Evaluated) -> pd.DataFrame:
    """One row a detection that touches no box of its kind, surest first."""
    rows = []
    for row, detected in enumerate(evaluated.held_out(BY_FIELD)):
        counted, cells = evaluated.shipped.counted(detected), evaluated.train.cells[row]
        shared = boxes.overlaps(counted[:, BOX], cells[:, BOX])
        shared[counted[:, None, KIND] != cells[None, :, KIND]] = 0
        alone = counted[~(shared > 0).any(axis=1)]
        rows += [[row, KINDS[int(each[KIND])], each[SCORE], each] for each in alone]
    table = pd.DataFrame(rows, columns=["row", "kind", "score", "found"])
    return table.sort_values("score", ascending=False, kind="stable", ignore_index=True)


def labels_note(evaluated: Evaluated, found: pd.DataFrame) -> str:
    """How many pictures are concerned."""
    return (
        f"{len(found):,} such detections lie in {found.row.nunique():,} of "
        f"{len(evaluated.train):,} training pictures. Where they are cells, the network is "
        "punished for them in training and in the test, and every number here is too low by that."
    )


def draw(workspace: Workspace, evaluated: Evaluated, worst: pd.DataFrame) -> Picture:
    """Crops around the surest of them, without boxes."""
    margin, none = workspace.config["labels"]["margin"], np.empty((0, SCORE))
    panels = [
        (crop(evaluated.train.pixels[each.row], each.found[BOX], margin), none,
         f"{each.kind}? {evaluated.train.ids[each.row]}")
        for each in worst.itertuples()
    ]  # fmt: skip
    show(workspace.figures / "labels", panels, columns=4)
    return Picture(
        "The surest of them, each in the middle of its crop: is that a cell without a box?",
        "Small crops of microscope pictures.",
    )


def crop(pixels: NDArray[np.uint8], box: NDArray, margin: float) -> NDArray[np.uint8]:
    """The part of a picture around a box, wider by a share of it on each side."""
    left, top, right, bottom = box
    across, down = (right - left) * margin, (bottom - top) * margin
    height, width = pixels.shape[:2]
    rows = slice(max(0, int(top - down)), min(height, int(bottom + down) + 1))
    columns = slice(max(0, int(left - across)), min(width, int(right + across) + 1))
    return pixels[rows, columns]
