"""The trained ranker, ready for use."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import NDArray

from . import features, model, words
from .kit.persistence import load_model
from .kit.web import one_thread
from .kit.workspace import ProjectError, Workspace
from .model import Ranker

MOST_SENTENCES = 1_000


@dataclass(frozen=True)
class Marked:
    """A sentence in its place: `gap` is what stood before it, `rank` counts from 1 for the best."""

    gap: str
    text: str
    score: float
    rank: int
    chosen: bool


@dataclass(frozen=True)
class Summary:
    """The chosen sentences in the order of the article, and the article with all its scores."""

    summary: str
    words: int
    of_words: int
    used_headline: bool
    sentences: list[Marked]


@dataclass(frozen=True)
class Summarizer:
    """A fitted ranker, and the length in words that it was trained for."""

    ranker: Ranker
    budget: int

    @classmethod
    def load(cls, workspace: Workspace) -> "Summarizer":
        """Read what `train` wrote; raises ProjectError when there is none."""
        parts = load_model(workspace, allowed=())
        return cls(Ranker(**parts), workspace.config["summary"]["words"])

    def scores(self, source: Sequence[str], headline: str) -> NDArray[np.float64]:
        """The higher, the sooner a sentence is taken; shape (sentences,)."""
        table = features.describe(source, headline, self.budget)
        return self.ranker.scores(table.assign(has_headline=bool(headline)))

    @one_thread
    def summarize(self, text: str, headline: str = "", length: int | None = None) -> Summary:
        """Choose the best sentences that have at most `length` words together, but at least one.

        Raises ProjectError when the text has no sentence, or more than can be compared.
        """
        spans = words.split_sentences(text)
        source = [text[start:end] for start, end in spans]
        if not source:
            raise ProjectError("there is no sentence in this text")
        if len(source) > MOST_SENTENCES:
            raise ProjectError(
                f"this text has {len(source):,} sentences; {MOST_SENTENCES:,} can be compared"
            )
        scores = self.scores(source, headline.strip())
        chosen = set(model.choose_whole(source, scores, length or self.budget))
        ranks = {int(number): rank for rank, number in enumerate(model.ranking(scores), start=1)}
        ends = [0, *(end for _, end in spans)]
        picked = [source[number] for number in sorted(chosen)]
        return Summary(
            summary=" ".join(picked),
            words=len(" ".join(picked).split()),
            of_words=len(text.split()),
            used_headline=bool(headline.strip()),
            sentences=[
                Marked(
                    gap=text[ends[number] : start],
                    text=source[number],
                    score=float(scores[number]),
                    rank=ranks[number],
                    chosen=number in chosen,
                )
                for number, (start, _) in enumerate(spans)
            ],
        )


def run(workspace: Workspace, inputs: Sequence[str]) -> None:
    """Print one JSON line for each input; a first line with an empty one after it is a headline."""
    summarizer = Summarizer.load(workspace)
    for given in inputs:
        headline, separator, text = given.partition("\n\n")
        if not separator or "\n" in headline:
            headline, text = "", given
        print(json.dumps(asdict(summarizer.summarize(text, headline)), ensure_ascii=False))
