"""Snippets that people rated later: how `retrain` reads and learns from them."""

from collections.abc import Sequence
from typing import Annotated, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pydantic import Field

from . import data
from .kit.workspace import Workspace
from .predict import SentimentRater
from .serve import Snippet
from .watch import WATCH

METRIC, HIGHER_IS_BETTER = "pearson_r", True


class Labelled(Snippet):
    """A line: a text as /predict takes it, its mean human rating, the text that it is part of.

    Its kind is one of those that the model is taught. Lines stand in the order in which they came.
    """

    truth: WATCH.truth
    kind: Literal["tweets", "movies", "amazon", "nyt"]
    part_of: Annotated[str, Field(max_length=200)] = ""


def tabulate(workspace: Workspace, lines: Sequence[Labelled]) -> pd.DataFrame:
    """Snippets as the training set has them; `known` share words or a source with one there."""
    rows = [
        {
            "id": f"feedback/{line.part_of.replace('_', '-')}_{number}"
            if line.part_of
            else f"feedback/{number}",
            "kind": line.kind,
            "text": line.text,
            "rating": line.truth,
            "ratings": [line.truth],
            "fold": data.TEST_FOLD + 1,
            "time": number,
        }
        for number, line in enumerate(lines, start=1)
    ]
    snippets = pd.DataFrame(rows)
    train = data.load(workspace, "train", reader="retrain")
    group = data.find_relatives(pd.concat([train, snippets], ignore_index=True))
    return snippets.assign(
        group=group[len(train) :],
        known=np.isin(group[len(train) :], group[: len(train)]),
        truth=snippets.rating,
    )


def join(workspace: Workspace, rows: pd.DataFrame) -> None:
    """Add rows to the training part; groups are found anew, as a row may link two."""
    train = data.load(workspace, "train", reader="retrain")
    both = pd.concat([train, rows.reindex(columns=train.columns)], ignore_index=True)
    data.write_part(workspace, "train", both.assign(group=data.find_relatives(both)))


def say(workspace: Workspace, rows: pd.DataFrame) -> NDArray[np.float64]:
    """Ratings by the model in `workspace`."""
    return SentimentRater.load(workspace).rate(list(rows.text), list(rows.kind))
