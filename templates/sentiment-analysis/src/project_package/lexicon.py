"""What VADER knows about a text: the baseline's rating, and features for the models.

VADER (Hutto and Gilbert, 2014) adds up the valence of the words in its lexicon, changed by
rules for negation, emphasis and "but". Nothing here is fitted.
"""

import re
from functools import cache, lru_cache

import numpy as np
from numpy.typing import NDArray
from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer, negated

FEATURES = (
    "compound", "positive share", "negative share", "neutral share",
    "sum", "mean", "sum of the positive", "sum of the negative", "strongest positive",
    "strongest negative", "first", "last", "positive words", "negative words", "words",
    "sum of the second half", "exclamation marks", "question marks", "words in capitals",
    "but", "negation", "ellipses", "quotation marks", "characters",
)  # fmt: skip
SCALE = 4.0  # VADER's compound score runs from −1 to 1, the human ratings from −4 to 4
REMEMBERED = 100_000  # texts; cross-validation asks for the same ones again and again


class _Vader(SentimentIntensityAnalyzer):
    """VADER, which also hands out the valence of every word."""

    def score_valence(self, sentiments: list[float], text: str) -> dict[str, float]:
        """Called by polarity_scores once it has rated the words."""
        self.valences = np.array(sentiments or [0.0], dtype=float)
        return super().score_valence(sentiments, text)


@cache
def _vader() -> _Vader:
    return _Vader()


@lru_cache(REMEMBERED)
def features(text: str) -> tuple[float, ...]:
    """The numbers named in FEATURES."""
    shares = _vader().polarity_scores(text)
    valences = _vader().valences
    rated = valences[valences != 0]
    words = text.split()
    lowered = text.lower().split()
    return tuple(
        float(value)
        for value in (
            shares["compound"], shares["pos"], shares["neg"], shares["neu"],
            valences.sum(), valences.mean(),
            valences[valences > 0].sum(), valences[valences < 0].sum(),
            valences.max(), valences.min(),
            rated[0] if len(rated) else 0, rated[-1] if len(rated) else 0,
            (valences > 0).sum(), (valences < 0).sum(), len(valences),
            valences[len(valences) // 2 :].sum(),
            text.count("!"), text.count("?"),
            sum(len(word) > 1 and word.isupper() for word in words),
            "but" in lowered, is_negated(text), text.count("..."),
            len(re.findall(r"''|\"|“|”", text)), len(text),
        )
    )  # fmt: skip


def feature_matrix(texts: list[str]) -> NDArray[np.float64]:
    """Shape (n, len(FEATURES))."""
    return np.array([features(text) for text in texts], dtype=float).reshape(-1, len(FEATURES))


def vader_ratings(texts: list[str]) -> NDArray[np.float64]:
    """VADER's compound score on the scale of the human ratings, shape (n,)."""
    # practice: vader_ratings
    return SCALE * feature_matrix(texts)[:, FEATURES.index("compound")]
    # practice: end


def is_negated(text: str) -> bool:
    """Whether the text has one of VADER's negations, or "no"."""
    words = [word.strip(".,;:!?\"'()") for word in text.lower().split()]
    return bool(negated(words)) or "no" in words
