import pandas as pd
import pyspiel
import pytest

from project_package import data, evaluate
from project_package.data import draw_openings
from project_package.engine import openspiel
from project_package.games import GAMES
from project_package.kit.results import METRICS, read_results
from project_package.kit.workspace import (
    PROJECT_ROOT,
    ProjectError,
    Workspace,
    read_json,
)
from project_package.matches import play_matches
from project_package.players import (
    AlphaBeta,
    Board,
    OnePly,
    RandomPlayer,
    TreeSearch,
)
from project_package.storage import load_networks

import independent

CONNECT_FOUR = GAMES["connect_four"]


@pytest.fixture(scope="module")
def games(trained: Workspace) -> pd.DataFrame:
    return recorded(trained)


def recorded(workspace: Workspace) -> pd.DataFrame:
    """Every game that was played, of the headline and of the other games."""
    kinds = {"opening": str, "moves": str}
    files = (workspace.reports / name for name in ("games.csv", "other-games.csv"))
    return pd.concat([pd.read_csv(path, dtype=kinds) for path in files], ignore_index=True)


def matches_of(games: pd.DataFrame) -> dict[tuple[str, ...], pd.DataFrame]:
    return {tuple(key): part for key, part in games.groupby(["game", "player", "opponent"])}


def test_every_opening_is_played_with_both_colours(games: pd.DataFrame) -> None:
    for name, match in matches_of(games).items():
        seats = match.groupby("pair").seat.apply(lambda pair: sorted(set(pair)))
        assert all(pair == [0, 1] for pair in seats), name
        assert (match.groupby("pair").opening.nunique() == 1).all(), name


def test_every_game_begins_with_its_opening(games: pd.DataFrame) -> None:
    starts = [moves.split(".")[:2] for moves in games.moves]
    assert starts == [opening.split(".") for opening in games.opening]


def test_a_match_does_not_count_the_same_game_over_and_over(games: pd.DataFrame) -> None:
    """Without random openings two players who draw no lots play two games, counted many times."""
    for name, match in matches_of(games).items():
        assert match.opening.nunique() > 1, name
        if len(match) >= 10:
            assert match.moves.nunique() >= 0.6 * len(match), name


def test_the_scores_in_the_report_are_those_of_the_games(trained: Workspace, games) -> None:
    headline = trained.config["games"][0]
    match = matches_of(games)[headline, "learned", "MCTS-100"]
    assert len(match) == 2 * trained.config["evaluate"]["pairs"]
    primary = read_results(trained)["primary"]
    assert primary["value"] == pytest.approx(match.score.mean())
    for row in read_results(trained)["baselines"]:
        rival = matches_of(games)[headline, row["name"], "MCTS-100"]
        assert row["value"] == pytest.approx(rival.score.mean())


def test_the_matches_start_from_the_sealed_openings_and_from_all_of_them(
    trained: Workspace, games
) -> None:
    pairs = trained.config["evaluate"]["pairs"]
    for game in GAMES.values():
        sealed = {made.id: made.moves for made in data.load_openings(trained, game)[:pairs]}
        played = games[games.game == game.name]
        for row in played.itertuples():
            assert [int(move) for move in row.opening.split(".")] == sealed[row.pair]
        headline = played[played.opponent == "MCTS-100"]
        for name, match in headline.groupby("player"):
            assert set(match.pair) == set(sealed), name


def test_more_openings_than_are_sealed_are_refused(copy: Workspace) -> None:
    with pytest.raises(ProjectError, match="openings are sealed"):
        evaluate.sealed_openings(Workspace(copy.root, {"evaluate.pairs": 101}), CONNECT_FOUR)


def test_the_committed_games_keep_the_protocol() -> None:
    """The author's own run, where there is one: 100 openings unless config.toml says otherwise."""
    if not (PROJECT_ROOT / "reports" / METRICS).exists():
        assert not (PROJECT_ROOT / "reports" / "games.csv").exists()
        return
    committed = recorded(Workspace())
    test_every_opening_is_played_with_both_colours(committed)
    test_every_game_begins_with_its_opening(committed)
    test_a_match_does_not_count_the_same_game_over_and_over(committed)


@pytest.mark.parametrize("opponent", [OnePly(), AlphaBeta(2), TreeSearch(20)])
def test_a_match_is_the_same_for_the_same_seed(opponent) -> None:
    openings = draw_openings(CONNECT_FOUR, seed=1, pairs=3, plies=2)
    once, again = (
        play_matches(CONNECT_FOUR, [(RandomPlayer(), opponent)], openings, 5, parallel=False)
        for _ in range(2)
    )
    assert once.equals(again)


