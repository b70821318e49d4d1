"""Later sentences with translations by a person: how `retrain` reads and learns from them."""

from collections.abc import Sequence
from typing import Annotated

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field

from . import data
from .kit.holdout import connect
from .kit.workspace import Workspace
from .predict import Translator
from .scores import sentence_chrf
from .serve import LONGEST
from .subwords import tidy
from .train import best_of, search_all

METRIC, HIGHER_IS_BETTER = "mean", True  # of the chrF of single sentences

Text = Annotated[str, Field(min_length=1, max_length=LONGEST, pattern=r"\w")]


class Labelled(BaseModel):
    """A line: a sentence as /predict takes it, and its translation by a person.

    Lines stand in the order in which they came.
    """

    model_config = ConfigDict(extra="forbid")

    sentence: Text
    truth: Text


def tabulate(workspace: Workspace, lines: Sequence[Labelled]) -> pd.DataFrame:
    """Pairs as the training set has them; `known` are sentences that it asks, too."""
    rows = pd.DataFrame(
        {
            "id": [f"feedback/{number}" for number in range(1, len(lines) + 1)],
            "set": "feedback",
            "english": [tidy(line.sentence) for line in lines],
            "german": [tidy(line.truth) for line in lines],
            "truth": [tidy(line.truth) for line in lines],
            "time": range(len(lines)),
        }
    )
    train = data.load(workspace, "train", reader="retrain")
    group = connect([*data.inputs(train), *data.inputs(rows)])
    known = np.isin(group[len(train) :], group[: len(train)])
    return rows.assign(group=group[len(train) :], known=known)


def join(workspace: Workspace, rows: pd.DataFrame) -> None:
    """Add rows to the training part."""
    train = data.load(workspace, "train", reader="retrain")
    both = pd.concat([train, rows.reindex(columns=train.columns)], ignore_index=True)
    data.write_part(workspace, "train", both.assign(group=connect(data.inputs(both))))


def say(workspace: Workspace, rows: pd.DataFrame) -> NDArray[np.float64]:
    """The chrF, against the truth, of what the model in `workspace` would serve."""
    translator = Translator.load(workspace)
    found = search_all(translator, rows.english, translator.beam)
    said = best_of(found, translator.subwords, translator.penalty)
    return sentence_chrf(said, list(rows.truth))
