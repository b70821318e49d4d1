"""Choose the ranker by cross-validation over the folds of the training part, then fit it.

The rule that it is compared with is tuned on the same articles, by the same measure.
"""

import time
from dataclasses import asdict

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.pipeline import Pipeline
from tqdm import tqdm

from . import data, model, rouge, rules
from .kit.persistence import save_model
from .kit.provenance import write_training
from .kit.workspace import Workspace

Comparison = dict[str, dict[str, float]]
Scores = list[NDArray[np.float64]]


def run(workspace: Workspace) -> None:
    """Write models/model.skops and models/training.json. The test part is not opened."""
    started = time.perf_counter()
    settings = workspace.config["summary"]
    train = data.load(workspace, "train", reader="train")
    table = model.tabulate(train, settings["words"])

    comparison, held_out = compare(train, table, settings["words"])
    chosen = best(comparison)
    ranker = model.fit(model.candidates()[chosen], table)

    save_model(workspace, asdict(ranker))
    tops = [float(scores.max()) for scores in model.split_by_article(table, held_out[chosen])]
    write_training(
        workspace,
        {
            "chosen": chosen,
            "candidates": comparison,
            "pairs": tune_rule(train, settings["words"]),
            "articles": len(train),
            "settings": settings,
            "reference_scores": np.round(tops, 6).tolist(),
        },
        seconds=time.perf_counter() - started,
    )
    print(f"chosen: {chosen}, cross-validated ROUGE {comparison[chosen]['rouge']:.4f}")


def compare(
    articles: pd.DataFrame, table: pd.DataFrame, budget: int, *, progress: bool = True
) -> tuple[Comparison, dict[str, NDArray[np.float64]]]:
    """Each candidate's mean ROUGE with its spread over folds, and its out-of-fold scores.

    The folds are those of the split, so that no story is on both sides.
    """
    folds = sorted(articles.fold.unique())
    comparison: Comparison = {}
    held_out: dict[str, NDArray[np.float64]] = {}
    candidates = model.candidates()
    for name in tqdm(candidates, desc="cross-validation", unit="candidate", disable=not progress):
        held_out[name] = out_of_fold(candidates[name], articles, table)
        reached = served(articles, model.split_by_article(table, held_out[name]), budget)
        by_fold = [float(reached[articles.fold == fold].mean()) for fold in folds]
        comparison[name] = {"rouge": float(reached.mean()), "spread": float(np.std(by_fold))}
    return comparison, held_out


def best(comparison: Comparison) -> str:
    """The candidate with the highest ROUGE."""
    return max(comparison, key=lambda name: comparison[name]["rouge"])


def tune_rule(articles: pd.DataFrame, budget: int) -> float:
    """The weight of pairs with which the headline's rule has the highest ROUGE."""
    return max(
        rules.HEADLINE_PAIRS,
        key=lambda pairs: served(articles, by_rule(articles, budget, pairs), budget).mean(),
    )


def by_rule(articles: pd.DataFrame, budget: int, pairs: float) -> Scores:
    """Scores of every sentence by the rule of the headline's words."""
    rows = zip(articles.source, articles.headline, strict=True)
    return [rules.headline(source, title, budget, pairs) for source, title in rows]


def out_of_fold(
    candidate: Pipeline, articles: pd.DataFrame, table: pd.DataFrame
) -> NDArray[np.float64]:
    """Scores of every sentence by a ranker that has not seen its fold."""
    fold = articles.fold.to_numpy()[table.article]
    scores = np.empty(len(table))
    for held in np.unique(fold):
        ranker = model.fit(candidate, table[fold != held])
        scores[fold == held] = ranker.scores(table[fold == held])
    return scores


def served(articles: pd.DataFrame, scores: Scores, budget: int) -> NDArray[np.float64]:
    """Mean ROUGE of the summary of each article that the scores lead to, shape (articles,)."""
    rows = zip(articles.reference, articles.source, scores, strict=True)
    return np.array(
        [rouge.mean(reference, model.summary(source, s, budget)) for reference, source, s in rows]
    )
