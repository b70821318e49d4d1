"""Fit the ranker of config.toml, and tune the rule that it is compared with.

Both see the training set alone, and both are measured by the same ROUGE of what would be served.
"""

import time
from collections.abc import Iterable, Sequence
from dataclasses import asdict

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from sklearn.pipeline import Pipeline

from . import data, model, rouge, rules
from .kit.persistence import save_model
from .kit.provenance import write_training
from .kit.served import tabulate
from .kit.statistics import STRONGEST, Predictions
from .kit.workspace import Workspace
from .watch import summarise

RULE = "the headline's words"
REFERENCE_DIGITS = 6

Scores = list[NDArray[np.float64]]


def run(workspace: Workspace) -> None:
    """Write models/model.skops and models/training.json. The test set is not opened."""
    started = time.perf_counter()
    config = workspace.config
    budget, recipe = config["summary"]["words"], model.build(config)
    train = data.load(workspace, "train", reader="train")
    table = model.tabulate(train, budget)

    held_out_scores = model.split_by_article(table, out_of_fold(recipe, train, table))
    reached = float(served(train, held_out_scores, budget).mean())
    pairs = tune_rule(train, budget, config["baselines"]["pair_weights"])
    ranker = model.fit(recipe, table)

    save_model(workspace, asdict(ranker))
    told = zip(train.reference, train.source, strict=True)
    whole = train.assign(source=[[first, *rest] for first, rest in told])
    tops = [float(scores.max()) for scores in as_sent(recipe, whole, table, budget)]
    write_training(
        workspace,
        {
            "rouge": reached,
            "pairs": pairs,
            "articles": len(train),
            "reference_scores": np.round(tops, REFERENCE_DIGITS).tolist(),
            "reference_summaries": tabulate([summarise(source) for source in whole.source]),
        },
        seconds=time.perf_counter() - started,
    )
    print(f"cross-validated ROUGE {reached:.4f}; the rule's weight of pairs: {pairs:g}")


def as_sent(recipe: Pipeline, whole: pd.DataFrame, table: pd.DataFrame, budget: int) -> Scores:
    """Scores of whole articles, first sentence and all, as the service gets them.

    By rankers that have not seen their fold; `table` is what those learn from.
    """
    unlabelled = whole.assign(labels=[np.zeros(len(source)) for source in whole.source])
    asked = model.tabulate(unlabelled, budget)
    fold, asked_fold = (whole.fold.to_numpy()[each.article] for each in (table, asked))
    scores = np.empty(len(asked))
    for held in np.unique(fold):
        mine = asked_fold == held
        scores[mine] = model.fit(recipe, table[fold != held]).scores(asked[mine])
    return model.split_by_article(asked, scores)


def held_out(workspace: Workspace) -> Predictions:
    """ROUGE on the training set's articles, each served by a ranker that had not seen its fold.

    The truth beside it is what the answer itself would serve. So no other length of summary, with
    which any method scores otherwise, passes for an attempt at this one.
    """
    config, train = workspace.config, data.load(workspace, "train", reader="train")
    budget = config["summary"]["words"]
    table = model.tabulate(train, budget)
    scores = model.split_by_article(table, out_of_fold(model.build(config), train, table))
    rows = {
        "id": train.id,
        "group": train.group,
        "fold": train.fold,
        "truth": served(train, train.labels, budget),
        "model": served(train, scores, budget),
    }
    return Predictions(
        pd.DataFrame(rows),
        metric="mean",
        higher_is_better=True,
        baselines={RULE: STRONGEST},
        unit="articles",
    )


def held_out_baseline(workspace: Workspace) -> NDArray[np.float64]:
    """ROUGE on the same articles by the rule of the headline's words, in its best setting."""
    config, train = workspace.config, data.load(workspace, "train", reader="train")
    budget = config["summary"]["words"]
    pairs = tune_rule(train, budget, config["baselines"]["pair_weights"])
    return served(train, by_rule(train, budget, pairs), budget)


def tune_rule(articles: pd.DataFrame, budget: int, weights: Sequence[float]) -> float:
    """The weight of pairs with which the headline's rule has the highest ROUGE."""
    return max(
        weights,
        key=lambda pairs: served(articles, by_rule(articles, budget, pairs), budget).mean(),
    )


def by_rule(articles: pd.DataFrame, budget: int, pairs: float) -> Scores:
    """Scores of every sentence by the rule of the headline's words."""
    rows = zip(articles.source, articles.headline, strict=True)
    return [rules.headline(source, title, budget, pairs) for source, title in rows]


def out_of_fold(
    recipe: Pipeline, articles: pd.DataFrame, table: pd.DataFrame
) -> NDArray[np.float64]:
    """Scores of every sentence by a ranker that has not seen its fold."""
    # practice: out_of_fold
    fold = articles.fold.to_numpy()[table.article]
    scores = np.empty(len(table))
    for held in np.unique(fold):
        ranker = model.fit(recipe, table[fold != held])
        scores[fold == held] = ranker.scores(table[fold == held])
    return scores
    # practice: end


def served(articles: pd.DataFrame, scores: Iterable[ArrayLike], budget: int) -> NDArray[np.float64]:
    """Mean ROUGE of the summary of each article that the scores lead to, shape (articles,)."""
    rows = zip(articles.reference, articles.source, scores, strict=True)
    return np.array(
        [rouge.mean(reference, model.summary(source, s, budget)) for reference, source, s in rows]
    )
