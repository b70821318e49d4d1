"""What is watched of the service: two numbers of every text; its true rating is only kept."""

from typing import Annotated

from pydantic import Field

from .kit.served import Watch

FURTHEST = 4  # from neutral, on the publisher's scale
# The headline is of texts of a kind that the model was not taught, which is not what is served.
WATCH = Watch(truth=Annotated[float, Field(ge=-FURTHEST, le=FURTHEST)])


def summarise(text: str) -> dict[str, float]:
    """Words, and the share of characters that are no letters."""
    return {
        "words": len(text.split()),
        "no_letters": sum(not each.isalpha() for each in text) / max(len(text), 1),
    }
