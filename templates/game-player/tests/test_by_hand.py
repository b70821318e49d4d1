"""The central functions alone, against numbers that anybody can work out on paper."""

from collections import Counter

import numpy as np
import pytest

from project_package import data, judge
from project_package.engine.rules import CELLS, initial
from project_package.engine.tactics import alpha_beta_move, one_ply_move, seed_lots
from project_package.games import GAMES
from project_package.players import Rating, legal
from project_package.selfplay import choose_best, lambda_returns
from project_package.studies import proof

CONNECT_FOUR, TIC_TAC_TOE = GAMES["connect_four"], GAMES["tic_tac_toe"]
BEST = np.array([0.1, 0.2, 0.4, 0.8])  # what the best move was thought to be worth, ply by ply
TRIES = 600


class FirstMove:
    """Likes the lowest move best."""

    name = "first move"

    def rate(self, game, state) -> Rating:
        moves = np.array(legal(game, state))
        return Rating(moves, -moves / 100, np.zeros(len(moves)))


def position(name: str, values: list[int | None], moves: list[int], group: str) -> data.Position:
    return data.Position(name, "connect_four", moves, values, group)


def test_a_mistake_counts_where_another_move_was_better() -> None:
    """It makes move 0 everywhere; in the last position there is nothing to lose."""
    positions = [
        position("throws a win away", [0, 1, 0, 0, 0, 0, 0], [], "a"),
        position("keeps a draw", [0, -1, -1, -1, -1, -1, -1], [3], "b"),
        position("keeps a win", [1, 1, 1, 1, 1, 1, 0], [4], "c"),
        position("loses", [-1, -1, -1, -1, -1, -1, 1], [5], "d"),
        position("nothing to lose", [-1] * 7, [6], "e"),
    ]
    assert judge.decisive_mistakes(FirstMove(), positions) == pytest.approx(2 / 4)
    assert judge.decisive_mistakes(FirstMove(), positions[:3]) == pytest.approx(1 / 3)


@pytest.mark.parametrize("game", GAMES.values(), ids=GAMES)
def test_a_board_and_its_images_have_one_name_and_another_board_has_not(game) -> None:
    state = data.replay(game, [0, 1, 3])
    board = state[CELLS : CELLS + game.cells].copy()
    names = set()
    for way in game.symmetries():
        image = state.copy()
        image[CELLS : CELLS + game.cells] = board[way]
        names.add(data.canonical(game, image))
    others = {data.canonical(game, data.replay(game, line)) for line in ([0, 4, 3], [], [2])}
    assert len(names) == 1
    assert len(names | others) == 4


def test_every_ply_is_dealt_by_the_shares_and_groups_stay_whole() -> None:
    """Eight groups of each of two plies, the last of them twice as large; 1, 2 and 5 of eight."""
    numbers = {"train": 1, "validation": 2, "test": 5}
    settings = {"connect_four": numbers, "tic_tac_toe": numbers}
    positions = [
        position(f"{ply}-{number}", [0], [0] * ply, f"{ply}-{min(number, 7)}")
        for ply in (12, 13)
        for number in range(9)
    ]
    seen = set()
    for seed in range(20):
        parts = data.split(positions, settings, seed)
        assert sorted(p.id for part in parts.values() for p in part) == sorted(
            p.id for p in positions
        )
        for name, part in parts.items():
            for ply in (12, 13):
                groups = {each.group for each in part if each.ply == ply}
                assert len(groups) == numbers[name]
        seen.add(tuple(sorted(each.id for each in parts["train"])))
        assert parts == data.split(positions, settings, seed)
    assert len(seen) > 5, "the seed draws who goes where"


