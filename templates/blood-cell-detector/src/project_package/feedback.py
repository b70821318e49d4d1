"""Later pictures with boxes that somebody drew: how `retrain` reads and learns from them."""

import json
from collections.abc import Sequence
from typing import Annotated

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field

from . import boxes, data
from .fields import find_fields
from .kit.workspace import ProjectError, Workspace
from .pictures import KINDS, Pictures, as_column
from .predict import Detector
from .serve import Asked, unpack

METRIC, HIGHER_IS_BETTER = "mean", True  # of F1, picture by picture
MOST_CELLS = 200


class Cell(BaseModel):
    """A cell in a picture: its kind, and left, top, right and bottom of its box in pixels."""

    model_config = ConfigDict(extra="forbid")

    kind: Annotated[str, Field(pattern=f"^({'|'.join(KINDS)})$")]
    box: Annotated[list[Annotated[float, Field(ge=0)]], Field(min_length=4, max_length=4)]


class Labelled(Asked):
    """A line: a picture as /predict takes it, and all cells in it.

    Lines stand in the order in which they came; pictures have the size of the training pictures.
    """

    truth: Annotated[list[Cell], Field(min_length=1, max_length=MOST_CELLS)]


def tabulate(workspace: Workspace, lines: Sequence[Labelled]) -> pd.DataFrame:
    """A row a picture, grouped by field; `known` show a field of the training set."""
    train, pixels, cells = data.load(workspace, "train", reader="retrain"), [], []
    for number, line in enumerate(lines, start=1):
        try:
            picture = unpack(line)
        except ProjectError as error:
            raise ProjectError(f"line {number}: {error}") from error
        if picture.shape != train.pixels.shape[1:]:
            height, width = train.pixels.shape[1:3]
            raise ProjectError(f"line {number}: a picture of {width} × {height} is needed")
        rows = [[KINDS.index(cell.kind), *cell.box] for cell in line.truth]
        if (boxes.areas(np.array(rows)[:, boxes.BOX]) <= 0).any():
            raise ProjectError(f"line {number}: a box without an area")
        pixels.append(picture)
        cells.append(np.array(rows, dtype=float))
    every = np.concatenate([train.pixels, *([np.stack(pixels)] if pixels else [])])
    group = find_fields(every, workspace.config["fields"])
    return pd.DataFrame(
        {
            "id": [f"feedback/{number}" for number in range(1, len(lines) + 1)],
            "pixels": as_column(pixels),
            "cells": as_column(cells),
            "truth": [str(each.tolist()) for each in cells],
            "group": group[len(train) :],
            "known": np.isin(group[len(train) :], group[: len(train)]),
            "time": range(len(lines)),
        }
    )


def join(workspace: Workspace, rows: pd.DataFrame) -> None:
    """Add rows to the training part; their fields are those of the training set, or new ones."""
    if rows.empty:
        return
    train = data.load(workspace, "train", reader="retrain")
    pixels = np.concatenate([train.pixels, np.stack([*rows.pixels])])
    more = Pictures(
        pixels,
        as_column([*train.cells, *rows.cells]),
        find_fields(pixels, workspace.config["fields"]),
        np.append(train.official, ["feedback"] * len(rows)),
        np.append(train.ids, rows.id.to_numpy(str)),
    )
    data.write_part(workspace, "train", more)


def say(workspace: Workspace, rows: pd.DataFrame) -> NDArray[np.float64]:
    """F1 of what the model in `workspace` counts, against the truth of each row."""
    detector = Detector.load(workspace)
    found = [detector.counted(detector.detect(pixels)) for pixels in rows.pixels]
    return np.array(
        [f1(*each, boxes.MATCH) for each in zip(found, map(parse, rows.truth), strict=True)]
    )


def parse(truth: str) -> NDArray[np.float64]:
    """Cells as `tabulate` wrote them: rows may have changed their truths, for comparison."""
    return np.array(json.loads(truth), dtype=float).reshape(-1, 5)


def f1(found: NDArray, cells: NDArray, match: float) -> float:
    """Twice the hits over what is counted and what is there."""
    hits = int((boxes.match(found, cells, match) >= 0).sum())
    return 2 * hits / (len(found) + len(cells))
