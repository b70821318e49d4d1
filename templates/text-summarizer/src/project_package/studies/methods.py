"""What do other methods reach, with the headline and without, and what would the answer reach?"""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import pandas as pd
from joblib import Parallel, delayed
from sumy.models.dom import ObjectDocumentModel, Paragraph, Sentence
from sumy.summarizers._summarizer import AbstractSummarizer
from sumy.summarizers.lex_rank import LexRankSummarizer
from sumy.summarizers.text_rank import TextRankSummarizer

from .. import words
from ..evaluate import (
    KINDS,
    LEAD,
    RANKER,
    RULE,
    Corpus,
    Evaluated,
    measure_method,
    measure_texts,
)
from ..kit import figures
from ..kit.results import Picture, Study, Table
from ..kit.statistics import compared, decimal
from ..kit.workspace import Workspace
from ..rules import Scores

FEW = 1_000  # articles, for which starting processes takes longer than the work
BLIND, HEADLINE = "the ranker without headlines", "· the headline itself"
ORDER = ("sentences at random", LEAD, "TextRank", "LexRank", "centroid", RULE, BLIND, RANKER,
         "oracle: ranked by the answer", HEADLINE)  # fmt: skip


def study(workspace: Workspace, evaluated: Evaluated) -> Study:
    """Every method in the same words."""
    corpus = evaluated.corpus
    found = {**evaluated.methods, **measure_others(evaluated)}
    methods = {name: found[name] for name in ORDER}
    return Study(
        title="Other methods, and what the headline is worth",
        text="Every method ranks the same sentences and serves whole ones by the same rule of "
        "length. TextRank and LexRank are those of sumy, with the project's own sentences and "
        "stems; the centroid takes what is most like the article as a whole; the oracle ranks by "
        "the answer itself, which no method may see.",
        tables={"methods": methods_table(corpus, methods)},
        figures={"methods": draw(workspace, corpus, methods)},
        notes={"headline": headline_note(corpus, methods)},
    )


def measure_others(evaluated: Evaluated) -> dict[str, pd.DataFrame]:
    """ROUGE of the methods that the headline does not need."""
    corpus, articles = evaluated.corpus, evaluated.corpus.articles
    random = np.random.default_rng(corpus.config["seed"])
    parallel = Parallel(n_jobs=-1 if len(articles) > FEW else 1)

    def rank_all(rule: Callable[[Sequence[str]], Scores]) -> Scores:
        return np.concatenate(parallel(delayed(rule)(source) for source in articles.source))

    scores = {
        "sentences at random": random.random(len(corpus.table)),
        "TextRank": rank_all(text_rank),
        "LexRank": rank_all(lex_rank),
        "centroid": corpus.table.like_article,
        BLIND: evaluated.rotation.blind,
        "oracle: ranked by the answer": corpus.table.label,
    }
    found = parallel(delayed(measure_method)(corpus, own) for own in scores.values())
    alone = measure_texts(articles.reference, articles.headline.to_list())
    return {**dict(zip(scores, found, strict=True)), HEADLINE: alone}


class Words:
    """The tokenizer that sumy asks for; its own would need NLTK's data from the network."""

    def to_words(self, sentence: str) -> tuple[str, ...]:
        """The stems of the content words."""
        return tuple(words.content_stems(sentence))


def text_rank(source: Sequence[str]) -> Scores:
    """PageRank over shared words (Mihalcea and Tarau, 2004)."""
    return _rate(TextRankSummarizer(), source)


def lex_rank(source: Sequence[str]) -> Scores:
    """Eigenvector centrality over cosines of TF-IDF (Erkan and Radev, 2004)."""
    return _rate(LexRankSummarizer(), source)


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


def methods_table(corpus: Corpus, methods: Mapping[str, pd.DataFrame]) -> Table:
    """Every method in the same words, and its difference from the rule."""
    rule = methods[RULE]["mean"].to_numpy()
    rows = [
        [
            name,
            f"{found.words.mean():.0f}",
            float(found["mean"].mean()),
            "–" if name == RULE else corpus.interval(found["mean"].to_numpy() - rule).signed,
            *(float(found[kind].mean()) for kind in KINDS),
        ]
        for name, found in methods.items()
    ]
    return Table(
        f"Mean F over {len(corpus.articles):,} articles. Every method takes whole sentences, best "
        f"first, until the next would pass {corpus.budget} words, and one in any case; but for the "
        "row with a dot. Content words: ROUGE-1 without function words.",
        ["method", "words", "mean", f"minus {RULE}", *KINDS.values()],
        rows,
    )


def headline_note(corpus: Corpus, methods: Mapping[str, pd.DataFrame]) -> str:
    """How much of it all the headline brings."""

    def against(name: str, other: str) -> str:
        ours, theirs = (methods[each]["mean"].to_numpy() for each in (name, other))
        return compared(corpus.interval(ours - theirs))

    return (
        f"Without the headline the ranker minus {LEAD} is {against(BLIND, LEAD)}, and minus the "
        f"rule {against(BLIND, RULE)}; the rule minus {LEAD}: {against(RULE, LEAD)}. The headline "
        f"itself, which an editor wrote, scores {decimal(methods[HEADLINE]['mean'].mean())}."
    )


def draw(workspace: Workspace, corpus: Corpus, methods: Mapping[str, pd.DataFrame]) -> Picture:
    """A dot with its interval for each method."""
    intervals = {
        name.strip("*"): corpus.interval(found["mean"].to_numpy())
        for name, found in methods.items()
        if name != HEADLINE
    }
    with figures.figure(workspace.figures / "methods") as (_, axes):
        figures.draw_intervals(axes, intervals, marked=RANKER.strip("*"))
        axes.axvline(intervals[RULE].value, linestyle="--", color=figures.BASELINE)
        axes.set(xlabel="mean of ROUGE-1, -2 and -L")
    return Picture(
        "Mean of ROUGE-1, -2 and -L by each method, with 95 % intervals; the dashed line is the "
        "rule of the headline's words.",
        "Dot plot with an interval for each method.",
    )
