"""What is watched of the service: each half-hour that it forecast, and what was used.

All of it is against days of the same kind just before, so that a season that comes and goes moves
nothing: only what changes within days does, as a heat wave.
"""

from collections.abc import Iterable
from typing import Annotated

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from .kit.served import Seen, Watch
from .model import NOON, SLOTS, Series, base_of, same_kind

WATCH = Watch(
    truth=Annotated[float, Field(gt=0)],
    metric="mape",
    higher_is_better=False,
    label="mean absolute percentage error",
    together=SLOTS,
)
LAST_DAYS = 2  # of the same kind, that a half-hour is compared with


def watched(series: Series, day: int, said: Iterable[float]) -> list[Seen]:
    """The 48 forecasts of a day: the score is the logarithm of each over its base.

    The summaries are, of the last known of that half-hour, by how much the logarithm of demand and
    the degrees differ from those of the last days of that day's kind.
    """
    demand, warmth = np.array(list(said)), series.temperature
    score = np.log(demand) - base_of(series, day, LAST_DAYS)
    change, warmer = last_known(series, day, np.log(series.demand)), last_known(series, day, warmth)
    return [
        Seen(float(score[slot]), {"change": float(change[slot]), "warmer": float(warmer[slot])},
             said=float(demand[slot]))
        for slot in range(SLOTS)
    ]  # fmt: skip


def last_known(series: Series, day: int, table: NDArray[np.float64]) -> NDArray[np.float64]:
    """Of this morning, and of yesterday from noon on, against the last days of the kind: (48,)."""
    parts = []
    for past, slots in ((day - 1, slice(NOON)), (day - 2, slice(NOON, SLOTS))):
        like = same_kind(series, past, past, LAST_DAYS)
        parts.append(table[past, slots] - table[like, slots].mean(axis=0))
    return np.concatenate(parts)
