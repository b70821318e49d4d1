"""What should be bought, if too little costs more than too much?"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..evaluate import Evaluated
from ..intervals import pooled
from ..kit.results import Study, Table
from ..kit.statistics import bootstrap, paired_difference
from ..kit.workspace import Workspace
from ..model import SLOTS


def study(workspace: Workspace, evaluated: Evaluated) -> Study:
    """The quantile that follows from the two costs, and what it saves against the forecast."""
    dear = workspace.config["evaluate"]["too_little"]
    return Study(
        title="A gigawatt too little, a gigawatt too much",
        text=f"Suppose that a gigawatt too little costs {dear:g} and one too much costs 1. Then "
        f"the amount to buy is the quantile {dear / (dear + 1):.2f} of what may come, "
        "not its middle: the forecast is raised by that quantile of the misses of each half-hour "
        "on the last days of training. Which costs are true is a question for whoever buys.",
        tables={"cost": cost_table(workspace, evaluated, dear)},
    )


def cost_table(workspace: Workspace, evaluated: Evaluated, dear: float) -> Table:
    """The mean cost of a half-hour for three things to buy."""
    rows, config = evaluated.rows, workspace.config
    raised = pooled(evaluated.misses, config["intervals"]["neighbours"])
    factor = np.exp([np.quantile(values, dear / (dear + 1)) for values in raised])
    bought = {
        "the forecast": rows.model.to_numpy(),
        "the quantile that follows": (rows.model.to_numpy().reshape(-1, SLOTS) * factor).ravel(),
        evaluated.simple: rows[evaluated.simple].to_numpy(),
    }

    def cost(truth: NDArray, said: NDArray) -> float:
        return 1000 * mean_cost(truth, said, dear)

    options: dict[str, Any] = {"groups": rows.week, "seed": workspace.seed}
    plain, table = bought["the forecast"], []
    for name, said in bought.items():
        change = (
            "–" if said is plain
            else paired_difference(cost, rows.truth, said, plain, **options).signed
        )  # fmt: skip
        short = float(np.mean(rows.truth > said))
        table.append([name, bootstrap(cost, rows.truth, said, **options), change, short])
    return Table(
        "Mean cost of a half-hour, in what a megawatt too much costs; below zero in the third "
        "column is cheaper.",
        ["bought", "cost", "minus the forecast's", "share of half-hours with too little"],
        table,
    )


def mean_cost(truth: NDArray, said: NDArray, dear: float) -> float:
    """The mean cost, where one too little costs `dear` and one too much costs 1."""
    missing = np.asarray(truth) - np.asarray(said)
    return float(np.mean(np.where(missing > 0, dear * missing, -missing)))
