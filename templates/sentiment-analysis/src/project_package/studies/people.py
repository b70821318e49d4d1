"""How far do people agree among themselves?"""

import numpy as np
import pandas as pd

from ..data import KINDS, NAMES
from ..evaluate import Evaluated
from ..kit.results import Study, Table
from ..kit.workspace import Workspace
from ..train import pearson_r

COLUMNS = {
    "raters": "people each (median)",
    "one": "one person with the mean of the others, r",
    "reliability": "reliability of the mean",
    "ceiling": "ceiling of r",
}


def study(_workspace: Workspace, evaluated: Evaluated) -> Study:
    """Agreement, and the ceiling that it sets."""
    snippets = evaluated.snippets
    rows = []
    for kind in KINDS:
        found = human_agreement(snippets[snippets.kind == kind])
        rows.append([NAMES[kind], *(found[name] for name in COLUMNS)])
    return Study(
        title="What people themselves agree on",
        text="From what each person said of the texts of the test set: the share of the means' "
        "variance that is not chance in who was asked (Spearman, 1904). Its root is the ceiling, "
        "as no rater can be expected to correlate with the means more than that.",
        tables={
            "people": Table(
                "From the raw ratings of the test set.", ["rated", *COLUMNS.values()], rows
            )
        },
    )


def human_agreement(snippets: pd.DataFrame) -> dict[str, float]:
    """The reliability of people's mean, its ceiling, and one of them against the rest."""
    ratings = snippets.ratings.map(np.array)
    means = ratings.map(np.mean)
    chance = (ratings.map(lambda each: each.var(ddof=1)) / ratings.map(len)).mean()
    reliability = max(0.0, 1 - chance / means.var())
    first = ratings.map(lambda each: each[0])
    others = ratings.map(lambda each: each[1:].mean())
    return {
        "raters": float(ratings.map(len).median()),
        "reliability": float(reliability),
        "ceiling": float(np.sqrt(reliability)),
        "one": pearson_r(first.astype(float), others),
    }
