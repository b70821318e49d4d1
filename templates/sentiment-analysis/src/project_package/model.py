"""The models that are compared. Nothing here reads or writes a file.

All learn from the same two views of a text: TF-IDF of its words and of runs of four characters,
and what VADER makes of it. For kinds of text that it was taught, a model has every feature once
for all and once more for each kind alone, so that a ridge regression can learn what the kinds
share and where they differ (Daumé, Frustratingly Easy Domain Adaptation, 2007). For any other
text, a model has each feature once, and every kind weighs the same: the largest must not decide.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
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


TFIDF_RIDGE = "ridge on TF-IDF"
VADER_RIDGE = "ridge on VADER's numbers"


def candidates() -> dict[str, Recipe]:
    """For kinds of text that the model was taught; the simple method is first."""
    return {
        TFIDF_RIDGE: Recipe(alpha=4, vader=False),
        "ridge on both, α=4": Recipe(alpha=4),
        "ridge on both, α=8": Recipe(alpha=8),
        "boosting over ridge, α=4": Recipe(alpha=4, boosted=True),
    }


def carrying() -> dict[str, Recipe]:
    """For kinds of text that the model was not taught."""
    return {
        "ridge on both, α=8": Recipe(alpha=8),
        "ridge on both, α=16": Recipe(alpha=16),
        "ridge on both, α=32": Recipe(alpha=32),
        "boosting over ridge, α=16": Recipe(alpha=16, boosted=True),
    }


def simple_carrying() -> dict[str, dict[str, Recipe]]:
    """The simple methods for such kinds, each with the settings it is tuned over."""
    return {
        VADER_RIDGE: {f"{VADER_RIDGE}, α={a}": Recipe(a, terms=False) for a in (0.1, 1, 10)},
        TFIDF_RIDGE: {f"{TFIDF_RIDGE}, α={a}": Recipe(a, vader=False) for a in (2, 4, 16)},
    }


@dataclass(frozen=True)
class Reading:
    """Turns texts into rows of features; fitted on training texts only."""

    terms: tuple[TfidfVectorizer, ...]
    scaler: StandardScaler

    @classmethod
    def fit(cls, texts: Sequence[str]) -> tuple["Reading", csr_matrix]:
        """Count the terms and measure the lexicon features; also the texts' own features."""
        terms = text_terms()
        views = [each.fit_transform(texts) for each in terms]
        reading = cls(terms, StandardScaler().fit(_lexicon_of(texts)))
        return reading, reading._join(views, texts)

    def __call__(self, texts: Sequence[str]) -> csr_matrix:
        """Features, shape (n, d): terms, then VADER's numbers."""
        return self._join([terms.transform(texts) for terms in self.terms], texts)

    def _join(self, views: list[csr_matrix], texts: Sequence[str]) -> csr_matrix:
        features = self.scaler.transform(_lexicon_of(texts))
        own = csr_matrix(LEXICON_WEIGHT / np.sqrt(features.shape[1]) * features)
        return hstack([*views, own]).tocsr()


