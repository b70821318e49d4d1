"""The trained recommender, ready for use."""

import json
import unicodedata
from collections.abc import Sequence
from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from .kit.web import one_thread
from .kit.workspace import ProjectError, Workspace
from .model import adventurous
from .persistence import Saved, load_model
from .ranking import LENGTH, best
from .ranking import novelty as novelty_of

REASONS = 3


@dataclass(frozen=True)
class Film:
    """One film of the catalogue; `known_by` people of the training data have met it."""

    film: int
    title: str
    year: str
    genres: list[str]
    known_by: int


@dataclass(frozen=True)
class Reason:
    """A film that somebody liked, and its share of what speaks for the recommended one."""

    film: int
    title: str
    share: float


@dataclass(frozen=True)
class Recommendation:
    """One recommended film; `strength` is relative to the first of the list, which has 1."""

    film: Film
    strength: float
    because: list[Reason]


class UnknownFilmError(ProjectError):
    """A film number or title that is not in the catalogue."""


@dataclass(frozen=True)
class FilmRecommender:
    """The saved recommender with its catalogue; people are folded in from the films they like."""

    saved: Saved
    words: tuple[str, ...]

    @classmethod
    def load(cls, workspace: Workspace) -> "FilmRecommender":
        """Read what `train` wrote; raises ProjectError when there is none."""
        saved = load_model(workspace)
        return cls(saved, tuple(plain(title) for title in saved.films.title))

    def search(self, text: str, length: int = LENGTH) -> list[Film]:
        """Films with every word of `text` at the start of a word of their title, best known first.

        An empty text gives the best-known films.
        """
        wanted = [f" {word}" for word in plain(text).split()]
        found = [
            place
            for place, title in enumerate(self.words)
            if all(word in f" {title}" for word in wanted)
        ]
        found.sort(key=lambda place: -self.saved.popularity[place])
        return [self.film(place) for place in found[:length]]

    @one_thread
    def recommend(
        self, liked: Sequence[int], length: int = LENGTH, adventure: float = 0.0
    ) -> list[Recommendation]:
        """The best films for somebody who likes the films with these numbers.

        `adventure` marks well-known films down (see `model.adventurous`). Raises UnknownFilmError.
        """
        places = self.places(liked)
        ones = np.ones(len(places), dtype=np.float32)
        history = csr_array((ones, ([0] * len(places), places)), shape=(1, len(self.words)))
        model = adventurous(self.saved.recommender, self.saved.popularity, adventure)
        scores = model.scores(history)
        films = best(scores, history, min(length, len(self.words) - len(places)))[0]
        top = max(float(scores[0, films[0]]), np.finfo(float).tiny)
        return [
            Recommendation(
                film=self.film(place),
                strength=max(0.0, float(scores[0, place]) / top),
                because=self.reasons(places, place),
            )
            for place in films
        ]

    def reasons(self, liked: NDArray[np.intp], place: int) -> list[Reason]:
        """The liked films that speak most for the film at `place`."""
        parts = np.maximum(self.saved.recommender.contributions(liked, place), 0)
        if parts.sum() == 0:
            return []
        shares = parts / parts.sum()
        return [
            Reason(
                film=int(self.saved.films.film[liked[i]]),
                title=str(self.saved.films.title[liked[i]]),
                share=float(shares[i]),
            )
            for i in np.argsort(-shares, kind="stable")[:REASONS]
            if shares[i] > 0
        ]

    def novelty(self, recommended: Sequence[Recommendation]) -> float:
        """Mean surprise of a list in bits."""
        places = self.places([item.film.film for item in recommended])
        return float(novelty_of(places[None, :], self.saved.popularity, self.saved.people)[0])

    def film(self, place: int) -> Film:
        """The film at a place of the catalogue."""
        row = self.saved.films.iloc[place]
        known_by = int(self.saved.popularity[place])
        return Film(int(row.film), str(row.title), str(row.year), row.genres.split("|"), known_by)

    def places(self, numbers: Sequence[int]) -> NDArray[np.intp]:
        """Places of these film numbers in the catalogue, each once; raises UnknownFilmError."""
        wanted = np.array(list(dict.fromkeys(numbers)))
        known = self.saved.films.film.to_numpy()
        places = np.minimum(np.searchsorted(known, wanted), len(known) - 1)
        if unknown := [int(number) for number in wanted[known[places] != wanted]]:
            raise UnknownFilmError(f"there is no film with the number {unknown[0]}")
        return places


def plain(text: str) -> str:
    """Lower case without accents and punctuation, so that "amelie" finds "Amélie"."""
    letters = unicodedata.normalize("NFKD", text.lower())
    kept = (
        letter for letter in letters if not unicodedata.combining(letter) and letter not in ".'"
    )
    return " ".join("".join(letter if letter.isalnum() else " " for letter in kept).split())


def run(workspace: Workspace, inputs: Sequence[str]) -> None:
    """Print one JSON line a recommendation for somebody who likes these titles, one an input."""
    recommender = FilmRecommender.load(workspace)
    liked = []
    for title in (line.strip() for text in inputs for line in text.splitlines()):
        if title:
            found = recommender.search(title, 1)
            if not found:
                raise UnknownFilmError(f"no film in the catalogue is called {title!r}")
            liked.append(found[0].film)
    if not liked:
        raise ProjectError("name at least one film that you like")
    for recommendation in recommender.recommend(liked):
        print(json.dumps(asdict(recommendation), ensure_ascii=False))
