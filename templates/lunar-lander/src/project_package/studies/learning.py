"""How fast does it learn, and what did validation choose?"""

import numpy as np

from ..evaluate import LINEAR, PPO, Evaluated
from ..kit import figures
from ..kit.results import Picture, Study, Table
from ..kit.workspace import Workspace


def study(workspace: Workspace, evaluated: Evaluated) -> Study:
    """Curves of all runs, and what validation chose."""
    rows = evaluated.training["runs"]
    table = [
        [
            ("**served:** " if row["shipped"] else "") + f"run {row['run']}",
            row["flights"],
            *(
                max(row["validated"].values()),
                float(row["validated"][max(row["validated"], key=int)]),
            ),
            float(evaluated.by_run(PPO)[f"run {row['run']}"]),
            evolved,
            float(evaluated.by_run(LINEAR)[f"run {row['run']}"]),
        ]
        for row, evolved in zip(rows, evaluated.training["evolved"], strict=True)
    ]
    columns = ["run", "flights", "chosen, validation", "last, validation", "test",
               "linear, validation", "linear, test"]  # fmt: skip
    return Study(
        title="How fast does it learn?",
        text="Runs differ in their seed alone. The curve is of flights in training, in which "
        "actions are drawn by lot. Of the last pilots of a run the one that flew the validation "
        "landings best is kept.",
        tables={
            "seeds": Table(
                "Mean return of each run's pilot and of its linear policy.", columns, table
            )
        },
        figures={"learning-curve": draw(workspace, rows)},
        notes={"budget": budget_note(evaluated)},
    )


def budget_note(found: Evaluated) -> str:
    """What the training was."""
    settings = found.workspace.config
    flights = [row["flights"] for row in found.training["runs"]]
    return (
        f"{len(flights)} runs of {settings['train']['steps']:,} steps, {min(flights):,} to "
        f"{max(flights):,} flights each; the linear policies were evolved in "
        f"{settings['evolution']['steps']:,} steps each. Steps are counted, however long they take."
    )


def draw(workspace: Workspace, rows: list[dict]) -> Picture:
    """Return in training by steps: each run, and their middle."""
    with figures.figure(workspace.figures / "learning-curve") as (_, axes):
        for row in rows:
            axes.plot(*zip(*row["curve"], strict=True), color=figures.OTHER, lw=1)
        steps = sorted(set.intersection(*({each for each, _ in row["curve"]} for row in rows)))
        values = np.array(
            [[dict(map(tuple, row["curve"]))[step] for step in steps] for row in rows]
        )
        axes.plot(steps, values.mean(0), color=figures.MODEL, lw=2)
        axes.fill_between(steps, values.min(0), values.max(0), color=figures.MODEL, alpha=0.15)
        axes.set(xlabel="steps of training", ylabel="return of flights in training")
        axes.xaxis.set_major_formatter(lambda value, _: f"{value:,.0f}")
    return Picture(
        "Return of flights in training: a thin line for each run, their mean, and between the "
        "lowest and the highest run.",
        "Curves of return against steps, one a run, with a band between them.",
    )
