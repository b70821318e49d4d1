"""Measure the recommenders on what was held out. Nothing else in the project opens that part."""

import time

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from . import data, drawings, tables
from .evidence import Evidence, last_protocol, random_protocol
from .intervals import bootstrap
from .model import BASELINE
from .newcomers import measure_newcomers
from .persistence import load_model
from .protocols import PARTS
from .ranking import Lists, best, novelty
from .results import Results, Score, write_results
from .timeline import roll
from .train import recipe_of
from .workspace import Workspace, read_json

WORST = 20
RESTARTS = 3


def run(workspace: Workspace) -> None:
    """Write reports/metrics.json, errors.csv and the figures."""
    started = time.perf_counter()
    evidence = gather(workspace)
    lists = random_protocol(evidence)
    newest = last_protocol(evidence)
    rolling = roll(evidence.everything, evidence.recipes, evidence.chosen, evidence.seed)
    newcomers = measure_newcomers(evidence.known, evidence.held_out, evidence.recipe, evidence.seed)
    errors = worst_errors(evidence, lists[evidence.chosen])
    workspace.reports.mkdir(exist_ok=True)
    errors.to_csv(workspace.reports / "errors.csv", index=False, lineterminator="\n")
    side_by_side = tables.protocols(evidence, lists, newest, rolling)
    pictures = drawings.draw(
        workspace, side_by_side, rolling, newcomers, tables.bias(evidence, lists), evidence.chosen
    )
    results = Results(
        primary="ndcg_at_10",
        baseline_name=BASELINE,
        scores=score(evidence, lists[evidence.chosen], lists[BASELINE]),
        difference=bootstrap(
            np.mean, lists[evidence.chosen].ndcg - lists[BASELINE].ndcg, seed=evidence.seed
        ),
        tables={
            "candidates": tables.candidates(evidence.training),
            "protocols": side_by_side,
            "origins": tables.origins(rolling, evidence.chosen),
            "ties": tables.ties(evidence),
            "splits": tables.splits(evidence),
            "beyond": tables.beyond(evidence, lists),
            "adventure": tables.adventure(evidence),
            "newcomers": tables.newcomers(newcomers, evidence.seed),
            "slices": tables.slices(evidence, lists[evidence.chosen]),
            "fame": tables.fame(evidence, lists[evidence.chosen]),
            "favourites": tables.favourites(evidence, lists[evidence.chosen]),
            "errors": tables.errors(errors),
        },
        figures=pictures,
        notes={
            "recency": tables.recency_note(rolling, evidence),
            "last": tables.last_note(newest, evidence),
            "newcomers": tables.newcomers_note(newcomers, evidence.seed),
            "cold": tables.cold_note(evidence),
            "shuffled": tables.shuffled_note(evidence, lists),
        },
    )
    write_results(workspace, results, time.perf_counter() - started)
    print(f"NDCG@10 {results.scores['ndcg_at_10'].model}")


def gather(workspace: Workspace) -> Evidence:
    """Open all parts, the test part among them, and the model that `train` saved."""
    films, users = data.load_films(workspace), data.load_users(workspace)
    train, validation, test = (
        data.index(data.load(workspace, part, reader="evaluate"), films, users) for part in PARTS
    )
    training = read_json(workspace.models / "training.json", made_by="train")
    settings = {name: found["settings"] for name, found in training["candidates"].items()}
    return Evidence(
        known=train.joined_with(validation),
        held_out=test,
        films=films,
        users=users,
        training=training,
        saved=load_model(workspace),
        recipes={name: recipe_of(name, own, workspace) for name, own in settings.items()},
        restarts=[
            recipe_of("iALS", settings["iALS"], workspace, seed)
            for seed in range(workspace.seed, workspace.seed + RESTARTS)
        ],
        seed=workspace.seed,
    )


def score(evidence: Evidence, model: Lists, baseline: Lists) -> dict[str, Score]:
    """The metrics of the random protocol, with intervals over people."""
    popularity, people = evidence.known.popularity, evidence.known.shape[0]

    def measured(label: str, by_model: NDArray, by_baseline: NDArray) -> Score:
        interval = bootstrap(np.mean, by_model, seed=evidence.seed)
        return Score(label, interval, float(by_baseline.mean()))

    return {
        "ndcg_at_10": measured("NDCG@10", model.ndcg, baseline.ndcg),
        "recall_at_10": measured("recall@10", model.recall, baseline.recall),
        "precision_at_10": measured("precision@10", model.precision, baseline.precision),
        "hit_rate_at_10": measured("people with a hit in ten", model.hit_rate, baseline.hit_rate),
        "novelty": measured(
            "novelty in bits",
            novelty(model.films, popularity, people),
            novelty(baseline.films, popularity, people),
        ),
    }


def worst_errors(evidence: Evidence, lists: Lists) -> pd.DataFrame:
    """The people of whom most was known and whose ten were all wrong.

    What they chose is described by numbers only: the terms of the data forbid passing it on.
    """
    known, held_out = evidence.known.matrix, evidence.held_out.matrix
    fame = evidence.known.popularity
    wrong = np.flatnonzero(~lists.hits.any(axis=1))
    activity = np.diff(known.indptr)
    wrong = wrong[np.argsort(-activity[lists.people[wrong]], kind="stable")][:WORST]
    people = lists.people[wrong]
    whole = best(evidence.saved.recommender.scores(known[people]), known[people], len(fame))
    rows = []
    for row, person, ranking in zip(wrong, people, whole, strict=True):
        chosen = held_out.indices[held_out.indptr[person] : held_out.indptr[person + 1]]
        met = known.indices[known.indptr[person] : known.indptr[person + 1]]
        rows.append(
            {
                "user": int(evidence.users.user[person]),
                "known": len(met),
                "held_out": len(chosen),
                "best_rank": int(np.flatnonzero(np.isin(ranking, chosen))[0] + 1),
                "fame_of_known": float(np.median(fame[met])),
                "fame_of_held_out": float(np.median(fame[chosen])),
                "recommended": "; ".join(evidence.title(film) for film in lists.films[row][:3]),
            }
        )
    return pd.DataFrame(rows)
