"""The models and their baselines. Nothing here reads or writes a file.

All learn from the same two views of a text: TF-IDF of its words and of runs of characters,
and what VADER makes of it. For kinds of text that it was taught, a model has every feature once
for all and once more for each kind alone, so that a ridge regression can learn what the kinds
share and where they differ (Daumé, Frustratingly Easy Domain Adaptation, 2007). For any other
text, a model has each feature once, and every kind weighs the same: the largest must not decide.

Terms are hashed, not looked up in a vocabulary: counting a text needs no other text, so it is
done once, and nothing of a text that is held out can reach what is fitted on the others.
"""

from collections.abc import Mapping, Sequence
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

TOLERANCE = 1e-3  # of the ridge's solver
DIGITS = 6  # of the ridge's rating, as boosting reads it
LOWEST, HIGHEST = -4.0, 4.0


@dataclass(frozen=True)
class Terms:
    """What is counted of a text: runs of words and of characters, hashed into 2 ** bits columns.

    `lexicon_weight`: what VADER's numbers weigh beside them.
    """

    words: int
    chars: int
    word_bits: int
    char_bits: int
    lexicon_weight: float

    @property
    def edges(self) -> list[int]:
        """Where the runs of characters begin among the columns, and where VADER's numbers do."""
        return [2**self.word_bits, 2**self.word_bits + 2**self.char_bits]


@dataclass(frozen=True)
class Recipe:
    """How a model is fitted: `alpha` is the ridge's penalty.

    `terms`: reads words and characters; `vader`: reads the lexicon features; `boosting`: settings
    of gradient boosting over the ridge's rating and the lexicon features, none without it.
    """

    alpha: float
    terms: bool = True
    vader: bool = True
    boosting: Mapping[str, Any] | None = None


TFIDF_RIDGE = "ridge on TF-IDF"
VADER_RIDGE = "ridge on VADER's numbers"


def build(config: Mapping[str, Any]) -> Recipe:
    """The model of config.toml for kinds of text that it was not taught."""
    return Recipe(config["model"]["penalty"])


def build_taught(config: Mapping[str, Any]) -> Recipe:
    """The model of config.toml for kinds of text that it was taught."""
    return Recipe(config["model"]["taught_penalty"], boosting=dict(config["boosting"]))


def simple_taught(config: Mapping[str, Any]) -> Recipe:
    """What stands beside it: ridge on TF-IDF."""
    return Recipe(config["baselines"]["taught_penalty"], vader=False)


def simple(config: Mapping[str, Any]) -> dict[str, dict[str, Recipe]]:
    """The simple methods for other kinds, each with the settings it is tuned over."""
    tried = config["baselines"]
    return {
        VADER_RIDGE: {
            f"{VADER_RIDGE}, α={a:g}": Recipe(a, terms=False) for a in tried["vader_penalties"]
        },
        TFIDF_RIDGE: {
            f"{TFIDF_RIDGE}, α={a:g}": Recipe(a, vader=False) for a in tried["term_penalties"]
        },
    }


def count(texts: Sequence[str], terms: Terms) -> csr_matrix:
    """What is there to read of each text: how often each term occurs, then VADER's numbers."""
    texts = list(texts)
    plain = {"alternate_sign": False, "norm": None}
    words = HashingVectorizer(ngram_range=(1, terms.words), n_features=2**terms.word_bits, **plain)
    runs = HashingVectorizer(
        analyzer="char_wb",
        ngram_range=(terms.chars, terms.chars),
        n_features=2**terms.char_bits,
        **plain,
    )
    numbers = csr_matrix(lexicon.feature_matrix(texts))
    return hstack([words.transform(texts), runs.transform(texts), numbers]).tocsr()


def lexicon_numbers(counts: csr_matrix) -> NDArray[np.float64]:
    """VADER's numbers, shape (n, len(lexicon.FEATURES))."""
    return counts[:, -len(lexicon.FEATURES) :].toarray()


