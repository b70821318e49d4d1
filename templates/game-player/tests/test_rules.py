import subprocess
import sys

import numpy as np
import pytest

from project_package.engine import compiled, openspiel, rules
from project_package.games import GAMES, Game
from project_package.kit.workspace import PROJECT_ROOT
from project_package.players import legal

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="OpenSpiel is not for Windows")


@pytest.mark.parametrize("game", GAMES.values(), ids=GAMES)
def test_the_compiled_rules_are_openspiels(game: Game) -> None:
    """Random games to their end: the same legal moves at every ply, the same verdict."""
    random = np.random.default_rng(0)
    passing = rules.PASS if game.name == "go" else -1
    for _ in range(300):
        judge, state = openspiel.load(game).new_initial_state(), rules.initial()
        while not judge.is_terminal():
            moves = judge.legal_actions()
            assert legal(game, state) == moves
            # Passes end a game of Go early: seldom made, they leave room for captures and ko.
            lively = [move for move in moves if move != passing or random.random() < 0.1]
            move = int(random.choice(lively or moves))
            judge.apply_action(move)
            rules.play(game.number, state, move)
        assert rules.final_value(state[rules.RESULT]) == judge.returns()[0]


@pytest.mark.parametrize("game", GAMES.values(), ids=GAMES)
def test_the_compiled_board_is_openspiels(game: Game) -> None:
    """Cell by cell, seen from a fixed player: the tensor of the player to move changes sides."""
    random = np.random.default_rng(1)
    empty, first = (0, 2) if game.name == "tic_tac_toe" else (2, 0)
    for _ in range(20):
        judge, state = openspiel.load(game).new_initial_state(), rules.initial()
        for _ in range(4):
            move = int(random.choice(judge.legal_actions()))
            judge.apply_action(move)
            rules.play(game.number, state, move)
        cells = state[rules.CELLS : rules.CELLS + game.cells]
        planes = np.array(judge.observation_tensor(0)).reshape(-1, game.cells)
        assert (planes[empty] == (cells == 0)).all()
        assert planes[first].sum() == (cells == 1).sum()


def test_a_second_start_takes_compiled_code_from_its_cache() -> None:
    """Recursive functions once crashed here: numba issue 6061."""
    program = (
        "import numpy as np\n"
        "from project_package.engine import solver, tactics, rules\n"
        "values = np.empty(7, np.int8)\n"
        "moves = np.array([3] * 6 + [2] * 6 + [4] * 6, np.int64)\n"
        "solver.exact_values(moves, solver.new_table(), values)\n"
        "print(values.tolist(), tactics.alpha_beta_move(1, rules.initial(), 3) in range(7))\n"
    )
    outputs = {
        subprocess.run(
            [sys.executable, "-c", program], capture_output=True, text=True, check=True,
            cwd=PROJECT_ROOT,
        ).stdout
        for _ in range(2)
    }  # fmt: skip
    assert len(outputs) == 1
    assert outputs.pop().endswith("True\n")


def test_the_cache_is_renewed_when_any_compiled_file_changes(tmp_path, monkeypatch) -> None:
    for name in compiled.COMPILED:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes((compiled.HERE / name).read_bytes())
    monkeypatch.setattr(compiled, "HERE", tmp_path)
    before = compiled.cache_folder().name
    assert before == compiled.cache_folder().name
    (tmp_path / "engine" / "rules.py").write_text("changed", encoding="utf-8")
    assert compiled.cache_folder().name != before


def test_every_compiled_file_counts_for_the_cache() -> None:
    using = {
        path.relative_to(compiled.HERE).as_posix()
        for path in compiled.HERE.rglob("*.py")
        if path.name != "compiled.py" and "compiled import compiled" in path.read_text("utf-8")
    }
    assert using == set(compiled.COMPILED)
