"""A stronger opponent sits down: the monitor sees it after that, and nothing before."""

import numpy as np
import pytest

from project_package import data, stream
from project_package.games import GAMES
from project_package.kit.monitoring import first_alarm
from project_package.kit.replay import Stream, judge_stream
from project_package.kit.workspace import Workspace
from project_package.players import AlphaBeta, RandomPlayer
from project_package.watch import WATCH

from conftest import require_none_without_change

SIZE = 40
GAME = GAMES["connect_four"]


@pytest.fixture(scope="module")
def replayed(closed: Workspace) -> Stream:
    """A player of a few games against a random one, then against one who looks ahead."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(stream, "MATCHES", 20)
        patch.setattr(stream, "YARDSTICK", RandomPlayer())
        patch.setattr(stream, "STRONG", AlphaBeta())
        return stream.replay(closed)


def test_the_alarm_is_raised_after_the_stronger_opponent_came(
    replayed: Stream, closed: Workspace
) -> None:
    """By the results of the games: what the player thinks of its moves may look as it did."""
    found = judge_stream(closed, WATCH, replayed, late=7, size=SIZE)
    window = first_alarm([quality.violates for quality in found.qualities])
    assert window is not None
    assert replayed.begins < (window + 1) * SIZE
    before, after = np.split(np.array(replayed.later_truths), [replayed.begins])
    assert after.mean() < before.mean()


def test_against_the_same_opponent_there_is_no_alarm(replayed: Stream, closed: Workspace) -> None:
    require_none_without_change(closed, replayed, SIZE)


def test_each_game_gives_one_row_and_sealed_openings_are_none_of_them(
    closed: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    played, play = [], stream.play

    def spied(*given) -> object:
        played.append(play(*given))
        return played[-1]

    monkeypatch.setattr(stream, "play", spied)
    monkeypatch.setattr(stream, "STRONG", RandomPlayer())
    monkeypatch.setattr(stream, "YARDSTICK", RandomPlayer())
    replayed = stream.replay(closed)
    assert len(replayed.past) == len(played[0])
    assert len(replayed.later) == len(replayed.times) == len(played[1]) + len(played[2])
    sealed = {len(opening.moves) for opening in data.load_openings(closed, GAME)}
    begun = {len(opening.split(".")) for games in played for opening in games.opening}
    assert not sealed & begun
    assert "invented" in replayed.title
