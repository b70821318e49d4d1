"""What is watched of the service: three numbers of every text; its true rating is only kept."""

from typing import Annotated

from pydantic import Field

from . import lexicon
from .kit.served import Watch

FURTHEST = 4  # from neutral, on the publisher's scale
# The headline is of texts of a kind that the model was not taught, which is not what is served.
WATCH = Watch(truth=Annotated[float, Field(ge=-FURTHEST, le=FURTHEST)])


def summarise(text: str) -> dict[str, float]:
    """Words, the share of them that VADER has a valence for, and of characters no letters."""
    found = dict(zip(lexicon.FEATURES, lexicon.features(text), strict=True))
    return {
        "words": len(text.split()),
        "charged": (found["positive words"] + found["negative words"]) / max(found["words"], 1),
        "no_letters": sum(not each.isalpha() for each in text) / max(len(text), 1),
    }
