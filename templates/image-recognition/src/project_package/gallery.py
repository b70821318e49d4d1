"""Images in a grid: for whoever looks at them, in training or among the errors."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from .kit import figures

COLUMNS = 5


def draw(path: Path, pixels: NDArray[np.uint8], titles: Sequence[str]) -> None:
    """Small pictures, each with its title."""
    rows = max(1, -(-len(pixels) // COLUMNS))
    with figures.figure(path, width=7.5, height=2 * rows) as (drawing, whole):
        whole.remove()
        cells = drawing.subplots(rows, COLUMNS, squeeze=False).ravel()
        for axes in cells:
            axes.axis("off")
        for axes, image, title in zip(cells, pixels, titles, strict=False):
            axes.imshow(image, cmap="gray", vmin=0, vmax=255)
            axes.set_title(title, fontsize=9)
