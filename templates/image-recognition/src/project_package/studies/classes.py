"""Which classes does it find, and what does it take them for?"""

import numpy as np
import pandas as pd
from sklearn.metrics import confusion_matrix

from ..baselines import HOG
from ..data import CLASSES
from ..evaluate import Judged
from ..kit import figures
from ..kit.results import EACH_ALONE, Picture, Study, Table
from ..kit.statistics import bootstrap
from ..kit.workspace import Workspace

CONFUSIONS = 8


def study(workspace: Workspace, evaluated: Judged) -> Study:
    """Recall and precision by class, and the commonest mistakes."""
    return Study(
        title="Class by class",
        text="Test images were counted by what they are and by what they were called.",
        tables={
            "classes": classes_table(evaluated, workspace.seed),
            "confusions": confusions_table(evaluated),
        },
        figures={"confusion": draw(workspace, evaluated)},
    )


def classes_table(judged: Judged, seed: int) -> Table:
    """Recall and precision of each class."""
    truth, label, rival = judged.images.labels, judged.label, judged.said[HOG]
    rows = []
    for number, name in enumerate(CLASSES):
        members, called = truth == number, label == number
        recall = bootstrap(np.mean, judged.right[members], seed=seed)
        precision = bootstrap(np.mean, judged.right[called], seed=seed) if called.any() else "–"
        theirs = float(np.mean(rival[members] == number))
        rows.append([name, int(members.sum()), recall, precision, theirs])
    return Table(
        f"By class: found (recall) and rightly called so (precision). {EACH_ALONE}",
        ["class", "n", "recall", "precision", f"recall, {HOG}"],
        rows,
    )


def confusions_table(judged: Judged) -> Table:
    """The commonest mistakes."""
    pairs = pd.DataFrame({"truth": judged.images.labels, "called": judged.label})
    wrong = pairs[pairs.truth != pairs.called].value_counts().head(CONFUSIONS)
    rows = [
        [CLASSES[truth], CLASSES[called], int(n), n / max(1, (~judged.right).sum())]
        for (truth, called), n in wrong.items()
    ]
    return Table("The commonest mistakes.", ["truth", "taken for", "n", "of all errors"], rows)


def draw(workspace: Workspace, judged: Judged) -> Picture:
    """Confusion matrix in percent of each true class."""
    truth, label, places = judged.images.labels, judged.label, range(len(CLASSES))
    table = confusion_matrix(truth, label, labels=places, normalize="true")
    with figures.figure(workspace.figures / "confusion", width=7.2, height=6.2) as (_, axes):
        axes.imshow(table**0.5, cmap="Blues", vmin=0, vmax=1)  # the root shows rare mistakes
        axes.set_xticks(places, CLASSES, rotation=45, ha="right")
        axes.set_yticks(places, CLASSES)
        axes.set(xlabel="called", ylabel="truth")
        axes.grid(visible=False)
        for (row, column), share in np.ndenumerate(table):
            if share >= 0.005:
                colour = "white" if share > 0.3 else "#1b1f24"
                axes.text(column, row, f"{100 * share:.0f}", ha="center", va="center", color=colour)
    return Picture(
        "Of each class (row), the share called so (column), in percent.",
        "Confusion matrix of ten classes, each row one true class.",
    )
