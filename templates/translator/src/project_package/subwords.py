"""Words in pieces, by byte-pair encoding (Sennrich et al., 2016), the same for both languages.

A text becomes words, each with the space before it as ▁, and a word its letters, of which the
pairs are joined that stood together most often in training. Joined again, pieces give the text.
"""

import heapq
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
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
        for letter in word:
            letters[letter] += many
    known = sorted(letter for letter, many in letters.items() if many >= least)
    usual = set(known)
    corpus = Corpus({word: many for word, many in counts.items() if usual.issuperset(word)})
    merges: list[Pair] = []
    while len(SPECIAL) + len(known) + len(merges) < size:
        pair = corpus.most_frequent()
        if pair is None:
            break
        merges.append(pair)
        corpus.join(pair)
    return Subwords(known, merges)


class Corpus:
    """Words as the symbols that they are cut into, and how often each pair of them occurs."""

    def __init__(self, counts: Mapping[str, int]) -> None:
        self.words = [list(word) for word in sorted(counts)]
        self.times = [counts["".join(word)] for word in self.words]
        self.pairs: Counter[Pair] = Counter()
        self.places: defaultdict[Pair, set[int]] = defaultdict(set)
        for place, word in enumerate(self.words):
            self._count(word, place, 1)
        self.waiting = [(-many, pair) for pair, many in self.pairs.items()]
        heapq.heapify(self.waiting)

    def most_frequent(self) -> Pair | None:
        """The pair that occurs most often, if one occurs more than once."""
        while self.waiting:
            many, pair = heapq.heappop(self.waiting)
            if self.pairs[pair] == -many:  # else an entry from before other pairs were joined
                return pair if self.pairs[pair] > 1 else None
        return None

    def join(self, pair: Pair) -> None:
        """Make the pair one symbol wherever it occurs."""
        changed: set[Pair] = set()
        for place in sorted(self.places[pair]):
            before, after = self.words[place], join(self.words[place], pair)
            self._count(before, place, -1)
            self._count(after, place, 1)
            changed.update(pairwise(before), pairwise(after))
            self.words[place] = after
        for each in changed:
            if self.pairs[each] > 0:
                heapq.heappush(self.waiting, (-self.pairs[each], each))

    def _count(self, word: Sequence[str], place: int, sign: int) -> None:
        for pair in pairwise(word):
            self.pairs[pair] += sign * self.times[place]
            self.places[pair].add(place)
