"""The baseline and the models that are compared. Nothing here reads or writes a file.

All learn from the same two views of a text: TF-IDF of its words and of runs of four characters,
and what VADER makes of it. Every feature is there once for all kinds of text and once more for
each kind alone, so that a ridge regression can learn what the kinds share and where they differ
(Daumé, Frustratingly Easy Domain Adaptation, 2007). A text of a kind never seen is rated by
what is shared.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import csr_matrix, diags, hstack
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import Ridge
from sklearn.model_selection import StratifiedGroupKFold
from sklearn.preprocessing import StandardScaler
from threadpoolctl import threadpool_limits

from . import lexicon

TERMS = 25_000  # of each kind of term
LEXICON_WEIGHT = 2.0  # length of the lexicon features beside TF-IDF rows, whose length is 1
STACKING_FOLDS = 3
LOWEST, HIGHEST = -4.0, 4.0
SHARED, ADAPTED = "shared", "adapted"  # one head for any kind of text, one for known kinds

vader = lexicon.vader_ratings


@dataclass(frozen=True)
class Recipe:
    """How a candidate is fitted: `alpha` is the ridge's penalty.

    `terms`: reads words and characters; `vader`: reads the lexicon features; `boosted`:
    gradient boosting over the ridge's rating and the lexicon features.
    """

    alpha: float
    terms: bool = True
    vader: bool = True
    boosted: bool = False


def candidates() -> dict[str, Recipe]:
    """The recipes to choose from, by name."""
    return {
        "boosting on VADER features": Recipe(alpha=4, terms=False, boosted=True),
        "ridge on TF-IDF": Recipe(alpha=4, vader=False),
        "ridge on both, α=4": Recipe(alpha=4),
        "ridge on both, α=8": Recipe(alpha=8),
        "boosting over ridge, α=4": Recipe(alpha=4, boosted=True),
    }


@dataclass(frozen=True)
class Reading:
    """Turns texts into rows of features; fitted on training texts only."""

    terms: tuple[TfidfVectorizer, ...]
    scaler: StandardScaler | None

    @classmethod
    def fit(cls, recipe: Recipe, texts: Sequence[str]) -> tuple["Reading", csr_matrix]:
        """Count the terms and measure the lexicon features; also the texts' own features."""
        terms = text_terms() if recipe.terms else ()
        views = [each.fit_transform(texts) for each in terms]
        scaler = StandardScaler().fit(_lexicon_of(texts)) if recipe.vader else None
        reading = cls(terms, scaler)
        return reading, reading._join(views, texts)

    def __call__(self, texts: Sequence[str]) -> csr_matrix:
        """Features, shape (n, d)."""
        return self._join([terms.transform(texts) for terms in self.terms], texts)

    def _join(self, views: list[csr_matrix], texts: Sequence[str]) -> csr_matrix:
        if self.scaler is not None:
            features = self.scaler.transform(_lexicon_of(texts))
            views = [*views, csr_matrix(LEXICON_WEIGHT / np.sqrt(features.shape[1]) * features)]
        return hstack(views).tocsr()


def _lexicon_of(texts: Sequence[str]) -> NDArray[np.float64]:
    return lexicon.feature_matrix(list(texts))


def text_terms() -> tuple[TfidfVectorizer, TfidfVectorizer]:
    """Words and pairs of words, and runs of four characters within words."""
    return (
        TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, max_features=TERMS),
        TfidfVectorizer(
            analyzer="char_wb", ngram_range=(4, 4), sublinear_tf=True, max_features=TERMS
        ),
    )


@dataclass(frozen=True)
class Head:
    """From features to standardised ratings; `kinds` is empty when it knows no kinds."""

    kinds: tuple[str, ...]
    ridge: Ridge
    booster: HistGradientBoostingRegressor | None = None

    def predict(self, features: csr_matrix, texts: Sequence[str], kinds: ArrayLike) -> NDArray:
        """Standardised ratings, shape (n,)."""
        linear = self.ridge.predict(adapt(features, kinds, self.kinds))
        if self.booster is None:
            return np.asarray(linear)
        return np.asarray(self.booster.predict(second_stage(linear, texts, kinds, self.kinds)))


