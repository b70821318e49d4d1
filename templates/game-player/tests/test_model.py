import json
import shutil

import numpy as np
import pytest

from project_package import data, explore, judge, train
from project_package.engine.rules import CELLS, MOST_MOVES, TO_MOVE, initial
from project_package.engine.search import search
from project_package.games import GAMES, Game
from project_package.kit.workspace import ProjectError, Workspace, read_json
from project_package.model import (
    Network,
    draw_tuples,
    find_indices,
    make_network,
    mean_network,
    sum_weights,
    values_after,
)
from project_package.players import Learned
from project_package.selfplay import Plan, learn
from project_package.storage import load_networks

from conftest import reseal

CONNECT_FOUR, TIC_TAC_TOE = GAMES["connect_four"], GAMES["tic_tac_toe"]


def random_network(game: Game, seed: int = 0) -> Network:
    network = make_network(game, draw_tuples(game, 10, 5, seed))
    network.weights[:] = np.random.default_rng(seed).normal(0, 0.1, len(network.weights))
    return network


def weights_of(workspace: Workspace) -> dict[str, np.ndarray]:
    networks = load_networks(workspace.models / "model.npz")
    return {name: network.weights for name, network in networks.items()}


def value_of(network: Network, state: np.ndarray, mover: int) -> float:
    indices = np.empty(len(network.bases), np.int32)
    find_indices(state, network, indices)
    return float(np.tanh(sum_weights(network, indices, mover * network.half)))


@pytest.mark.parametrize("game", GAMES.values(), ids=GAMES)
def test_values_after_moves_are_those_of_the_boards_reached(game: Game) -> None:
    """The fast way (only changed cells) and the plain way (the whole board) agree."""
    network = random_network(game)
    moves, values = np.empty(MOST_MOVES, np.int64), np.empty(MOST_MOVES)
    indices = np.empty(len(network.bases), np.int32)
    for line in ([], [3], [3, 4], [3, 4, 5]):
        state = data.replay(game, line)
        count = values_after(game.number, state, network, moves, values, indices, initial())
        for move, value in zip(moves[:count], values[:count], strict=True):
            after = data.replay(game, [*line, move])
            assert value == pytest.approx(value_of(network, after, state[TO_MOVE]), abs=1e-5)


@pytest.mark.parametrize("game", GAMES.values(), ids=GAMES)
def test_a_board_and_its_mirror_images_have_one_value(game: Game) -> None:
    network = random_network(game)
    state = data.replay(game, [0, 3, 1])
    board = state[CELLS : CELLS + game.cells].copy()
    values = []
    for way in game.symmetries():
        state[CELLS : CELLS + game.cells] = board[way]
        values.append(value_of(network, state, 0))
    assert len(values) == (2 if game.falls else 8)
    assert np.allclose(values, values[0], atol=1e-5)


def test_the_mean_of_networks_thinks_the_mean_of_what_they_think() -> None:
    parts = []
    for seed in (1, 2, 3):
        tuples = draw_tuples(CONNECT_FOUR, 6, 5, seed)
        network = make_network(CONNECT_FOUR, tuples)
        network.weights[:] = np.random.default_rng(seed).normal(0, 0.1, len(network.weights))
        parts.append((network, tuples))
    mean, _ = mean_network(CONNECT_FOUR, parts)
    for line in ([], [3], [3, 4, 5, 2]):
        state = data.replay(CONNECT_FOUR, line)
        for mover in (0, 1):
            sums = [np.arctanh(value_of(network, state, mover)) for network, _ in parts]
            assert np.arctanh(value_of(mean, state, mover)) == pytest.approx(
                np.mean(sums), abs=1e-5
            )


def test_learning_tells_the_winner_of_one_game_by_heart() -> None:
    """Without random moves and starts the same games come again: their values become exact."""
    network = make_network(TIC_TAC_TOE, draw_tuples(TIC_TAC_TOE, 1, 9, 0))
    plan = Plan(3_000, 0, 0.0, 0.5, 0.1, 0.1)
    learn(TIC_TAC_TOE.number, network, plan, 0, plan.games, 0)
    rating = Learned(network).rate(TIC_TAC_TOE, initial())
    assert abs(rating.values.max()) < 0.2, "tic-tac-toe is a draw"


def test_wrong_results_teach_nothing(monkeypatch) -> None:
    """With the winner drawn by lot (labels shuffled) no more is learned than chance."""
    positions = [
        data.describe(TIC_TAC_TOE, list(line), values)
        for line, values in data.solver.solve_tic_tac_toe().items()
    ]
    honest, shuffled = (
        make_network(TIC_TAC_TOE, draw_tuples(TIC_TAC_TOE, 1, 9, 0)) for _ in range(2)
    )
    plan = Plan(4_000, 8, 0.1, 0.5, 0.1, 0.01)
    learn(TIC_TAC_TOE.number, honest, plan, 0, plan.games, 0)
    shuffled.weights[:] = np.random.default_rng(0).permutation(honest.weights)
    good, bad = (judge.decisive_mistakes(Learned(n), positions) for n in (honest, shuffled))
    assert good < 0.05
    assert bad > 5 * good


def test_the_same_seed_gives_the_same_player_without_the_test_set(copy: Workspace) -> None:
    before = weights_of(copy)
    shutil.rmtree(copy.models)
    (copy.processed / "test.jsonl").unlink()
    train.run(copy)
    after = weights_of(copy)
    assert before.keys() == after.keys()
    assert all((before[name] == after[name]).all() for name in before)


