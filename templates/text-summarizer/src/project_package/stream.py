"""Another publisher as traffic: from some article on, all are of one that the ranker never read."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from . import data, model
from .kit.replay import Stream, invented_days
from .kit.served import Seen, Watch
from .kit.workspace import Workspace
from .train import out_of_fold, served
from .watch import summarise

A_DAY = 20
JUDGED = Watch(metric="mean_of_truths", label="mean ROUGE")


def replay(workspace: Workspace) -> Stream:
    """One fold of the training set without the largest publisher, then that publisher.

    The ranker is fitted to the other folds, without that publisher and the stories that it tells.
    """
    config, seed = workspace.config, workspace.seed
    budget, recipe = config["summary"]["words"], model.build(config)
    articles = data.load(workspace, "train", reader="simulate")
    articles = articles.sample(frac=1, random_state=seed, ignore_index=True)
    newcomer = articles.publisher.mode()[0]
    new, held = articles.publisher == newcomer, articles.fold == articles.fold.max()
    told = articles.group.isin(articles.group[new])
    past = articles[~new & ~held & ~told].reset_index(drop=True)
    later = pd.concat([articles[~new & held], articles[new]], ignore_index=True)
    table, table_later = model.tabulate(past, budget), model.tabulate(later, budget)
    held_out = model.split_by_article(table, out_of_fold(recipe, past, table))
    scores = model.split_by_article(table_later, model.fit(recipe, table).scores(table_later))
    return Stream(
        title=f"Articles of {past.publisher.nunique()} publishers; then those of {newcomer}, which "
        f"the ranker never read (in days that are invented, {A_DAY} articles each)",
        past=seen(past, held_out),
        past_truths=served(past, held_out, budget).tolist(),
        later=seen(later, scores),
        later_truths=served(later, scores, budget).tolist(),
        times=invented_days(len(later), A_DAY),
        begins=int((~new & held).sum()),
        watch=JUDGED,
    )


def seen(articles: pd.DataFrame, scores: Sequence[NDArray[np.float64]]) -> list[Seen]:
    """What the service would have logged."""
    return [
        Seen(float(own.max()), summarise(source))
        for own, source in zip(scores, articles.source, strict=True)
    ]
