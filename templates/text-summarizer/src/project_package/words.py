"""Sentences, words and stems: the text as the ranker and ROUGE see it."""

import re
from collections.abc import Sequence
from functools import lru_cache

import sentencex
from nltk.stem.porter import PorterStemmer
from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS

STEMMED_FROM = 4  # letters; shorter words stand as they are, as in ROUGE-1.5.5
REMEMBERED = 200_000  # words
NOT_ALPHANUMERIC = re.compile(r"[^a-z0-9]+")
# sentencex leaves a quotation mark behind when it opens the next sentence.
QUOTE_LEFT_BEHIND = re.compile(r"(?<=[.!?])\s+[\"'“‘]\s*$")

_stemmer = PorterStemmer()


def split_sentences(text: str) -> list[tuple[int, int]]:
    """Start and end of every sentence in `text`, in order, without the space around it."""
    spans: list[tuple[int, int]] = []
    position = carried = 0
    for piece in sentencex.segment("en", text):
        start = text.index(piece, position) if piece else position
        position = start + len(piece)
        start -= carried
        left_behind = QUOTE_LEFT_BEHIND.search(text[start:position])
        carried = position - start - left_behind.start() if left_behind else 0
        sentence = text[start : position - carried]
        if sentence.strip():
            begin = start + len(sentence) - len(sentence.lstrip())
            spans.append((begin, begin + len(sentence.strip())))
        else:
            carried = 0
    return spans


def sentences(text: str) -> list[str]:
    """The sentences of `text` in order."""
    return [text[start:end] for start, end in split_sentences(text)]


def stems(text: str) -> list[str]:
    """The words of `text` as ROUGE compares them: letters and digits, Porter's stems."""
    return [_stem(word) for word in NOT_ALPHANUMERIC.split(text.lower()) if word]


@lru_cache(maxsize=REMEMBERED)
def _stem(word: str) -> str:
    return str(_stemmer.stem(word)) if len(word) >= STEMMED_FROM else word


FUNCTION_STEMS = frozenset(_stem(word) for word in ENGLISH_STOP_WORDS) | {"s", "t"}


def content_stems(text: str) -> list[str]:
    """The stems of `text` without articles, prepositions, pronouns and their like."""
    return [stem for stem in stems(text) if stem not in FUNCTION_STEMS]


def cut(texts: Sequence[str], words: int) -> str:
    """The texts one after the other, cut after `words` words."""
    return " ".join(" ".join(texts).split()[:words])
