"""The model, its baselines and its thresholds. Nothing here reads or writes a file.

Terms are hashed, not looked up in a vocabulary: counting a mail needs no other mail, so it is
done once, and nothing of a mail that is held out can reach what is fitted on the others.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import csr_matrix
from sklearn.base import ClassifierMixin
from sklearn.feature_extraction import FeatureHasher
from sklearn.feature_extraction.text import HashingVectorizer, TfidfTransformer
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import MultinomialNB
from sklearn.pipeline import FeatureUnion, Pipeline, make_pipeline, make_union
from sklearn.preprocessing import Binarizer
from sklearn.svm import LinearSVC

UNPENALISED = 1e6  # Platt's sigmoid has no penalty: so large a C is as good as none
KEYWORDS = re.compile(
    r"\b(viagra|free money|act now|click here|winner|credit card|mortgage|guarantee[ds]?|"
    r"no obligation|risk free|lose weight|million dollars|remove me|earn \$?\d+)\b",
    re.IGNORECASE,
)


def keyword_rule(texts: Sequence[str]) -> NDArray[np.float64]:
    """How many phrases of an old-fashioned filter a mail holds, shape (n,)."""
    # practice: keyword_rule
    return np.array([len(KEYWORDS.findall(text)) for text in texts], dtype=float)
    # practice: end


def build(config: Mapping[str, Any]) -> Pipeline:
    """The model of config.toml: (terms, weights, classifier), which fits on texts."""
    chosen = config["model"]
    joined = JoinedSVC(chosen["c"], chosen["smoothing"], random_state=config["seed"])
    return make_pipeline(terms(config["features"]), weights(), joined)


class JoinedSVC(LinearSVC):
    """The scores of a support vector machine and of naive Bayes, added; both are linear in terms.

    Each is divided by its spread on the training mails, so that neither drowns the other. `C` is
    the machine's, `alpha` the smoothing of naive Bayes. A sum of the two in the spirit of NBSVM
    (Wang and Manning, 2012), which scales the features instead.
    """

    def __init__(self, C: float, alpha: float, random_state: int | None = None):
        super().__init__(C=C, random_state=random_state)
        self.alpha = alpha

    def fit(self, features: csr_matrix, spam: ArrayLike) -> "JoinedSVC":
        """Fit both and join their weights."""
        super().fit(features, spam)
        bayes = MultinomialNB(alpha=self.alpha).fit(features, spam)
        ham_weights, spam_weights = bayes.feature_log_prob_
        by_bayes = np.atleast_2d(spam_weights - ham_weights)
        spreads = [np.std(features @ weights.T) for weights in (self.coef_, by_bayes)]
        self.coef_ = self.coef_ / spreads[0] + by_bayes / spreads[1]
        ham_prior, spam_prior = bayes.class_log_prior_
        self.intercept_ = self.intercept_ / spreads[0] + (spam_prior - ham_prior) / spreads[1]
        return self


def naive_bayes(config: Mapping[str, Any]) -> dict[str, Pipeline]:
    """The strongest simple method, in every setting that it is tuned over."""
    tried, bits = config["baselines"], config["features"]["word_bits"]
    return {
        f"naive Bayes, n-grams up to {longest}, {weighing}, α={alpha:g}": make_pipeline(
            words(longest, bits), weigh(), MultinomialNB(alpha=alpha)
        )
        for longest in tried["words"]
        for weighing, weigh in (("there or not", Binarizer), ("TF-IDF", weights))
        for alpha in tried["smoothing"]
    }


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
    """Words and runs of words, and runs of characters that survive creative spelling."""
    characters = HashingVectorizer(
        analyzer="char_wb",
        ngram_range=(features["char_min"], features["char_max"]),
        n_features=2 ** features["char_bits"],
        alternate_sign=False,
        norm=None,
    )
    return make_union(words(features["words"], features["word_bits"]), characters)


def weights() -> TfidfTransformer:
    """Rare terms count more, repeated ones hardly more than once."""
    return TfidfTransformer(sublinear_tf=True)


def scores(model: ClassifierMixin, inputs: Any) -> NDArray[np.float64]:
    """Uncalibrated scores, shape (n,): the higher, the more like spam."""
    return as_scores(getattr(model, scored_by(model))(inputs))


def scored_by(model: ClassifierMixin) -> str:
    """The method that scores come from."""
    return "decision_function" if hasattr(model, "decision_function") else "predict_log_proba"


def as_scores(said: NDArray[np.float64]) -> NDArray[np.float64]:
    """One number a mail; of the log probabilities of both classes their difference."""
    return said if said.ndim == 1 else said[:, 1] - said[:, 0]


def calibrator(raw: ArrayLike, spam: ArrayLike) -> LogisticRegression:
    """Platt's sigmoid (1999) from scores of held-out mails to probabilities."""
    return LogisticRegression(C=UNPENALISED).fit(np.reshape(raw, (-1, 1)), spam)


