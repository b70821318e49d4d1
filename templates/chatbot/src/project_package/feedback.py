"""Queries that came later, with what they wanted: how `retrain` reads and learns from them."""

from collections.abc import Sequence
from typing import Annotated

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field

from . import data
from .kit.holdout import connect
from .kit.workspace import ProjectError, Workspace
from .predict import Assistant
from .serve import LONGEST_TEXT

METRIC, HIGHER_IS_BETTER = "accuracy", True


class Labelled(BaseModel):
    """A line: one text, and the name of its intent or of out of scope.

    Lines stand in the order in which they came.
    """

    model_config = ConfigDict(extra="forbid")

    text: Annotated[str, Field(min_length=1, max_length=LONGEST_TEXT)]
    truth: Annotated[str, Field(strict=True)]


def tabulate(workspace: Workspace, lines: Sequence[Labelled]) -> pd.DataFrame:
    """Queries as the training set has them; `known` have the words of one that is there.

    Raises ProjectError for a truth that is no intent of the training set.
    """
    parts = [data.load(workspace, name, reader="retrain") for name in ("train", "validation")]
    held = pd.concat(parts, ignore_index=True)
    of_intent = held.drop_duplicates("intent").set_index("intent")
    for number, line in enumerate(lines, start=1):
        if line.truth not in of_intent.index:
            raise ProjectError(f"line {number}: there is no intent {line.truth!r}")
    texts = pd.Series([line.text for line in lines])
    group = connect([data.normalise(text) for text in [*held.text, *texts]])
    rows = of_intent.loc[[line.truth for line in lines], ["label", "domain"]]
    return pd.DataFrame(
        {
            "id": [f"feedback-{number:05}" for number in range(1, len(lines) + 1)],
            "text": texts,
            "intent": [line.truth for line in lines],
            "label": rows.label.to_numpy(),
            "domain": rows.domain.to_numpy(),
            "group": group[len(held) :],
            "known": np.isin(group[len(held) :], group[: len(held)]),
            "time": range(len(lines)),
            "truth": rows.label.to_numpy(),
        }
    )


def join(workspace: Workspace, rows: pd.DataFrame) -> None:
    """Add rows to the training part; groups are found anew."""
    train = data.load(workspace, "train", reader="retrain")
    both = pd.concat([train, rows.reindex(columns=train.columns)], ignore_index=True)
    data.write_part(workspace, "train", both.assign(group=connect(data.inputs(both))))


def say(workspace: Workspace, rows: pd.DataFrame) -> NDArray[np.int64]:
    """What the model in `workspace` answers, by number."""
    assistant = Assistant.load(workspace)
    return assistant.judge(list(rows.text)).answered(assistant.threshold)
