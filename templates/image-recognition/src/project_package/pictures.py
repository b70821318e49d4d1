"""The figures of the write-up."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.calibration import calibration_curve
from sklearn.metrics import confusion_matrix

from .kit import figures

GALLERY_COLUMNS = 5


def confusion(path: Path, truth: NDArray, label: NDArray, classes: Sequence[str]) -> None:
    """Confusion matrix in percent of each true class."""
    table = confusion_matrix(truth, label, labels=np.arange(len(classes)), normalize="true")
    with figures.figure(path, width=7.2, height=6.2) as (_, axes):
        axes.imshow(table**0.5, cmap="Blues", vmin=0, vmax=1)  # the root shows rare mistakes
        axes.set_xticks(range(len(classes)), classes, rotation=45, ha="right")
        axes.set_yticks(range(len(classes)), classes)
        axes.set(xlabel="called", ylabel="truth")
        axes.grid(visible=False)
        for (row, column), share in np.ndenumerate(table):
            if share >= 0.005:
                colour = "white" if share > 0.3 else "#1b1f24"
                axes.text(column, row, f"{100 * share:.0f}", ha="center", va="center", color=colour)


def learning_curves(path: Path, networks: Mapping[str, Mapping[str, Any]]) -> None:
    """Validation accuracy by images seen."""
    with figures.figure(path) as (_, axes):
        for name, made in networks.items():
            shipped = name == "model"
            axes.plot(
                [point["images"] for point in made["curve"]],
                [point["accuracy"] for point in made["curve"]],
                "o-" if shipped else ".-",
                color=figures.MODEL if shipped else figures.OTHER,
                label="shipped" if shipped else "repeats" if name == "repeat-1" else None,
            )
        axes.set(xlabel="images seen", ylabel="validation accuracy")
        axes.legend(loc="lower right")


def reliability(path: Path, confidence: NDArray, right: NDArray) -> None:
    """Accuracy by stated confidence, in tenths of the images."""
    observed, stated = calibration_curve(right, confidence, n_bins=10, strategy="quantile")
    with figures.figure(path, width=5) as (_, axes):
        axes.plot([0, 1], [0, 1], "--", color=figures.OTHER, label="perfect")
        axes.plot(stated, observed, "o-", color=figures.MODEL, label="network")
        axes.set(xlabel="stated confidence", ylabel="share named rightly")
        axes.legend()


def robustness(path: Path, measured: pd.DataFrame) -> None:
    """One panel for each kind of disturbance."""
    kinds = measured.kind.unique()
    with figures.figure(path, width=9, height=3.4) as (drawing, whole):
        whole.remove()
        panels = drawing.subplots(1, len(kinds), sharey=True)
        for axes, kind in zip(panels, kinds, strict=True):
            rows = measured[measured.kind == kind]
            axes.plot(rows.level, rows.network, "o-", color=figures.MODEL, label="network")
            axes.plot(rows.level, rows.hog, "s-", color=figures.BASELINE, label="HOG + SVM")
            axes.set(xlabel=kind.replace(" (", "\n("), ylim=(0, 1))
        panels[0].set_ylabel("accuracy")
        panels[0].legend(loc="lower left")


def gallery(path: Path, pixels: NDArray[np.uint8], captions: Sequence[str]) -> None:
    """Small pictures, each with its caption."""
    rows = max(1, -(-len(pixels) // GALLERY_COLUMNS))
    with figures.figure(path, width=7.5, height=2 * rows) as (drawing, whole):
        whole.remove()
        cells = drawing.subplots(rows, GALLERY_COLUMNS, squeeze=False).ravel()
        for axes in cells:
            axes.axis("off")
        for axes, image, caption in zip(cells, pixels, captions, strict=False):
            axes.imshow(image, cmap="gray", vmin=0, vmax=255)
            axes.set_title(caption, fontsize=9)
