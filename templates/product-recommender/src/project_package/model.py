"""The recommenders that are compared. Nothing here reads or writes a file.

All of them learn from who met which film and when; what a person thought of it is left out, as
the protocol asks for (every rating is an interaction).
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from threadpoolctl import threadpool_limits

DAY = 86_400  # seconds
MODEL, RECENT, NEIGHBOURS, POPULAR = "EASE × trend", "recent popularity", "item kNN", "popularity"
PERSONAL = "EASE alone"


@dataclass(frozen=True)
class Interactions:
    """Who met which film, and when; one entry an interaction.

    `people` and `films` are row numbers, `times` Unix times, `periods` the one of equally large
    parts, in order of time, that each falls into, from 0.
    """

    people: NDArray[np.int64]
    films: NDArray[np.int64]
    times: NDArray[np.int64]
    periods: NDArray[np.int64]
    shape: tuple[int, int]

    def where(self, rows: NDArray) -> "Interactions":
        """The chosen interactions, in a matrix of the same shape."""
        columns = (self.people, self.films, self.times, self.periods)
        return Interactions(*(column[rows] for column in columns), self.shape)

    def of(self, person: int) -> NDArray[np.int64]:
        """The films that somebody met, in order of their numbers."""
        return np.sort(self.films[self.people == person])

    @property
    def matrix(self) -> csr_array:
        """Ones where a person met a film, shape (people, films)."""
        ones = np.ones(len(self.people), dtype=np.float32)
        met = csr_array((ones, (self.people, self.films)), shape=self.shape)
        met.sum_duplicates()
        met.data[:] = 1
        return met

    @property
    def popularity(self) -> NDArray[np.int64]:
        """How many people met each film, shape (films,)."""
        return np.bincount(self.films, minlength=self.shape[1])

    def recent(self, days: float) -> NDArray[np.int64]:
        """How many people met each film in the last `days`, shape (films,)."""
        newest = self.times.max(initial=0)
        return self.where(self.times > newest - days * DAY).popularity


class Recommender(Protocol):
    """Scores every film for people it is shown the history of."""

    def scores(self, history: csr_array) -> NDArray:
        """The higher, the more likely; `history` and the result have shape (people, films)."""


@dataclass(frozen=True)
class SameForAll:
    """One score a film, whoever asks; `weights` has shape (films,)."""

    weights: NDArray

    def scores(self, history: csr_array) -> NDArray:
        """The same row for everybody."""
        return np.broadcast_to(self.weights, history.shape)


@dataclass(frozen=True)
class ItemWeights:
    """What meeting one film says about another, times what is said of a film for everybody.

    `weights` has shape (met, recommended), `lift`, which is positive, shape (films,).
    """

    weights: NDArray
    lift: NDArray

    def scores(self, history: csr_array) -> NDArray:
        """Sum of the weights of all films in the history, times the lift."""
        return np.asarray(history @ self.weights) * self.lift

    def contributions(self, liked: NDArray[np.intp], film: int) -> NDArray:
        """What each liked film adds to the score of `film`, shape (liked,)."""
        return self.weights[liked, film] * self.lift[film]


def adventurous(recommender: ItemWeights, popularity: NDArray, power: float) -> ItemWeights:
    """The recommender with well-known films marked down; a power of 0 leaves it as it is."""
    return replace(recommender, lift=recommender.lift / (popularity + 1.0) ** power)


def fit_popularity(known: Interactions) -> SameForAll:
    """How many people met each film."""
    return SameForAll(known.popularity.astype(float))


def fit_recent_popularity(known: Interactions, days: float) -> SameForAll:
    """How many people met each film in the last `days`; the time before only breaks ties.

    So popularity of all time may add less than one to a film's score.
    """
    # practice: fit_recent_popularity
    return SameForAll(known.recent(days) + known.popularity / (len(known.people) + 1))
    # practice: end


def fit_item_knn(known: Interactions, neighbours: int, shrinkage: float) -> ItemWeights:
    """What films have in common: their cosine, shrunk where few people met both.

    That is people who met both / (√(met one) · √(met the other) + `shrinkage`), and 0 with
    itself. For each recommended film (column) the nearest `neighbours` are kept, ties among them.
    """
    # practice: fit_item_knn
    together = _met_together(known)
    norms = np.sqrt(np.diag(together))
    similarity = together / (np.outer(norms, norms) + shrinkage)
    np.fill_diagonal(similarity, 0)
    place = len(similarity) - min(neighbours, len(similarity))
    faintest = np.partition(similarity, place, axis=0)[place]
    kept = np.where(similarity >= faintest, similarity, 0)
    return ItemWeights(kept, np.ones(len(kept)))
    # practice: end


def fit_ease(known: Interactions, penalty: float) -> ItemWeights:
    """EASE (Steck, 2019): ridge regression of every film on all others, solved in one inverse.

    Column j of the weights is the regression of film j; with P, the inverse of films met together
    plus `penalty` on the diagonal, weight ij is −P_ij / P_jj, and 0 on the diagonal.
    """
    # practice: fit_ease
    gram = _met_together(known)
    gram[np.diag_indices_from(gram)] += penalty
    with threadpool_limits(1, "blas"):
        precision = np.linalg.inv(gram)
    weights = precision / -np.diag(precision)
    np.fill_diagonal(weights, 0)
    return ItemWeights(weights.astype(np.float32), np.ones(len(weights)))
    # practice: end


def with_trend(
    ease: ItemWeights, known: Interactions, days: float, recent: float, former: float
) -> ItemWeights:
    """EASE with each film raised by a power of what it was lately, lowered by one of all time.

    The lift is (recent popularity + ½)^`recent` / (popularity + 1)^`former`, its highest set to 1.
    """
    # practice: with_trend
    lift = (known.recent(days) + 0.5) ** recent / (known.popularity + 1.0) ** former
    return replace(ease, lift=lift / lift.max())
    # practice: end


def fit_model(known: Interactions, settings: Mapping[str, Any]) -> ItemWeights:
    """The model of config.toml: `settings` is its table `model`."""
    trend = settings["days"], settings["recent"], settings["former"]
    return with_trend(fit_ease(known, settings["penalty"]), known, *trend)


def fit_baselines(known: Interactions, settings: Mapping[str, Any]) -> dict[str, Recommender]:
    """What the model is compared with, by name, the strongest simple method first."""
    return {
        RECENT: fit_recent_popularity(known, **settings["recent"]),
        NEIGHBOURS: fit_item_knn(known, **settings["neighbours"]),
        POPULAR: fit_popularity(known),
    }


def _met_together(known: Interactions) -> NDArray[np.float64]:
    met = known.matrix
    return np.asarray((met.T @ met).todense(), dtype=float)
