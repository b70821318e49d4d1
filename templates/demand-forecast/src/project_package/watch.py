"""What is watched of the service: each half-hour that it forecast, and what was used."""

from typing import Annotated

from pydantic import Field

from .kit.served import Watch
from .model import NOON, Series

WATCH = Watch(
    truth=Annotated[float, Field(gt=0)],
    metric="mape",
    higher_is_better=False,
    label="mean absolute percentage error",
)


def summarise(series: Series, day: int, slot: int) -> dict[str, float]:
    """What was known at noon before: how warm it was then, and the last demand of that half-hour.

    In °C and gigawatts.
    """
    known = day - 1 if slot < NOON else day - 2
    return {
        "temperature": float(series.temperature[day - 1, NOON - 1]),
        "last_demand": float(series.demand[known, slot]),
    }
