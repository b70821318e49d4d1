"""Translating without a network: the nearest sentence of memory, word by word, not at all."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer

from .subwords import SPACE, split_words

MEMORY, WORDS, COPY = "translation memory", "word by word", "the English itself"
ANALYSERS: dict[str, dict[str, Any]] = {
    "words": {"analyzer": "word", "token_pattern": r"\w+"},
    "words and pairs": {"analyzer": "word", "token_pattern": r"\w+", "ngram_range": (1, 2)},
    "letters": {"analyzer": "char_wb", "ngram_range": (3, 5)},
}
DIGITS = 9  # of a probability; what differs less is alike, and the word met first is taken
AT_ONCE = 500  # sentences that are compared with all of memory together

Translate = Callable[[Sequence[str]], list[str]]


def fit(
    name: str, english: Sequence[str], german: Sequence[str], settings: Mapping[str, Any]
) -> Translate:
    """A method that has learned from these pairs: English sentences to German ones."""
    if name == MEMORY:
        return memory(english, german, settings["memory"])
    if name == WORDS:
        return Dictionary.learn(english, german, settings["iterations"]).translate
    return list


def memory(english: Sequence[str], german: Sequence[str], analyser: str) -> Translate:
    """Gives the translation of the sentence whose words (or letters) resemble these most."""
    # practice: memory
    vectors = TfidfVectorizer(sublinear_tf=True, **ANALYSERS[analyser])
    known = vectors.fit_transform(english)

    def translate(sentences: Sequence[str]) -> list[str]:
        said: list[str] = []
        for start in range(0, len(sentences), AT_ONCE):
            asked = vectors.transform(sentences[start : start + AT_ONCE])
            nearest = np.asarray((asked @ known.T).toarray()).argmax(axis=1)
            said += [german[row] for row in nearest]
        return said

    return translate
    # practice: end


@dataclass(frozen=True)
class Dictionary:
    """For each English word, in small letters, the German one that it most often stands for."""

    german: Mapping[str, str]

    @classmethod
    def learn(cls, english: Sequence[str], german: Sequence[str], iterations: int) -> "Dictionary":
        """IBM's model 1 (Brown et al., 1993), by expectation and maximisation.

        Every German word comes from some English word of its sentence, or from none; which one is
        what the probabilities say, and they are what is then counted.
        """
        # practice: learn
        ours: dict[str, int] = {"": 0}  # the word that is not there
        theirs: dict[str, int] = {}
        pairs, groups, many = [], [], 0
        for one, other in zip(english, german, strict=True):
            asked = [0, *(ours.setdefault(word, len(ours)) for word in split_words(one.lower()))]
            found = [theirs.setdefault(word, len(theirs)) for word in split_words(other)]
            pairs.append(np.stack(np.meshgrid(asked, found), axis=-1).reshape(-1, 2))
            groups.append(many + np.repeat(np.arange(len(found)), len(asked)))
            many += len(found)
        together = np.concatenate(pairs) @ np.array([len(theirs), 1])
        group = np.concatenate(groups)
        kinds, which = np.unique(together, return_inverse=True)
        source, target = np.divmod(kinds, len(theirs))
        chances = np.ones(len(kinds))
        for _ in range(iterations):
            weight = chances[which]
            weight /= np.bincount(group, weight, many)[group]
            counts = np.bincount(which, weight, len(kinds))
            chances = counts / np.bincount(source, counts)[source]
        order = np.lexsort([target, -chances.round(DIGITS), source])
        first = order[np.unique(source[order], return_index=True)[1]]
        words = list(theirs)
        names = list(ours)
        return cls({names[source[row]]: words[target[row]] for row in first if source[row]})
        # practice: end

    def translate(self, sentences: Sequence[str]) -> list[str]:
        """Each word by its own; those that are not known stay."""
        said = []
        for sentence in sentences:
            words = [self.german.get(word.lower(), word) for word in split_words(sentence)]
            text = "".join(words).replace(SPACE, " ").strip()
            said.append(text[:1].upper() + text[1:])
        return said
