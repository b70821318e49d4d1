"""Another way of writing as traffic: from some sentence on, people type as on a telephone."""

import numpy as np
import pandas as pd

from . import data
from .kit.replay import Stream, invented_days
from .kit.served import Seen, Watch
from .kit.workspace import Workspace
from .predict import Translator
from .scores import sentence_chrf
from .search import Found
from .train import bests, search_all, short_training
from .watch import summarise

HELD_OUT, A_DAY = 0.04, 30  # share of the training pairs that are replayed; sentences a day
SLIPS = 0.12  # of the letters: as often two change places, or one is left out
JUDGED = Watch(metric="mean_of_truths", label="mean chrF")


def replay(workspace: Workspace) -> Stream:
    """Some training pairs, by a network that was trained briefly on the others.

    A third of them are the past, a third come as they are, and a third as they are typed.
    """
    train = data.load(workspace, "train", reader="simulate")
    random = np.random.default_rng(workspace.seed)
    groups = train.group.unique()
    drawn = random.permutation(groups)[: int(np.ceil(HELD_OUT * len(groups) / 3) * 3)]
    held = train[train.group.isin(drawn)].sample(frac=1, random_state=workspace.seed)
    translator = short_training(workspace, train[~train.group.isin(drawn)].reset_index(drop=True))
    third = len(held) // 3
    past, before, after = (held[n * third : (n + 1) * third] for n in range(3))
    after = after.assign(english=[typed(text, random) for text in after.english])
    later = pd.concat([before, after])
    seen, truths = zip(*(ask(translator, part) for part in (past, later)), strict=True)
    return Stream(
        title="Captions as they were written; then as they are typed in haste, in small letters, "
        f"without signs and with slips (in days that are invented, {A_DAY} sentences each)",
        past=seen[0],
        past_truths=truths[0],
        later=seen[1],
        later_truths=truths[1],
        times=invented_days(len(later), A_DAY),
        begins=third,
        watch=JUDGED,
    )


def ask(translator: Translator, pairs: pd.DataFrame) -> tuple[list[Seen], list[float]]:
    """What the service would have logged, and the chrF of each translation."""
    found: list[Found] = bests(search_all(translator, pairs.english, 1), translator.penalty)
    said = [translator.subwords.decode(each.pieces) for each in found]
    seen = [
        Seen(float(np.exp(each.total / len(each.pieces))), summarise(text, translator.subwords))
        for each, text in zip(found, pairs.english, strict=True)
    ]
    return seen, sentence_chrf(said, list(pairs.german)).tolist()


def typed(text: str, random: np.random.Generator) -> str:
    """A sentence as somebody types it who is in a hurry."""
    letters = [letter for letter in text.lower() if letter.isalnum() or letter == " "]
    for place in range(len(letters) - 1):
        if random.random() < SLIPS and " " not in letters[place : place + 2]:
            if random.random() < 0.5:
                letters[place], letters[place + 1] = letters[place + 1], letters[place]
            else:
                letters[place] = ""
    return "".join(letters)
