"""Later mail as traffic: the model of the mails before a day reads those after it, day by day."""

import pandas as pd
from numpy.typing import ArrayLike

from . import data, model
from .kit.replay import Stream
from .kit.served import Seen
from .kit.workspace import Workspace
from .train import MODEL, cross_validate
from .watch import summarise


def replay(workspace: Workspace) -> Stream:
    """Mails of the training set, split at `later_from`; past scores are of held-out mails."""
    config, day = workspace.config, workspace.config["evaluate"]["later_from"]
    mails = data.load(workspace, "train", reader="simulate")
    mails = mails[mails.date.notna()].sort_values(["date", "id"], ignore_index=True)
    past, later = mails[mails.date < day], mails[mails.date >= day]
    recipe = model.build(config)
    raw = cross_validate(workspace, past, {MODEL: recipe})[MODEL]
    calibration = model.calibrator(raw, past.spam)
    detector = recipe.fit(past.text, past.spam)
    chances = model.probabilities(calibration, model.scores(detector, later.text))
    return Stream(
        title=f"Mails from {day} on, by a model of the {len(past):,} before",
        past=seen(past, model.probabilities(calibration, raw)),
        past_truths=past.spam.to_list(),
        later=seen(later, chances),
        later_truths=later.spam.to_list(),
        times=later.date.dt.strftime("%Y-%m-%d").to_list(),
    )


def seen(mails: pd.DataFrame, chances: ArrayLike) -> list[Seen]:
    """What the service would have logged."""
    return [
        Seen(float(chance), summarise(text))
        for chance, text in zip(chances, mails.text, strict=True)
    ]
