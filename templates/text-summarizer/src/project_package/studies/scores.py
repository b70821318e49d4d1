"""What is a score worth?"""

import pandas as pd

from ..evaluate import Evaluated
from ..kit import figures
from ..kit.results import Picture, Study
from ..kit.workspace import Workspace


def study(workspace: Workspace, evaluated: Evaluated) -> Study:
    """The ROUGE of single sentences by the score that they got."""
    bins = workspace.config["evaluate"]["bins"]
    return Study(
        title="What a score means",
        text="All sentences of all articles are sorted by the score that they got from a ranker "
        f"that had not seen their story, and cut into {bins} parts of the same size.",
        figures={"scores": draw(workspace, evaluated, bins)},
    )


def draw(workspace: Workspace, evaluated: Evaluated, bins: int) -> Picture:
    """Mean ROUGE over the parts."""
    ranks = pd.Series(evaluated.rotation.informed).rank(method="first")
    part = pd.qcut(ranks, bins, labels=range(1, bins + 1))
    reached = evaluated.corpus.table.label.groupby(part, observed=True).mean()
    with figures.figure(workspace.figures / "scores", width=5) as (_, axes):
        axes.plot(reached.index.astype(int), reached, "o-", color=figures.MODEL)
        axes.set(xlabel=f"part by score ({bins}: highest)", ylabel="ROUGE of the sentence")
        axes.set_ylim(bottom=0)
    return Picture(
        f"Sentences of all articles in {bins} parts by their score, and each part's mean ROUGE.",
        "Line over the parts, from the lowest scores to the highest.",
    )
