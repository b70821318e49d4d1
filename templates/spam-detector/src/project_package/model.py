"""The rules and the models that are compared. Nothing here reads or writes a file."""

import re
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import csr_array
from sklearn.base import ClassifierMixin
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import ComplementNB
from sklearn.pipeline import FeatureUnion, Pipeline, make_pipeline, make_union
from sklearn.svm import LinearSVC

TERMS = 25_000  # of each kind; twelve times as many score the same and load six times slower
KEYWORDS = re.compile(
    r"\b(viagra|free money|act now|click here|winner|credit card|mortgage|guarantee[ds]?|"
    r"no obligation|risk free|lose weight|million dollars|remove me|earn \$?\d+)\b",
    re.IGNORECASE,
)


def majority_rule(texts: Sequence[str]) -> NDArray[np.float64]:
    """Calls everything ham: scores of zero, shape (n,)."""
    return np.zeros(len(texts))


def keyword_rule(texts: Sequence[str]) -> NDArray[np.float64]:
    """How many phrases of an old-fashioned filter a mail holds, shape (n,)."""
    return np.array([len(KEYWORDS.findall(text)) for text in texts], dtype=float)


def candidates(seed: int) -> dict[str, Pipeline]:
    """The models to choose from, by name; each is (terms, classifier) and fits on raw texts."""
    return {
        "naive Bayes": make_pipeline(word_counts(), ComplementNB(alpha=0.1)),
        "words, C=1": make_pipeline(word_terms(), linear(1, seed)),
        "words and characters, C=0.3": make_pipeline(terms(), linear(0.3, seed)),
        "words and characters, C=1": make_pipeline(terms(), linear(1, seed)),
        "words and characters, C=3": make_pipeline(terms(), linear(3, seed)),
    }


def word_counts() -> CountVectorizer:
    """How often each word occurs."""
    return CountVectorizer(min_df=2, max_features=TERMS)


def word_terms() -> TfidfVectorizer:
    """Single words and pairs, sublinear counts."""
    return TfidfVectorizer(
        ngram_range=(1, 2), min_df=2, sublinear_tf=True, max_features=TERMS, strip_accents="unicode"
    )


def terms() -> FeatureUnion:
    """Words and pairs, and runs of 3 to 5 characters that survive creative spelling."""
    characters = TfidfVectorizer(
        analyzer="char_wb", ngram_range=(3, 5), min_df=3, sublinear_tf=True, max_features=TERMS
    )
    return make_union(word_terms(), characters)


def linear(c: float, seed: int) -> LinearSVC:
    """A linear support vector machine with inverse regularisation `c`."""
    return LinearSVC(C=c, random_state=seed)


def with_plain_vocabulary(model: Pipeline) -> Pipeline:
    """The fitted model with Python's own integers as term numbers.

    NumPy's would each become a file of their own in the model file: 50,000 of them take seconds
    to load.
    """
    first = model[0]
    parts = [part for _, part in getattr(first, "transformer_list", [("", first)])]
    for vectoriser in parts:
        vectoriser.vocabulary_ = {term: int(i) for term, i in vectoriser.vocabulary_.items()}
    return model


def scores(model: ClassifierMixin, inputs: Any) -> NDArray[np.float64]:
    """Uncalibrated scores, shape (n,): the higher, the more like spam."""
    if hasattr(model, "decision_function"):
        return np.asarray(model.decision_function(inputs))
    odds = model.predict_log_proba(inputs)
    return np.asarray(odds[:, 1] - odds[:, 0])


def calibrator(raw: ArrayLike, spam: ArrayLike) -> LogisticRegression:
    """Platt's sigmoid (1999) from scores of held-out mails to probabilities."""
    return LogisticRegression(C=1e6).fit(np.reshape(raw, (-1, 1)), spam)


def probabilities(calibration: LogisticRegression, raw: ArrayLike) -> NDArray[np.float64]:
    """Calibrated probabilities of spam, shape (n,)."""
    return np.asarray(calibration.predict_proba(np.reshape(raw, (-1, 1)))[:, 1])


def cheapest_threshold(probability: ArrayLike, spam: ArrayLike, ham_cost: float) -> float:
    """The threshold with the lowest cost, one lost ham costing as much as `ham_cost` spam.

    A mail is blocked when its probability is at or above the threshold.
    """
    probability, spam = np.asarray(probability), np.asarray(spam)
    order = np.argsort(-probability, kind="stable")
    missed = spam.sum() - np.cumsum(spam[order])
    blocked_ham = np.cumsum(1 - spam[order])
    best = int(np.argmin(missed + ham_cost * blocked_ham))
    return _between(probability[order], best)


def capped_threshold(probability: ArrayLike, spam: ArrayLike, ham_blocked: float) -> float:
    """The lowest threshold that blocks at most the share `ham_blocked` of the ham."""
    ham = np.sort(np.asarray(probability)[np.asarray(spam) == 0])[::-1]
    allowed = int(np.floor(ham_blocked * len(ham)))
    return float(np.nextafter(ham[allowed], np.inf))


def _between(descending: NDArray[np.float64], last_blocked: int) -> float:
    """Halfway to the next score, so that the threshold does not sit on one mail."""
    if last_blocked + 1 == len(descending):
        return float(descending[-1])
    return float((descending[last_blocked] + descending[last_blocked + 1]) / 2)


def word_effects(model: Pipeline, text: str, most: int = 8) -> list[tuple[str, float]]:
    """The words of `text` that moved its score most, signed (plus: towards spam).

    Terms of characters overlap with words and are left out; naive Bayes has its log odds.
    """
    vectors, weights = _word_vectors(model, text), _word_weights(model)
    names = _word_vectoriser(model).get_feature_names_out()
    found = vectors.indices
    effects = vectors.data * weights[found]
    strongest = np.argsort(-np.abs(effects))[:most]
    return [(str(names[found[i]]), float(effects[i])) for i in strongest]


def _word_vectoriser(model: Pipeline) -> CountVectorizer:
    first = model[0]
    return first.transformer_list[0][1] if isinstance(first, FeatureUnion) else first


def _word_vectors(model: Pipeline, text: str) -> csr_array:
    return csr_array(_word_vectoriser(model).transform([text]))


def _word_weights(model: Pipeline) -> NDArray[np.float64]:
    last = model[-1]
    size = len(_word_vectoriser(model).vocabulary_)
    if isinstance(last, ComplementNB):
        return np.asarray(last.feature_log_prob_[0] - last.feature_log_prob_[1])
    return np.asarray(last.coef_[0][:size])
