"""The trained rater, ready for use."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from . import lexicon, model
from .data import KINDS
from .kit.persistence import load_model
from .kit.web import one_thread
from .kit.workspace import Workspace, read_json
from .train import ELSEWHERE

OTHER = "other"
MOST_WORDS = 60  # whose part in the rating is worked out
ALLOWED = ("sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor",)


@dataclass(frozen=True)
class WordEffect:
    """What a word adds: the rating with it less the rating without it."""

    word: str
    model: float
    vader: float


@dataclass(frozen=True)
class Opinion:
    """The model's rating from −4 to 4, VADER's, and what each word adds.

    `low` to `high` is meant to hold the human rating in the share `coverage` of texts; for kinds
    of text that the model was not taught nobody has measured that, so both are None.
    """

    rating: float
    low: float | None
    high: float | None
    coverage: float
    vader: float
    words: list[WordEffect]


@dataclass(frozen=True)
class SentimentRater:
    """One model for kinds of text that it was taught, one for others, and how far off it may be."""

    taught: model.Rater
    untaught: model.Rater
    ranges: dict[str, float]
    coverage: float

    @classmethod
    def load(cls, workspace: Workspace) -> "SentimentRater":
        """Read what `train` wrote; raises ProjectError when there is none."""
        parts = load_model(workspace, allowed=ALLOWED)
        training = read_json(workspace.models / "training.json", made_by="train")
        taught, untaught = (model.Rater.from_parts(parts[name]) for name in ("taught", "untaught"))
        return cls(taught, untaught, training["ranges"], training["settings"]["coverage"])

    def rate(self, texts: Sequence[str], kinds: Sequence[str]) -> NDArray[np.float64]:
        """Ratings from −4 to 4, shape (n,)."""
        texts, kinds = np.asarray(texts, dtype=object), np.asarray(kinds, dtype=object)
        known = np.isin(kinds.astype(str), self.taught.kinds)
        ratings = np.empty(len(texts))
        for rater, rows in ((self.taught, known), (self.untaught, ~known)):
            if rows.any():
                ratings[rows] = rater.predict(texts[rows], kinds[rows])
        return ratings

    @one_thread
    def explain(self, text: str, kind: str) -> Opinion:
        """The rating of one text with the words that made it."""
        words = text.split()
        variants = [text, *(leave_out(words, i) for i in range(min(len(words), MOST_WORDS)))]
        by_model = self.rate(variants, [kind] * len(variants))
        by_vader = lexicon.vader_ratings(variants)
        rating, half = float(by_model[0]), self.ranges.get(kind)
        return Opinion(
            rating=rating,
            low=None if half is None else max(model.LOWEST, rating - half),
            high=None if half is None else min(model.HIGHEST, rating + half),
            coverage=self.coverage,
            vader=float(by_vader[0]),
            words=[
                WordEffect(word, float(by_model[0] - without), float(by_vader[0] - without_vader))
                for word, without, without_vader in zip(
                    words, by_model[1:], by_vader[1:], strict=False
                )
            ],
        )


def rate_elsewhere(workspace: Workspace, snippets: pd.DataFrame) -> NDArray[np.float64]:
    """Ratings of each kind of text by the model that was taught the other three, shape (n,)."""
    parts = load_model(workspace, ALLOWED, ELSEWHERE)
    ratings = np.empty(len(snippets))
    for kind, of_others in parts.items():
        rows = (snippets.kind == kind).to_numpy()
        if rows.any():
            rater = model.Rater.from_parts(of_others)
            ratings[rows] = rater.predict(snippets.text[rows], snippets.kind[rows])
    return ratings


def leave_out(words: Sequence[str], i: int) -> str:
    """The text without its word number `i`."""
    return " ".join([*words[:i], *words[i + 1 :]])


def run(workspace: Workspace, inputs: Sequence[str]) -> None:
    """Print one JSON line for each input, written `KIND: text` or as text of another kind."""
    rater = SentimentRater.load(workspace)
    for line in inputs:
        kind, found, text = line.partition(": ")
        known = found and kind in KINDS
        opinion = rater.explain(text, kind) if known else rater.explain(line, OTHER)
        print(json.dumps(asdict(opinion), ensure_ascii=False))