def seen_by(recipe: Recipe, features: csr_matrix) -> csr_matrix:
    """The columns of a reading's features that a recipe uses."""
    terms = features.shape[1] - len(lexicon.FEATURES)
    return features[:, 0 if recipe.terms else terms : None if recipe.vader else terms]


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
class Rater:
    """A fitted model; `kinds` are those it was taught one by one, none if it knows no kinds."""

    recipe: Recipe
    reading: Reading
    kinds: tuple[str, ...]
    ridge: Ridge
    booster: HistGradientBoostingRegressor | None
    centres: dict[str, float]
    spreads: dict[str, float]

    def predict(self, texts: Sequence[str], kinds: Sequence[str]) -> NDArray[np.float64]:
        """Ratings from −4 to 4, shape (n,); other kinds get the average centre and spread."""
        texts = list(texts)
        features = seen_by(self.recipe, self.reading(texts))
        ratings = self.ridge.predict(adapt(features, kinds, self.kinds))
        if self.booster is not None:
            ratings = self.booster.predict(second_stage(ratings, texts, kinds, self.kinds))
        centre, spread = (
            np.array([moments.get(kind, np.mean([*moments.values()])) for kind in kinds])
            for moments in (self.centres, self.spreads)
        )
        return np.clip(centre + spread * ratings, LOWEST, HIGHEST)

    def as_parts(self) -> dict[str, Any]:
        """Arrays, numbers and scikit-learn models, which is all that a model file may hold.

        Terms go in as one array of names: a dictionary of 50,000 takes seconds to load.
        """
        return {
            "recipe": asdict(self.recipe),
            "terms": [
                {"names": terms.get_feature_names_out().astype(str), "idf": terms.idf_}
                for terms in self.reading.terms
            ],
            "scaler": self.reading.scaler,
            "kinds": list(self.kinds),
            "ridge": self.ridge,
            "booster": self.booster,
            "centres": self.centres,
            "spreads": self.spreads,
        }

    @classmethod
    def from_parts(cls, parts: dict[str, Any]) -> "Rater":
        """The reverse of as_parts."""
        terms = tuple(
            known_terms(empty, stored["names"], stored["idf"])
            for empty, stored in zip(text_terms(), parts["terms"], strict=True)
        )
        rest = {name: parts[name] for name in ("ridge", "booster", "centres", "spreads")}
        reading = Reading(terms, parts["scaler"])
        return cls(Recipe(**parts["recipe"]), reading, kinds=tuple(parts["kinds"]), **rest)


@threadpool_limits.wrap(limits=1)  # sums in another order give other trees
def fit_raters(
    recipes: Sequence[Recipe], snippets: pd.DataFrame, seed: int, *, adapted: bool
) -> list[Rater]:
    """One model a recipe from the columns text, kind, rating and group, read once for all.

    `adapted` models learn each kind apart as well; the others are for kinds not among these.
    """
    by_kind = snippets.groupby("kind").rating
    centres, spreads = by_kind.mean().to_dict(), by_kind.std().to_dict()
    standardised = (snippets.rating - snippets.kind.map(centres)) / snippets.kind.map(spreads)
    weight = 1 if adapted else len(snippets) / len(centres) / by_kind.transform("size")
    rows = snippets.assign(target=standardised, weight=weight)
    kinds = tuple(sorted(centres)) if adapted else ()
    reading, features = Reading.fit(rows.text)
    raters = []
    for recipe in recipes:
        ridge = fit_ridge(recipe, features, rows, kinds)
        booster = None
        if recipe.boosted:
            booster = fit_booster(predict_held_out(recipe, rows, kinds, seed), rows, kinds, seed)
        raters.append(Rater(recipe, reading, kinds, ridge, booster, centres, spreads))
    return raters


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
    inputs = adapt(seen_by(recipe, features), rows.kind, kinds)
    return ridge.fit(inputs, rows.target, sample_weight=rows.weight)


def predict_held_out(
    recipe: Recipe, rows: pd.DataFrame, kinds: Sequence[str], seed: int
) -> NDArray[np.float64]:
    """Ratings of rows that the ridge was not fitted on: what boosting may learn from."""
    held_out = np.empty(len(rows))
    for fit, unseen in grouped_folds(rows, STACKING_FOLDS, seed):
        known, new = rows.iloc[fit], rows.iloc[unseen]
        reading, features = Reading.fit(known.text)
        ridge = fit_ridge(recipe, features, known, kinds)
        held_out[unseen] = ridge.predict(adapt(seen_by(recipe, reading(new.text)), new.kind, kinds))
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
    inputs = second_stage(linear, rows.text, rows.kind, kinds)
    return booster.fit(inputs, rows.target, sample_weight=rows.weight)


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
