"""What is watched of the service: three numbers of every picture; a truth is only kept."""

import numpy as np
from numpy.typing import ArrayLike

from .kit.served import Watch

WATCH = Watch(truth=bool)


def summarise(pixels: ArrayLike) -> dict[str, float]:
    """Mean grey level, contrast, and how much lighter the left half is than the right.

    Of a picture, shape (height, width). The last two tell light from the side and a dim room.
    """
    levels = np.asarray(pixels, dtype=float)
    left, right = np.array_split(levels, 2, axis=1)
    return {
        "brightness": float(levels.mean()),
        "contrast": float(levels.std()),
        "side": float(left.mean() - right.mean()),
    }
