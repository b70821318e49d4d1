"""How much of the result is luck?"""

import numpy as np

from ..evaluate import Evaluated
from ..kit.results import Study, Table
from ..kit.statistics import decimal
from ..kit.workspace import Workspace
from ..model import SVM
from ..predict import NONE
from ..train import say_without

ENOUGH = 3  # sets of networks: a spread of fewer says nothing


def study(workspace: Workspace, evaluated: Evaluated) -> Study:
    """The networks of the headline, and as many again from other seeds."""
    seeds = workspace.config["train"]["repeats"] + 1
    rows = []
    for repeat in range(seeds):
        right = evaluated.right
        if repeat:
            networks = {who: evaluated.network(f"{who}/{repeat}") for who in evaluated.speakers}
            said = say_without(evaluated.test, evaluated.seen, networks)[:, :NONE].argmax(axis=1)
            right = said == evaluated.test.digits
        each = [float(right[evaluated.test.speakers == who].mean()) for who in evaluated.speakers]
        name = "**headline**" if repeat == 0 else "repeat"
        rows.append([name, workspace.seed + repeat, float(right.mean()), *each])
    return Study(
        title="How much of it is luck?",
        text="The networks without each speaker were trained again from other seeds, everything "
        "else alike, and asked about the same recordings.",
        tables={
            "seeds": Table(
                "Accuracy for a new speaker by seed; a later row replaces nothing.",
                ["", "seed", "accuracy", *evaluated.speakers],
                rows,
            )
        },
        notes={"spread": spread_note([row[2] for row in rows], evaluated)},
    )


def spread_note(found: list[float], evaluated: Evaluated) -> str:
    """Mean and standard deviation over the seeds."""
    if len(found) < ENOUGH:
        return "Not repeated from enough other seeds in this run (`repeats` in config.toml)."
    rival = float(np.mean(evaluated.said[SVM] == evaluated.test.digits))
    above = sum(value > rival for value in found)
    return (
        f"Over {len(found)} seeds accuracy is {decimal(np.mean(found))} ± "
        f"{decimal(np.std(found, ddof=1))} (standard deviation), from {decimal(min(found))} to "
        f"{decimal(max(found))}; {above} of {len(found)} lie above the {decimal(rival)} of {SVM}."
    )
