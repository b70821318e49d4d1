"""Words in pieces, by byte-pair encoding (Sennrich et al., 2016): one vocabulary for both languages.

A text becomes words, each with the space before it as ▁, and a word its letters, of which the
pairs are joined that stood together most often in training. Joined again, pieces give the text.
"""

import heapq
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

SPACE = "▁"
WORD = re.compile(rf"{SPACE}?\w+|{SPACE}?[^\w\s{SPACE}]|{SPACE}")
SPECIAL = ("<nothing>", "<start>", "<end>", "<unknown>")
NOTHING, START, END, UNKNOWN = range(len(SPECIAL))

Pair = tuple[str, str]


def tidy(text: str) -> str:
    """Composed letters, one space between words."""
    return " ".join(unicodedata.normalize("NFC", text).split())


def split_words(text: str) -> list[str]:
    """Words and signs of a text, each with the space before it; joined they are the tidy text."""
    return WORD.findall(SPACE + tidy(text).replace(SPACE, "_").replace(" ", SPACE))


def join(symbols: Sequence[str], pair: Pair) -> list[str]:
    """The symbols with every occurrence of the pair made one."""
    joined: list[str] = []
    for symbol in symbols:
        if joined and (joined[-1], symbol) == pair:
            joined[-1] += symbol
        else:
            joined.append(symbol)
    return joined


@dataclass(frozen=True)
class Subwords:
    """A learned vocabulary: `letters`, and the pairs that are joined, in this order."""

    letters: Sequence[str]
    merges: Sequence[Pair]
    _known: dict[str, list[int]] = field(default_factory=dict, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Number pieces and pairs."""
        pieces = [*SPECIAL, *self.letters, *("".join(pair) for pair in self.merges)]
        numbers = {piece: number for number, piece in enumerate(pieces)}
        ranks = {pair: rank for rank, pair in enumerate(self.merges)}
        for name, value in (("pieces", pieces), ("numbers", numbers), ("ranks", ranks)):
            object.__setattr__(self, name, value)

    def encode(self, text: str) -> list[int]:
        """The numbers of a text's pieces, without start and end."""
        return [number for word in split_words(text) for number in self._pieces_of(word)]

    def decode(self, numbers: Iterable[int]) -> str:
        """The text that these pieces give; special ones are left out."""
        said = (self.pieces[number] for number in numbers if number >= len(SPECIAL))
        return "".join(said).replace(SPACE, " ").strip()

    def _pieces_of(self, word: str) -> list[int]:
        if word not in self._known:
            symbols = list(word)
            while pairs := [pair for pair in pairwise(symbols) if pair in self.ranks]:
                symbols = join(symbols, min(pairs, key=self.ranks.__getitem__))
            self._known[word] = [self.numbers.get(symbol, UNKNOWN) for symbol in symbols]
        return self._known[word]


def learn(texts: Iterable[str], size: int, least: int) -> Subwords:
    """A vocabulary of at most `size` pieces, of letters that occur at least `least` times.

    Of pairs that are as frequent the first by letters is joined; none that occurs once.
    """
    counts = Counter(word for text in texts for word in split_words(text))
    letters: Counter[str] = Counter()
    for word, many in counts.items():
        letters.update(dict.fromkeys(word, 0))
        for letter in word:
            letters[letter] += many
    known = sorted(letter for letter, many in letters.items() if many >= least)
    usual = set(known)
    words = [list(word) for word in sorted(counts) if usual.issuperset(word)]
    times = [counts["".join(word)] for word in words]
    pairs: Counter[Pair] = Counter()
    places: defaultdict[Pair, set[int]] = defaultdict(set)
    for place, word in enumerate(words):
        for pair in pairwise(word):
            pairs[pair] += times[place]
            places[pair].add(place)
    waiting = [(-many, pair) for pair, many in pairs.items()]
    heapq.heapify(waiting)
    merges: list[Pair] = []
    while waiting and len(SPECIAL) + len(known) + len(merges) < size:
        many, best = heapq.heappop(waiting)
        if pairs[best] != -many:  # an entry from before other pairs were joined
            continue
        if pairs[best] <= 1:
            break
        merges.append(best)
        changed: set[Pair] = set()
        for place in sorted(places[best]):
            before, after = words[place], join(words[place], best)
            for pair in pairwise(before):
                pairs[pair] -= times[place]
            for pair in pairwise(after):
                pairs[pair] += times[place]
                places[pair].add(place)
            changed.update(pairwise(before), pairwise(after))
            words[place] = after
        for pair in changed:
            if pairs[pair] > 0:
                heapq.heappush(waiting, (-pairs[pair], pair))
    return Subwords(known, merges)
