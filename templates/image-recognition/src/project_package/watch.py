"""What is watched of the service: two numbers of every picture, and what it really showed."""

from typing import Annotated, Literal

import numpy as np
from numpy.typing import ArrayLike
from pydantic import AfterValidator

from .data import CLASSES
from .kit.served import Watch

LIT = 128  # grey level from which a pixel counts as part of the garment
WATCH = Watch(
    truth=Annotated[Literal[tuple(CLASSES)], AfterValidator(CLASSES.index)], metric="accuracy"
)


def summarise(pixels: ArrayLike) -> dict[str, float]:
    """Mean grey level, and the share of light pixels, of what the network sees."""
    levels = np.asarray(pixels)
    return {"brightness": float(levels.mean()), "lit": float((levels >= LIT).mean())}
