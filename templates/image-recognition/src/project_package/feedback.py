"""Later pictures with what they really show: how `retrain` reads and learns from them."""

from collections.abc import Sequence
from typing import Annotated

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pydantic import Base64Bytes, BaseModel, ConfigDict, Field

from . import data
from .data import CLASSES, Images
from .kit.workspace import ProjectError, Workspace
from .photograph import PictureError, prepare, read_picture
from .predict import ImageRecogniser
from .serve import LONGEST_PICTURE
from .watch import watch_by_name

METRIC, HIGHER_IS_BETTER = "accuracy", True


class Labelled(BaseModel):
    """A line: one picture as /predict takes several, and the name of its class.

    Lines stand in the order in which they came.
    """

    model_config = ConfigDict(extra="forbid")

    image: Annotated[Base64Bytes, Field(min_length=1, max_length=LONGEST_PICTURE)]
    truth: watch_by_name(CLASSES).truth


def tabulate(workspace: Workspace, lines: Sequence[Labelled]) -> pd.DataFrame:
    """What the network would see; `known` are near-copies of a training or validation image.

    A picture of the size of the data is compared as it is, so that one of theirs is recognised.
    """
    seen, prepared = [], []
    for number, line in enumerate(lines, start=1):
        try:
            prepared.append(prepare(line.image).pixels)
            picture = read_picture(line.image)
            as_it_is = picture.size == (data.SIDE, data.SIDE)
            seen.append(np.asarray(picture.convert("L")) if as_it_is else prepared[-1])
        except PictureError as error:
            raise ProjectError(f"line {number}: {error}") from error
    parts = [data.load(workspace, name, reader="retrain") for name in ("train", "validation")]
    held = np.concatenate([part.pixels for part in parts])
    group = data.near_copies(np.concatenate([held, seen]), workspace.config["data"]["near"])
    return pd.DataFrame(
        {
            "id": [f"feedback-{number:05}" for number in range(1, len(lines) + 1)],
            "group": group[len(held) :],
            "known": np.isin(group[len(held) :], group[: len(held)]),
            "time": range(len(lines)),
            "truth": [line.truth for line in lines],
            "pixels": seen,
            "prepared": prepared,
        }
    )


def join(workspace: Workspace, rows: pd.DataFrame) -> None:
    """Add rows to the training part."""
    train = data.load(workspace, "train", reader="retrain")
    more = Images(np.stack([*rows.prepared]), rows.truth.to_numpy(), rows.id.to_numpy(str))
    columns = zip(vars(train).values(), vars(more).values(), strict=True)
    data.write_part(workspace, "train", Images(*map(np.concatenate, columns)))


def say(workspace: Workspace, rows: pd.DataFrame) -> NDArray[np.int64]:
    """The likeliest class by the network in `workspace`."""
    pixels = np.stack([*rows.prepared])
    return ImageRecogniser.load(workspace).probabilities(pixels).argmax(axis=1)