@dataclass(frozen=True)
class Reading:
    """Turns counts into features; fitted on training texts only."""

    terms: Terms
    words: TfidfTransformer
    runs: TfidfTransformer
    scaler: StandardScaler

    @classmethod
    def fit(cls, counts: csr_matrix, terms: Terms) -> "Reading":
        """How much each term weighs, and the scale of VADER's numbers."""
        first, last = terms.edges
        by_word, by_run = (
            TfidfTransformer(sublinear_tf=True).fit(part)
            for part in (counts[:, :first], counts[:, first:last])
        )
        return cls(terms, by_word, by_run, StandardScaler().fit(lexicon_numbers(counts)))

    def __call__(self, recipe: Recipe, counts: csr_matrix) -> csr_matrix:
        """What a recipe uses, shape (n, d): terms, VADER's numbers, or both."""
        first, last = self.terms.edges
        parts = []
        if recipe.terms:
            parts = [self.words.transform(counts[:, :first])]
            parts.append(self.runs.transform(counts[:, first:last]))
        weight = self.terms.lexicon_weight / np.sqrt(len(lexicon.FEATURES))
        scaled = weight * self.scaler.transform(lexicon_numbers(counts))
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
        return self.rate(count(texts, self.reading.terms), kinds)

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
        read["terms"] = asdict(self.reading.terms)
        return parts | {"recipe": asdict(self.recipe), "reading": read, "kinds": list(self.kinds)}

    @classmethod
    def from_parts(cls, parts: dict[str, Any]) -> "Rater":
        """The reverse of as_parts."""
        read = {**parts["reading"], "terms": Terms(**parts["reading"]["terms"])}
        recipe, reading = Recipe(**parts["recipe"]), Reading(**read)
        rest = {"recipe": recipe, "reading": reading, "kinds": tuple(parts["kinds"])}
        return cls(**{**parts, **rest})


@threadpool_limits.wrap(limits=1)  # sums in another order give other trees
def fit_raters(
    recipes: Sequence[Recipe],
    snippets: pd.DataFrame,
    counts: csr_matrix,
    terms: Terms,
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
    reading = Reading.fit(counts, terms)
    raters = []
    for recipe in recipes:
        ridge = fit_ridge(recipe, reading(recipe, counts), rows, kinds)
        booster = None
        if recipe.boosting is not None:
            held_out = predict_held_out(recipe, rows, counts, terms, kinds, seed)
            inputs = second_stage(held_out, counts, rows.kind, kinds)
            booster = fit_booster(recipe.boosting, inputs, rows, seed)
        raters.append(Rater(recipe, reading, kinds, ridge, booster, centres, spreads))
    return raters


def adapt(features: csr_matrix, kinds: ArrayLike, known: Sequence[str]) -> csr_matrix:
    """The features for all, then for each known kind the same again, zero in other kinds' rows."""
    # practice: adapt
    own = [diags((np.asarray(kinds) == kind).astype(float)) @ features for kind in known]
    return hstack([features, *own]).tocsr()
    # practice: end


def fit_ridge(
    recipe: Recipe, features: csr_matrix, rows: pd.DataFrame, kinds: Sequence[str]
) -> Ridge:
    """Ridge regression of the standardised rating."""
    ridge = Ridge(alpha=recipe.alpha, solver="lsqr", tol=TOLERANCE)
    return ridge.fit(adapt(features, rows.kind, kinds), rows.target, sample_weight=rows.weight)


def predict_held_out(
    recipe: Recipe,
    rows: pd.DataFrame,
    counts: csr_matrix,
    terms: Terms,
    kinds: Sequence[str],
    seed: int,
) -> NDArray[np.float64]:
    """Ratings of rows that the ridge was not fitted on: what boosting may learn from."""
    held_out = np.empty(len(rows))
    for fit, unseen in grouped_folds(rows, recipe.boosting["folds"], seed):
        known, new = rows.iloc[fit], rows.iloc[unseen]
        reading = Reading.fit(counts[fit], terms)
        ridge = fit_ridge(recipe, reading(recipe, counts[fit]), known, kinds)
        inputs = adapt(reading(recipe, counts[unseen]), new.kind, kinds)
        held_out[unseen] = ridge.predict(inputs)
    return held_out


def fit_booster(
    settings: Mapping[str, Any], inputs: NDArray[np.float64], rows: pd.DataFrame, seed: int
) -> HistGradientBoostingRegressor:
    """Gradient boosting over the ridge's held-out ratings and the lexicon features."""
    booster = HistGradientBoostingRegressor(
        max_iter=settings["trees"],
        learning_rate=settings["learning_rate"],
        max_leaf_nodes=settings["leaves"],
        min_samples_leaf=settings["leaf_min"],
        l2_regularization=settings["shrinkage"],
        early_stopping=False,
        random_state=seed,
    )
    return booster.fit(inputs, rows.target, sample_weight=rows.weight)


def second_stage(
    linear: NDArray, counts: csr_matrix, kinds: ArrayLike, known: Sequence[str]
) -> NDArray[np.float64]:
    """The ridge's rating, the lexicon features, and one column for each known kind."""
    own = [np.asarray(kinds) == kind for kind in known]
    return np.column_stack([linear.round(DIGITS), lexicon_numbers(counts), *own])


def grouped_folds(rows: pd.DataFrame, folds: int, seed: int) -> list[tuple[NDArray, NDArray]]:
    """Rows to fit on and rows to test on, kinds in equal shares, groups kept together."""
    splitter = StratifiedGroupKFold(n_splits=folds, shuffle=True, random_state=seed)
    return list(splitter.split(rows, rows.kind, rows.group))
