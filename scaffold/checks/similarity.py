"""Who resembles whom in a class: shared passages of code and prose, names and layout aside.

Winnowing (Schleimer, Wilkerson and Aiken, SIGMOD 2003): fingerprints of runs of tokens. What most
submissions share was given to all of them, and what their template brought is no one's, so neither
counts.
"""

from __future__ import annotations

import keyword
import re
import zlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

TOKEN = re.compile(r"[A-Za-z_]\w*|\d+(?:\.\d+)?|[^\s\w]")
RUN = 12  # tokens that make a passage
WINDOW = 8  # of so many fingerprints in a row the smallest stays
FEWEST = 20  # fingerprints below which nothing can be said
GIVEN = 0.5  # share of submissions that makes a passage common property
ALIKE = 0.4


@dataclass(frozen=True)
class Likeness:
    """Two submissions and the share of the smaller one's own passages that both have."""

    one: str
    other: str
    share: float

    def __str__(self) -> str:
        return f"{self.one} and {self.other}: {self.share:.0%} of the shorter one's own passages"


def fingerprints(texts: Sequence[str], *, code: bool = True) -> frozenset[int]:
    """Of all texts together; in code, names and numbers are alike whatever they are called."""
    return frozenset(mark for text in texts for mark in _winnowed(_tokens(text, code=code)))


def pairs(marks: Mapping[str, frozenset[int]]) -> list[Likeness]:
    """The pairs that share more than chance and the assignment explain, most alike first."""
    counts = Counter(mark for own in marks.values() for mark in own)
    enough = max(3, GIVEN * len(marks))
    given = {mark for mark, count in counts.items() if count >= enough}
    own = {name: found - given for name, found in marks.items()}
    found = []
    for one, other in combinations(sorted(own), 2):
        smaller = min(len(own[one]), len(own[other]))
        if smaller >= FEWEST:
            share = len(own[one] & own[other]) / smaller
            if share >= ALIKE:
                found.append(Likeness(one, other, share))
    return sorted(found, key=lambda pair: -pair.share)


def _tokens(text: str, *, code: bool) -> list[str]:
    if not code:
        return [token.lower() for token in TOKEN.findall(text)]
    plain = re.sub(r"#.*", "", text)
    return [_kind(token) for token in TOKEN.findall(plain)]


def _kind(token: str) -> str:
    if token[0].isdigit():
        return "0"
    named = token.isidentifier() and not keyword.iskeyword(token)
    return "n" if named and len(token) <= 2 else token


def _winnowed(tokens: Sequence[str]) -> Iterator[int]:
    runs = (" ".join(tokens[start : start + RUN]) for start in range(len(tokens) - RUN + 1))
    marks = [zlib.crc32(run.encode()) for run in runs]
    for start in range(max(1, len(marks) - WINDOW + 1)):
        if window := marks[start : start + WINDOW]:
            yield min(window)
