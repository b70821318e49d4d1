"""Does it know negation, number and gender?"""

import numpy as np

from ..contrast import ITEMS, OWN, Item
from ..evaluate import Evaluated
from ..kit.results import Score, Study, Table
from ..kit.statistics import bootstrap
from ..kit.workspace import Workspace
from ..predict import Translator
from ..subwords import END, START

GUESSING = 0.5


def study(workspace: Workspace, evaluated: Evaluated) -> Study:
    """Of every item, which translation is likelier, and what is written unasked."""
    translator = evaluated.shipped
    gaps = np.array([gap(translator, item) for item in ITEMS])
    right, kinds = gaps > 0, np.array([item.kind for item in ITEMS])
    found_right = bootstrap(np.mean, right, seed=workspace.seed)
    rows = []
    for kind in dict.fromkeys(kinds):
        own = kinds == kind
        found = bootstrap(np.mean, right[own], seed=workspace.seed)
        rows.append([kind, int(own.sum()), found])
    wrong = [
        [ITEMS[row].kind, ITEMS[row].english, translator.translate(ITEMS[row].english).text]
        for row in np.flatnonzero(~right)
    ]
    said = [[text, (one := translator.translate(text)).text, one.probability] for text in OWN]
    return Study(
        title="Negation, number and gender",
        text=f"{len(ITEMS)} English sentences were written for this project, each with a right "
        "German translation and one that is wrong in one thing. Asked is which of the two the "
        "transformer finds likelier; guessing gives one half. There are few of each kind, so the "
        "intervals are wide.",
        tables={
            "contrast": Table("Share of right ones found likelier.", ["kind", "n", "right"], rows),
            "contrast-errors": Table(
                "Where the wrong one was likelier, and what is written unasked.",
                ["kind", "English", "written"], wrong or [["none", "–", "–"]],
            ),
            "own": Table(
                "Sentences of this project's own: the later ones are no captions of photographs.",
                ["English", "German", "probability of a piece"], said,
            ),
        },
        notes={"contrast": contrast_note(right, kinds)},
        scores={
            "contrast": Score("right ones of the contrast set", found_right, GUESSING)
        },
    )  # fmt: skip


def gap(translator: Translator, item: Item) -> float:
    """By how many nats the right translation is likelier than the wrong one."""
    right, wrong = (
        surprise(translator, item.english, german) for german in (item.right, item.wrong)
    )
    return wrong - right


def surprise(translator: Translator, english: str, german: str) -> float:
    """The negative log probability of a given translation, all pieces together."""
    # practice: surprise
    writer = translator.writer([*translator.subwords.encode(english), END])
    wanted = [*translator.subwords.encode(german), END]
    total = 0.0
    for before, piece in zip([START, *wanted], wanted, strict=False):
        logs, _ = writer.advance([0], [before])
        total -= float(logs[0, piece])
    return total
    # practice: end


def contrast_note(right: np.ndarray, kinds: np.ndarray) -> str:
    """In a sentence."""
    told = ", ".join(
        f"{kind} {right[kinds == kind].sum()} of {(kinds == kind).sum()}"
        for kind in dict.fromkeys(kinds)
    )
    return (
        f"Of {len(right)} sentences with one thing to get wrong the right translation was likelier "
        f"for {right.sum()}: {told}."
    )
