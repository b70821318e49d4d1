"""ROUGE by Google's `rouge-score`, the stems remembered from word to word.

The library's own tokenizer stems every word anew; this one gives
the same tokens (a test compares them).
"""

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from rouge_score.rouge_scorer import RougeScorer
from rouge_score.tokenizers import Tokenizer

from . import words

REMEMBERED = 200_000  # pairs of texts
KINDS = ("rouge1", "rouge2", "rougeL")


class _AllStems(Tokenizer):
    def tokenize(self, text: str) -> list[str]:
        return words.stems(text)


class _ContentStems(Tokenizer):
    def tokenize(self, text: str) -> list[str]:
        return words.content_stems(text)


_rouge = RougeScorer(list(KINDS), tokenizer=_AllStems())
_content = RougeScorer(["rouge1"], tokenizer=_ContentStems())


@lru_cache(maxsize=REMEMBERED)
def by_kind(reference: str, summary: str) -> tuple[float, float, float]:
    """F of ROUGE-1, -2 and -L: the balance of precision and recall of words, pairs, sequences."""
    # practice: by_kind
    found = _rouge.score(reference, summary)
    first, second, longest = (float(found[kind].fmeasure) for kind in KINDS)
    return first, second, longest
    # practice: end


def mean(reference: str, summary: str) -> float:
    """The mean of the three."""
    return sum(by_kind(reference, summary)) / len(KINDS)


def content(reference: str, summary: str) -> float:
    """ROUGE-1 without function words."""
    return float(_content.score(reference, summary)["rouge1"].fmeasure)


def label(reference: str, source: Sequence[str]) -> NDArray[np.float64]:
    """The mean of the three for each sentence alone against the reference; shape (n,)."""
    return np.array([mean(reference, sentence) for sentence in source])
