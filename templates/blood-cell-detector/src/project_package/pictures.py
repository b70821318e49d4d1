"""Pictures with their cells: how they are kept together, read from files, and brought to a size."""

import io
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from .fields import areas_of

KINDS = ("red cell", "white cell", "platelet")
NAMES = {"RBC": 0, "WBC": 1, "Platelets": 2}  # as the publisher writes them
CORNERS = ("xmin", "ymin", "xmax", "ymax")
CELL = re.compile(
    r"<object>.*?<name>(\w+)</name>.*?"
    + r"\s*".join(rf"<{corner}>(\d+)</{corner}>" for corner in CORNERS),
    re.DOTALL,
)


@dataclass(frozen=True)
class Pictures:
    """Rows of one part.

    `pixels`, uint8, shape (n, height, width, 3); `cells`, for each picture kind and box, shape
    (m, 5); `fields` the number of the field; `official` the publisher's part; `ids`, each (n,).
    """

    pixels: NDArray[np.uint8]
    cells: NDArray[np.object_]
    fields: NDArray[np.int64]
    official: NDArray[np.str_]
    ids: NDArray[np.str_]

    def __len__(self) -> int:
        return len(self.ids)

    def take(self, rows: NDArray) -> "Pictures":
        """The rows at these positions, or where this mask is true."""
        return Pictures(*(column[rows] for column in vars(self).values()))


def decode(content: bytes) -> NDArray[np.uint8]:
    """A JPEG or PNG file as red, green and blue, shape (height, width, 3)."""
    return np.asarray(Image.open(io.BytesIO(content)).convert("RGB"))


def shrink(picture: NDArray[np.uint8], settings: Mapping[str, int]) -> NDArray[np.uint8]:
    """The picture at the stored size, each pixel the mean of what it covers."""
    down = areas_of(picture.shape[0], settings["height"])
    across = areas_of(picture.shape[1], settings["width"])
    small = np.einsum("yh,hwc,xw->yxc", down, picture.astype(float), across, optimize=True)
    return np.rint(small).astype(np.uint8)


def read_boxes(content: bytes) -> NDArray[np.float64]:
    """Kind and box of every cell in an annotation, shape (n, 5), in the file's own pixels."""
    found = CELL.findall(content.decode())
    rows = [[NAMES[name], *map(float, corners)] for name, *corners in found]
    return np.array(rows, dtype=float).reshape(-1, 1 + len(CORNERS))


def as_column(arrays: Iterable[NDArray]) -> NDArray[np.object_]:
    """Arrays of any length as one column."""
    listed = [*arrays]
    column = np.empty(len(listed), dtype=object)
    column[:] = listed
    return column


def read_part(path: Path) -> Pictures:
    """Read what `write_part` or the sample wrote."""
    with np.load(path, allow_pickle=False) as stored:
        columns = {name: stored[name] for name in stored}
    cells = as_column(np.split(columns["cells"], columns.pop("ends")[:-1]))
    return Pictures(**{**columns, "cells": cells})
