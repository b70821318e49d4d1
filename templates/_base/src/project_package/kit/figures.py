"""One look for every figure: legible on a light page and on a dark one."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from .statistics import Interval

MODEL = "#3b82f6"
BASELINE = "#d97706"
OTHER = "#8b8b8b"
INK = "#7d8590"  # contrast of at least 3:1 on white and on GitHub's dark grey

STYLE = {
    "figure.facecolor": "none",
    "axes.facecolor": "none",
    "savefig.facecolor": "none",
    "axes.edgecolor": INK,
    "axes.labelcolor": INK,
    "axes.titlecolor": INK,
    "xtick.color": INK,
    "ytick.color": INK,
    "text.color": INK,
    "legend.frameon": False,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "grid.color": INK,
    "grid.alpha": 0.2,
    "font.size": 11,
    "date.converter": "concise",  # so that dates on an axis do not run into each other
    "svg.hashsalt": "project_package",  # the same drawing gives the same bytes
    "svg.fonttype": "path",
}


@contextmanager
def figure(path: Path, width: float = 7, height: float = 4.2) -> Iterator[tuple[Figure, Axes]]:
    """Draw one figure; it is saved as `path`.png and `path`.svg when the block ends."""
    with plt.rc_context(STYLE):
        drawing, axes = plt.subplots(figsize=(width, height), layout="constrained")
        try:
            yield drawing, axes
            path.parent.mkdir(parents=True, exist_ok=True)
            drawing.savefig(path.with_suffix(".png"), dpi=160, metadata={"Software": None})
            drawing.savefig(path.with_suffix(".svg"), metadata={"Date": None, "Creator": None})
        finally:
            plt.close(drawing)


def draw_intervals(
    axes: Axes, intervals: Mapping[str, Interval], marked: str | None = None
) -> None:
    """One row a name, the first on top: a dot with its interval; `marked` stands out if given."""
    for place, (name, interval) in enumerate(reversed(intervals.items())):
        color = MODEL if marked in (None, name) else OTHER
        axes.plot([interval.low, interval.high], [place, place], color=color)
        axes.plot(interval.value, place, "o", color=color)
    axes.set_yticks(range(len(intervals)), list(reversed(intervals)))
    axes.grid(axis="y", visible=False)
