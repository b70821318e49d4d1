import numpy as np
import pytest

from project_package.games import GAMES
from project_package.model import draw_tuples, make_network
from project_package.predict import GamePlayer

GAME = GAMES["connect_four"]
SURE = 0.5
LINES = [
    [],
    [3, 0, 3, 0, 3, 1],  # a win at hand
    [3, 2, 0, 2, 6, 2, 5],  # another one, for the second player
    [0, 2, 0, 3, 6, 4, 1],
    *([first, second] for first in range(GAME.moves) for second in range(GAME.moves)),
]


@pytest.fixture(scope="module")
def player() -> GamePlayer:
    """Its weights are drawn by lot: what it thinks is nonsense, and often firm."""
    network = make_network(GAME, draw_tuples(GAME, 5, 4, 0))
    network.weights[:] = np.random.default_rng(0).normal(0, 0.2, len(network.weights))
    return GamePlayer({GAME.name: network}, 0.7)


def test_an_opinion_says_how_the_game_stands(player: GamePlayer) -> None:
    seen = set()
    for moves in LINES:
        opinion = player.consider(GAME.name, moves)
        value = {each.move: each.value for each in opinion.moves}[opinion.choice]
        told = "good" if value >= SURE else "bad" if value <= -SURE else "open"
        assert opinion.outlook == told
        seen.add(told)
    assert {"good", "open"} <= seen
    assert player.consider(GAME.name, [3, 0, 3, 0, 3, 0, 3]).outlook is None
