"""Does it hold for later mail?"""

import pandas as pd
from sklearn.base import clone
from sklearn.metrics import average_precision_score

from .. import model
from ..evaluate import Evaluated
from ..kit.results import Study, Table
from ..kit.statistics import bootstrap
from ..kit.workspace import Workspace
from ..predict import SpamDetector


def study(workspace: Workspace, evaluated: Evaluated) -> Study:
    """The same recipe, fitted to the mails before a day and asked about those after it."""
    everything = pd.concat([evaluated.train, evaluated.mails], ignore_index=True)
    day = workspace.config["evaluate"]["later_from"]
    return Study(
        title="Does it hold for later mail?",
        text="A random split lets the model learn from next month's mail. This one does not; only "
        "the settings are those that were chosen on mails of all months.",
        tables={"temporal": temporal_table(everything, evaluated.detector, day, workspace.seed)},
    )


def temporal_table(mails: pd.DataFrame, detector: SpamDetector, day: str, seed: int) -> Table:
    """The same recipe trained on the past and tested on what came later.

    Much of the later ham is one news feed; so the table has a row without it.
    """
    later = mails.date >= day
    past, future = mails[~later], mails[later]
    future = future[~future.group.isin(past.group)]
    if past.spam.nunique() < 2 or future[~future.feed].spam.nunique() < 2:
        return Table("Too few dated mails for a temporal split.", ["tested on"], [])
    fitted = clone(detector.detector).fit(past.text, past.spam)
    future = future.assign(raw=model.scores(fitted, future.text))
    rows = []
    for name, part in (
        (f"from {day} on", future),
        ("the same without the news feed", future[~future.feed]),
    ):
        interval = bootstrap(
            average_precision_score, part.spam, part.raw, groups=part.group, seed=seed
        )
        rows.append([name, len(part), int(part.spam.sum()), interval])
    return Table(
        f"Trained on the {len(past):,} mails before {day}; their threads and copies are left out.",
        ["tested on", "mails", "spam", "PR-AUC"],
        rows,
    )
