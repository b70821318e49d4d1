"""What is watched of the service: three numbers of every recording, and what was really said."""

from typing import Annotated, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import AfterValidator

from .audio import BEL, FAINTEST, LOUDEST, RATE, TINY
from .data import DIGITS
from .kit.served import Watch

WATCH = Watch(
    truth=Annotated[Literal[DIGITS], AfterValidator(DIGITS.index)],
    metric="accuracy",
    label="share of digits that were right",
)
PART = 200  # samples: 25 ms
QUIETEST = 0.1  # of these parts


def summarise(samples: NDArray[np.int16]) -> dict[str, float]:
    """Length in seconds, loudness in decibels, and how far the quietest tenth lies below it.

    The last one shrinks where a room is noisy.
    """
    power = (np.asarray(samples) / LOUDEST) ** 2
    parts = np.array(
        [part.mean() for part in np.array_split(power, max(1, len(power) // PART)) if len(part)]
    )
    levels = (
        np.maximum(FAINTEST, BEL * np.log10(np.maximum(parts, TINY))) if len(parts) else [FAINTEST]
    )
    loud, quiet = float(np.max(levels)), float(np.quantile(levels, QUIETEST))
    return {"seconds": len(power) / RATE, "loudness": loud, "range": loud - quiet}
