"""What is watched of the service: three numbers of every sentence; a truth is only kept."""

from typing import Annotated

from pydantic import Field

from .kit.served import Watch
from .subwords import Subwords, split_words

# The share of a translation that stayed when somebody corrected it.
WATCH = Watch(truth=Annotated[float, Field(ge=0, le=1)])


def summarise(text: str, subwords: Subwords) -> dict[str, float]:
    """Words, pieces a word (many where words are rare), and the share of words with a capital."""
    words, pieces = split_words(text), subwords.encode(text)
    return {
        "words": len(words),
        "pieces_a_word": len(pieces) / max(len(words), 1),
        "capitals": sum(any(map(str.isupper, word)) for word in words) / max(len(words), 1),
    }
