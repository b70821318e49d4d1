"""How sure a forecast is: bands by conformal prediction, whose level follows what they covered."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray


def pooled(misses: NDArray[np.float64], neighbours: int) -> list[NDArray[np.float64]]:
    """For each half-hour the misses of its neighbours in the day, too: (days, 48) → 48 of them."""
    return [
        misses[:, max(slot - neighbours, 0) : slot + neighbours + 1].ravel()
        for slot in range(misses.shape[1])
    ]


def margins(misses: NDArray[np.float64], level: float, neighbours: int) -> NDArray[np.float64]:
    """How far a band reaches on either side so that it holds `level` of such misses, shape (48,).

    Misses are logarithms of truth over forecast, shape (days, 48): split conformal prediction by
    half-hour (Vovk et al., 2005).
    """
    # practice: margins
    found = []
    for values in pooled(np.abs(misses), neighbours):
        rank = int(np.ceil((len(values) + 1) * level))
        found.append(np.sort(values)[min(rank, len(values)) - 1])
    return np.array(found)
    # practice: end


def adaptive_margins(
    before: NDArray[np.float64],
    misses: NDArray[np.float64],
    level: float,
    config: Mapping[str, Any],
) -> NDArray[np.float64]:
    """Margins of each day in turn, from what was known of the misses by then, (days, 48).

    `before` are the misses before the first day, up to two days before it: today is not over. The
    level follows what was covered (Gibbs and Candès, 2021).
    """
    # practice: adaptive_margins
    settings, asked, found = config["intervals"], level, []
    known = np.concatenate([before, misses])
    for number in range(len(misses)):
        end = len(before) + number - 1  # yesterday is the last whole day
        if number > 1:
            covered = np.mean(np.abs(known[end - 1]) <= found[number - 2])
            asked = float(np.clip(asked + settings["step"] * (level - covered), 0.5, 1))
        past = known[max(end - settings["window"], 0) : end]
        found.append(margins(past, asked, settings["neighbours"]))
    return np.array(found)
    # practice: end
