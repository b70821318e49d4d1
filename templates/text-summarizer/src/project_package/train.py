"""Choose the ranker by cross-validation over the folds of the training part, then fit it."""

import time
from dataclasses import asdict

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.pipeline import Pipeline
from tqdm import tqdm

from . import data, model, rouge, rules
from .persistence import save_model
from .workspace import Workspace, write_json

Comparison = dict[str, dict[str, float]]


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
    write_json(
        workspace.models / "training.json",
        {
            "chosen": chosen,
            "candidates": comparison,
            "articles": len(train),
            "settings": settings,
            "seconds": round(time.perf_counter() - started, 1),
            "reference_scores": np.round(tops, 6).tolist(),
        },
    )
    print(f"chosen: {chosen}, cross-validated gain over Lead {comparison[chosen]['gain']:+.4f}")


def compare(
    articles: pd.DataFrame, table: pd.DataFrame, budget: int, *, progress: bool = True
) -> tuple[Comparison, dict[str, NDArray[np.float64]]]:
    """Each candidate's gain over Lead with its spread over folds, and its out-of-fold scores.

    The folds are those of the split, so that no story is on both sides.
    """
    lead = rouge1(articles, [rules.lead(source) for source in articles.source], budget)
    folds = sorted(articles.fold.unique())
    comparison: Comparison = {}
    held_out: dict[str, NDArray[np.float64]] = {}
    candidates = model.candidates()
    for name in tqdm(candidates, desc="cross-validation", unit="candidate", disable=not progress):
        held_out[name] = out_of_fold(candidates[name], articles, table)
        gain = rouge1(articles, model.split_by_article(table, held_out[name]), budget) - lead
        by_fold = [float(gain[articles.fold == fold].mean()) for fold in folds]
        comparison[name] = {"gain": float(gain.mean()), "spread": float(np.std(by_fold))}
    return comparison, held_out


def best(comparison: Comparison) -> str:
    """The candidate with the largest gain."""
    return max(comparison, key=lambda name: comparison[name]["gain"])


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


def rouge1(
    articles: pd.DataFrame, scores: list[NDArray[np.float64]], budget: int
) -> NDArray[np.float64]:
    """ROUGE-1 of the summary of each article that the scores lead to, shape (articles,)."""
    rows = zip(articles.reference, articles.source, scores, strict=True)
    return np.array(
        [rouge.rouge1(reference, model.extract(source, s, budget)) for reference, source, s in rows]
    )
