"""Later visits as traffic: the model of the first periods serves those after, never fitted anew."""

import datetime as dt
from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.sparse import csr_array

from . import data
from .kit.replay import Stream
from .kit.served import Seen, Watch
from .kit.workspace import Workspace
from .model import DAY, Interactions, fit_model
from .protocols import asked_periods
from .ranking import make_lists, novelty
from .watch import summarise

JUDGED = Watch(metric="mean_of_truths", label="NDCG@10")


def replay(workspace: Workspace) -> Stream:
    """Visits of the training set after the first origin, by a model of what came before it.

    Those of the first period after the origin are the past that the others are compared with.
    """
    config = workspace.config
    films, users = data.load_films(workspace), data.load_users(workspace)
    ratings = data.load(workspace, "train", reader="simulate")
    everything, origin = data.index(ratings, films, users), asked_periods(config)[0]
    known = everything.where(everything.periods < origin)
    visits = find_visits(everything)
    visits = visits[visits.period >= origin].reset_index(drop=True)
    history, chosen = before_and_in(everything, visits)
    lists = make_lists(fit_model(known, config["model"]), history, chosen)
    people, fame = len(np.unique(known.people)), known.popularity
    scores, met = (
        novelty(lists.films, fame, people),
        np.split(history.indices, history.indptr[1:-1]),
    )
    seen = [
        Seen(float(surprise), summarise(fame[films_met]))
        for surprise, films_met in zip(scores, met, strict=True)
    ]
    days = [dt.datetime.fromtimestamp(int(day) * DAY, dt.UTC).date() for day in visits.day]
    border = int((visits.period == origin).sum())
    return Stream(
        title=f"Visits from {days[border]} on, by a model of the {len(known.people):,} ratings "
        f"before {days[0]}",
        past=seen[:border],
        past_truths=lists.ndcg[:border].tolist(),
        later=seen[border:],
        later_truths=lists.ndcg[border:].tolist(),
        times=[day.isoformat() for day in days[border:]],
        watch=JUDGED,
    )


def find_visits(everything: Interactions) -> pd.DataFrame:
    """What one person rated in one day, but for the first of each, before which nothing is known.

    Columns person, day and period, in order of time.
    """
    rows = {
        "person": everything.people,
        "day": everything.times // DAY,
        "period": everything.periods,
    }
    visits = pd.DataFrame(rows).groupby(["person", "day"], as_index=False).period.min()
    visits = visits[visits.duplicated("person")]
    return visits.sort_values(["period", "day", "person"], ignore_index=True)


def before_and_in(everything: Interactions, visits: pd.DataFrame) -> tuple[csr_array, csr_array]:
    """The films that each visit's person had met on days before, and those of the visit."""
    days, before, within = everything.times // DAY, [], []
    for visit in visits.itertuples():
        own = everything.people == visit.person
        before.append(everything.films[own & (days < visit.day)])
        within.append(everything.films[own & (days == visit.day)])
    films = everything.shape[1]
    return as_rows(before, films), as_rows(within, films)


def as_rows(films: Sequence[NDArray[np.int64]], width: int) -> csr_array:
    """Ones where a row has a film, shape (rows, width)."""
    edges, columns = np.cumsum([0, *map(len, films)]), np.concatenate(films)
    ones = np.ones(len(columns), dtype=np.float32)
    return csr_array((ones, columns, edges), shape=(len(films), width))
