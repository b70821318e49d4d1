"""Every method on every test set, by both metrics."""

import numpy as np

from ..data import HEADLINE, LATER
from ..evaluate import GRU, TRANSFORMER, Evaluated, corpus_bleu
from ..kit.results import Study, Table
from ..kit.statistics import compared, paired_difference
from ..kit.workspace import Workspace
from ..scores import chrf


def study(workspace: Workspace, evaluated: Evaluated) -> Study:
    """BLEU and chrF with intervals by sentence, and the transformer minus the recurrent network."""
    return Study(
        title="Every method on every test set",
        text="The transformer and the recurrent network with attention have the same pieces, the "
        "same number of steps and the same search. BLEU counts words in common in runs of one to "
        "four, chrF runs of letters: it forgives a wrong ending. The test set of COCO was chosen "
        "by its makers for verbs that can mean several things.",
        tables={"methods": methods_table(evaluated)},
        notes={"recurrent": recurrent_note(workspace, evaluated)},
    )


def methods_table(evaluated: Evaluated) -> Table:
    """A row for each test set and method."""
    rows = []
    for name in (HEADLINE, *LATER):
        chosen = evaluated.of(name)
        for method in evaluated.said:
            letters = evaluated.interval(chrf, evaluated.letters[method], chosen)
            bleu = evaluated.bleu(method, chosen)
            rows.append([name, method, int(chosen.sum()), bleu, letters])
    return Table(
        "Each method on each test set, intervals by sentence.",
        ["test set", "method", "n", "BLEU", "chrF"],
        rows,
    )


def recurrent_note(workspace: Workspace, evaluated: Evaluated) -> str:
    """Both networks in pairs."""
    told = []
    rows = evaluated.of(HEADLINE)
    for name, metric, counts in (
        ("BLEU", corpus_bleu, evaluated.counts),
        ("chrF", chrf, evaluated.letters),
    ):
        found = paired_difference(
            lambda _, own, metric=metric: metric(own),
            np.zeros(rows.sum()), counts[TRANSFORMER][rows], counts[GRU][rows],
            groups=evaluated.test.group[rows], seed=workspace.seed,
        )  # fmt: skip
        told.append(f"{name} {compared(found)}")
    return (
        f"The transformer minus the recurrent network, test set of {HEADLINE}, on the same draws "
        f"of sentences: {', '.join(told)}."
    )
