"""What the ranker knows of a sentence. Every feature comes from its own article alone.

Nothing is counted over other articles, so there is no vocabulary to fit and none to leak.
"""

import re
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from . import words

GROUPS = {
    "position": ["first", "second", "third", "log_position", "relative_position"],
    "length": [
        "log_words",
        "budget_filled",
        "over_budget",
        "words",
        "distinct_words",
        "function_words",
    ],
    "centrality": [
        "like_article",
        "like_others",
        "like_previous",
        "like_first",
        "coverage",
        "coverage_rank",
        "coverage_all_words",
        "coverage_mean",
    ],
    "headline": [
        "like_headline",
        "headline_covered",
        "headline_covered_early",
        "headline_words_early",
        "headline_f",
        "headline_f_relative",
        "headline_pairs",
        "headline_pairs_relative",
    ],
    "style": ["refers_back", "quotes", "reports_speech", "has_number", "names"],
}
NAMES = [name for group in GROUPS.values() for name in group]
WITHOUT_HEADLINE = [name for name in NAMES if name not in GROUPS["headline"]]

TINY = 1e-12  # keeps a quotient of nothing by nothing from being one
REFERS_BACK = frozenset(
    ("also", "and", "but", "earlier", "he", "her", "his", "however", "i", "it", "meanwhile", "she",
     "so", "that", "their", "these", "they", "this", "those", "we", "you")
)  # fmt: skip
SPEECH = re.compile(r"\b(?:said|says|told|added|asked)\b")


def describe(source: Sequence[str], headline: str, budget: int) -> pd.DataFrame:
    """One row a sentence, columns NAMES; `budget` is the summary's length in words."""
    count = len(source)
    tokens = [sentence.split() for sentence in source]
    early = [words.stems(words.cut([sentence], budget)) for sentence in source]
    early_words = [set(stems) for stems in early]
    content = [words.content_stems(sentence) for sentence in source]
    title = set(words.stems(headline))
    title_content = title - words.FUNCTION_STEMS
    _, pairs, balance = headline_overlap(source, headline)

    vocabulary = {stem: i for i, stem in enumerate(dict.fromkeys(s for c in content for s in c))}
    has = np.zeros((count, len(vocabulary) + 1))  # one column more, so that it is never empty
    for row, found in enumerate(content):
        has[row, [vocabulary[stem] for stem in found]] = 1
    lengths = np.sqrt(has.sum(axis=1, keepdims=True))
    unit = has / np.maximum(lengths, 1)
    similarity = unit @ unit.T
    article = has.sum(axis=0)
    in_title = np.array([stem in title_content for stem in vocabulary] + [False], dtype=float)

    sentences_with = Counter(stem for found in content for stem in set(found))
    sentences_with_any = Counter(stem for s in source for stem in set(words.stems(s)))
    coverage = np.array(
        [sum(sentences_with[w] for w in found - words.FUNCTION_STEMS) for found in early_words]
    )
    position = np.arange(count)
    table = {
        "first": position == 0,
        "second": position == 1,
        "third": position == 2,
        "log_position": np.log1p(position),
        "relative_position": position / count,
        "log_words": np.log1p([len(t) for t in tokens]),
        "budget_filled": [min(len(t) / budget, 1) for t in tokens],
        "over_budget": [len(t) > budget for t in tokens],
        "words": [len(t) for t in tokens],
        "distinct_words": [len(found) / budget for found in early_words],
        "function_words": [len(found & words.FUNCTION_STEMS) / budget for found in early_words],
        "like_article": _cosine(unit, article),
        "like_others": (similarity.sum(axis=1) - np.diag(similarity)) / max(count - 1, 1),
        "like_previous": np.concatenate([[0.0], np.diag(similarity, 1)]),
        "like_first": np.where(position > 0, similarity[:, 0], 0),
        "coverage": coverage / count,
        "coverage_rank": _rank(coverage),
        "coverage_all_words": [
            sum(sentences_with_any[w] for w in found) / count for found in early_words
        ],
        "coverage_mean": (has @ article) / np.maximum(has.sum(axis=1), 1) / count,
        "like_headline": _cosine(unit, in_title),
        "headline_covered": (has @ in_title) / max(len(title_content), 1),
        "headline_covered_early": [
            len(found & title_content) / max(len(title_content), 1) for found in early_words
        ],
        "headline_words_early": [len(found & title) / max(len(title), 1) for found in early_words],
        "headline_f": balance,
        "headline_f_relative": balance / max(balance.max(initial=0), TINY),
        "headline_pairs": pairs,
        "headline_pairs_relative": pairs / max(pairs.max(initial=0), 1),
        "refers_back": [t[0].lower().strip("\"'-,") in REFERS_BACK for t in tokens],
        "quotes": ['"' in sentence for sentence in source],
        "reports_speech": [bool(SPEECH.search(sentence)) for sentence in source],
        "has_number": [any(c.isdigit() for c in sentence) for sentence in source],
        "names": [sum(w[0].isupper() for w in t[1:budget]) / budget for t in tokens],
    }
    return pd.DataFrame({name: np.asarray(table[name], dtype=float) for name in NAMES})


def headline_overlap(source: Sequence[str], headline: str) -> tuple[NDArray, NDArray, NDArray]:
    """How many of the headline's words and of its pairs of words each sentence says, shape (n,).

    The third is the balance (F) of the share of the headline said and of the sentence used for it.
    """
    # practice: headline_overlap
    title = words.stems(headline)
    title_pairs = set(pairwise(title))
    found = [words.stems(sentence) for sentence in source]
    shared = np.array([len(set(title) & set(stems)) for stems in found], float)
    pairs = np.array([len(title_pairs & set(pairwise(stems))) for stems in found], float)
    lengths = np.array([len(stems) for stems in found], float)
    return shared, pairs, 2 * shared / np.maximum(lengths + len(title), 1)
    # practice: end


def _cosine(unit: NDArray[np.float64], vector: NDArray[np.float64]) -> NDArray[np.float64]:
    return unit @ vector / max(float(np.linalg.norm(vector)), TINY)


def _rank(values: NDArray) -> NDArray[np.float64]:
    """0 for the largest value of the article, near 1 for the smallest."""
    return np.argsort(np.argsort(-values, kind="stable"), kind="stable") / len(values)
