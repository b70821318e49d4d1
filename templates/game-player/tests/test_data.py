import json

import numpy as np
import pytest

from project_package import data
from project_package.engine import solver
from project_package.engine.rules import (
    CELLS,
    FIRST_WINS,
    RESULT,
    RUNNING,
    TO_MOVE,
    play,
)
from project_package.games import GAMES
from project_package.kit import holdout
from project_package.kit.workspace import PROJECT_ROOT, HoldOutError, Workspace
from project_package.players import legal

CONNECT_FOUR, TIC_TAC_TOE = GAMES["connect_four"], GAMES["tic_tac_toe"]


def all_positions(workspace: Workspace) -> dict[str, list[data.Position]]:
    return {name: data.read_positions(workspace.processed / f"{name}.jsonl") for name in data.PARTS}


def brute_force(moves: list[int]) -> list[int | None]:
    """The values of all columns by plain minimax: slow, and too simple to be wrong."""

    def value(state) -> int:
        if state[RESULT] != RUNNING:
            outcome = {0: 1, 1: -1, 2: 0}[int(state[RESULT])]
            return outcome if state[TO_MOVE] == FIRST_WINS else -outcome
        best = -1
        for move in legal(CONNECT_FOUR, state):
            after = state.copy()
            play(CONNECT_FOUR.number, after, move)
            best = max(best, -value(after))
            if best == 1:
                break
        return best

    values: list[int | None] = [None] * CONNECT_FOUR.moves
    state = data.replay(CONNECT_FOUR, moves)
    for move in legal(CONNECT_FOUR, state):
        after = state.copy()
        play(CONNECT_FOUR.number, after, move)
        values[move] = -value(after)
    return values


def test_every_position_has_a_value_for_each_legal_move_and_no_other(prepared: Workspace) -> None:
    for part in all_positions(prepared).values():
        for position in part:
            game = GAMES[position.game]
            state = data.replay(game, position.moves)
            known = [move for move, value in enumerate(position.values) if value is not None]
            assert known == legal(game, state), position.id
            assert set(position.values) <= {None, -1, 0, 1}


def test_tic_tac_toe_is_complete(prepared: Workspace) -> None:
    boards = {
        bytes(data.replay(TIC_TAC_TOE, position.moves))
        for part in all_positions(prepared).values()
        for position in data.of_game(part, TIC_TAC_TOE)
    }
    assert len(boards) == 4520
    empty = solver.solve_tic_tac_toe()[()]
    assert empty == [0] * 9, "perfect play draws, whatever the first move"


def test_the_solver_agrees_with_plain_minimax(prepared: Workspace) -> None:
    late = [
        position
        for part in all_positions(prepared).values()
        for position in data.of_game(part, CONNECT_FOUR)
        if position.ply >= 30
    ]
    assert len(late) >= 30
    table, values = solver.new_table(), np.empty(CONNECT_FOUR.moves, np.int8)
    for position in late[:40]:
        solver.exact_values(np.array(position.moves, np.int64), table, values)
        solved = data.describe(CONNECT_FOUR, position.moves, values.tolist())
        assert solved.values == brute_force(position.moves), position.id


def test_the_committed_sample_is_what_the_solver_says() -> None:
    table = solver.new_table()
    values = np.empty(CONNECT_FOUR.moves, np.int8)
    positions = data.read_positions(PROJECT_ROOT / "data" / "sample" / "positions.jsonl")
    for position in positions[::4]:
        solver.exact_values(np.array(position.moves, np.int64), table, values)
        described = data.describe(CONNECT_FOUR, position.moves, values.tolist())
        assert described == position


def test_no_mirror_image_crosses_the_split(prepared: Workspace) -> None:
    """Groups are made anew from the boards, so that a wrong `group` is noticed too."""
    parts_of: dict[str, set[str]] = {}
    for name, part in all_positions(prepared).items():
        for position in part:
            game = GAMES[position.game]
            state = data.replay(game, position.moves)
            board = state[CELLS : CELLS + game.cells]
            images = sorted(board[way].tolist() for way in game.symmetries())
            parts_of.setdefault(f"{game.name}:{images[0]}", set()).add(name)
    assert max(len(parts) for parts in parts_of.values()) == 1


def test_a_mirror_image_has_the_same_group() -> None:
    here, there = (data.replay(CONNECT_FOUR, moves) for moves in ([0, 1, 2, 2], [6, 5, 4, 4]))
    assert data.canonical(CONNECT_FOUR, here) == data.canonical(CONNECT_FOUR, there)


def test_a_stopped_labelling_goes_on_where_it_stopped(tmp_path, monkeypatch) -> None:
    drawn = [p.moves for p in data.read_positions(
        PROJECT_ROOT / "data" / "sample" / "positions.jsonl") if p.ply > 30]  # fmt: skip
    path = tmp_path / "raw" / "labels.jsonl"
    data.label(drawn[:3], path)
    kept = path.read_text(encoding="utf-8")
    labelled = data.label(drawn, path)
    assert path.read_text(encoding="utf-8").startswith(kept)
    assert [position.moves for position in labelled] == drawn
    monkeypatch.setattr(solver, "exact_values", None)  # nothing is solved twice
    assert data.label(drawn, path) == labelled


def test_training_cannot_open_the_test_part(prepared: Workspace) -> None:
    with pytest.raises(HoldOutError):
        data.load(prepared, "test", reader="train")


def test_a_hundred_openings_of_each_game_are_sealed(prepared: Workspace) -> None:
    for game in GAMES.values():
        openings = data.load_openings(prepared, game)
        assert len(openings) == 100
        assert all(len(made.moves) == 2 for made in openings)
        assert len({tuple(made.moves) for made in openings}) > 30


def test_the_manifest_says_where_the_positions_come_from(prepared: Workspace) -> None:
    described = holdout.read_manifest(prepared)
    assert "solver" in described["source"]
    assert described["counts"]["tic_tac_toe"] == 4520
    line = (prepared.processed / "test.jsonl").read_text(encoding="utf-8").splitlines()[0]
    assert set(json.loads(line)) == {"id", "game", "moves", "values", "group"}


def test_positions_share_a_group_when_one_is_the_others_image_and_only_then(
    prepared: Workspace,
) -> None:
    """By every symmetry: one of connect four, seven of tic-tac-toe besides the board itself."""
    images: dict[str, set] = {}
    groups: dict[tuple, set[str]] = {}
    for part in all_positions(prepared).values():
        for position in part:
            game = GAMES[position.game]
            board = data.replay(game, position.moves)[CELLS : CELLS + game.cells]
            grid = np.array(board).reshape(-1, game.columns)
            ways = [grid, np.fliplr(grid)]
            if position.game == "tic_tac_toe":
                ways = [np.rot90(way, turn) for way in ways for turn in range(4)]
            image = (position.game, min(bytes(np.ascontiguousarray(way)) for way in ways))
            images.setdefault(position.group, set()).add(image)
            groups.setdefault(image, set()).add(position.group)
    assert max(map(len, images.values())) == 1
    assert max(map(len, groups.values())) == 1
