"""The models that are compared. Nothing here reads or writes a file.

All learn from the same two views of a text: TF-IDF of its words and of runs of four characters,
and what VADER makes of it. For kinds of text that it was taught, a model has every feature once
for all and once more for each kind alone, so that a ridge regression can learn what the kinds
share and where they differ (Daumé, Frustratingly Easy Domain Adaptation, 2007). For any other
text, a model has each feature once, and every kind weighs the same: the largest must not decide.

Terms are hashed, not looked up in a vocabulary: counting a text needs no other text, so it is
done once, and nothing of a text that is held out can reach what is fitted on the others.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import csr_matrix, diags, hstack
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.feature_extraction.text import HashingVectorizer, TfidfTransformer
from sklearn.linear_model import Ridge
from sklearn.model_selection import StratifiedGroupKFold
from sklearn.preprocessing import StandardScaler
from threadpoolctl import threadpool_limits

from . import lexicon

WORDS, RUNS = 2**17, 2**16  # columns that words and runs of characters are hashed into
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
    }


def simple_carrying() -> dict[str, dict[str, Recipe]]:
    """The simple methods for such kinds, each with the settings it is tuned over."""
    return {
        VADER_RIDGE: {f"{VADER_RIDGE}, α={a}": Recipe(a, terms=False) for a in (1, 10, 100)},
        TFIDF_RIDGE: {f"{TFIDF_RIDGE}, α={a}": Recipe(a, vader=False) for a in (0.5, 1, 2, 4)},
    }


def count(texts: Sequence[str]) -> csr_matrix:
    """What is there to read of each text: how often each term occurs, then VADER's numbers."""
    texts = list(texts)
    plain = {"alternate_sign": False, "norm": None}
    words = HashingVectorizer(ngram_range=(1, 2), n_features=WORDS, **plain)
    runs = HashingVectorizer(analyzer="char_wb", ngram_range=(4, 4), n_features=RUNS, **plain)
    numbers = csr_matrix(lexicon.feature_matrix(texts))
    return hstack([words.transform(texts), runs.transform(texts), numbers]).tocsr()


def views(counts: csr_matrix) -> tuple[csr_matrix, csr_matrix, NDArray[np.float64]]:
    """Words, runs of characters, VADER's numbers."""
    return counts[:, :WORDS], counts[:, WORDS : WORDS + RUNS], counts[:, WORDS + RUNS :].toarray()


@dataclass(frozen=True)
class Reading:
    """Turns counts into features; fitted on training texts only."""

    words: TfidfTransformer
    runs: TfidfTransformer
    scaler: StandardScaler

    @classmethod
    def fit(cls, counts: csr_matrix) -> "Reading":
        """How much each term weighs, and the scale of VADER's numbers."""
        words, runs, numbers = views(counts)
        by_word, by_run = (TfidfTransformer(sublinear_tf=True).fit(part) for part in (words, runs))
        return cls(by_word, by_run, StandardScaler().fit(numbers))

    def __call__(self, recipe: Recipe, counts: csr_matrix) -> csr_matrix:
        """What a recipe uses, shape (n, d): terms, VADER's numbers, or both."""
        words, runs, numbers = views(counts)
        scaled = LEXICON_WEIGHT / np.sqrt(numbers.shape[1]) * self.scaler.transform(numbers)
        parts = [self.words.transform(words), self.runs.transform(runs)] if recipe.terms else []
        return hstack([*parts, csr_matrix(scaled)] if recipe.vader else parts).tocsr()


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
        """Ratings from −4 to 4, shape (n,)."""
        return self.rate(count(texts), kinds)

    def rate(self, counts: csr_matrix, kinds: Sequence[str]) -> NDArray[np.float64]:
        """The same for texts that are counted; other kinds get the average centre and spread."""
        features = self.reading(self.recipe, counts)
        ratings = self.ridge.predict(adapt(features, kinds, self.kinds))
        if self.booster is not None:
            ratings = self.booster.predict(second_stage(ratings, counts, kinds, self.kinds))
        centre, spread = (
            np.array([moments.get(kind, np.mean([*moments.values()])) for kind in kinds])
            for moments in (self.centres, self.spreads)
        )
        return np.clip(centre + spread * ratings, LOWEST, HIGHEST)

    def as_parts(self) -> dict[str, Any]:
        """Numbers and scikit-learn models, which is all that a model file may hold."""
        parts = {each.name: getattr(self, each.name) for each in fields(self)}
        read = {each.name: getattr(self.reading, each.name) for each in fields(self.reading)}
        return parts | {"recipe": asdict(self.recipe), "reading": read, "kinds": list(self.kinds)}

    @classmethod
    def from_parts(cls, parts: dict[str, Any]) -> "Rater":
        """The reverse of as_parts."""
        recipe, reading = Recipe(**parts["recipe"]), Reading(**parts["reading"])
        rest = {"recipe": recipe, "reading": reading, "kinds": tuple(parts["kinds"])}
        return cls(**{**parts, **rest})


