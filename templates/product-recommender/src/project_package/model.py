"""The recommenders that are compared. Nothing here reads or writes a file.

All of them learn from who met which film; what a person thought of it is left out, as the
protocol asks for (every rating is an interaction).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array, csr_matrix
from threadpoolctl import threadpool_limits

DAY = 86_400  # seconds
ADVENTURES = (0.0, 0.15, 0.3, 0.45)  # powers of popularity that the page offers
BASELINE, NAIVE = "popularity", "random order"


@dataclass(frozen=True)
class Interactions:
    """Who met which film, and when: row numbers and Unix times, one entry an interaction."""

    people: NDArray[np.int64]
    films: NDArray[np.int64]
    times: NDArray[np.int64]
    shape: tuple[int, int]

    def where(self, rows: NDArray) -> "Interactions":
        """The chosen interactions, in a matrix of the same shape."""
        return Interactions(self.people[rows], self.films[rows], self.times[rows], self.shape)

    def joined_with(self, other: "Interactions") -> "Interactions":
        """Both, in a matrix of the same shape."""
        return Interactions(
            np.concatenate([self.people, other.people]),
            np.concatenate([self.films, other.films]),
            np.concatenate([self.times, other.times]),
            self.shape,
        )

    def shuffled(self, seed: int) -> "Interactions":
        """The films dealt anew: people stay as active, films as popular, taste is gone."""
        films = np.random.default_rng(seed).permutation(self.films)
        return Interactions(self.people, films, self.times, self.shape)

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


def pick_order(known: Interactions, random: np.random.Generator) -> NDArray[np.int64]:
    """A random position of every interaction among its person's own, from 0."""
    order = np.lexsort((random.random(len(known.people)), known.people))
    people = known.people[order]
    place = np.empty(len(order), dtype=np.int64)
    place[order] = np.arange(len(order)) - np.searchsorted(people, people)
    return place


class Recommender(Protocol):
    """Scores films for any person's history, known in training or not."""

    def scores(self, history: csr_array) -> NDArray:
        """The higher, the more likely; `history` and the result have shape (people, films)."""


class Explained(Recommender, Protocol):
    """A recommender whose score is a sum over the films that a person liked."""

    def contributions(self, liked: NDArray[np.intp], film: int) -> NDArray:
        """What each liked film adds to the score of `film`, shape (liked,)."""


@dataclass(frozen=True)
class SameForAll:
    """One score a film, whoever asks; `weights` has shape (films,)."""

    weights: NDArray

    def scores(self, history: csr_array) -> NDArray:
        """The same row for everybody."""
        return np.broadcast_to(self.weights, history.shape)


@dataclass(frozen=True)
class ItemWeights:
    """What liking one film says about another: `weights` has shape (liked, recommended)."""

    weights: NDArray

    def scores(self, history: csr_array) -> NDArray:
        """Sum of the weights of all films in the history."""
        return np.asarray(history @ self.weights)

    def contributions(self, liked: NDArray[np.intp], film: int) -> NDArray:
        """The weights themselves."""
        return self.weights[liked, film]


@dataclass(frozen=True)
class Factors:
    """Implicit matrix factorisation; a person's vector is solved for when the person asks."""

    films: NDArray
    penalty: float
    confidence: float

    def scores(self, history: csr_array) -> NDArray:
        """Inner products with the folded-in people."""
        unmet = self.films.T @ self.films
        histories = np.split(history.indices, history.indptr[1:-1])
        people = [self._solve(liked, unmet, self.films[liked].sum(axis=0)) for liked in histories]
        return np.array(people) @ self.films.T

    def contributions(self, liked: NDArray[np.intp], film: int) -> NDArray:
        """The person's vector is a sum over the films liked, so the score splits into parts."""
        parts = self._solve(liked, self.films.T @ self.films, self.films[liked].T)
        return self.films[film] @ parts

    def _solve(self, liked: NDArray[np.intp], unmet: NDArray, target: NDArray) -> NDArray:
        """The vector of a person who liked these films; `target` has shape (factors, ...).

        Equation 4 of Hu, Koren and Volinsky (2008), with confidence 1 for films not met.
        """
        chosen = self.films[liked]
        gram = unmet + (self.confidence - 1) * chosen.T @ chosen
        gram[np.diag_indices_from(gram)] += self.penalty
        return np.linalg.solve(gram, self.confidence * target)


@dataclass(frozen=True)
class Blend:
    """A personal recommender and one that is the same for all, each scaled to at most 1."""

    personal: Recommender
    common: SameForAll
    weight: float

    def scores(self, history: csr_array) -> NDArray:
        """Personal score + weight × common score."""
        personal = self.personal.scores(history)
        scale = np.abs(personal).max(axis=1, keepdims=True)
        common = self.common.weights / self.common.weights.max()
        return personal / np.where(scale > 0, scale, 1) + self.weight * common


