"""How does it stand beside published results?"""

import numpy as np

from .. import model
from ..evaluate import PUBLISHED, Evaluated, curve
from ..kit.results import Study, Table
from ..kit.statistics import bootstrap, decimal
from ..kit.workspace import Workspace


def study(workspace: Workspace, evaluated: Evaluated) -> Study:
    """Each published pair, and the model's recall where its accuracy is that of the pair."""
    queries, seed = evaluated.queries, workspace.seed
    found = curve(evaluated.judged, queries.label)
    most = float(found.inside.max())
    rows = [[f"{name}, published", inside / 100, outside / 100, (inside + outside) / 200,
             at_accuracy(found, inside / 100)]
            for name, (inside, outside) in PUBLISHED.items()]  # fmt: skip
    own = [
        bootstrap(metric, queries.label, queries.model, groups=queries.group, seed=seed)
        for metric in (
            model.in_scope_accuracy, model.out_of_scope_recall, model.in_out_mean
        )
    ]  # fmt: skip
    rows.append(["this model", *own, "–"])
    return Study(
        title="How does it stand beside published results?",
        text="A single pair of accuracy and recall says where somebody put a threshold; the whole "
        "curve says what was to be had. The publishers tuned for accuracy, this project for the "
        "mean of both: the last column asks the curve at their accuracy. Where a mean is above "
        "theirs, look at threshold and rule first: *What does each part give?* takes them apart.",
        tables={
            "published": Table(
                "Larson et al. (EMNLP 2019), on their 5,500 test queries. The last column takes "
                "its threshold from the test curve, which nobody could have known.",
                [
                    "",
                    "in-scope accuracy",
                    "out-of-scope recall",
                    "mean",
                    "this model's recall there",
                ],
                rows,
            )
        },
        notes={
            "published": f"Answering always, this model comes to an in-scope accuracy of "
            f"{decimal(most)}: what is published above that is out of its reach at any threshold."
        },
    )


def at_accuracy(found: "np.ndarray", accuracy: float) -> float | str:
    """The best recall on a curve with at least this accuracy; a dash where there is none."""
    reached = found[found.inside >= accuracy]
    return float(reached.outside.max()) if len(reached) else "–"
