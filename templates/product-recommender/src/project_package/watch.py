"""What is watched of the service: how well known the liked films are; a truth is only kept."""

import numpy as np
from numpy.typing import ArrayLike

from .kit.served import Watch

WATCH = Watch()


def summarise(known_by: ArrayLike) -> dict[str, float]:
    """The logarithm (base 2) of how many people know a liked film, on average.

    To one decimal: a number that only one film has would say what somebody likes.
    """
    return {"fame": round(float(np.log2(np.asarray(known_by) + 1).mean()), 1)}
