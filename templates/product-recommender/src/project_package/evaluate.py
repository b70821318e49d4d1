"""Measure the recommenders on what people chose next. Nothing else opens the test set."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from . import data
from .kit.holdout import Ledger
from .kit.results import Results, Score, keep_errors, run_studies, write_results
from .kit.statistics import NAIVE, SIMPLE, STRONGEST, Interval, Predictions, bootstrap
from .kit.workspace import Workspace, read_json
from .model import (
    MODEL,
    NEIGHBOURS,
    PERSONAL,
    POPULAR,
    RECENT,
    Interactions,
    Recommender,
    fit_baselines,
    fit_ease,
)
from .persistence import Saved, load_model
from .protocols import Origin, asked_periods
from .ranking import Lists, best, make_lists, novelty
from .train import model_file

NEWCOMER = "of people without a past at that origin, who get no list"
WORST, SHOWN = 20, 3  # lists that are described, and films of each
ERRORS = {  # columns of errors.csv, and how the write-up calls them
    "list": "list", "known": "films known", "chosen": "chosen", "best_rank": "best rank",
    "fame_of_known": "fame of known", "fame_of_chosen": "fame of chosen",
    "recommended": "recommended first",
}  # fmt: skip
WRONG = (
    "The lists with most known of a person and all ten wrong: rank of the best film that was "
    "chosen, and how many people know their films (median)"
)
COMPARED = (POPULAR, RECENT, NEIGHBOURS, PERSONAL, MODEL)  # as the studies show them


@dataclass(frozen=True)
class Evidence:
    """At each origin, who was recommended what and what they chose.

    `lists` holds, by recommender, one `Lists` for each origin; `models` what is saved.
    """

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

    @property
    def rounds(self) -> Sequence[tuple[Origin, Saved, Lists]]:
        """Each origin with the model saved for it and that model's lists."""
        return list(zip(self.origins, self.models, self.lists[MODEL], strict=True))

    def interval(self, values: NDArray, rows: NDArray | None = None) -> Interval:
        """The mean over lists, or over those at `rows`, with its interval over people."""
        groups = self.people if rows is None else self.people[rows]
        return bootstrap(np.mean, values, groups=groups, seed=self.seed)


def run(workspace: Workspace) -> None:
    """Write reports/metrics.json, predictions.csv, errors.csv and the figures."""
    started = time.perf_counter()
    evidence = measure(workspace)
    results = Results(
        primary="ndcg_at_10_temporal",
        label="NDCG@10 in time",
        measured_on=f"what people chose in the period after each of {len(evidence.origins)} days",
        predictions=Predictions(
            score_lists(evidence),
            metric="mean",
            higher_is_better=True,
            baselines={RECENT: STRONGEST, NEIGHBOURS: SIMPLE, POPULAR: NAIVE},
            unit="lists",
            private=private_lists(evidence),
        ),
        scores=score(evidence),
        tables={"errors": keep_errors(workspace, worst_errors(evidence), ERRORS, WRONG)},
        studies=run_studies(workspace, evidence),
        ledger=count_lists(evidence),
    )
    written = write_results(workspace, results, time.perf_counter() - started)
    print(f"NDCG@10 {written['primary']['value']:.3f}, {written['comparison']['verdict']}")


def measure(workspace: Workspace) -> Evidence:
    """Open both parts, the test set among them, and the models that `train` saved."""
    config, films, users = workspace.config, data.load_films(workspace), data.load_users(workspace)
    parts = [data.load(workspace, part, reader="evaluate") for part in data.PARTS]
    everything = data.index(pd.concat(parts, ignore_index=True), films, users)
    training = read_json(workspace.models / "training.json", made_by="train")
    origins = [Origin.before(everything, period) for period in asked_periods(config)]
    models = [load_model(workspace, model_file(origin.period, config)) for origin in origins]
    lists: dict[str, list[Lists]] = {}
    for origin, saved in zip(origins, models, strict=True):
        settings = training["chosen"][str(origin.period)]
        recommenders: dict[str, Recommender] = {
            MODEL: saved.recommender,
            **fit_baselines(origin.past, settings),
            PERSONAL: fit_ease(origin.past, config["model"]["penalty"]),
        }
        for name, recommender in recommenders.items():
            found = make_lists(recommender, origin.past.matrix, origin.future.matrix)
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
    periods = [origin.period for origin in evidence.origins]
    periods = np.repeat(periods, [len(lists.people) for lists in evidence.lists[MODEL]])
    return pd.DataFrame(
        {
            "id": [f"{period}-{user}" for period, user in zip(periods, users, strict=True)],
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
        for name in (MODEL, RECENT, NEIGHBOURS, POPULAR):
            lists = evidence.lists[name][place]
            for person, films in zip(lists.people, lists.films, strict=True):
                own = origin.future.of(person)
                listed = (" ".join(map(str, number[column])) for column in (films, own))
                user = evidence.users.user[person]
                rows.append((f"{origin.period}-{user}", name, *listed))
    return pd.DataFrame(rows, columns=["id", "method", "films", "chosen"])


def score(evidence: Evidence) -> dict[str, Score]:
    """Further measures of the lists, with intervals over people."""

    def measured(label: str, model: NDArray, baseline: NDArray) -> Score:
        return Score(label, evidence.interval(model), float(baseline.mean()))

    def surprise(name: str) -> NDArray:
        lists = zip(evidence.lists[name], evidence.models, strict=True)
        return np.concatenate(
            [novelty(found.films, saved.popularity, saved.people) for found, saved in lists]
        )

    pooled = {
        "recall_at_10": ("recall@10", "recall"),
        "precision_at_10": ("precision@10", "precision"),
        "hit_rate_at_10": ("lists with a hit in ten", "hit_rate"),
    }
    return {
        name: measured(label, *(evidence.pooled(who, measure) for who in (MODEL, RECENT)))
        for name, (label, measure) in pooled.items()
    } | {"novelty": measured("novelty in bits", surprise(MODEL), surprise(RECENT))}


def worst_errors(evidence: Evidence) -> pd.DataFrame:
    """The lists of people of whom most was known and whose ten were all wrong.

    What they chose is described by numbers only: the terms of the data forbid passing it on.
    """
    named = evidence.films.title + evidence.films.year.map(
        lambda year: f" ({year})" if year else ""
    )
    rows = []
    for origin, saved, lists in evidence.rounds:
        wrong = np.flatnonzero(~lists.hits.any(axis=1))
        history = origin.past.matrix[lists.people[wrong]]
        whole = best(saved.recommender.scores(history), history, len(saved.popularity))
        for row, ranking in zip(wrong, whole, strict=True):
            person = lists.people[row]
            met, chosen = origin.past.of(person), origin.future.of(person)
            rows.append(
                (
                    f"{origin.period}-{evidence.users.user[person]}",
                    len(met),
                    len(chosen),
                    int(np.flatnonzero(np.isin(ranking, chosen))[0] + 1),
                    float(np.median(saved.popularity[met])),
                    float(np.median(saved.popularity[chosen])),
                    "; ".join(named[lists.films[row][:SHOWN]]),
                )
            )
    table = pd.DataFrame(rows, columns=list(ERRORS))
    table = table.sort_values("known", ascending=False, kind="stable")
    return table.head(WORST)
