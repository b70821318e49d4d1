"""Pictures with boxes, in a grid."""

from collections.abc import Sequence
from pathlib import Path

from matplotlib.patches import Rectangle
from numpy.typing import NDArray

from .boxes import BOX, KIND
from .kit import figures

INKS = ("orange", "blue", "green")  # of the kinds
DASHES = ("-", "--", ":")  # so that nobody needs to see colours


def show(path: Path, panels: Sequence[tuple[NDArray, NDArray, str]], columns: int) -> None:
    """Each panel: pixels, cells or detections, and a title."""
    rows = max(1, -(-len(panels) // columns))
    with figures.figure(path, width=8, height=8 / columns * 0.85 * rows) as (drawing, whole):
        whole.remove()
        places = drawing.subplots(rows, columns, squeeze=False).ravel()
        for axes in places:
            axes.axis("off")
        for axes, (pixels, cells, title) in zip(places, panels, strict=False):
            axes.imshow(pixels)
            axes.set_title(title, fontsize=9)
            for cell in cells:
                left, top, right, bottom = cell[BOX]
                kind = int(cell[KIND])
                axes.add_patch(
                    Rectangle(
                        (left - 0.5, top - 0.5), right - left, bottom - top,
                        fill=False, edgecolor=INKS[kind], linestyle=DASHES[kind], linewidth=1.5,
                    )
                )  # fmt: skip
