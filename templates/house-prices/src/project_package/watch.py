"""What is watched of the service: three numbers of every house, and what it was sold for."""

from collections.abc import Mapping
from typing import Annotated

from pydantic import Field

from .kit.served import Watch

WATCH = Watch(
    truth=Annotated[float, Field(gt=0)],
    metric="median_ape",
    higher_is_better=False,
    label="median relative error",
)
COLUMNS = ("sqft_living", "grade", "year_built")


def summarise(house: Mapping[str, float]) -> dict[str, float]:
    """Living area, grade and year of building."""
    return {name: house[name] for name in COLUMNS}
