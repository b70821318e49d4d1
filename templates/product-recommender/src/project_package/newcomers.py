"""How good are the lists for somebody new, who picks only a few films?

People are dealt into five groups; the lists of each group come from a recommender that was
fitted without any of its members.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from tqdm import tqdm

from .model import Interactions, Recommender, fit_popularity, pick_order
from .ranking import measure

PICKS = (1, 2, 3, 5, 10, 20, 40)
FOLDS = 5


@dataclass(frozen=True)
class Newcomers:
    """NDCG@10 by person: one column for each number of picks, one for popularity."""

    by_picks: pd.DataFrame
    popularity: pd.Series


def measure_newcomers(
    known: Interactions,
    held_out: Interactions,
    refit: Callable[[Interactions], Recommender],
    seed: int,
) -> Newcomers:
    """Lists after 1, 2, 3, … random picks from each person's known films."""
    random = np.random.default_rng(seed)
    fold = random.integers(0, FOLDS, known.shape[0])
    place = pick_order(known, random)
    by_picks, popular = [], []
    for number in tqdm(range(FOLDS), desc="newcomers", unit="group"):
        new = np.isin(known.people, np.flatnonzero(fold == number))
        others, own = known.where(~new), known.where(new)
        theirs = held_out.where(np.isin(held_out.people, own.people)).matrix
        recommender = refit(others)
        columns = {}
        for picks in PICKS:
            visit = known.where(new & (place < picks)).matrix
            lists = measure(recommender, visit, theirs, hidden=own.matrix)
            columns[picks] = pd.Series(lists.ndcg, index=lists.people)
        by_picks.append(pd.DataFrame(columns))
        lists = measure(fit_popularity(others), own.matrix, theirs)
        popular.append(pd.Series(lists.ndcg, index=lists.people))
    return Newcomers(pd.concat(by_picks).sort_index(), pd.concat(popular).sort_index())
