"""The ranker, and how scores become a summary. No file is read or written."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from sklearn.base import clone
from sklearn.linear_model import Ridge
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler
from tqdm import tqdm

from . import features


def build(config: Mapping[str, Any]) -> Pipeline:
    """The model of config.toml: learns how well each sentence alone would score."""
    return make_pipeline(StandardScaler(), Ridge(config["model"]["penalty"]))


@dataclass(frozen=True)
class Ranker:
    """Two fitted models: `informed` reads the headline, `blind` is for articles without one."""

    informed: Pipeline
    blind: Pipeline

    def scores(self, table: pd.DataFrame) -> NDArray[np.float64]:
        """The higher, the sooner a sentence is taken; shape (sentences,)."""
        informed = score_on(self.informed, table, features.NAMES)
        return np.where(table.has_headline, informed, self.blind_scores(table))

    def blind_scores(self, table: pd.DataFrame) -> NDArray[np.float64]:
        """The same without a look at any headline."""
        return score_on(self.blind, table, features.WITHOUT_HEADLINE)


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


def fit(recipe: Pipeline, table: pd.DataFrame) -> Ranker:
    """Two copies of the recipe, fitted with and without the features of the headline."""
    return Ranker(
        fit_on(recipe, table, features.NAMES),
        fit_on(recipe, table, features.WITHOUT_HEADLINE),
    )


def fit_on(recipe: Pipeline, table: pd.DataFrame, names: list[str]) -> Pipeline:
    """A copy of the recipe, fitted on the features `names`."""
    return clone(recipe).fit(table[names].to_numpy(), table.label.to_numpy())


def score_on(fitted: Pipeline, table: pd.DataFrame, names: list[str]) -> NDArray[np.float64]:
    """Scores by a model that was fitted on the features `names`."""
    return np.asarray(fitted.predict(table[names].to_numpy()))


def split_by_article(table: pd.DataFrame, values: ArrayLike) -> list[NDArray]:
    """One array an article, in the order of the articles."""
    ends = np.cumsum(table.groupby("article", sort=True).size().to_numpy())[:-1]
    return np.split(np.asarray(values), ends)


def ranking(scores: ArrayLike) -> NDArray[np.intp]:
    """Sentence numbers, best first; of equals, the earlier one."""
    return np.argsort(-np.asarray(scores), kind="stable")


def choose_whole(source: Sequence[str], scores: ArrayLike, budget: int) -> list[int]:
    """Whole sentences, best first, until the next is too long; the best one in any case."""
    # practice: choose_whole
    chosen: list[int] = []
    length = 0
    for number in ranking(scores):
        length += len(source[number].split())
        if chosen and length > budget:
            break
        chosen.append(int(number))
    return chosen
    # practice: end


def summary(source: Sequence[str], scores: ArrayLike, budget: int) -> str:
    """The chosen sentences in the order of the article: what is served, and what is measured."""
    return " ".join(source[number] for number in sorted(choose_whole(source, scores, budget)))
