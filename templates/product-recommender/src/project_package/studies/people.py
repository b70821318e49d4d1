"""Whom do the lists serve, and whom less?"""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd

from ..evaluate import Evidence
from ..kit.results import EACH_ALONE, Study, Table
from ..kit.workspace import Workspace
from ..model import MODEL, RECENT

OLDEST = 120  # years


def study(workspace: Workspace, evaluated: Evidence) -> Study:
    """The headline by how much is known of people, by gender and by age."""
    return Study(
        title="Kinds of people",
        text="The lists of the headline, parted by whose they are.",
        tables={"slices": slices_table(evaluated, workspace.config["evaluate"]["ages"])},
    )


def slices_table(evidence: Evidence, ages: Sequence[int]) -> Table:
    """NDCG@10 of the model, and its difference from recent popularity, by kind of person."""
    users = evidence.users.iloc[evidence.people]
    known = [
        np.bincount(origin.past.people, minlength=len(evidence.users))[lists.people]
        for origin, _, lists in evidence.rounds
    ]
    quarters, bounds = pd.qcut(
        np.concatenate(known), 4, labels=False, retbins=True, duplicates="drop"
    )
    masks = {
        f"{low + (number > 0):.0f} to {high:.0f} films known": quarters == number
        for number, (low, high) in enumerate(pairwise(bounds))
    }
    for letter, word in (("F", "women"), ("M", "men")):
        masks[word] = (users.gender == letter).to_numpy()
    for low, after in pairwise([0, *ages, OLDEST + 1]):
        masks[f"aged {low} to {after - 1}"] = users.age.between(low, after - 1).to_numpy()
    model = evidence.pooled(MODEL, "ndcg")
    gain = model - evidence.pooled(RECENT, "ndcg")
    rows: list[list[Any]] = [
        [
            name,
            int(rows.sum()),
            evidence.interval(model[rows], rows),
            evidence.interval(gain[rows], rows).signed,
        ]
        for name, rows in masks.items()
        if rows.any()
    ]
    caption = f"NDCG@10 by kind of person. {EACH_ALONE}"
    return Table(caption, ["people", "lists", "NDCG@10", f"minus {RECENT}"], rows)
