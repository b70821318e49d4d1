"""What anybody expects of a player, however strong it is."""

import numpy as np
import pytest

from project_package import data, judge, train
from project_package.engine.rules import initial
from project_package.games import GAMES
from project_package.kit.workspace import Workspace
from project_package.players import (
    AlphaBeta,
    Board,
    Learned,
    OnePly,
    RandomPlayer,
    legal,
)
from project_package.predict import STRENGTHS, GamePlayer
from project_package.storage import load_networks
from project_package.studies.proof import prove

CONNECT_FOUR, TIC_TAC_TOE = GAMES["connect_four"], GAMES["tic_tac_toe"]


@pytest.fixture(scope="module")
def player(trained: Workspace) -> GamePlayer:
    return GamePlayer.load(trained)


@pytest.mark.parametrize("strength", ["quick", "thoughtful", "strong"])
@pytest.mark.parametrize("moves", [[3, 0, 3, 0, 3, 1], [0, 1, 0, 2, 0, 4], [3, 2, 4, 2, 5, 1]])
def test_a_win_at_hand_is_taken(player: GamePlayer, moves: list[int], strength: str) -> None:
    choice = player.consider("connect_four", moves, strength).choice
    assert player.consider("connect_four", [*moves, choice]).winner == 0


@pytest.mark.parametrize("strength", ["thoughtful", "strong"])
@pytest.mark.parametrize(("moves", "block"), [([0, 3, 1, 3, 6, 3], 3), ([3, 0, 3, 0, 5, 0], 0)])
def test_a_threat_is_blocked(player: GamePlayer, moves: list[int], block: int, strength) -> None:
    assert player.consider("connect_four", moves, strength).choice == block


def test_a_mirrored_position_gets_the_mirrored_values(player: GamePlayer) -> None:
    here = player.consider("connect_four", [0, 1, 3, 2, 2])
    there = player.consider("connect_four", [6, 5, 3, 4, 4])
    values = [rated.value for rated in here.moves]
    assert np.allclose(values, [rated.value for rated in there.moves][::-1], atol=1e-3)


def test_the_order_of_moves_does_not_matter(player: GamePlayer) -> None:
    one, other = (player.consider("connect_four", moves) for moves in ([0, 1, 6, 5], [6, 5, 0, 1]))
    assert one == other


def test_no_run_can_be_beaten_at_tic_tac_toe(prepared: Workspace) -> None:
    """Every line of play that the other side can choose, from both seats: all, not a sample."""
    # So few games as on the sample may lose.
    longer = Workspace(prepared.root, {"train.effort": 0.1})
    for run in train.make_runs(longer, TIC_TAC_TOE, []):
        while run.done < train.ROUNDS:
            run.play_round()
        learned = Learned(run.network)
        for seat in (0, 1):
            ends = prove(
                TIC_TAC_TOE, lambda state, p=learned: p.rate(TIC_TAC_TOE, state).choice, seat
            )
            assert ends["lost"] == 0, f"run {run.number}, seat {seat}"
            assert sum(ends.values()) >= 50


@pytest.mark.parametrize("seat", [0, 1])
def test_the_proof_finds_the_losses_of_a_player_that_can_lose(seat: int) -> None:
    def first_free(state) -> int:
        return min(legal(TIC_TAC_TOE, state))

    assert prove(TIC_TAC_TOE, first_free, seat)["lost"] > 0


@pytest.mark.parametrize("game", GAMES.values(), ids=GAMES)
@pytest.mark.parametrize("strength", STRENGTHS)
def test_it_plays_every_game_to_its_end_against_itself(player, game, strength) -> None:
    moves: list[int] = []
    while not (opinion := player.consider(game.name, moves, strength)).finished:
        assert all(-1 <= rated.value <= 1 for rated in opinion.moves)
        moves.append(opinion.choice)
    assert opinion.choice is None
    assert len(moves) <= 50


def test_positions_are_judged_by_the_value_given_away(trained: Workspace) -> None:
    positions = data.of_game(data.read_positions(trained.processed / "test.jsonl"), CONNECT_FOUR)
    learned = Learned(load_networks(trained.models / "model.npz")["connect_four"])
    judged = judge.judge_learned(learned, positions)
    assert ((judged.worth < judged.best) == (judged.mistake == 1)).all()
    assert not judged.mistake[~judged.decisive].any()
    deep, shallow = (
        judge.mistakes_by_lot(player, positions, seed=0, tries=10).mean()
        for player in (AlphaBeta(4), OnePly())
    )
    assert 0 < deep < shallow < 1


def test_opponents_do_what_their_names_say() -> None:
    winning = data.replay(CONNECT_FOUR, [3, 0, 3, 0, 3, 1])
    for opponent in (OnePly(), AlphaBeta(2), AlphaBeta(4)):
        assert opponent.sit_down(CONNECT_FOUR, 0)(Board(None, winning)) == 3
    fork = data.replay(CONNECT_FOUR, [3, 3, 4, 4])  # column 2 or 5 makes three, open at both ends
    assert AlphaBeta(4).sit_down(CONNECT_FOUR, 0)(Board(None, fork)) in {2, 5}
    assert RandomPlayer().name == "random"
    assert initial()[0] == 0
