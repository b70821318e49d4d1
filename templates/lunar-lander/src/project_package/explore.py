"""How the training landings begin, and what two controllers that learned nothing make of them."""

import pandas as pd

from . import data
from .flights import (
    CRASHED,
    HEURISTIC,
    LANDED,
    LEFT_VIEW,
    OUT_OF_TIME,
    RANDOM,
    Chance,
    Heuristic,
    fly,
)
from .kit import figures
from .kit.results import Picture, Study, Table, write_exploration
from .kit.statistics import decimal
from .kit.workspace import Workspace

ENDS = (LANDED, CRASHED, LEFT_VIEW, OUT_OF_TIME)
BEGINS = {
    "across": "speed across", "upwards": "speed upwards", "spin": "turning",
    "rise": "ground beside the pad, above it",
}  # fmt: skip


def run(workspace: Workspace) -> None:
    """Write reports/exploration.json and a figure; the test set stays closed."""
    landings = data.load(workspace, "train", reader="explore")
    flown = {RANDOM: fly(Chance(), landings), HEURISTIC: fly(Heuristic(), landings)}
    found = Study(
        title="How a landing begins",
        text="",
        tables={"explored-starts": starts_table(landings), "explored-ends": ends_table(flown)},
        figures={"explored-returns": draw(workspace, flown)},
        notes={"explored-hard": hard_note(landings, flown[HEURISTIC])},
    )
    write_exploration(workspace, found)
    print(f"{len(landings)} training landings explored")


def starts_table(landings: pd.DataFrame) -> Table:
    """What differs from one landing to the next."""
    rows = [
        [told, *(float(value) for value in landings[name].quantile([0, 0.25, 0.5, 0.75, 1]))]
        for name, told in BEGINS.items()
    ]
    columns = ["at the start", "least", "lower quarter", "middle", "upper quarter", "most"]
    return Table("How the training landings begin, in the environment's units.", columns, rows)


def ends_table(flown: dict[str, pd.DataFrame]) -> Table:
    """Returns and ends of controllers that learned nothing."""
    rows = [
        [
            name,
            float(own.total.mean()),
            float(own.total.std()),
            *(int((own.end == end).sum()) for end in ENDS),
        ]
        for name, own in flown.items()
    ]
    columns = ["controller", "mean return", "standard deviation", *ENDS]
    return Table("Training landings, each flown once.", columns, rows)


def hard_note(landings: pd.DataFrame, flown: pd.DataFrame) -> str:
    """Whether the start tells what a landing will return."""
    with_speed = landings.across.abs().corr(flown.total, method="spearman")
    return (
        "Between how fast a landing begins across and what the heuristic then returns, the rank "
        f"correlation is {decimal(float(with_speed))} over {len(landings)} training landings."
    )


def draw(workspace: Workspace, flown: dict[str, pd.DataFrame]) -> Picture:
    """Returns, sorted."""
    with figures.figure(workspace.figures / "explored-returns", height=3.2) as (_, axes):
        for (name, own), color in zip(
            flown.items(), (figures.OTHER, figures.BASELINE), strict=True
        ):
            axes.plot(sorted(own.total), label=name, color=color)
        axes.set(xlabel="training landings, worst first", ylabel="return")
        axes.legend()
    return Picture(
        "What two controllers that learned nothing return on the training landings.",
        "Two rising curves of sorted returns.",
    )
