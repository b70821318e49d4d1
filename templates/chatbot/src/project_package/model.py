"""The model, its baselines and its threshold. Nothing here reads or writes a file.

A support vector machine for each intent, and one more for what is out of scope, learned from the
few such queries that training has. A query's score is that of its best intent less that of out of
scope; it is answered from a threshold on.

Terms are hashed, not looked up in a vocabulary: counting a query needs no other query, so it is
done once, and nothing of a query that is held out can reach what is fitted on the others.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import csr_matrix
from sklearn.feature_extraction import FeatureHasher
from sklearn.feature_extraction.text import HashingVectorizer, TfidfTransformer
from sklearn.pipeline import FeatureUnion, Pipeline, make_pipeline, make_union
from sklearn.svm import LinearSVC

from .data import NOWHERE


@dataclass(frozen=True)
class Recipe:
    """How scores come about: a pipeline from texts to a score a class, and the rule after it.

    `out_weight`: what the score of out of scope counts beside that of the best intent.
    """

    pipeline: Pipeline
    out_weight: float


def build(config: Mapping[str, Any]) -> Recipe:
    """The model of config.toml, which fits on texts and the numbers of their intents."""
    chosen = config["model"]
    machine = PrunedSVC(chosen["c"], chosen["least_weight"], random_state=config["seed"])
    return Recipe(make_pipeline(terms(config["features"]), machine), chosen["out_weight"])


class PrunedSVC(LinearSVC):
    """One machine against the rest for each class; weights smaller than `least` become zero.

    Most of the weights are close to zero, and what is zero is neither kept nor sent to a browser.
    """

    def __init__(self, C: float, least: float, random_state: int | None = None):
        super().__init__(C=C, random_state=random_state)
        self.least = least

    def fit(self, features: csr_matrix, labels: ArrayLike) -> "PrunedSVC":
        """Fit, and forget what is small."""
        super().fit(features, labels)
        self.coef_ = csr_matrix(np.where(np.abs(self.coef_) < self.least, 0.0, self.coef_))
        return self


def bags_of_words(config: Mapping[str, Any]) -> dict[str, Recipe]:
    """The strongest simple method, in every setting that it is tuned over.

    Recipes that differ only in the rule after it share their pipeline.
    """
    tried, recipes = config["baselines"], {}
    for c in tried["c"]:
        machine = PrunedSVC(c, 0.0, random_state=config["seed"])  # sparse, and nothing forgotten
        pipeline = make_pipeline(words(1, config["features"]["word_bits"]), weights(), machine)
        for weight in tried["out_weight"]:
            recipes[f"bag of words, C={c:g}, out of scope × {weight:g}"] = Recipe(pipeline, weight)
    return recipes


def words(longest: int, bits: int) -> HashingVectorizer:
    """How often each word occurs, and each run of up to `longest` words; 2 ** `bits` columns."""
    return HashingVectorizer(
        ngram_range=(1, longest),
        n_features=2**bits,
        strip_accents="unicode",
        alternate_sign=False,
        norm=None,
    )


def terms(features: Mapping[str, int]) -> FeatureUnion:
    """Words and runs of words, and runs of characters, which bear a typing error.

    Each kind is weighed by itself, to the length of one: there are more runs of characters, and
    in one they would drown the words.
    """
    characters = HashingVectorizer(
        analyzer="char_wb",
        ngram_range=(features["char_min"], features["char_max"]),
        n_features=2 ** features["char_bits"],
        alternate_sign=False,
        norm=None,
    )
    counted = words(features["words"], features["word_bits"]), characters
    return make_union(*(make_pipeline(counter, weights()) for counter in counted))


def weights() -> TfidfTransformer:
    """Rare terms count more, repeated ones hardly more than once."""
    return TfidfTransformer(sublinear_tf=True)


@dataclass(frozen=True)
class Judged:
    """Of each query the likeliest intent's number, and how far it stands above out of scope."""

    label: NDArray[np.int64]
    score: NDArray[np.float64]

    def take(self, rows: NDArray) -> "Judged":
        """The same of some rows."""
        return Judged(self.label[rows], self.score[rows])

    def answered(self, threshold: float) -> NDArray[np.int64]:
        """The intent's number from `threshold` on, NOWHERE below it, shape (n,)."""
        return np.where(self.score >= threshold, self.label, NOWHERE)


