"""Measure the recommenders on what people chose next. Nothing else opens the test part."""

import time

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from . import drawings, tables
from .evidence import (
    PERSONAL,
    Evidence,
    count_lists,
    gather,
    private_lists,
    random_protocol,
    score_lists,
)
from .kit.results import Results, Score, write_results
from .kit.statistics import NAIVE, SIMPLE, STRONGEST, Predictions, bootstrap
from .kit.workspace import Workspace
from .model import MODEL, NEIGHBOURS, POPULAR, RECENT
from .newcomers import measure_newcomers
from .ranking import best, novelty

WORST = 20


def run(workspace: Workspace) -> None:
    """Write reports/metrics.json, predictions.csv, errors.csv and the figures."""
    started = time.perf_counter()
    evidence = gather(workspace)
    random = random_protocol(evidence, evidence.training["grids"])
    newcomers = measure_newcomers(evidence)
    errors = worst_errors(evidence)
    workspace.reports.mkdir(exist_ok=True)
    errors.to_csv(workspace.reports / "errors.csv", index=False, lineterminator="\n")
    side_by_side = tables.protocols(evidence, random)
    overall = bootstrap(np.mean, random[PERSONAL].ndcg, seed=evidence.seed)
    results = Results(
        primary="ndcg_at_10_temporal",
        label="NDCG@10 in time",
        measured_on="what people chose in the tenth of all ratings after each of five days",
        predictions=Predictions(
            score_lists(evidence),
            metric="mean",
            higher_is_better=True,
            baselines={RECENT: STRONGEST, NEIGHBOURS: SIMPLE, POPULAR: NAIVE},
            unit="lists",
            private=private_lists(evidence),
        ),
        scores=score(evidence)
        | {"ndcg_at_10_random": Score(f"NDCG@10 of {PERSONAL}, random protocol", overall)},
        tables={
            "settings": tables.settings(evidence),
            "protocols": side_by_side,
            "origins": tables.origins(evidence),
            "beyond": tables.beyond(evidence),
            "adventure": tables.adventure(evidence),
            "newcomers": tables.newcomers(newcomers, evidence.seed),
            "slices": tables.slices(evidence),
            "fame": tables.fame(evidence),
            "errors": tables.errors(errors),
        },
        figures=drawings.draw(workspace, evidence, side_by_side, newcomers),
        notes={
            "recency": tables.recency_note(evidence),
            "random": tables.random_note(random, evidence.seed),
            "newcomers": tables.newcomers_note(newcomers, evidence.seed),
            "cold": tables.cold_note(evidence),
        },
        ledger=count_lists(evidence),
    )
    written = write_results(workspace, results, time.perf_counter() - started)
    print(f"NDCG@10 {written['primary']['value']:.3f}, {written['comparison']['verdict']}")


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
    rows = []
    for origin, saved, lists in zip(
        evidence.origins, evidence.models, evidence.lists[MODEL], strict=True
    ):
        known, future = origin.past.matrix, origin.future.matrix
        wrong = np.flatnonzero(~lists.hits.any(axis=1))
        history = known[lists.people[wrong]]
        whole = best(saved.recommender.scores(history), history, len(saved.popularity))
        for row, ranking in zip(wrong, whole, strict=True):
            person = lists.people[row]
            chosen, met = (
                part.indices[part.indptr[person] : part.indptr[person + 1]]
                for part in (future, known)
            )
            rows.append(
                {
                    "list": f"{origin.period}-{evidence.users.user[person]}",
                    "known": len(met),
                    "chosen": len(chosen),
                    "best_rank": int(np.flatnonzero(np.isin(ranking, chosen))[0] + 1),
                    "fame_of_known": float(np.median(saved.popularity[met])),
                    "fame_of_chosen": float(np.median(saved.popularity[chosen])),
                    "recommended": "; ".join(map(evidence.title, lists.films[row][:3])),
                }
            )
    table = pd.DataFrame(rows).sort_values("known", ascending=False, kind="stable")
    return table.head(WORST)
