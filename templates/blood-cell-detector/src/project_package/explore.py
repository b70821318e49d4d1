"""Look at the training pictures before anything is fitted: figures and tables for the write-up."""

import numpy as np

from . import data
from .boxes import BOX, KIND, areas
from .gallery import show
from .kit.results import Picture, Study, Table, write_exploration
from .kit.workspace import Workspace
from .pictures import KINDS, Pictures

PANELS = 6


def run(workspace: Workspace) -> None:
    """Write reports/exploration.json and the figures; the test set stays closed."""
    train = data.load(workspace, "train", reader="explore")
    pictures = {"explored-pictures": draw_pictures(workspace, train)}
    if twins := draw_twins(workspace, train):
        pictures["explored-twins"] = twins
    write_exploration(
        workspace,
        Study(
            title="The training pictures",
            text="",
            tables={"explored-kinds": kinds_table(train)},
            figures=pictures,
            notes={"explored-twins": twins_note(train)},
        ),
    )
    print(f"{len(train):,} training pictures explored")


def kinds_table(train: Pictures) -> Table:
    """How many cells of each kind there are, how large they are, and how uneven it is."""
    rows = []
    for kind, name in enumerate(KINDS):
        each = np.array([int((cells[:, KIND] == kind).sum()) for cells in train.cells])
        cells = np.concatenate([known[known[:, KIND] == kind] for known in train.cells])
        sides = np.sqrt(areas(cells[:, BOX]))
        rows.append(
            [name, int(each.sum()), float(each.mean()), int(each.max()), int((each == 0).sum()),
             float(np.median(sides))]
        )  # fmt: skip
    return Table(
        "Cells of the training pictures by kind; the side is that of a square as large as the box.",
        ["kind", "cells", "a picture", "at most", "pictures without", "side in pixels, median"],
        rows,
    )


def twins_note(train: Pictures) -> str:
    """How many pictures share a field with another one."""
    _, codes, sizes = np.unique(train.fields, return_inverse=True, return_counts=True)
    shared = int((sizes[codes] > 1).sum())
    return (
        f"{shared:,} of {len(train):,} training pictures show a field that another training "
        f"picture shows, too; there are {len(sizes):,} fields."
    )


def draw_pictures(workspace: Workspace, train: Pictures) -> Picture:
    """Some pictures with the boxes that the publisher gave."""
    rows = np.random.default_rng(workspace.seed).permutation(len(train))[:PANELS]
    panels = [(train.pixels[row], train.cells[row], str(train.ids[row])) for row in rows]
    show(workspace.figures / "explored-pictures", panels, columns=3)
    return Picture(
        "Training pictures with their boxes: red cells orange, white cells blue (dashed), "
        "platelets green (dotted). Not every cell has one.",
        "Microscope pictures with boxes around cells; some cells have none.",
    )


def draw_twins(workspace: Workspace, train: Pictures) -> Picture | None:
    """Pictures of one field side by side, if there are any."""
    panels = []
    for field in np.unique(train.fields):
        rows = np.flatnonzero(train.fields == field)
        if len(rows) > 1 and len(panels) < PANELS:
            panels += [
                (train.pixels[row], train.cells[row], str(train.ids[row])) for row in rows[:2]
            ]
    if not panels:
        return None
    show(workspace.figures / "explored-twins", panels, columns=2)
    return Picture(
        "Pictures that show one field, side by side, each with its own boxes: what a split by "
        "pictures puts into training and test.",
        "Pairs of microscope pictures; the right one shows much of the left one, shifted.",
    )
