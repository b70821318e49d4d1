"""Later visits, with what people went on to choose: how `retrain` reads and learns from them."""

from collections.abc import Collection, Sequence
from datetime import date
from typing import Annotated, Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pydantic import Field, model_validator
from scipy.sparse import csr_array

from . import data
from .kit.workspace import ProjectError, Workspace
from .model import DAY
from .predict import FilmRecommender
from .ranking import make_lists
from .serve import Visit

METRIC, HIGHER_IS_BETTER = "mean", True  # of the NDCG@10 of each list


class Labelled(Visit):
    """A line: a visit as /predict takes it, its day, the films chosen after it, and by whom."""

    truth: Annotated[list[int], Field(min_length=1, max_length=1_000)]
    date: date
    person: Annotated[str, Field(max_length=200)] = ""

    @model_validator(mode="after")
    def what_is_chosen_is_new(self) -> Self:
        """A film that somebody likes already is never recommended."""
        if set(self.truth) & set(self.liked):
            raise ValueError("a film is both liked before and chosen after")
        return self


def tabulate(workspace: Workspace, lines: Sequence[Labelled]) -> pd.DataFrame:
    """One row a visit; nobody in them is `known`, as a visitor has no number of the training set.

    Raises ProjectError for a film that is not in the catalogue.
    """
    films = set(data.load_films(workspace).film)
    for number, line in enumerate(lines, start=1):
        if unknown := {*line.liked, *line.truth} - films:
            raise ProjectError(f"line {number}: there is no film with the number {min(unknown)}")
    return pd.DataFrame(
        [
            {
                "id": f"feedback/{number}",
                "group": line.person or f"line {number}",
                "known": False,
                "time": line.date.isoformat(),
                "liked": line.liked,
                "truth": line.truth,
            }
            for number, line in enumerate(lines, start=1)
        ]
    )


def join(workspace: Workspace, rows: pd.DataFrame) -> None:
    """Add people and their films to the newest period of the training part.

    When somebody met what is liked is not known, so it counts as long ago, and for no trend.
    """
    train = data.load(workspace, "train", reader="retrain")
    users = data.load_users(workspace)
    number = {person: users.user.max() + 1 + i for i, person in enumerate(rows.group.unique())}
    long_ago, met = int(train.timestamp.min()), []
    for row in rows.itertuples():
        day = int(pd.Timestamp(row.time).timestamp())
        met += [(number[row.group], film, long_ago) for film in row.liked]
        met += [(number[row.group], film, day + DAY) for film in row.truth]
    more = pd.DataFrame(met, columns=["user", "film", "timestamp"])
    more = more.drop_duplicates(["user", "film"], ignore_index=True)
    more["id"] = np.arange(len(more)) + 1 + train.id.max()
    more = more.assign(rating=0, period=train.period.max())
    data.write_table(pd.concat([train, more[train.columns]]), workspace.processed / "train.csv")
    people = pd.DataFrame({"user": [*number.values()]}).reindex(columns=users.columns)
    data.write_table(pd.concat([users, people]), workspace.processed / "users.csv")


def say(workspace: Workspace, rows: pd.DataFrame) -> NDArray[np.float64]:
    """NDCG@10 of the list of each visit, against the films chosen after it."""
    recommender = FilmRecommender.load(workspace)

    def matrix(lists: Sequence[Collection[int]]) -> csr_array:
        places = [recommender.places(list(films)) for films in lists]
        ends = np.cumsum([0, *map(len, places)])
        ones = np.ones(ends[-1], dtype=np.float32)
        shape = (len(lists), len(recommender.words))
        return csr_array((ones, np.concatenate(places), ends), shape=shape)

    lists = make_lists(recommender.saved.recommender, matrix(rows.liked), matrix(rows.truth))
    return lists.ndcg
