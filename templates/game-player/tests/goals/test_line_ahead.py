import numpy as np
import pytest

from project_package.games import GAMES
from project_package.model import draw_tuples, make_network
from project_package.predict import GamePlayer


@pytest.fixture(scope="module")
def player() -> GamePlayer:
    """Its weights are drawn by lot: what it plays is nonsense, but always the same."""
    networks = {}
    for name in ("connect_four", "go"):
        network = make_network(GAMES[name], draw_tuples(GAMES[name], 5, 4, 0))
        network.weights[:] = np.random.default_rng(0).normal(0, 0.2, len(network.weights))
        networks[name] = network
    return GamePlayer(networks, 0.7)


@pytest.mark.parametrize(("name", "moves"), [("connect_four", [3]), ("go", []), ("go", [12, 7])])
def test_the_line_is_what_it_would_play_for_both_sides(
    player: GamePlayer, name: str, moves: list[int]
) -> None:
    line = list(moves)
    expected = player.expect(name, moves, 3)
    assert len(expected) == 3
    for move in expected:
        assert move == player.consider(name, line).choice
        line.append(move)
    assert player.expect("connect_four", [3, 0, 3, 0, 3, 1], 5) == [3], "the game is over then"
    assert player.expect("connect_four", [3, 0, 3, 0, 3, 1, 3], 5) == []
