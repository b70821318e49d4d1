"""How good are the lists for somebody new, who picks only a few films?

At each origin there are people without a past. Their first films, in order of time, are taken for
picks; the lists are measured on what they chose after the first ten.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from .evidence import Evidence
from .model import POPULAR, RECENT, fit_popularity, fit_recent_popularity
from .ranking import measure

PICKS = (1, 2, 3, 5, 10)


@dataclass(frozen=True)
class Newcomers:
    """NDCG@10 by person, one column for each number of picks, and one for each list for all."""

    by_picks: pd.DataFrame
    for_all: pd.DataFrame


def measure_newcomers(evidence: Evidence) -> Newcomers:
    """Lists after the first 1, 2, 3, … films of everybody who was new at an origin."""
    by_picks, for_all = [], []
    for origin, saved in zip(evidence.origins, evidence.models, strict=True):
        own = origin.newcomers
        order = np.lexsort((own.times, own.people))
        place = np.empty(len(order), dtype=int)
        place[order] = np.arange(len(order)) - np.searchsorted(own.people[order], own.people[order])
        first, later = own.where(place < PICKS[-1]).matrix, own.where(place >= PICKS[-1]).matrix
        visits = {picks: own.where(place < picks).matrix for picks in PICKS}
        by_picks.append(
            pd.DataFrame(
                {
                    picks: measure(saved.recommender, visit, later, hidden=first).ndcg
                    for picks, visit in visits.items()
                }
            )
        )
        days = evidence.training["chosen"][str(origin.period)]["recent"]
        same = {
            POPULAR: fit_popularity(origin.past),
            RECENT: fit_recent_popularity(origin.past, **days),
        }
        for_all.append(
            pd.DataFrame({name: measure(m, first, later).ndcg for name, m in same.items()})
        )
    return Newcomers(pd.concat(by_picks, ignore_index=True), pd.concat(for_all, ignore_index=True))
