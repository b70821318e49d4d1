"""The rolling evaluation: what do people choose after a given day?

At each origin the choices are made on the newest tenth before it, the recommenders are fitted on
all that came before it, and measured on the tenth that comes next. Nothing later is ever used.
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from tqdm import tqdm

from .model import (
    Blend,
    Explained,
    Interactions,
    Recipe,
    Recommender,
    SameForAll,
    baselines,
    fit_recent_popularity,
)
from .protocols import CUTS, HORIZON, rolling_origins, warm
from .ranking import measure

RECENT_DAYS = (3, 7, 14, 30, 60)
RECENT = "recent popularity"
BLEND_WEIGHTS = (0.25, 0.5, 1.0, 2.0, 4.0)


@dataclass(frozen=True)
class Origin:
    """One day: what came before it, and what the people with a past chose after it."""

    past: Interactions
    future: Interactions
    newcomers: int
    new_films: int

    @classmethod
    def at(cls, everything: Interactions, cut: float) -> "Origin":
        """The origin after the share `cut` of all interactions."""
        before, after = next(rolling_origins(everything.times, (cut,)))
        known = warm(everything.people, before)
        people, films = everything.people[after], everything.films[after]
        return cls(
            past=everything.where(before),
            future=everything.where(after & known),
            newcomers=len(np.setdiff1d(people, everything.people[before])),
            new_films=len(np.setdiff1d(films, everything.films[before])),
        )

    @property
    def day(self) -> str:
        """The last day of the past, as YYYY-MM-DD."""
        return dt.datetime.fromtimestamp(int(self.past.times.max()), dt.UTC).date().isoformat()

    @property
    def people(self) -> int:
        """How many people with a past chose something after it."""
        return len(np.unique(self.future.people))


@dataclass(frozen=True)
class Rolling:
    """NDCG@10 of every recommender for every person at every origin.

    `ndcg` has the columns origin, person and one a recommender; `recent_days` are the windows
    that were chosen, one an origin.
    """

    origins: list[Origin]
    ndcg: pd.DataFrame
    recent_days: list[float]


def roll(
    everything: Interactions, recipes: Mapping[str, Recipe], chosen: str, seed: int
) -> Rolling:
    """Go through all origins; the candidate `chosen` is blended with recent popularity."""
    origins, tables, windows = [], [], []
    for cut in tqdm(CUTS, desc="rolling origins", unit="origin"):
        origin = Origin.at(everything, cut)
        days, weight = choose_recency(Origin.at(everything, cut - HORIZON), recipes[chosen])
        table = pd.DataFrame({"origin": len(origins)}, index=np.unique(origin.future.people))
        recommenders = {
            **baselines(origin.past, seed),
            **fit_all(origin.past, recipes, chosen, days, weight),
        }
        for name, recommender in recommenders.items():
            lists = measure(recommender, origin.past.matrix, origin.future.matrix)
            table.loc[lists.people, name] = lists.ndcg
        origins.append(origin)
        tables.append(table.rename_axis("person").reset_index())
        windows.append(days)
    return Rolling(origins, pd.concat(tables, ignore_index=True), windows)


def choose_recency(earlier: Origin, recipe: Recipe) -> tuple[float, float]:
    """How many days count as recent, and the weight of recency beside a personal recommender.

    Both by NDCG@10 at an origin one step earlier.
    """
    personal = recipe(earlier.past)

    def quality(recommender: Recommender) -> float:
        lists = measure(recommender, earlier.past.matrix, earlier.future.matrix)
        return float(lists.ndcg.mean())

    windows = {days: fit_recent_popularity(earlier.past, days) for days in RECENT_DAYS}
    days = max(windows, key=lambda days: quality(windows[days]))
    weight = max(BLEND_WEIGHTS, key=lambda weight: quality(Blend(personal, windows[days], weight)))
    return days, weight


def fit_all(
    past: Interactions, recipes: Mapping[str, Recipe], chosen: str, days: float, weight: float
) -> dict[str, Recommender]:
    """Recent popularity, the candidates and the blend, by the names they have in the write-up."""
    personal: dict[str, Explained] = {name: recipe(past) for name, recipe in recipes.items()}
    recent: SameForAll = fit_recent_popularity(past, days)
    return {
        RECENT: recent,
        **personal,
        blend_name(chosen): Blend(personal[chosen], recent, weight),
    }


def blend_name(chosen: str) -> str:
    """What the blend with recent popularity is called in the write-up."""
    return f"{chosen} + recent popularity"