def probabilities(calibration: LogisticRegression, raw: ArrayLike) -> NDArray[np.float64]:
    """Calibrated probabilities of spam, shape (n,)."""
    return np.asarray(calibration.predict_proba(np.reshape(raw, (-1, 1)))[:, 1])


def cheapest_threshold(probability: ArrayLike, spam: ArrayLike, ham_cost: float) -> float:
    """The threshold with the lowest cost, one lost ham costing as much as `ham_cost` spam.

    A mail is blocked when its probability is at or above the threshold.
    """
    # practice: cheapest_threshold
    probability, spam = np.asarray(probability), np.asarray(spam)
    order = np.argsort(-probability, kind="stable")
    missed = spam.sum() - np.cumsum(spam[order])
    blocked_ham = np.cumsum(1 - spam[order])
    best = int(np.argmin(missed + ham_cost * blocked_ham))
    return _between(probability[order], best)
    # practice: end


def capped_threshold(probability: ArrayLike, spam: ArrayLike, ham_blocked: float) -> float:
    """The lowest threshold that blocks at most the share `ham_blocked` of the ham."""
    # practice: capped_threshold
    ham = np.sort(np.asarray(probability)[np.asarray(spam) == 0])[::-1]
    allowed = int(np.floor(ham_blocked * len(ham)))
    return float(np.nextafter(ham[allowed], np.inf))
    # practice: end


def _between(descending: NDArray[np.float64], last_blocked: int) -> float:
    """Halfway to the next score, so that the threshold does not sit on one mail."""
    if last_blocked + 1 == len(descending):
        return float(descending[-1])
    return float((descending[last_blocked] + descending[last_blocked + 1]) / 2)


def caught(spam: ArrayLike, verdict: ArrayLike) -> float:
    """Share of the spam that is blocked (recall)."""
    # practice: caught
    return float(np.mean(np.asarray(verdict)[np.asarray(spam) == 1]))
    # practice: end


def blocked(spam: ArrayLike, verdict: ArrayLike) -> float:
    """Share of the ham that is blocked (false-positive rate)."""
    return float(np.mean(np.asarray(verdict)[np.asarray(spam) == 0]))


def caught_at_cap(spam: ArrayLike, scores: ArrayLike, ham_blocked: float) -> float:
    """A point of these mails' own curve: recall where at most `ham_blocked` of the ham is lost."""
    return caught(spam, np.asarray(scores) >= capped_threshold(scores, spam, ham_blocked))


def word_effects(model: Pipeline, text: str, most: int) -> list[tuple[str, float]]:
    """The words and pairs of `text` that moved its score most, signed (plus: towards spam).

    Runs of characters overlap with words and are left out. A pair is hashed as the one name that
    it is, not taken apart into words once more.
    """
    counted = model[0].transformer_list[0][1]
    names = sorted(set(counted.build_analyzer()(text)))
    buckets = FeatureHasher(counted.n_features, input_type="string", alternate_sign=False)
    vector = model[:-1].transform([text])
    effects = dict(
        zip(vector.indices, vector.data * model[-1].coef_[0][vector.indices], strict=True)
    )
    places = buckets.transform([[name] for name in names]).indices if names else []
    moved = [(name, float(effects[place])) for name, place in zip(names, places, strict=True)]
    return sorted(moved, key=lambda each: -abs(each[1]))[:most]
