"""Which words does it find: rare ones, names, numbers?"""

import re
from collections import Counter
from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd

from ..data import normalise
from ..evaluate import GRU, TRANSFORMER, Evaluated
from ..kit.results import Study, Table
from ..kit.statistics import Interval, bootstrap
from ..kit.workspace import Workspace

EDGES = (0, 1, 5, 25, 125)  # how often training has a German word: from here on
COPIED = re.compile(r"\b(?:[A-Z]\w+|\d+)\b")


def study(workspace: Workspace, evaluated: Evaluated) -> Study:
    """The words of the translations by people that are found, by how often training has them."""
    return Study(
        title="Rare words, names and numbers",
        text="Counted are the words of the translations by people, over all test sets: a word is "
        "found if the translation of this sentence has it, too. What stands in both languages "
        "with the same letters, and begins with a capital within the sentence or is a number, is "
        "to be copied: names above all.",
        tables={"words": words_table(workspace, evaluated)},
    )


def words_table(workspace: Workspace, evaluated: Evaluated) -> Table:
    """Share of words found by both networks, with intervals by sentence."""
    known = Counter(word for text in evaluated.train.german for word in normalise(text).split())
    german, rows = list(evaluated.test.german), []
    for low, high in zip(EDGES, (*EDGES[1:], np.inf), strict=True):
        label = "never" if high == 1 else f"{low} times and more" if high == np.inf else (
            f"{low} to {int(high) - 1} times")  # fmt: skip

        def belongs(word: str, low: float = low, high: float = high) -> bool:
            return bool(low <= known[word] < high)

        wanted = [
            [word for word in set(normalise(text).split()) if belongs(word)] for text in german
        ]
        rows.append([label, *shares(workspace, evaluated, wanted, normalise)])
    copied = [
        to_copy(one, other)
        for one, other in zip(evaluated.test.english, evaluated.test.german, strict=True)
    ]
    rows.append(["to be copied", *shares(workspace, evaluated, copied, str)])
    return Table(
        "Share of the words of the translations by people that are found, by how often the "
        "German side of training has the word.",
        ["in training", "words", TRANSFORMER, GRU],
        [row for row in rows if row[1]],
    )


def to_copy(english: str, german: str) -> list[str]:
    """Names and numbers that stand in both, but for the first word."""
    ours, theirs = ({*COPIED.findall(" ".join(text.split()[1:]))} for text in (english, german))
    return sorted(ours & theirs)


def shares(
    workspace: Workspace, evaluated: Evaluated, wanted: Sequence[Sequence[str]],
    plain: Callable[[str], str],
) -> tuple[int, Interval | str, Interval | str]:  # fmt: skip
    """How many words are wanted, and the shares of them that each network says."""
    many = np.array([len(words) for words in wanted])
    asked = many > 0
    if not asked.any():
        return 0, "–", "–"
    found = []
    for method in (TRANSFORMER, GRU):
        said = [set(re.findall(r"\w+", plain(text))) for text in evaluated.said[method]]
        hits = np.array([len(own & set(words)) for own, words in zip(said, wanted, strict=True)])
        pairs = pd.DataFrame({"hits": hits, "many": many})[asked].to_numpy()
        found.append(
            bootstrap(
                lambda rows: float(rows[:, 0].sum() / rows[:, 1].sum()),
                pairs,
                groups=evaluated.test.group[asked],
                seed=workspace.seed,
            )
        )
    return int(many.sum()), found[0], found[1]