@dataclass(frozen=True)
class Adventurous:
    """A recommender whose scores are divided by `known`, a power of how well known each film is."""

    personal: Recommender
    known: NDArray

    def scores(self, history: csr_array) -> NDArray:
        """Only positive scores are marked down: a film that does not fit stays where it is."""
        personal = self.personal.scores(history)
        return np.where(personal > 0, personal / self.known, personal)


def adventurous(personal: Recommender, popularity: NDArray, power: float) -> Recommender:
    """The recommender with well-known films marked down; a power of 0 leaves it as it is."""
    return Adventurous(personal, (popularity + 1.0) ** power) if power else personal


def draw_order(known: Interactions, seed: int) -> SameForAll:
    """The catalogue in random order: what no knowledge at all is worth."""
    return SameForAll(np.random.default_rng(seed).random(known.shape[1]))


def fit_popularity(known: Interactions) -> SameForAll:
    """How many people met each film."""
    return SameForAll(known.popularity.astype(float))


def baselines(known: Interactions, seed: int) -> dict[str, Recommender]:
    """What a recommender has to beat, by name."""
    return {NAIVE: draw_order(known, seed), BASELINE: fit_popularity(known)}


def fit_recent_popularity(known: Interactions, days: float) -> SameForAll:
    """How many people met each film in the last `days`; the time before only breaks ties."""
    recent = known.where(known.times > known.times.max() - days * DAY).popularity
    return SameForAll(recent + known.popularity / (len(known.people) + 1))


def fit_item_knn(known: Interactions, neighbours: int, shrinkage: float) -> ItemWeights:
    """Cosine similarity of films, shrunk where few people met both; the nearest are kept."""
    met = known.matrix
    together = np.asarray((met.T @ met).todense(), dtype=float)
    norms = np.sqrt(np.diag(together))
    similarity = together / (np.outer(norms, norms) + shrinkage)
    np.fill_diagonal(similarity, 0)
    faintest = np.sort(similarity, axis=0)[-min(neighbours, len(similarity))]
    return ItemWeights(np.where(similarity >= faintest, similarity, 0).astype(np.float32))


def fit_ease(known: Interactions, penalty: float) -> ItemWeights:
    """EASE (Steck, 2019): ridge regression of every film on all others, solved in one inverse."""
    met = known.matrix
    gram = np.asarray((met.T @ met).todense(), dtype=float)
    gram[np.diag_indices_from(gram)] += penalty
    with threadpool_limits(1, "blas"):
        precision = np.linalg.inv(gram)
    weights = precision / -np.diag(precision)
    np.fill_diagonal(weights, 0)
    return ItemWeights(weights.astype(np.float32))


def fit_ials(
    known: Interactions,
    factors: int,
    penalty: float,
    confidence: float,
    iterations: int,
    seed: int,
) -> Factors:
    """Implicit alternating least squares (Hu, Koren and Volinsky, 2008)."""
    # Here, so that the service, which never fits, needs no OpenMP library on its machine.
    from implicit.cpu.als import AlternatingLeastSquares

    with threadpool_limits(1, "blas"):
        solver = AlternatingLeastSquares(
            factors=factors,
            regularization=penalty,
            alpha=confidence,
            iterations=iterations,
            random_state=seed,
            num_threads=1,  # with more, the threads of so small a matrix mostly wait for each other
        )
        solver.fit(csr_matrix(known.matrix), show_progress=False)
    return Factors(np.asarray(solver.item_factors), penalty, confidence)


@dataclass(frozen=True)
class Candidate:
    """A way to fit a recommender, and the settings to choose from."""

    fit: Callable[..., Explained]
    settings: Sequence[Mapping[str, Any]]
    needs_seed: bool = False

    def fitted(self, known: Interactions, settings: Mapping[str, Any], seed: int) -> Explained:
        """The recommender with one of the settings; `seed` is for those that start at random."""
        return self.fit(known, **settings, **({"seed": seed} if self.needs_seed else {}))


Recipe = Callable[[Interactions], Explained]  # a candidate with its settings, ready to be fitted


def candidates(iterations: int) -> dict[str, Candidate]:
    """The personal recommenders to choose from, simplest first; `iterations` are those of iALS."""
    return {
        "item kNN": Candidate(
            fit_item_knn, _grid(neighbours=(50, 100, 200, 400), shrinkage=(1.0, 10.0, 50.0))
        ),
        "EASE": Candidate(fit_ease, _grid(penalty=(50.0, 100.0, 200.0, 400.0, 800.0, 1600.0))),
        "iALS": Candidate(
            fit_ials,
            _grid(
                factors=(32, 64),
                penalty=(10.0, 30.0, 60.0),
                confidence=(1.0, 3.0, 6.0),
                iterations=(iterations,),
            ),
            needs_seed=True,
        ),
    }


def _grid(**values: Sequence[Any]) -> list[dict[str, Any]]:
    return [dict(zip(values, chosen, strict=True)) for chosen in product(*values.values())]
