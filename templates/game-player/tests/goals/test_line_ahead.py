import pytest

from project_package.kit.workspace import Workspace
from project_package.predict import GamePlayer


@pytest.mark.parametrize(("name", "moves"), [("connect_four", [3]), ("go", []), ("go", [12, 7])])
def test_the_line_is_what_it_would_play_for_both_sides(
    trained: Workspace, name: str, moves: list[int]
) -> None:
    player, line = GamePlayer.load(trained), list(moves)
    expected = player.expect(name, moves, 5)
    assert len(expected) == 5
    for move in expected:
        assert move == player.consider(name, line).choice
        line.append(move)
    assert player.expect("connect_four", [3, 0, 3, 0, 3, 1], 5) == [3], "the game is over then"
    assert player.expect("connect_four", [3, 0, 3, 0, 3, 1, 3], 5) == []