def test_the_naive_player_wins_before_it_blocks_and_blocks_before_it_plays() -> None:
    seed_lots(0)
    for moves, answer in (
        ([3, 2, 3, 2, 3, 2], 3),  # both sides have three in a column: win
        ([3, 2, 3, 2, 3], 3),  # the second player has two only: block
        ([0, 2, 0, 3, 6, 4], None),  # a three of the second player, open at both ends
    ):
        found = {int(one_ply_move(1, data.replay(CONNECT_FOUR, moves))) for _ in range(40)}
        assert found == ({answer} if answer is not None else {1, 5})
    tic = data.replay(TIC_TAC_TOE, [0, 4, 1])
    before = tic.copy()
    assert one_ply_move(0, tic) == 2
    assert (tic == before).all(), "looking ahead moves nothing on the board"


def test_the_naive_player_draws_lots_among_moves_that_are_as_good() -> None:
    seed_lots(0)
    found = Counter(int(one_ply_move(1, initial())) for _ in range(TRIES))
    assert set(found) == set(range(7))
    assert max(found.values()) < 2 * min(found.values())


def test_alpha_beta_draws_lots_among_moves_that_are_as_good() -> None:
    seed_lots(0)
    found = Counter(int(alpha_beta_move(0, initial(), 2)) for _ in range(TRIES))
    assert set(found) == set(range(9)), "within two plies no move of tic-tac-toe wins or loses"
    assert max(found.values()) < 2 * min(found.values())


def test_each_column_of_the_proof_is_of_its_own_seat(monkeypatch) -> None:
    player = FirstMove()
    monkeypatch.setattr(proof, "load_runs", lambda *_: [player])
    empty = data.Position("empty", "tic_tac_toe", [], [0] * 9, "empty")
    [row] = proof.prove_tic_tac_toe(None, [empty])
    ends = [proof.prove(TIC_TAC_TOE, lambda state: min(legal(TIC_TAC_TOE, state)), seat)
            for seat in (0, 1)]  # fmt: skip
    assert [row["first"], row["second"]] == ends
    assert ends[0] != ends[1]


@pytest.mark.parametrize(("mover", "best"), [(0, 1), (1, 2)])
def test_the_second_player_wants_what_is_worst_for_the_first(mover: int, best: int) -> None:
    values = np.array([0.1, 0.7, -0.4, 0.9, -0.9])  # of which the last two are left from before
    assert choose_best(values, 3, mover) == best


@pytest.mark.parametrize("mover", [0, 1])
def test_equal_moves_are_chosen_equally_often(mover: int) -> None:
    seed_lots(0)
    values = np.array([0.5, 0.2, 0.5, 0.5]) * (1 if mover == 0 else -1)
    found = Counter(int(choose_best(values, 4, mover)) for _ in range(TRIES))
    assert set(found) == {0, 2, 3}
    assert max(found.values()) < 1.5 * min(found.values())


def returns(followed: list[bool], trace: float, result: float = 1.0) -> list[float]:
    """Of a game of four moves."""
    found = np.full(len(BEST), np.nan)
    lambda_returns(result, BEST, np.array(followed), trace, found)
    return found.tolist()


def test_with_a_full_trace_every_board_is_worth_what_came_of_the_game() -> None:
    assert returns([True] * 4, 1.0, -1.0) == pytest.approx([-1, -1, -1, -1])


def test_without_a_trace_a_board_is_worth_what_the_next_best_move_was_thought_to_be() -> None:
    assert returns([True] * 4, 0.0) == pytest.approx([0.2, 0.4, 0.8, 1])


def test_a_trace_mixes_both_and_ends_at_a_move_that_was_not_the_best() -> None:
    """Backwards by hand: 1; .8 + .5·(1 − .8); .4 + .5·(.9 − .4); .2 + .5·(.65 − .2)."""
    assert returns([True] * 4, 0.5) == pytest.approx([0.425, 0.65, 0.9, 1])
    assert returns([True, True, False, True], 0.5) == pytest.approx([0.3, 0.4, 0.9, 1])
    assert returns([False, True, True, True], 0.5) == pytest.approx([0.425, 0.65, 0.9, 1])
