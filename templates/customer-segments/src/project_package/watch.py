"""What is watched of the service: three numbers of every customer, and what was spent after."""

from collections.abc import Mapping
from typing import Annotated

from pydantic import Field

from .kit.served import Watch

WATCH = Watch(
    truth=Annotated[float, Field(ge=0)],
    metric="normalised_gini",
    label="normalised Gini",
)
COLUMNS = ("recency", "frequency", "money")


def summarise(customer: Mapping[str, float]) -> dict[str, float]:
    """Days since the last order, days with an order, dollars in all."""
    return {name: float(customer[name]) for name in COLUMNS}
