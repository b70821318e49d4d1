"""Mails that came later, with their truths: how `retrain` reads and learns from them."""

from collections.abc import Sequence
from datetime import date
from typing import Annotated

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pydantic import Field

from . import data
from .kit.workspace import Workspace
from .predict import SpamDetector
from .serve import Mail

METRIC, HIGHER_IS_BETTER = "average_precision", True


class Labelled(Mail):
    """A line: a mail as /predict takes it, whether it was spam, its day, ids of its thread."""

    truth: Annotated[bool, Field(strict=True)]
    date: date
    thread_ids: tuple[str, ...] = ()


def tabulate(workspace: Workspace, lines: Sequence[Labelled]) -> pd.DataFrame:
    """Mails as the training set has them; `known` are relatives of one that is there."""
    mails = pd.DataFrame(
        [
            {
                "id": f"feedback/{number}",
                "folder": "feedback",
                **line.model_dump(include={"subject", "body", "thread_ids"}),
                "html": False,
                "feed": False,
                "date": line.date.isoformat(),
                "spam": int(line.truth),
            }
            for number, line in enumerate(lines, start=1)
        ]
    )
    train = data.load(workspace, "train", reader="retrain")
    group = related(workspace, train, mails)
    there = np.isin(group[len(train) :], group[: len(train)])
    return mails.assign(group=group[len(train) :], known=there, time=mails.date, truth=mails.spam)


def join(workspace: Workspace, rows: pd.DataFrame) -> None:
    """Add rows to the training part; groups are found anew, as a row may link two."""
    train = data.load(workspace, "train", reader="retrain")
    train = train.assign(date=train.date.dt.strftime("%Y-%m-%d").fillna(""))
    columns = [name for name in train if name != "text"]
    both = pd.concat([train[columns], rows.reindex(columns=columns)], ignore_index=True)
    data.write_part(workspace, "train", both.assign(group=related(workspace, train, rows)))


def say(workspace: Workspace, rows: pd.DataFrame) -> NDArray[np.float64]:
    """Probabilities of spam by the model in `workspace`."""
    detector = SpamDetector.load(workspace)
    pairs = zip(rows.subject, rows.body, strict=True)
    return detector.rate([data.compose(*pair, detector.longest_body) for pair in pairs])


def related(workspace: Workspace, train: pd.DataFrame, mails: pd.DataFrame) -> NDArray[np.int64]:
    """Group numbers of both tables' mails, one after the other."""
    columns = ["subject", "body", "thread_ids"]
    both = pd.concat([train[columns], mails[columns]], ignore_index=True)
    return data.find_relatives(both, workspace.config["data"])
