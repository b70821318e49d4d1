"""New wishes as traffic: from some query on, half are of a domain that the model was not taught."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from . import data, model
from .data import NOWHERE
from .kit.replay import Stream, invented_days
from .kit.served import Seen
from .kit.workspace import Workspace
from .model import Judged
from .train import grouped_folds
from .watch import summarise

ARRIVES = "travel"  # the domain
PARTS = 3  # of the training set: to fit, as the past, as what comes
A_DAY = 50


def replay(workspace: Workspace) -> Stream:
    """Queries of the training set that a model without one domain did not see.

    What it was not taught is out of scope to it: it is right where it does not answer.
    """
    config, seed = workspace.config, workspace.seed
    train = data.load(workspace, "train", reader="simulate")
    arrives = (train.domain == ARRIVES).to_numpy()
    (_, past), (_, later), (_, known) = grouped_folds(train, PARTS, seed)
    past, known = past[~arrives[past]], known[~arrives[known]]
    usual, other = later[~arrives[later]], later[arrives[later]]
    begins = len(usual) - len(other)
    random = np.random.default_rng(seed)
    usual = random.permutation(usual)
    mixed = random.permutation(np.concatenate([usual[begins:], other]))
    order = np.concatenate([usual[:begins], mixed])
    recipe = model.fitted(model.build(config), train.text.iloc[known], train.label.iloc[known])
    truth = train.label.mask(arrives, NOWHERE).to_numpy()
    before, after = (model.ask(recipe, train.text.iloc[rows]) for rows in (past, order))
    threshold = model.cheapest_threshold(before, truth[past], config["threshold"]["out_cost"])
    return Stream(
        title=f"Queries of the other domains; then half of {ARRIVES}, which the model was not "
        f"taught (in days that are invented, {A_DAY} queries each)",
        past=seen(train.iloc[past], before, threshold),
        past_truths=truth[past].tolist(),
        later=seen(train.iloc[order], after, threshold),
        later_truths=truth[order].tolist(),
        times=invented_days(len(order), A_DAY),
        begins=begins,
    )


def seen(queries: pd.DataFrame, judged: Judged, threshold: float) -> list[Seen]:
    """What the service would have logged."""
    said: NDArray[np.int64] = judged.answered(threshold)
    return [
        Seen(float(score), summarise(text), int(label))
        for score, text, label in zip(judged.score, queries.text, said, strict=True)
    ]
