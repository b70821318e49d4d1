import pytest

from project_package import data, players
from project_package.games import GAMES

GAME = GAMES["connect_four"]


@pytest.mark.parametrize(
    ("moves", "answers"),
    [
        ([], {3}),
        ([3] * 6, {2, 4}),
        ([3, 3, 3, 3, 3, 3, 2, 2, 2, 2, 2, 2], {4}),
        ([6, 2, 6, 2, 6, 2], {6}),  # both sides have three in a column
        ([6, 2, 6, 2, 6], {6}),
    ],
)
def test_it_wins_then_blocks_then_takes_the_centre(moves: list[int], answers: set[int]) -> None:
    player = players.CentreFirst()
    choose = player.sit_down(GAME, seed=1)
    before = data.replay(GAME, moves)
    state = before.copy()
    assert choose(players.Board(None, state)) in answers
    assert (state == before).all()
    assert player.name == "centre first"
