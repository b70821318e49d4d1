"""What is watched of the service: two numbers of every article; a truth is only kept."""

from collections.abc import Sequence

from .kit.served import Watch

WATCH = Watch()


def summarise(sentences: Sequence[str]) -> dict[str, float]:
    """Sentences, and words to a sentence."""
    words = sum(len(sentence.split()) for sentence in sentences)
    return {"sentences": len(sentences), "words_to_a_sentence": words / max(len(sentences), 1)}
