"""The one door to OpenSpiel (Lanctot et al., 2019): the games' rules and its tree search."""

import sys
from typing import Any

from ..games import Game
from ..kit.workspace import ProjectError

MEGABYTES = 100  # more than a tree of the opponents takes

if sys.platform == "win32":
    pyspiel = None
else:
    import pyspiel


def load(game: Game) -> Any:
    """OpenSpiel's own object for `game`; raises ProjectError where OpenSpiel cannot run."""
    if pyspiel is None:
        raise ProjectError(
            "OpenSpiel, which referees the games, has no version for Windows: run this in WSL "
            "(`wsl --install`, then as on Linux) or in Docker"
        )
    return pyspiel.load_game(game.openspiel)


def tree_search(game: Game, simulations: int, seed: int) -> Any:
    """OpenSpiel's Monte Carlo tree search with random play-outs, √2 as its constant."""
    evaluator = pyspiel.RandomRolloutEvaluator(n_rollouts=1, seed=seed)
    return pyspiel.MCTSBot(
        load(game), evaluator, 2**0.5, simulations, max_memory_mb=MEGABYTES, solve=True, seed=seed,
        verbose=False,
    )  # fmt: skip