def test_processes_play_the_same_games_as_one_alone() -> None:
    openings = draw_openings(CONNECT_FOUR, seed=1, pairs=12, plies=2)
    match = [(OnePly(), RandomPlayer())]
    alone, together = (
        play_matches(CONNECT_FOUR, match, openings, 5, parallel=parallel)
        for parallel in (False, True)
    )
    assert alone.equals(together)


def test_perfect_players_score_a_half_against_each_other() -> None:
    """A draw is half a point; an opening that favours one side is played from both."""
    game = GAMES["tic_tac_toe"]
    openings = draw_openings(game, seed=1, pairs=8, plies=2)
    games = play_matches(game, [(AlphaBeta(9), AlphaBeta(9))], openings, 5, parallel=False)
    assert (games.groupby("pair").score.sum() == 1).all()
    assert (games.score == 0.5).any()


def test_a_stronger_player_scores_more() -> None:
    openings = draw_openings(CONNECT_FOUR, seed=1, pairs=10, plies=2)
    match = [(OnePly(), RandomPlayer()), (RandomPlayer(), OnePly())]
    games = play_matches(CONNECT_FOUR, match, openings, 5, parallel=False)
    by_player = games.groupby("player").score.mean()
    assert by_player["one-ply"] > 0.8
    assert by_player["random"] < 0.2


def test_the_mean_of_the_runs_is_shipped_and_no_run_is_picked(trained: Workspace) -> None:
    rows = read_json(trained.models / "training.json", made_by="train")["runs"]
    shipped = load_networks(trained.models / "model.npz")
    for game in trained.config["games"]:
        own = [row for row in rows if row["game"] == game]
        assert [row["shipped"] for row in own] == [False] * (len(own) - 1) + [True]
        last = evaluate.load_runs(trained, GAMES[game])[-1]
        assert last.name == own[-1]["run"]
        assert (last.network.weights == shipped[game].weights).all()


def test_the_worst_errors_gave_value_away(trained: Workspace) -> None:
    errors = pd.read_csv(trained.reports / "errors.csv")
    assert 0 < len(errors) <= evaluate.WORST
    assert (errors.worth_after < errors.worth_before).all()


@pytest.mark.parametrize("simulations", [20, 100, 200, 300])
def test_an_opponent_searches_as_long_as_its_name_says(simulations: int) -> None:
    """Move by move what OpenSpiel's search of so many simulations plays from the same seed."""
    state = openspiel.load(CONNECT_FOUR).new_initial_state()
    player = TreeSearch(simulations)
    assert player.name == f"MCTS-{simulations}"
    choose = player.sit_down(CONNECT_FOUR, 11)
    bot = independent.tree_search(pyspiel.load_game("connect_four"), 11, simulations)
    other = independent.tree_search(pyspiel.load_game("connect_four"), 11, simulations // 2)
    apart = 0
    for _ in range(8):
        move = choose(Board(state, None))
        assert move == bot.step(state)
        apart += move != other.step(state)
        state.apply_action(move)
    assert apart or simulations >= 200, "half as many would play the same, which shows nothing"


def test_colours_and_lots_are_dealt_alike_to_every_player() -> None:
    """The player moves first in one game of a pair and second in the other, from its own lots."""
    seated: list[tuple[str, int]] = []

    class Watched(RandomPlayer):
        def sit_down(self, game, seed):
            seated.append((self.name, seed))
            choose = super().sit_down(game, seed)
            return lambda board: moved(self.name, board) or choose(board)

    turns: list[tuple[str, int]] = []

    def moved(name: str, board) -> None:
        turns.append((name, len(board.judge.history()) % 2))

    openings = draw_openings(CONNECT_FOUR, seed=1, pairs=3, plies=2)
    match = [(Watched("one"), Watched("other"))]
    games = play_matches(CONNECT_FOUR, match, openings, 5, parallel=False)
    assert list(games.seat) == [0, 1] * 3
    assert [name for name, _ in seated] == ["one", "other"] * 6
    assert len({seed for _, seed in seated}) == 12, "nobody draws another's lots"
    firsts = {name for name, turn in turns if turn == 0}
    assert firsts == {"one", "other"}
    for row in games.itertuples():
        state = openspiel.load(CONNECT_FOUR).new_initial_state()
        for move in row.moves.split("."):
            state.apply_action(int(move))
        assert row.score == (state.returns()[row.seat] + 1) / 2


def test_openings_are_drawn_one_by_one_and_by_the_seed() -> None:
    for game in GAMES.values():
        first, again, other = (
            [tuple(made.moves) for made in draw_openings(game, seed, pairs=100, plies=2)]
            for seed in (1, 1, 2)
        )
        assert first == again != other
        places = len(set(first))
        possible = 49 if game == CONNECT_FOUR else game.moves * (game.moves - 1)
        assert places > 0.6 * min(possible, len(first)), "hardly any two alike"
        most = max(first.count(opening) for opening in set(first))
        assert most <= 10
