"""What the write-up rests on: who met what, who was recommended what, and what was held out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from .model import Interactions, Recipe, baselines
from .persistence import Saved
from .protocols import last_of_each
from .ranking import Lists, measure


@dataclass(frozen=True)
class Evidence:
    """Everything that the tables are made of."""

    known: Interactions
    held_out: Interactions
    films: pd.DataFrame
    users: pd.DataFrame
    training: Mapping[str, Any]
    saved: Saved
    recipes: Mapping[str, Recipe]
    restarts: Sequence[Recipe]
    seed: int

    @property
    def chosen(self) -> str:
        """Name of the candidate that is served."""
        return str(self.training["chosen"])

    @property
    def everything(self) -> Interactions:
        """All interactions, for the protocols that hold out others of them."""
        return self.known.joined_with(self.held_out)

    @property
    def recipe(self) -> Recipe:
        """How to fit the chosen candidate anew."""
        return self.recipes[self.chosen]

    def title(self, film: int) -> str:
        """Title and year of the film in one column."""
        title, year = self.films.title[film], self.films.year[film]
        return f"{title} ({year})" if year else str(title)


def random_protocol(evidence: Evidence) -> dict[str, Lists]:
    """Lists of the baseline and of every candidate; of the chosen one, those of the saved model."""
    known = evidence.known
    recommenders = baselines(known, evidence.seed)
    for name, recipe in evidence.recipes.items():
        served = name == evidence.chosen
        recommenders[name] = evidence.saved.recommender if served else recipe(known)
    return {
        name: measure(recommender, known.matrix, evidence.held_out.matrix)
        for name, recommender in recommenders.items()
    }


def last_protocol(evidence: Evidence) -> dict[str, Lists]:
    """Lists where the newest film of each person is held out, ties broken by film number."""
    everything = evidence.everything
    last = last_of_each(everything.people, everything.times, everything.films)
    known, newest = everything.where(~last), everything.where(last)
    recommenders = baselines(known, evidence.seed)
    recommenders |= {name: recipe(known) for name, recipe in evidence.recipes.items()}
    return {
        name: measure(recommender, known.matrix, newest.matrix)
        for name, recommender in recommenders.items()
    }
