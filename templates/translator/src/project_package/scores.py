"""BLEU and chrF of whole texts, from counts of each sentence that can be added up.

So an interval can draw sentences, and the counts tell nothing of a text. Both agree with sacreBLEU
(Post, 2018), whose tokens and settings they have; tests hold them to it.
"""

from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sacrebleu.metrics import BLEU

from .kit.statistics import bleu

__all__ = ["bleu", "bleu_counts", "chrf", "chrf_counts", "sentence_chrf", "written"]

ORDER = 6  # of chrF: n-grams of up to six letters
RECALL = 4.0  # how much recall counts against precision: the square of beta, which is 2
EACH = 3  # counts of an order: said, true, shared
HUNDRED = 100.0  # both scores go from 0 to it
_bleu = BLEU(effective_order=True)  # its counts are taken, not its scores of sentences


def bleu_counts(said: Sequence[str], truth: Sequence[str]) -> NDArray[np.int64]:
    """Words said, words of the truth, and n-grams shared for n of 1 to 4, shape (n, 6)."""
    rows = []
    for one, other in zip(said, truth, strict=True):
        found = _bleu.sentence_score(one, [other])
        rows.append([found.sys_len, found.ref_len, *found.counts])
    return np.array(rows, dtype=np.int64).reshape(-1, 2 + _bleu.max_ngram_order)


def written(counts: NDArray[np.int64]) -> list[str]:
    """Each row of counts as a cell of predictions.csv."""
    return [" ".join(map(str, row)) for row in counts.tolist()]


def chrf_counts(said: Sequence[str], truth: Sequence[str]) -> NDArray[np.int64]:
    """For n of 1 to 6 the n-grams of letters said, those of the truth, and those shared.

    Shape (n, 18); spaces do not count.
    """
    rows = []
    for pair in zip(said, truth, strict=True):
        one, other = ("".join(text.split()) for text in pair)
        row: list[int] = []
        for order in range(1, ORDER + 1):
            ours, theirs = _grams(one, order), _grams(other, order)
            row += [ours.total(), theirs.total(), (ours & theirs).total()]
        rows.append(row)
    return np.array(rows, dtype=np.int64).reshape(-1, EACH * ORDER)


def chrf(counts: ArrayLike) -> float:
    """Of rows as `chrf_counts` gives them the chrF of all together, from 0 to 100."""
    # practice: chrf
    ours, theirs, shared = np.asarray(counts).reshape(-1, ORDER, EACH).sum(axis=0).T
    there = (ours > 0) & (theirs > 0)
    if not there.any():
        return 0.0
    precision = np.mean(shared[there] / ours[there])
    recall = np.mean(shared[there] / theirs[there])
    if precision + recall == 0:
        return 0.0
    return float(HUNDRED * (1 + RECALL) * precision * recall / (RECALL * precision + recall))
    # practice: end


def sentence_chrf(said: Sequence[str], truth: Sequence[str]) -> NDArray[np.float64]:
    """The chrF of each sentence by itself, shape (n,)."""
    return np.array([chrf(row) for row in chrf_counts(said, truth)], dtype=float)


def _grams(text: str, order: int) -> Counter[str]:
    return Counter(text[place : place + order] for place in range(len(text) - order + 1))
