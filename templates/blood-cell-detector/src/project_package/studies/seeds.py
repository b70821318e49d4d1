"""How much of the result is luck?"""

import numpy as np

from .. import boxes
from ..boxes import MATCH
from ..evaluate import MODEL, Evaluated, precision
from ..kit.results import Study, Table
from ..kit.statistics import decimal
from ..kit.workspace import Workspace
from ..pictures import KINDS
from ..simple import HOUGH
from ..train import REPEAT

ENOUGH = 3  # networks: a spread of fewer says nothing


def study(workspace: Workspace, evaluated: Evaluated) -> Study:
    """The network of the headline, and the same trained from other seeds."""
    rows, cells = [], evaluated.test.cells
    for number in range(workspace.config["train"]["repeats"] + 1):
        found = evaluated.found[MODEL]
        if number:
            network = evaluated.network(f"{REPEAT}/{number}")
            found = [network.detect(pixels) for pixels in evaluated.test.pixels]
        each = [boxes.precision_of_kind(found, cells, kind, MATCH) for kind in range(len(KINDS))]
        name = "repeat" if number else "**headline**"
        rows.append([name, workspace.seed + number, float(np.mean(each)), *each])
    return Study(
        title="How much of it is luck?",
        text="The network was trained again from other seeds, everything else alike, and asked "
        "about the same pictures.",
        tables={
            "seeds": Table(
                "Average precision at .5 by seed; a later row replaces nothing.",
                ["", "seed", "mean", *KINDS],
                rows,
            )
        },
        notes={"spread": spread_note([row[2] for row in rows], evaluated)},
    )


def spread_note(found: list[float], evaluated: Evaluated) -> str:
    """Mean and standard deviation over the seeds."""
    if len(found) < ENOUGH:
        return "Not repeated from enough other seeds in this run (`repeats` in config.toml)."
    rival = precision(evaluated, evaluated.found[HOUGH], MATCH)
    above = sum(value > rival for value in found)
    return (
        f"Over {len(found)} seeds mAP is {decimal(np.mean(found))} ± "
        f"{decimal(np.std(found, ddof=1))} (standard deviation), from {decimal(min(found))} to "
        f"{decimal(max(found))}; {above} of {len(found)} lie above the {decimal(rival)} of {HOUGH}."
    )
