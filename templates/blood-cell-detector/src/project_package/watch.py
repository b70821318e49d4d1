"""What is watched of the service: three numbers of every picture, and how many cells were in it.

Such a truth does not give the metric, which ranks the detections of many; it is kept.
"""

from typing import Annotated

import numpy as np
from numpy.typing import ArrayLike, NDArray
from pydantic import Field

from .kit.served import Watch

LARGEST, MOST = 255, 1000  # of a pixel; of cells in a picture
WATCH = Watch(truth=Annotated[int, Field(ge=1, le=MOST)])


def summarise(pixels: NDArray[np.uint8]) -> dict[str, float]:
    """How light a picture is, how much of it is purple, and how sharp it is, all of 0 to 1."""
    levels = pixels.astype(float) / LARGEST
    steps = np.abs(np.diff(levels[..., 1], axis=1))
    return {
        "light": float(levels.mean()),
        "purple": float(np.maximum(0, levels[..., 2] - levels[..., 1]).mean()),
        "sharpness": float(steps.mean()),
    }


def certainty(scores: ArrayLike) -> float:
    """The mean score of what is counted in a picture; 0 where nothing is."""
    values = np.asarray(scores, dtype=float)
    return float(values.mean()) if values.size else 0.0