@threadpool_limits.wrap(limits=1)  # sums in another order give other trees
def fit_raters(
    recipes: Sequence[Recipe],
    snippets: pd.DataFrame,
    counts: csr_matrix,
    seed: int,
    *,
    adapted: bool,
) -> list[Rater]:
    """One model a recipe from the columns kind, rating and group and the texts' counts.

    `adapted` models learn each kind apart as well; the others are for kinds not among these.
    """
    by_kind = snippets.groupby("kind").rating
    centres, spreads = by_kind.mean().to_dict(), by_kind.std().to_dict()
    standardised = (snippets.rating - snippets.kind.map(centres)) / snippets.kind.map(spreads)
    weight = 1 if adapted else len(snippets) / len(centres) / by_kind.transform("size")
    rows = snippets.assign(target=standardised, weight=weight)
    kinds = tuple(sorted(centres)) if adapted else ()
    reading = Reading.fit(counts)
    raters = []
    for recipe in recipes:
        ridge = fit_ridge(recipe, reading(recipe, counts), rows, kinds)
        booster = None
        if recipe.boosted:
            held_out = predict_held_out(recipe, rows, counts, kinds, seed)
            inputs = second_stage(held_out, counts, rows.kind, kinds)
            booster = fit_booster(inputs, rows, seed)
        raters.append(Rater(recipe, reading, kinds, ridge, booster, centres, spreads))
    return raters


def adapt(features: csr_matrix, kinds: ArrayLike, known: Sequence[str]) -> csr_matrix:
    """The features for all, then for each known kind the same again, zero in other kinds' rows."""
    own = [diags((np.asarray(kinds) == kind).astype(float)) @ features for kind in known]
    return hstack([features, *own]).tocsr()


def fit_ridge(
    recipe: Recipe, features: csr_matrix, rows: pd.DataFrame, kinds: Sequence[str]
) -> Ridge:
    """Ridge regression of the standardised rating."""
    ridge = Ridge(alpha=recipe.alpha, solver="lsqr", tol=1e-3)
    return ridge.fit(adapt(features, rows.kind, kinds), rows.target, sample_weight=rows.weight)


def predict_held_out(
    recipe: Recipe, rows: pd.DataFrame, counts: csr_matrix, kinds: Sequence[str], seed: int
) -> NDArray[np.float64]:
    """Ratings of rows that the ridge was not fitted on: what boosting may learn from."""
    held_out = np.empty(len(rows))
    for fit, unseen in grouped_folds(rows, STACKING_FOLDS, seed):
        known, new = rows.iloc[fit], rows.iloc[unseen]
        reading = Reading.fit(counts[fit])
        ridge = fit_ridge(recipe, reading(recipe, counts[fit]), known, kinds)
        inputs = adapt(reading(recipe, counts[unseen]), new.kind, kinds)
        held_out[unseen] = ridge.predict(inputs)
    return held_out


def fit_booster(
    inputs: NDArray[np.float64], rows: pd.DataFrame, seed: int
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
    return booster.fit(inputs, rows.target, sample_weight=rows.weight)


def second_stage(
    linear: NDArray, counts: csr_matrix, kinds: ArrayLike, known: Sequence[str]
) -> NDArray[np.float64]:
    """The ridge's rating, the lexicon features, and one column for each known kind."""
    own = [np.asarray(kinds) == kind for kind in known]
    return np.column_stack([linear.round(6), views(counts)[2], *own])


def grouped_folds(rows: pd.DataFrame, folds: int, seed: int) -> list[tuple[NDArray, NDArray]]:
    """Rows to fit on and rows to test on, kinds in equal shares, groups kept together."""
    splitter = StratifiedGroupKFold(n_splits=folds, shuffle=True, random_state=seed)
    return list(splitter.split(rows, rows.kind, rows.group))
