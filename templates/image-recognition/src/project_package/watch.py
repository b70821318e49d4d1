"""What is watched of the service: three numbers of every picture, and what it really showed."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated, Literal

import numpy as np
from numpy.typing import ArrayLike
from pydantic import AfterValidator

from .kit.served import Watch

LIT = 128  # grey level from which a pixel counts as part of the garment
WATCH = Watch(metric="accuracy")


def watch_by_name(classes: Sequence[str]) -> Watch:
    """The same, where a truth is told by the name of its class and kept by its number."""
    number = AfterValidator(tuple(classes).index)
    return replace(WATCH, truth=Annotated[Literal[tuple(classes)], number])


def summarise(pixels: ArrayLike) -> dict[str, float]:
    """Mean grey level, share of light pixels, and mean step between neighbours in a row.

    Of what the network sees; the last is large where a picture is noisy, small where blurred.
    """
    levels = np.asarray(pixels, dtype=float)
    return {
        "brightness": float(levels.mean()),
        "lit": float((levels >= LIT).mean()),
        "roughness": float(np.abs(np.diff(levels, axis=1)).mean()),
    }
