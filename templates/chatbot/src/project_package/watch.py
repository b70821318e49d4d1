"""What is watched of the service: three numbers of every text, and what it really wanted."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated, Literal

from pydantic import AfterValidator

from .kit.served import Watch

# Of single truths, where one side of the headline may be missing: the share that was met.
WATCH = Watch(metric="accuracy")


def watch_by_name(names: Mapping[str, int]) -> Watch:
    """The same, where a truth is told by the name of its intent and kept by its number."""
    number = AfterValidator(dict(names).__getitem__)
    return replace(WATCH, truth=Annotated[Literal[tuple(names)], number])


def summarise(text: str) -> dict[str, float]:
    """Words, letters to a word, and the share of characters that are neither letters nor spaces."""
    words = text.split()
    return {
        "words": len(words),
        "letters": sum(map(str.isalpha, text)) / max(len(words), 1),
        "signs": sum(not (each.isalpha() or each.isspace()) for each in text) / max(len(text), 1),
    }
