"""Search: write several translations side by side, and keep the likeliest."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from .subwords import END, START

LONGER, AT_LEAST = 2, 10  # a translation has at most so many pieces for each, and so many more
BASE, SHARE = 5.0, 6.0  # of the penalty of length (Wu et al., 2016)


class Decoder(Protocol):
    """What a search asks: each call goes one piece further."""

    def advance(self, parents: Sequence[int], pieces: Sequence[int]) -> tuple[NDArray, NDArray]:
        """Continue texts `parents` of the last call, each by a piece.

        Returns the log probabilities of the next piece, shape (n, pieces), and where in the
        source was looked, shape (n, read).
        """


@dataclass(frozen=True)
class Found:
    """Pieces with END, the sum of their log probabilities, and where each one looked."""

    pieces: list[int]
    total: float
    looked: list[NDArray]

    def score(self, penalty: float) -> float:
        """By which candidates of different lengths are compared."""
        return self.total / ((BASE + len(self.pieces)) / SHARE) ** penalty


def search(decoder: Decoder, width: int, longest: int, penalty: float) -> list[Found]:
    """The candidates of a beam search, best first; of width 1 what is likeliest piece by piece.

    It ends with `width` candidates that ended, or with pieces of the number `longest`.
    """
    # practice: search
    alive, ended = [Found([], 0.0, [])], []
    parents, pieces = [0], [START]
    for _ in range(longest):
        logs, looked = decoder.advance(parents, pieces)
        totals = (np.array([each.total for each in alive])[:, None] + logs).ravel()
        best = np.argpartition(-totals, 2 * width)[: 2 * width]
        best = best[np.argsort(-totals[best], kind="stable")]
        going, parents = [], []
        for rank, place in enumerate(best.tolist()):
            parent, piece = divmod(place, logs.shape[1])
            before = alive[parent]
            each = Found(
                [*before.pieces, piece], float(totals[place]), [*before.looked, looked[parent]]
            )
            if piece == END and rank < width:
                ended.append(each)
            elif piece != END and len(going) < width:
                going.append(each)
                parents.append(parent)
        alive, pieces = going, [each.pieces[-1] for each in going]
        if len(ended) >= width:
            break
    return sorted(ended or alive, key=lambda each: -each.score(penalty))
    # practice: end


def longest_for(source: Sequence[int]) -> int:
    """How many pieces a translation may have."""
    return LONGER * len(source) + AT_LEAST
