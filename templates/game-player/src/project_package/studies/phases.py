"""How often does it err, and when?"""

import numpy as np
import pandas as pd

from ..evaluate import ONE_PLY, Findings
from ..kit import figures
from ..kit.results import EACH_ALONE, Picture, Study, Table
from ..kit.statistics import bootstrap
from ..kit.workspace import Workspace

PHASES = {
    "connect_four": {"plies 12–17": (12, 17), "plies 18–25": (18, 25), "plies 26–37": (26, 37)},
    "tic_tac_toe": {"plies 0–2": (0, 2), "plies 3–5": (3, 5), "plies 6–8": (6, 8)},
}
TENTHS, FEWEST = 10, 5  # points of the curve, and positions behind each


def study(workspace: Workspace, evaluated: Findings) -> Study:
    """Mistakes by phase of the game, and what the player thought of its moves."""
    title = "How often does it err, and does its value mean what it says?"
    if evaluated.positions is None:
        table = Table("No referee for this game.", ["phase"], [])
        return Study(title, "Only games with an exact referee can be judged.", {"phases": table})
    return Study(
        title=title,
        text="Every test position was shown to each player, and the referee said whether the move "
        "gives value away. What the learned player thought of its move is set beside what the "
        "move is worth exactly.",
        tables={"phases": phases_table(evaluated, workspace.seed)},
        figures={
            "phases": draw_phases(workspace, evaluated),
            "values": draw_values(workspace, evaluated.positions),
        },
    )


def by_phase(found: Findings) -> dict[str, pd.DataFrame]:
    """The test positions where it matters."""
    chosen = found.positions[found.positions.decisive]
    return {
        name: chosen[chosen.ply.between(*ends)] for name, ends in PHASES[found.game.name].items()
    }


def phases_table(found: Findings, seed: int) -> Table:
    """Mistakes where it matters, by phase of the game."""
    rows = []
    for name, chosen in by_phase(found).items():
        if len(chosen):
            mistakes = (chosen.mistake, chosen.look_ahead_mistake, chosen.one_ply_mistake)
            shares = (bootstrap(np.mean, m, groups=chosen.group, seed=seed) for m in mistakes)
            rows.append([name, len(chosen), *shares])
    return Table(
        "Share of the positions where it matters (some legal move gives value away, some does "
        f"not) in which the move does; for players that draw lots, on average. {EACH_ALONE}",
        ["phase", "positions", "learned", found.look_ahead.name, ONE_PLY.name],
        rows,
    )


def draw_phases(workspace: Workspace, found: Findings) -> Picture:
    """Bars for alpha-beta and the learned player."""
    phases = {name: part for name, part in by_phase(found).items() if len(part)}
    kinds = {
        "alpha-beta": ("look_ahead_mistake", figures.BASELINE, -0.18),
        "learned": ("mistake", figures.MODEL, 0.18),
    }
    with figures.figure(workspace.figures / "phases") as (_, axes):
        for label, (column, colour, shift) in kinds.items():
            found_in = [
                bootstrap(np.mean, part[column], groups=part.group, seed=workspace.seed)
                for part in phases.values()
            ]
            values = [each.value for each in found_in]
            ends = [[each.value - each.low for each in found_in],
                    [each.high - each.value for each in found_in]]  # fmt: skip
            places, looks = np.arange(len(values)) + shift, {"color": colour, "label": label}
            axes.bar(places, values, 0.34, yerr=ends, ecolor=figures.OTHER, capsize=3, **looks)
        axes.set_xticks(range(len(phases)), list(phases))
        axes.set(ylabel="mistakes where it matters", ylim=(0, None))
        axes.legend()
    return Picture(
        "Mistakes by phase of the game, judged exactly, with 95 % intervals.",
        "Share of mistakes by phase, for alpha-beta and the learned player.",
    )


def draw_values(workspace: Workspace, positions: pd.DataFrame) -> Picture:
    """Is a move thought to be worth .5 worth .5 on average?"""
    ranks = positions.thought.rank(method="first")
    tenths = pd.qcut(ranks, min(TENTHS, len(positions) // FEWEST), labels=False)
    means = positions.groupby(tenths)[["thought", "worth"]].mean()
    with figures.figure(workspace.figures / "values", width=5) as (_, axes):
        axes.plot([-1, 1], [-1, 1], "--", color=figures.OTHER, label="perfect")
        axes.plot(means.thought, means.worth, "o-", color=figures.MODEL, label="learned")
        axes.set(xlabel="value the player gave its move", ylabel="mean exact value")
        axes.set_xticks(np.linspace(-1, 1, 5))
        axes.legend()
    return Picture(
        "Does the value mean what it says? Test positions in tenths by the player's own value.",
        "Curve of stated against exact values beside the diagonal.",
    )