def test_sums_of_the_shipped_weights_are_exact_in_any_order(trained: Workspace) -> None:
    """So that the demo in the browser adds up what the service adds up."""
    grid = trained.config["model"]["grid"]
    for name, weights in weights_of(trained).items():
        assert (weights * grid == np.round(weights * grid)).all(), name
        assert weights[:1000].sum() == weights[:1000][::-1].astype(float).sum(), name


def test_runs_differ(trained: Workspace) -> None:
    paths = sorted((trained.models / "seeds").glob("connect_four-run*.npz"))
    weights = [load_networks(path)["connect_four"].weights for path in paths]
    assert len(weights) >= 3
    assert not (weights[0] == weights[1]).all()


def test_a_stopped_run_goes_on_and_ends_as_if_it_had_not_stopped(copy: Workspace) -> None:
    whole, first, second = (train.make_runs(copy, CONNECT_FOUR, [])[0] for _ in range(3))
    for _ in range(4):
        whole.play_round()
    for _ in range(2):
        first.play_round()
    first.save(copy.models / "unfinished")
    second.resume(copy.models / "unfinished")
    assert second.done == 2
    for _ in range(2):
        second.play_round()
    assert (whole.network.weights == second.network.weights).all()


def test_what_was_kept_of_another_run_is_not_taken(copy: Workspace) -> None:
    folder = copy.models / "unfinished"
    kept = train.make_runs(copy, CONNECT_FOUR, [])[0]
    kept.play_round()
    kept.save(folder)
    other = train.make_runs(Workspace(copy.root, {"train.effort": 0.03}), CONNECT_FOUR, [])[0]
    other.resume(folder)
    assert other.done == 0


def test_no_value_of_the_referee_is_learned_from(copy: Workspace) -> None:
    """With every exact value turned round, each run learns the very same weights."""
    before = [(path, load_networks(path)) for path in (copy.models / "seeds").glob("*.npz")]
    for part in data.PARTS:
        path = copy.processed / f"{part}.jsonl"
        rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
        for row in rows:
            row["values"] = [None if value is None else -value for value in row["values"]]
        text = "".join(json.dumps(row) + "\n" for row in rows)
        path.write_text(text, encoding="utf-8", newline="\n")
        reseal(copy, part)
    shutil.rmtree(copy.models)
    train.run(copy)
    assert len(before) >= 7
    for path, networks in before:
        for name, network in load_networks(path).items():
            assert (network.weights == networks[name].weights).all(), path.name


def test_search_finds_a_win_that_the_values_do_not_know() -> None:
    """Three in a column: an untrained network sees nothing, one ply of search sees the win."""
    network = make_network(CONNECT_FOUR, draw_tuples(CONNECT_FOUR, 5, 4, 0))
    state = data.replay(CONNECT_FOUR, [3, 0, 3, 0, 3, 1])
    moves, visits = np.empty(MOST_MOVES, np.int64), np.empty(MOST_MOVES, np.int64)
    values = np.empty(MOST_MOVES)
    count = search(CONNECT_FOUR.number, state, network, 50, 0.7, moves, visits, values)
    assert moves[visits[:count].argmax()] == 3
    assert Learned(network, 50, 0.7).rate(CONNECT_FOUR, state).choice == 3


def test_search_blocks_what_would_lose_two_plies_on() -> None:
    network = make_network(CONNECT_FOUR, draw_tuples(CONNECT_FOUR, 5, 4, 0))
    state = data.replay(CONNECT_FOUR, [0, 3, 1, 3, 6, 3])
    assert Learned(network, 300, 0.7).rate(CONNECT_FOUR, state).choice == 3


def test_an_attempt_is_scored_on_validation_positions_and_never_opens_the_test_set(
    copy: Workspace,
) -> None:
    (copy.processed / "test.jsonl").unlink()
    said, baseline = train.held_out(copy), train.held_out_baseline(copy)
    positions = data.of_game(data.load(copy, "validation", reader="train"), CONNECT_FOUR)
    assert list(said.rows.id) == [each.id for each in positions if each.decisive]
    assert set(said.rows.model) == {0.0, 1.0}
    assert (said.rows.model == train.held_out(copy).rows.model).all()
    other = Workspace(copy.root, {"connect_four.first_step": 0.2, "connect_four.length": 5})
    assert (train.held_out(other).rows.model != said.rows.model).any()
    assert baseline.shape == (len(said.rows),)
    assert 0 <= baseline.min() < baseline.max() <= 1


def test_a_game_without_a_referee_has_no_attempts(copy: Workspace) -> None:
    path = copy.root / "config.toml"
    text = path.read_text(encoding="utf-8").replace('games = ["connect_four", ', 'games = ["go", ')
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ProjectError, match="no referee"):
        train.held_out(copy)


def test_what_is_explored_is_the_training_set_alone(copy: Workspace) -> None:
    (copy.processed / "test.jsonl").unlink()
    (copy.processed / "validation.jsonl").unlink()
    explore.run(copy)
    seen = read_json(copy.reports / "exploration.json", made_by="explore")
    rows = {row[0]: row[1] for row in seen["tables"]["explored-games"]["rows"]}
    positions = data.load(copy, "train", reader="explore")
    assert rows == {game.title: len(data.of_game(positions, game))
                    for game in (CONNECT_FOUR, TIC_TAC_TOE)}  # fmt: skip
    for name in seen["figures"]:
        assert (copy.figures / f"{name}.svg").stat().st_size > 1_000