@dataclass(frozen=True)
class Rater:
    """A fitted model: what all kinds of text share, and what is each kind's own."""

    reading: Reading
    heads: dict[str, Head]
    centres: dict[str, float]
    spreads: dict[str, float]

    @classmethod
    @threadpool_limits.wrap(limits=1)  # sums in another order give other trees
    def fit(
        cls,
        recipe: Recipe,
        snippets: pd.DataFrame,
        seed: int,
        heads: Sequence[str] = (SHARED, ADAPTED),
    ) -> "Rater":
        """Learn from the columns text, kind, rating and group; only the heads that are wanted."""
        by_kind = snippets.groupby("kind").rating
        centres, spreads = by_kind.mean().to_dict(), by_kind.std().to_dict()
        standardised = snippets.rating - snippets.kind.map(centres)
        rows = snippets.assign(target=standardised / snippets.kind.map(spreads))
        known_to = {SHARED: (), ADAPTED: tuple(sorted(centres))}
        reading, features = Reading.fit(recipe, rows.text)
        fitted = {
            name: Head(known_to[name], fit_ridge(recipe, features, rows, known_to[name]))
            for name in heads
        }
        if recipe.boosted:
            held_out = predict_held_out(recipe, rows, [known_to[name] for name in heads], seed)
            fitted = {
                name: replace(head, booster=fit_booster(linear, rows, head.kinds, seed))
                for (name, head), linear in zip(fitted.items(), held_out, strict=True)
            }
        return cls(reading, fitted, centres, spreads)

    def predict(self, texts: Sequence[str], kinds: Sequence[str | None]) -> NDArray[np.float64]:
        """Ratings from −4 to 4, shape (n,); a kind it does not know is rated by what is shared."""
        texts, kinds = list(texts), np.asarray(kinds, dtype=object)
        features = self.reading(texts)
        known = np.isin(kinds.astype(str), list(self.centres))
        ratings = np.empty(len(texts))
        for name, rows in ((SHARED, np.flatnonzero(~known)), (ADAPTED, np.flatnonzero(known))):
            if len(rows):
                some = [texts[row] for row in rows]
                ratings[rows] = self.heads[name].predict(features[rows], some, kinds[rows])
        centre, spread = (
            np.array([moments.get(kind, np.mean([*moments.values()])) for kind in kinds])
            for moments in (self.centres, self.spreads)
        )
        return np.clip(centre + spread * ratings, LOWEST, HIGHEST)

    def as_parts(self) -> dict[str, Any]:
        """Arrays, plain values and scikit-learn objects, for a file without code.

        Terms go in as one array: a file with an entry for each term loads fifty times slower.
        """
        return {
            "terms": [
                {"names": terms.get_feature_names_out().astype(str), "idf": terms.idf_}
                for terms in self.reading.terms
            ],
            "scaler": self.reading.scaler,
            "heads": {
                name: {"kinds": list(head.kinds), "ridge": head.ridge, "booster": head.booster}
                for name, head in self.heads.items()
            },
            "centres": self.centres,
            "spreads": self.spreads,
        }

    @classmethod
    def from_parts(cls, parts: dict[str, Any]) -> "Rater":
        """The reverse of as_parts."""
        terms = tuple(
            known_terms(empty, stored["names"], stored["idf"])
            for empty, stored in zip(text_terms(), parts["terms"], strict=False)
        )
        heads = {
            name: Head(tuple(head["kinds"]), head["ridge"], head["booster"])
            for name, head in parts["heads"].items()
        }
        reading = Reading(terms, parts["scaler"])
        return cls(reading, heads, parts["centres"], parts["spreads"])


def known_terms(empty: TfidfVectorizer, names: NDArray, idf: NDArray) -> TfidfVectorizer:
    """A vectoriser that knows these terms, as if it had been fitted."""
    known = empty.set_params(vocabulary={str(name): i for i, name in enumerate(names)})
    known.idf_ = idf
    return known


def adapt(features: csr_matrix, kinds: ArrayLike, known: Sequence[str]) -> csr_matrix:
    """The features for all, then for each known kind the same again, zero in other kinds' rows."""
    own = [diags((np.asarray(kinds) == kind).astype(float)) @ features for kind in known]
    return hstack([features, *own]).tocsr()


def fit_ridge(
    recipe: Recipe, features: csr_matrix, rows: pd.DataFrame, kinds: Sequence[str]
) -> Ridge:
    """Ridge regression of the standardised rating."""
    ridge = Ridge(alpha=recipe.alpha, solver="lsqr", tol=1e-3)
    return ridge.fit(adapt(features, rows.kind, kinds), rows.target)


def predict_held_out(
    recipe: Recipe, rows: pd.DataFrame, heads: Sequence[tuple[str, ...]], seed: int
) -> list[NDArray[np.float64]]:
    """For each head, ratings of rows its ridge was not fitted on: what boosting may learn from."""
    held_out = [np.empty(len(rows)) for _ in heads]
    for fit, unseen in grouped_folds(rows, STACKING_FOLDS, seed):
        known, new = rows.iloc[fit], rows.iloc[unseen]
        reading, features = Reading.fit(recipe, known.text)
        features_new = reading(new.text)
        for linear, kinds in zip(held_out, heads, strict=True):
            ridge = fit_ridge(recipe, features, known, kinds)
            linear[unseen] = ridge.predict(adapt(features_new, new.kind, kinds))
    return held_out


def fit_booster(
    linear: NDArray, rows: pd.DataFrame, kinds: Sequence[str], seed: int
) -> HistGradientBoostingRegressor:
    """Gradient boosting over the ridge's held-out ratings and the lexicon features."""
    booster = HistGradientBoostingRegressor(
        max_iter=60,
        learning_rate=0.1,
        max_leaf_nodes=15,
        min_samples_leaf=40,
        l2_regularization=5,
        early_stopping=False,
        random_state=seed,
    )
    return booster.fit(second_stage(linear, rows.text, rows.kind, kinds), rows.target)


def second_stage(
    linear: NDArray, texts: Sequence[str], kinds: ArrayLike, known: Sequence[str]
) -> NDArray[np.float64]:
    """The ridge's rating, the lexicon features, and one column for each known kind."""
    own = [np.asarray(kinds) == kind for kind in known]
    return np.column_stack([linear.round(6), lexicon.feature_matrix(list(texts)), *own])


def grouped_folds(rows: pd.DataFrame, folds: int, seed: int) -> list[tuple[NDArray, NDArray]]:
    """Rows to fit on and rows to test on, kinds in equal shares, groups kept together."""
    splitter = StratifiedGroupKFold(n_splits=folds, shuffle=True, random_state=seed)
    return list(splitter.split(rows, rows.kind, rows.group))
