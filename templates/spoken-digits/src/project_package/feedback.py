"""Later recordings with what was said: how `retrain` reads and learns from them."""

from collections.abc import Sequence
from typing import Annotated

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field

from . import data, model
from .audio import SoundError
from .data import Recordings, as_rows
from .kit.holdout import connect
from .kit.workspace import ProjectError, Workspace
from .predict import NONE, Recogniser
from .serve import Recording, listen
from .watch import WATCH

METRIC, HIGHER_IS_BETTER = "accuracy", True


class Labelled(BaseModel):
    """A line: a recording as /predict takes it, the word that was said, and a name for the speaker.

    Lines stand in the order in which they came; bring only recordings of people who agreed.
    """

    model_config = ConfigDict(extra="forbid")

    recording: Recording
    truth: WATCH.truth
    speaker: Annotated[str, Field(min_length=1, max_length=60)]


def tabulate(workspace: Workspace, lines: Sequence[Labelled]) -> pd.DataFrame:
    """A row a recording, grouped by speaker; `known` are recordings of the training set."""
    sounds = []
    for number, line in enumerate(lines, start=1):
        try:
            sounds.append(listen(line.recording))
        except SoundError as error:
            raise ProjectError(f"line {number}: {error}") from error
    rows = pd.DataFrame({"truth": [line.truth for line in lines], "sounds": as_rows(sounds)})
    train = data.load(workspace, "train", reader="retrain")
    told = [*data.inputs(train), *data.inputs(rows)]
    names = [f"feedback/{line.speaker}" for line in lines]
    group = connect(told, [*train.speakers.tolist(), *names])
    return rows.assign(
        id=[f"feedback/{number}" for number in range(1, len(lines) + 1)],
        speaker=names,
        group=group[len(train) :],
        known=np.isin(group[len(train) :], group[: len(train)]),
        time=range(len(lines)),
    )


def join(workspace: Workspace, rows: pd.DataFrame) -> None:
    """Add rows to the training part; a name of the feedback is nobody's of the data set."""
    if rows.empty:
        return
    train = data.load(workspace, "train", reader="retrain")
    more = Recordings(
        as_rows([*rows.sounds]),
        rows.truth.to_numpy(),
        rows.speaker.to_numpy(str),
        rows.id.to_numpy(str),
    )
    columns = zip(vars(train).values(), vars(more).values(), strict=True)
    data.write_part(workspace, "train", Recordings(*map(np.concatenate, columns)))


def say(workspace: Workspace, rows: pd.DataFrame) -> NDArray[np.int64]:
    """The likeliest digit by the network in `workspace`."""
    recogniser = Recogniser.load(workspace)
    seen = model.see(as_rows([*rows.sounds]), recogniser.sound)
    return recogniser.chances(seen)[:, :NONE].argmax(axis=1)
