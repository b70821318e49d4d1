"""What is the opponent of the headline worth, and are its games different games?"""

import numpy as np

from ..evaluate import TWICE, YARDSTICK, Findings
from ..kit.results import Study
from ..kit.statistics import bootstrap, decimal
from ..kit.workspace import Workspace


def study(workspace: Workspace, evaluated: Findings) -> Study:
    """The yardstick against a stronger and a weaker player, in the openings of the headline."""
    return Study(
        title="What is the yardstick worth?",
        text=f"{YARDSTICK.name} also met a tree search that searches twice as long and a player "
        "that moves at random; and the games of the headline were compared with one another.",
        notes={
            "yardstick": yardstick_note(evaluated, workspace.seed),
            "protocol": protocol_note(evaluated),
        },
    )


def yardstick_note(found: Findings, seed: int) -> str:
    """What the opponent of the headline is worth, by one that searches twice as long."""
    games = found.scores(TWICE.name, YARDSTICK.name)
    worth = bootstrap(np.mean, games.score, groups=games.pair, seed=seed)
    chance = found.scores("random", YARDSTICK.name).score.mean()
    return (
        f"What {YARDSTICK.name} is worth: one that searches twice as long ({TWICE.name}) scores "
        f"{worth} against it in the same openings, one that moves at random {decimal(chance)}."
    )


def protocol_note(found: Findings) -> str:
    """How many of the games are different games."""
    games = found.scores(found.learned.name, YARDSTICK.name)
    return (
        f"{len(games)} games from {games.opening.nunique()} different openings, each opening with "
        f"both colours; {games.moves.nunique()} of the games are distinct. "
        "Intervals are drawn over pairs of games."
    )
