"""The rankers that are compared, and how scores become a summary. No file is read or written."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from sklearn.base import clone, is_classifier
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler
from tqdm import tqdm

from . import features


def candidates() -> dict[str, Pipeline]:
    """The rankers to choose from, by name; each fits on rows of `features.describe`."""
    return {
        "logistic regression": make_pipeline(
            StandardScaler(), LogisticRegression(C=0.1, max_iter=1_000)
        ),
        "ridge": make_pipeline(StandardScaler(), Ridge(100)),
    }


@dataclass(frozen=True)
class Ranker:
    """Two fitted models: `informed` reads the headline, `blind` is for articles without one."""

    informed: Pipeline
    blind: Pipeline

    def scores(self, table: pd.DataFrame) -> NDArray[np.float64]:
        """The higher, the sooner a sentence is taken; shape (sentences,)."""
        informed = _scores(self.informed, table[features.NAMES])
        return np.where(table.has_headline, informed, self.blind_scores(table))

    def blind_scores(self, table: pd.DataFrame) -> NDArray[np.float64]:
        """The same without a look at any headline."""
        return _scores(self.blind, table[features.WITHOUT_HEADLINE])


def tabulate(articles: pd.DataFrame, budget: int) -> pd.DataFrame:
    """One row a sentence: its features, `article` (row number), `has_headline`, `label`."""
    rows = zip(articles.source, articles.headline, articles.labels, strict=True)
    progress = tqdm(rows, total=len(articles), desc="describing sentences", unit="article")
    tables = [
        features.describe(source, headline, budget).assign(
            article=number, has_headline=headline != "", label=labels
        )
        for number, (source, headline, labels) in enumerate(progress)
    ]
    return pd.concat(tables, ignore_index=True)


def fit(candidate: Pipeline, table: pd.DataFrame) -> Ranker:
    """Two copies of the candidate, fitted with and without the features of the headline."""
    return Ranker(
        fit_on(candidate, table, features.NAMES),
        fit_on(candidate, table, features.WITHOUT_HEADLINE),
    )


def fit_on(candidate: Pipeline, table: pd.DataFrame, names: list[str]) -> Pipeline:
    """A copy of the candidate, fitted on the features `names`.

    A classifier learns which sentence is the best of its article, a regression how well each
    one would score.
    """
    goal = table.label
    if is_classifier(candidate):
        goal = (table.label == table.groupby("article").label.transform("max")).astype(int)
    return clone(candidate).fit(table[names].to_numpy(), goal.to_numpy())


def score_on(model: Pipeline, table: pd.DataFrame, names: list[str]) -> NDArray[np.float64]:
    """Scores by a model that was fitted on the features `names`."""
    return _scores(model, table[names])


def _scores(model: Pipeline, rows: pd.DataFrame) -> NDArray[np.float64]:
    values = rows.to_numpy()
    if is_classifier(model):
        return np.asarray(model.predict_proba(values)[:, 1])
    return np.asarray(model.predict(values))


def split_by_article(table: pd.DataFrame, values: ArrayLike) -> list[NDArray]:
    """One array an article, in the order of the articles."""
    ends = np.cumsum(table.groupby("article", sort=True).size().to_numpy())[:-1]
    return np.split(np.asarray(values), ends)


def ranking(scores: ArrayLike) -> NDArray[np.intp]:
    """Sentence numbers, best first; of equals, the earlier one."""
    return np.argsort(-np.asarray(scores), kind="stable")


def choose_whole(source: Sequence[str], scores: ArrayLike, budget: int) -> list[int]:
    """Whole sentences, best first, until the next is too long; the best one in any case."""
    chosen: list[int] = []
    length = 0
    for number in ranking(scores):
        length += len(source[number].split())
        if chosen and length > budget:
            break
        chosen.append(int(number))
    return chosen


def summary(source: Sequence[str], scores: ArrayLike, budget: int) -> str:
    """The chosen sentences in the order of the article: what is served, and what is measured."""
    return " ".join(source[number] for number in sorted(choose_whole(source, scores, budget)))
