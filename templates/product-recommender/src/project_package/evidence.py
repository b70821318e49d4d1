"""What the write-up rests on: at each origin, who was recommended what and what they chose."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from . import data
from .kit.holdout import Ledger
from .kit.statistics import Interval, bootstrap
from .kit.workspace import Workspace, read_json
from .model import (
    MODEL,
    NEIGHBOURS,
    POPULAR,
    RECENT,
    Interactions,
    Recommender,
    fit_baselines,
    fit_ease,
    fit_item_knn,
    fit_popularity,
)
from .persistence import Saved, load_model
from .protocols import ORIGINS, Origin, random_split
from .ranking import Lists, measure
from .train import best_settings, model_file

PERSONAL = "EASE alone"
NEWCOMER = "of people without a past at that origin, who get no list"


@dataclass(frozen=True)
class Evidence:
    """`lists` holds, by recommender, one `Lists` for each origin; `models` what is saved."""

    everything: Interactions
    films: pd.DataFrame
    users: pd.DataFrame
    training: Mapping[str, Any]
    origins: Sequence[Origin]
    models: Sequence[Saved]
    lists: Mapping[str, Sequence[Lists]]
    seed: int

    def pooled(self, name: str, measure: str) -> NDArray:
        """One measure of all lists of a recommender, origin after origin."""
        return np.concatenate([getattr(lists, measure) for lists in self.lists[name]])

    @property
    def people(self) -> NDArray[np.intp]:
        """Whose list each is; the unit of every interval."""
        return self.pooled(MODEL, "people")

    def interval(self, values: NDArray, rows: NDArray | None = None) -> Interval:
        """The mean over lists, or over those at `rows`, with its interval over people."""
        groups = self.people if rows is None else self.people[rows]
        return bootstrap(np.mean, values, groups=groups, seed=self.seed)

    def title(self, film: int) -> str:
        """Title and year of the film in one column."""
        title, year = self.films.title[film], self.films.year[film]
        return f"{title} ({year})" if year else str(title)


def gather(workspace: Workspace) -> Evidence:
    """Open both parts, the test part among them, and the models that `train` saved."""
    films, users = data.load_films(workspace), data.load_users(workspace)
    parts = [data.load(workspace, part, reader="evaluate") for part in data.PARTS]
    everything = data.index(pd.concat(parts, ignore_index=True), films, users)
    training = read_json(workspace.models / "training.json", made_by="train")
    origins = [Origin.before(everything, period) for period in ORIGINS]
    models = [load_model(workspace, model_file(period)) for period in ORIGINS]
    lists: dict[str, list[Lists]] = {}
    for origin, saved in zip(origins, models, strict=True):
        settings = training["chosen"][str(origin.period)]
        recommenders: dict[str, Recommender] = {
            MODEL: saved.recommender,
            **fit_baselines(origin.past, settings),
            PERSONAL: fit_ease(origin.past, **settings["ease"]),
        }
        for name, recommender in recommenders.items():
            found = measure(recommender, origin.past.matrix, origin.future.matrix)
            lists.setdefault(name, []).append(found)
    seed = workspace.seed
    return Evidence(everything, films, users, training, origins, models, lists, seed)


def count_lists(evidence: Evidence) -> Ledger:
    """From the ratings after the first origin to the lists that are scored."""
    scored = sum(len(origin.future.people) for origin in evidence.origins)
    unserved = sum(len(origin.newcomers.people) for origin in evidence.origins)
    ledger = Ledger(scored + unserved, "ratings after the first origin")
    ledger.drop("evaluation", scored, NEWCOMER)
    ledger.count_as("lists", len(evidence.people))
    return ledger


def score_lists(evidence: Evidence) -> pd.DataFrame:
    """NDCG@10 of every list: id (origin and user), group (user), model, and each baseline."""
    users = evidence.users.user.to_numpy()[evidence.people]
    origin = np.repeat(ORIGINS, [len(lists.people) for lists in evidence.lists[MODEL]])
    return pd.DataFrame(
        {
            "id": [f"{period}-{user}" for period, user in zip(origin, users, strict=True)],
            "group": users,
            "model": evidence.pooled(MODEL, "ndcg"),
            **{name: evidence.pooled(name, "ndcg") for name in (RECENT, NEIGHBOURS, POPULAR)},
        }
    )


def private_lists(evidence: Evidence) -> pd.DataFrame:
    """The ten films of every list and those that were chosen, which may not be passed on."""
    rows = []
    number = evidence.films.film.to_numpy()
    for place, origin in enumerate(evidence.origins):
        chosen = origin.future.matrix
        for name in (MODEL, RECENT, NEIGHBOURS, POPULAR):
            lists = evidence.lists[name][place]
            for person, films in zip(lists.people, lists.films, strict=True):
                own = chosen.indices[chosen.indptr[person] : chosen.indptr[person + 1]]
                listed = (" ".join(map(str, number[column])) for column in (films, own))
                user = evidence.users.user[person]
                rows.append((f"{origin.period}-{user}", name, *listed))
    return pd.DataFrame(rows, columns=["id", "method", "films", "chosen"])


def random_protocol(evidence: Evidence, grids: Mapping[str, Any]) -> dict[str, Lists]:
    """Lists where a fifth of each person's films, drawn at random, is held out.

    Settings are chosen on a tenth more, which then joins what is known.
    """
    part = random_split(evidence.everything.people, evidence.seed)
    train, validation, test = (evidence.everything.where(part == number) for number in range(3))
    known, fits = (
        evidence.everything.where(part < 2),
        {NEIGHBOURS: fit_item_knn, PERSONAL: fit_ease},
    )
    recommenders: dict[str, Recommender] = {POPULAR: fit_popularity(known)}
    for (name, fit), key in zip(fits.items(), ("neighbours", "ease"), strict=True):
        settings = best_settings(fit, grids[key], train, validation)
        recommenders[name] = fit(known, **settings)
    return {
        name: measure(recommender, known.matrix, test.matrix)
        for name, recommender in recommenders.items()
    }
