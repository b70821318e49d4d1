"""Would a small recurrent network do better? It needs PyTorch: `pip install --group lstm`."""

from collections.abc import Sequence
from importlib.util import find_spec
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .. import model
from ..evaluate import Evaluated
from ..kit.results import Study, Table
from ..kit.statistics import Interval, bootstrap, paired_difference
from ..kit.web import one_thread
from ..kit.workspace import Workspace
from ..model import NOON, SLOTS, WEEK, Series

TITLE, NAME = "Would a small recurrent network do better?", "LSTM"
BEFORE = 3  # whole days before this morning that it reads
STEP = 2  # half-hours that make one step of a sequence
HIDDEN, ROUNDS, RATE, DECAY = 24, 80, 0.01, 0.01
EVERY = 28  # days after which it is fitted anew, as a fit takes seconds
BASE = 2  # last days of the kind, against which it learns the change
DEGREES = 10.0  # so that temperatures are about as large as the rest


def installed() -> bool:
    """Whether PyTorch is there."""
    return find_spec("torch") is not None


def study(workspace: Workspace, evaluated: Evaluated) -> Study:
    """The same days by an LSTM (Hochreiter and Schmidhuber, 1997) that knew the same past."""
    if not installed():
        return Study(
            title=TITLE,
            text="Not answered here, as PyTorch is not installed: after "
            "`pip install --group lstm` the next evaluation answers it.",
        )
    rows, options = evaluated.rows, {"groups": evaluated.rows.week, "seed": workspace.seed}
    said = forecasts(evaluated.series, evaluated.days, workspace.config).ravel()
    gap = paired_difference(model.mape, rows.truth, said, rows.model, **options)
    table = [
        [
            "the model of this project",
            bootstrap(model.mape, rows.truth, rows.model, **options),
            "–",
        ],
        [NAME, bootstrap(model.mape, rows.truth, said, **options), gap.signed],
    ]
    return Study(
        title=TITLE,
        text=f"An LSTM of {HIDDEN} units reads the hours of {BEFORE} days and of this morning: "
        "demand against its base, temperature, hour and kind of day. It learns the change of "
        f"{SLOTS} half-hours against the last {BASE} days of the kind, is fitted anew every "
        f"{EVERY} days, and has had its rounds tuned alone, on days of training. {verdict(gap)}",
        tables={
            "lstm": Table(
                "The same days; a difference above zero is a larger error.",
                ["", "error, %", "minus the model's"], table,
            )
        },
    )  # fmt: skip


def verdict(gap: Interval) -> str:
    """What the interval of LSTM minus model says of the network."""
    if gap.low > 0:
        return "It loses: so few days teach a network less than features made by hand."
    if gap.high < 0:
        return "It wins: then the headline's model is not the one to use."
    return "Neither is clearly better."


def forecasts(series: Series, days: Sequence[int], config: dict[str, Any]) -> NDArray[np.float64]:
    """Demand of `days`, (days, 48), each as known at noon before."""
    found = []
    for start in range(0, len(days), EVERY):
        block = days[start : start + EVERY]
        learned = model.learnable(series, block[0] - 1, config["model"]["warm_up"])
        change = one_thread(fit_and_say)(series, learned, block, config["seed"])
        found.append(np.exp(change + [model.base_of(series, day, BASE) for day in block]))
    return np.concatenate(found)


def sequence(series: Series, day: int) -> NDArray[np.float64]:
    """What is known at noon before `day`, by steps up to that noon: (steps, columns).

    Demand and temperature are against the last days of the kind of `day`; a gap is as those.
    """
    first, base = day - 1 - BEFORE, model.base_days(series, day, BASE)
    until = (BEFORE * SLOTS + NOON) // STEP
    level = np.tile(model.base_of(series, day, BASE), BEFORE + 1)
    warmth = series.temperature[first:day].ravel()
    steps = np.column_stack(
        [
            np.nan_to_num(np.log(series.demand[first:day]).ravel() - level),
            np.nan_to_num(warmth - np.tile(series.temperature[base].mean(axis=0), BEFORE + 1))
            / DEGREES,
            np.nan_to_num(warmth - warmth[0]) / DEGREES,
        ]
    ).reshape(-1, STEP, 3).mean(axis=1)[:until]  # fmt: skip
    turn = 2 * np.pi * np.arange(until) * STEP / SLOTS
    asked = np.concatenate(
        [
            np.eye(WEEK)[series.weekday[day]],
            np.eye(3)[series.kind[day]],
            np.eye(3)[series.kind[day - 1]],
        ]
    )
    return np.column_stack([steps, np.sin(turn), np.cos(turn), np.tile(asked, (until, 1))])


def fit_and_say(
    series: Series, learned: Sequence[int], asked: Sequence[int], seed: int
) -> NDArray[np.float64]:
    """The change of the logarithm against the base of the days `asked`, (days, 48)."""
    import torch

    def rows(days: Sequence[int]) -> torch.Tensor:
        return torch.tensor(np.stack([sequence(series, day) for day in days]), dtype=torch.float32)

    class Network(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.memory = torch.nn.LSTM(known.shape[-1], HIDDEN, batch_first=True)
            self.out = torch.nn.Linear(HIDDEN, SLOTS)

        def forward(self, given: torch.Tensor) -> torch.Tensor:
            return self.out(self.memory(given)[0][:, -1])

    log, known = np.log(series.demand), rows(learned)
    change = np.stack([log[day] - model.base_of(series, day, BASE) for day in learned])
    spread = float(change.std())
    target = torch.tensor(change / spread, dtype=torch.float32)
    torch.manual_seed(seed)
    network = Network()
    optimiser = torch.optim.AdamW(network.parameters(), lr=RATE, weight_decay=DECAY)
    for _ in range(ROUNDS):
        optimiser.zero_grad()
        torch.nn.functional.l1_loss(network(known), target).backward()
        optimiser.step()
    with torch.no_grad():
        return network(rows(asked)).numpy().astype(float) * spread
