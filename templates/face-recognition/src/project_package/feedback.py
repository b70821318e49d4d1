"""Later pictures with the names of whom they show: how `retrain` reads and learns from them."""

from collections.abc import Sequence
from typing import Annotated

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pydantic import Base64Bytes, BaseModel, ConfigDict, Field

from . import data, model
from .data import HEIGHT, WIDTH, Faces
from .kit.holdout import connect
from .kit.statistics import FALSE_ACCEPTS
from .kit.workspace import Workspace
from .predict import Recogniser
from .serve import PIXELS

METRIC, HIGHER_IS_BETTER = "mean", True  # of the share of each picture's own pairs accepted


class Labelled(BaseModel):
    """A line: a picture as /predict takes it, and the name of whoever it shows.

    Lines stand in the order in which they came; bring pictures only of people who agreed.
    """

    model_config = ConfigDict(extra="forbid")

    picture: Annotated[Base64Bytes, Field(min_length=PIXELS, max_length=PIXELS)]
    truth: Annotated[str, Field(min_length=1, max_length=60)]


def tabulate(workspace: Workspace, lines: Sequence[Labelled]) -> pd.DataFrame:
    """A row a picture; `known` are people of whom a picture is in the training set."""
    pixels = [np.frombuffer(line.picture, np.uint8).reshape(HEIGHT, WIDTH) for line in lines]
    rows = pd.DataFrame({"truth": [line.truth for line in lines], "pixels": pixels})
    train = data.load(workspace, "train", reader="retrain")
    pictures, nobody = [*data.inputs(train), *data.inputs(rows)], [None] * len(rows)
    names = [*([None] * len(train)), *rows.truth]
    group = connect(pictures, names, [*train.people, *nobody])
    return rows.assign(
        id=[f"feedback/{number}" for number in range(1, len(lines) + 1)],
        group=group[len(train) :],
        known=np.isin(group[len(train) :], group[: len(train)]),
        time=range(len(lines)),
    )


def join(workspace: Workspace, rows: pd.DataFrame) -> None:
    """Add rows to the training part; a name of the feedback is nobody's of the data set."""
    if rows.empty:
        return
    train = data.load(workspace, "train", reader="retrain")
    names = np.array([f"feedback/{name}" for name in rows.truth])
    more = Faces(np.stack([*rows.pixels]), names, rows.id.to_numpy(str))
    columns = zip(vars(train).values(), vars(more).values(), strict=True)
    data.write_part(workspace, "train", Faces(*map(np.concatenate, columns)))


def say(workspace: Workspace, rows: pd.DataFrame) -> NDArray[np.float64]:
    """For each picture, the share of its person's other pictures that it passes for.

    By the model in `workspace`, above what 1 % of the pairs of two people among `rows` exceed.
    """
    people = rows.truth.to_numpy()
    vectors = Recogniser.load(workspace).embed(np.stack([*rows.pixels]))
    one, other, same = model.pairs(people)
    scores = np.einsum("ij,ij->i", vectors[one], vectors[other])
    if same.all() or not same.any():
        return np.zeros(len(rows))
    passed = scores > model.threshold_at(same, scores, FALSE_ACCEPTS)
    counted, right = np.zeros(len(rows)), np.zeros(len(rows))
    for side in (one, other):
        np.add.at(counted, side[same], 1)
        np.add.at(right, side[same], passed[same])
    return right / np.maximum(counted, 1)
