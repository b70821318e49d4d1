"""Summaries without learning, to compare with. Scores, the higher the sooner taken."""

from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd
from joblib import Parallel, delayed
from numpy.typing import NDArray
from sumy.models.dom import ObjectDocumentModel, Paragraph, Sentence
from sumy.summarizers._summarizer import AbstractSummarizer
from sumy.summarizers.lex_rank import LexRankSummarizer
from sumy.summarizers.text_rank import TextRankSummarizer

from . import features, words

HEADLINE_PAIRS = (0.0, 0.5, 1.0)  # weights of a pair to choose from
FEW = 1_000  # articles

Scores = NDArray[np.float64]


class Words:
    """The tokenizer that sumy asks for; its own would need NLTK's data from the network."""

    def to_words(self, sentence: str) -> tuple[str, ...]:
        """The stems of the content words."""
        return tuple(words.content_stems(sentence))


def lead(source: Sequence[str]) -> Scores:
    """The first sentences first."""
    return -np.arange(len(source), dtype=float)


def text_rank(source: Sequence[str]) -> Scores:
    """PageRank over shared words (Mihalcea and Tarau, 2004)."""
    return _rate(TextRankSummarizer(), source)


def lex_rank(source: Sequence[str]) -> Scores:
    """Eigenvector centrality over cosines of TF-IDF (Erkan and Radev, 2004)."""
    return _rate(LexRankSummarizer(), source)


def rank_all(rule: Callable[[Sequence[str]], Scores], articles: pd.DataFrame) -> list[Scores]:
    """The rule over all articles."""
    parallel = Parallel(n_jobs=workers(articles), batch_size=64)
    return list(parallel(delayed(rule)(source) for source in articles.source))


def workers(articles: pd.DataFrame) -> int:
    """Processes to use: one for so few articles that starting others would take longer."""
    return -1 if len(articles) > FEW else 1


def headline(source: Sequence[str], title: str, budget: int, pairs: float) -> Scores:
    """How many of the headline's words each sentence says within `budget` words.

    A pair of words that stand together in both counts `pairs` on top.
    """
    early = [words.cut([sentence], budget) for sentence in source]
    shared, together, _ = features.headline_overlap(early, title)
    return shared + pairs * together


def _rate(summarizer: AbstractSummarizer, source: Sequence[str]) -> Scores:
    """The rating of every sentence; sumy hands them to whatever limits the length."""
    ratings = np.zeros(len(source))

    def keep(rated: Sequence) -> Sequence:
        for sentence in rated:
            ratings[sentence.order] = sentence.rating
        return rated

    tokenizer = Words()
    document = [Sentence(sentence, tokenizer) for sentence in source]
    summarizer(ObjectDocumentModel([Paragraph(document)]), keep)
    return ratings
