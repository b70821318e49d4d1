"""Whom to write to, at a stated cost of a letter?"""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from ..evaluate import Evaluated
from ..kit.results import Study, Table
from ..kit.statistics import bootstrap
from ..kit.workspace import Workspace
from ..predict import earned


def study(workspace: Workspace, evaluated: Evaluated) -> Study:
    """By segment and over all: what letters would have earned, had they the assumed effect."""
    letter, seed = workspace.config["letter"], workspace.seed
    needed = letter["cost"] / (letter["lift"] * letter["margin"])
    customers = evaluated.customers
    return Study(
        title="Whom to write to?",
        text=f"A letter costs ${letter['cost']:.2f}, {letter['margin']:.0%} of a dollar spent is "
        f"earned, and somebody who gets one is assumed to spend {letter['lift']:.0%} more: then "
        f"it pays from ${needed:.2f} of expected spend on. The cost can be looked up; the effect "
        "is an assumption, as nobody in these data was written to or left out by chance. Only a "
        "trial can tell it, and those who would come anyway may be those whom it changes least.",
        tables={
            "letters": letters_table(customers, letter, needed),
            "plans": plans_table(evaluated, letter, needed, seed),
        },
    )


def letters_table(customers: pd.DataFrame, letter: Mapping[str, float], needed: float) -> Table:
    """For each segment, what is expected, what to do, and what that would have earned."""
    rows = []
    for number, part in customers.groupby("segment"):
        expected = float(part.model.mean())
        does = "write" if expected >= needed else "leave be"
        would = float(earned(part.spend, letter).mean())
        rows.append([str(number), len(part), expected, does, would])
    return Table(
        "What is expected decides, before the period; the last column is hindsight, and rests on "
        "the assumed effect.",
        ["segment", "n", "expected, $", "what to do", "a letter would have earned, $"],
        rows,
    )


def plans_table(
    evaluated: Evaluated, letter: Mapping[str, float], needed: float, seed: int
) -> Table:
    """Plans for all customers together."""
    customers = evaluated.customers
    pays = (customers.model >= needed).to_numpy()
    means = customers.groupby("segment").model.transform("mean")
    simple = customers[evaluated.simple].rank(method="first", ascending=False)
    plans = {
        "everybody": np.ones(len(customers), dtype=bool),
        "segments of whom enough is expected": (means >= needed).to_numpy(),
        "customers of whom enough is expected": pays,
        f"as many by the {evaluated.simple}": (simple <= pays.sum()).to_numpy(),
        "nobody": np.zeros(len(customers), dtype=bool),
    }
    gains = earned(customers.spend, letter).to_numpy()
    rows = [
        [name, int(chosen.sum()), bootstrap(np.mean, np.where(chosen, gains, 0.0), seed=seed)]
        for name, chosen in plans.items()
    ]
    caption = "What each plan would have earned a customer, letters paid, under the assumed effect."
    return Table(caption, ["plan", "letters", "earned a customer, $"], rows)
