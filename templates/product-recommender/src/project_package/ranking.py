"""Rank the whole catalogue, and measure lists of ten against what people went on to choose.

Every film that a person has not met takes part in the ranking. Scoring the held-out film against
a hundred sampled others, a common shortcut, can even reverse the order of two models (Krichene and
Rendle, 2020).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from .model import Interactions, Recommender

LENGTH = 10


@dataclass(frozen=True)
class Lists:
    """Lists of one model for the people who have something held out; one row a person.

    `people`, shape (n,), are row numbers of the interaction matrix; `films` and `hits`, shape
    (n, 10), say what was recommended and whether it was held out; `relevant`, shape (n,), how
    many films were held out.
    """

    people: NDArray[np.intp]
    films: NDArray[np.intp]
    hits: NDArray[np.bool_]
    relevant: NDArray[np.int64]

    @property
    def ndcg(self) -> NDArray[np.float64]:
        """Normalised discounted cumulative gain (Järvelin and Kekäläinen, 2002), each in 0..1."""
        # practice: ndcg
        discount = 1 / np.log2(np.arange(2, LENGTH + 2))
        best = np.cumsum(discount)[np.minimum(self.relevant, LENGTH) - 1]
        return (self.hits @ discount) / best
        # practice: end

    @property
    def precision(self) -> NDArray[np.float64]:
        """Share of the ten that was held out."""
        return self.hits.mean(axis=1)

    @property
    def recall(self) -> NDArray[np.float64]:
        """Share of what was held out that is among the ten."""
        return self.hits.sum(axis=1) / self.relevant

    @property
    def hit_rate(self) -> NDArray[np.float64]:
        """One where at least one of the ten was held out."""
        return self.hits.any(axis=1).astype(float)


def best(scores: NDArray, seen: csr_array, length: int = LENGTH) -> NDArray[np.intp]:
    """The `length` best unseen films of each person, best first; ties go to the lower number."""
    # practice: best
    open_scores = np.array(scores, dtype=float)
    open_scores[seen.nonzero()] = -np.inf
    return np.argsort(-open_scores, axis=1, kind="stable")[:, :length]
    # practice: end


def make_lists(
    recommender: Recommender,
    history: csr_array,
    held_out: csr_array,
    hidden: csr_array | None = None,
) -> Lists:
    """Lists for everybody who has held-out films; all matrices have shape (people, films).

    What is in `history` is never recommended, nor what is in `hidden` if that is given.
    """
    relevant = np.diff(held_out.indptr)
    people = np.flatnonzero(relevant)
    scores = recommender.scores(history[people])
    films = best(scores, (history if hidden is None else hidden)[people])
    hits = np.take_along_axis(held_out[people].toarray() > 0, films, axis=1)
    return Lists(people, films, hits, relevant[people])


def best_settings(
    fit: Callable[..., Recommender],
    values: Mapping[str, Sequence[Any]],
    known: Interactions,
    future: Interactions,
) -> dict[str, Any]:
    """The combination of `values` with the highest NDCG@10; of equals, the first."""
    # practice: best_settings
    history, chosen = known.matrix, future.matrix

    def quality(settings: Mapping[str, Any]) -> float:
        return float(make_lists(fit(known, **settings), history, chosen).ndcg.mean())

    grid = (dict(zip(values, each, strict=True)) for each in product(*values.values()))
    return max(grid, key=quality)
    # practice: end


def novelty(films: NDArray[np.intp], popularity: NDArray, people: int) -> NDArray[np.float64]:
    """Mean surprise of each list in bits: −log2 of the share of people who know a film.

    Add-one smoothing keeps a film that nobody knows finite.
    """
    return -np.log2((popularity + 1) / (people + 1))[films].mean(axis=1)