def judge(said: NDArray[np.float64], classes: NDArray[np.int64], out_weight: float) -> Judged:
    """From a score a class, shape (n, classes), to the best intent, out of scope put against it."""
    # practice: judge
    intents = classes != NOWHERE
    of_intents = said[:, intents]
    label = classes[intents][of_intents.argmax(axis=1)]
    return Judged(label, of_intents.max(axis=1) - out_weight * said[:, ~intents].sum(axis=1))
    # practice: end


def ask(recipe: Recipe, texts: Any) -> Judged:
    """What a fitted recipe makes of texts."""
    said = recipe.pipeline.decision_function(texts)
    return judge(said, recipe.pipeline[-1].classes_, recipe.out_weight)


def fitted(recipe: Recipe, texts: ArrayLike, labels: ArrayLike) -> Recipe:
    """The recipe, its pipeline fitted."""
    return replace(recipe, pipeline=recipe.pipeline.fit(texts, labels))


def cheapest_threshold(judged: Judged, truth: ArrayLike, out_cost: float) -> float:
    """The threshold of least cost: in-scope queries not answered rightly, others that are answered.

    Both are shares of their own side; one of the others costs `out_cost` times as much. Of
    thresholds between the same two scores the one half-way between them.
    """
    # practice: cheapest_threshold
    truth = np.asarray(truth)
    order = np.argsort(-judged.score, kind="stable")
    outside = (truth == NOWHERE)[order]
    right = (judged.label == truth)[order]
    answered_rightly = np.cumsum(right) / max(int((~outside).sum()), 1)
    answered_wildly = np.cumsum(outside) / max(int(outside.sum()), 1)
    scores = judged.score[order]
    last = np.append(scores[1:] < scores[:-1], True)  # of one score all or none is answered
    gain = np.where(last, answered_rightly - out_cost * answered_wildly, -np.inf)
    best = int(np.argmax(gain))
    if best + 1 == len(scores):
        return float(scores[best])
    return float((scores[best] + scores[best + 1]) / 2)
    # practice: end


def in_scope_accuracy(truth: ArrayLike, said: ArrayLike) -> float:
    """Share of the queries in scope that are answered, and rightly."""
    truth, said = np.asarray(truth), np.asarray(said)
    inside = truth != NOWHERE
    return float(np.mean(said[inside] == truth[inside])) if inside.any() else float("nan")


def out_of_scope_recall(truth: ArrayLike, said: ArrayLike) -> float:
    """Share of the queries out of scope that are not answered."""
    # practice: out_of_scope_recall
    outside = np.asarray(truth) == NOWHERE
    return float(np.mean(np.asarray(said)[outside] == NOWHERE)) if outside.any() else float("nan")
    # practice: end


def in_out_mean(truth: ArrayLike, said: ArrayLike) -> float:
    """The headline: the mean of both."""
    return (in_scope_accuracy(truth, said) + out_of_scope_recall(truth, said)) / 2


def word_effects(pipeline: Pipeline, text: str, label: int, most: int) -> list[tuple[str, float]]:
    """The words and pairs of `text` that moved the score of intent `label` most, signed.

    Runs of characters overlap with words and are left out. A pair is hashed as the one name that
    it is, not taken apart into words once more.
    """
    counted = pipeline[0].transformer_list[0][1][0]
    names = sorted(set(counted.build_analyzer()(text)))
    if not names:
        return []
    buckets = FeatureHasher(counted.n_features, input_type="string", alternate_sign=False)
    vector = pipeline[:-1].transform([text])
    row = pipeline[-1].coef_[[list(pipeline[-1].classes_).index(label)]]
    effects = np.asarray(vector.multiply(row).toarray()).ravel()
    places = buckets.transform([[name] for name in names]).indices
    moved = [(name, float(effects[place])) for name, place in zip(names, places, strict=True)]
    return sorted(moved, key=lambda each: -abs(each[1]))[:most]
