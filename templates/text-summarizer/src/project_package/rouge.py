"""ROUGE by Google's `rouge-score`, the stems remembered from word to word.

The library's own tokenizer stems every word anew, which is nine tenths of its time; this one gives
the same tokens (a test compares them).
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from rouge_score.rouge_scorer import RougeScorer
from rouge_score.tokenizers import Tokenizer

from . import words

KINDS = ("rouge1", "rouge2", "rougeL")


class _AllStems(Tokenizer):
    def tokenize(self, text: str) -> list[str]:
        return words.stems(text)


class _ContentStems(Tokenizer):
    def tokenize(self, text: str) -> list[str]:
        return words.content_stems(text)


_rouge = RougeScorer(list(KINDS), tokenizer=_AllStems())
_rouge1 = RougeScorer(["rouge1"], tokenizer=_AllStems())
_content = RougeScorer(["rouge1"], tokenizer=_ContentStems())


def rouge1(reference: str, summary: str) -> float:
    """ROUGE-1 F: the balance of precision and recall of single words."""
    return float(_rouge1.score(reference, summary)["rouge1"].fmeasure)


def all_scores(reference: str, summary: str) -> dict[str, float]:
    """F of ROUGE-1, -2 and -L, and `content`: ROUGE-1 without function words."""
    found = {kind: score.fmeasure for kind, score in _rouge.score(reference, summary).items()}
    return found | {"content": _content.score(reference, summary)["rouge1"].fmeasure}


def label(reference: str, source: Sequence[str], budget: int) -> NDArray[np.float64]:
    """ROUGE-1 of each sentence, cut to `budget` words, against the reference; shape (n,)."""
    return np.array([rouge1(reference, words.cut([sentence], budget)) for sentence in source])
