"""Sit everybody down at the board, and let the referee judge. The only reader of the test set."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from . import boards, data, judge
from .games import Game, find_game
from .kit.holdout import Ledger
from .kit.results import (
    EACH_ALONE,
    Picture,
    Results,
    Score,
    Table,
    run_studies,
    write_results,
)
from .kit.statistics import NAIVE, STRONGEST, Predictions, bootstrap
from .kit.workspace import ProjectError, Workspace, read_json
from .matches import play_matches
from .model import Network
from .players import DEEP, AlphaBeta, Learned, OnePly, Player, RandomPlayer, TreeSearch
from .storage import load_networks
from .train import MEAN

WORST, DRAWN = 20, 6  # mistakes in the table, and on boards
SHALLOW = 2  # plies of alpha-beta in Go, whose 26 moves make four of them too slow
NOT_PLAYED = "sealed openings after the first `pairs` of config.toml"
ONE_PLY = OnePly()
YARDSTICK, TWICE = TreeSearch(100), TreeSearch(200)  # the headline is against the first
STRONG = TreeSearch(1000)


@dataclass(frozen=True)
class Findings:
    """All that was played and judged in the headline game, and what it was made from."""

    game: Game
    learned: Learned
    searching: Learned
    look_ahead: AlphaBeta
    games: pd.DataFrame
    positions: pd.DataFrame | None
    test: Sequence[data.Position]
    training: Mapping[str, Any]

    def scores(self, player: str, opponent: str) -> pd.DataFrame:
        """The games of one match, by pair and seat."""
        chosen = (self.games.player == player) & (self.games.opponent == opponent)
        return self.games[chosen].sort_values(["pair", "seat"])


def run(workspace: Workspace) -> None:
    """Write reports/metrics.json, games.csv, errors.csv and the figures."""
    started = time.perf_counter()
    found, seed = measure(workspace), workspace.seed
    workspace.reports.mkdir(exist_ok=True)
    found.games.to_csv(workspace.reports / "games.csv", index=False, lineterminator="\n")
    errors = worst_errors(found.positions, found.test)
    errors.to_csv(workspace.reports / "errors.csv", index=False, lineterminator="\n")
    results = Results(
        primary="score_vs_mcts_100",
        label="score against MCTS-100",
        predictions=predictions(found),
        ledger=count_games(workspace, found),
        measured_on="sealed openings, each played with both colours",
        scores=score(found, seed),
        tables={
            "slices": slices_table(found, seed),
            "errors": errors_table(errors),
        },
        figures=draw_errors(workspace, found.game, errors),
        notes={"budget": budget_note(workspace, found.training)},
        studies=run_studies(workspace, found),
    )
    write_results(workspace, results, time.perf_counter() - started)
    shown = results.predictions.rows.model.mean()
    print(f"{found.game.title}, score against MCTS-100: {shown:.3f}")


def measure(workspace: Workspace) -> Findings:
    """All matches of the headline game, and its test positions judged."""
    training = read_json(workspace.models / "training.json", made_by="train")
    game = find_game(workspace.config["games"][0])
    network = load_networks(workspace.models / "model.npz")[game.name]
    test = data.load(workspace, "test", reader="evaluate")
    learned, searching = Learned(network), searcher(workspace, network)
    look_ahead = AlphaBeta(DEEP if game.cells > game.moves else SHALLOW)
    matches: list[tuple[Player, Player]] = [
        (searching, STRONG),
        (learned, STRONG),
        (searching, YARDSTICK),
        (learned, YARDSTICK),
        (look_ahead, YARDSTICK),
        (ONE_PLY, YARDSTICK),
        (RandomPlayer(), YARDSTICK),
        (TWICE, YARDSTICK),
        *((run, YARDSTICK) for run in load_runs(workspace, game)),
        (learned, look_ahead),
        (ONE_PLY, look_ahead),
        (learned, ONE_PLY),
        (learned, RandomPlayer()),
        (look_ahead, RandomPlayer()),
        (ONE_PLY, RandomPlayer()),
    ]
    openings = sealed_openings(workspace, game)
    parallel = not workspace.holds_sample
    games = play_matches(game, matches, openings, workspace.seed, parallel=parallel)
    positions = judge_test(learned, look_ahead, game, test, workspace)
    return Findings(game, learned, searching, look_ahead, games, positions, test, training)


def searcher(workspace: Workspace, network: Network) -> Learned:
    """The learned player that searches, as config.toml describes it."""
    settings = workspace.config["search"]
    return Learned(network, settings["simulations"], settings["exploration"])


def sealed_openings(workspace: Workspace, game: Game) -> list[data.Opening]:
    """The first `pairs` openings of a game; raises ProjectError when there are not so many."""
    openings, pairs = data.load_openings(workspace, game), workspace.config["evaluate"]["pairs"]
    if not 0 < pairs <= len(openings):
        raise ProjectError(f"pairs = {pairs}: 1 to {len(openings)} openings are sealed")
    return openings[:pairs]


def judge_test(
    learned: Learned,
    look_ahead: AlphaBeta,
    game: Game,
    test: Sequence[data.Position],
    workspace: Workspace,
) -> pd.DataFrame | None:
    """The test positions of the game, judged; None where it has no referee."""
    positions = data.of_game(test, game)
    if not positions:
        return None
    lots = workspace.seed, workspace.config["evaluate"]["tries"]
    return judge.judge_learned(learned, positions).assign(
        look_ahead_mistake=judge.mistakes_by_lot(look_ahead, positions, *lots),
        one_ply_mistake=judge.mistakes_by_lot(ONE_PLY, positions, *lots),
    )


def predictions(found: Findings) -> Predictions:
    """Every game against the yardstick once: what the player and each baseline scored in it."""
    of_player = {
        player.name: found.scores(player.name, YARDSTICK.name).reset_index(drop=True)
        for player in (found.learned, found.look_ahead, ONE_PLY)
    }
    games = of_player[found.learned.name]
    rows = pd.DataFrame(
        {
            "id": games.pair + np.where(games.seat == 0, ":first", ":second"),
            "group": games.pair,
            "model": games.score,
            **{player.name: of_player[player.name].score for player in (found.look_ahead, ONE_PLY)},
        }
    )
    roles = {found.look_ahead.name: STRONGEST, ONE_PLY.name: NAIVE}
    return Predictions(rows, "mean", True, roles, unit="games")


def count_games(workspace: Workspace, found: Findings) -> Ledger:
    """From the sealed openings to the games behind the headline."""
    sealed = data.load_openings(workspace, found.game)
    ledger = Ledger(len(sealed), "openings")
    pairs = workspace.config["evaluate"]["pairs"]
    ledger.drop("a match of `pairs` openings", pairs, NOT_PLAYED)
    ledger.count_as("games", 2 * pairs)
    return ledger


def load_runs(workspace: Workspace, game: Game) -> list[Learned]:
    """Every run of a game and, last, their mean."""
    names = {
        path.stem.removeprefix(f"{game.name}-").replace("-", " "): path
        for path in (workspace.models / "seeds").glob(f"{game.name}-*.npz")
    }
    ordered = sorted(names, key=lambda name: (name == MEAN, name))
    return [Learned(load_networks(names[name])[game.name], label=name) for name in ordered]


def score(found: Findings, seed: int) -> dict[str, Score]:
    """Further metrics with intervals over opening pairs, alpha-beta's beside them."""

    def against(player: Player, opponent: Player, label: str = "") -> Score:
        own = found.scores(player.name, opponent.name)
        rival = found.scores(found.look_ahead.name, opponent.name)
        return Score(
            f"score against {opponent.name}{label}",
            bootstrap(np.mean, own.score, groups=own.pair, seed=seed),
            float(rival.score.mean()) if len(rival) else None,
        )

    learned, searching = found.learned, found.searching
    with_search = f", with UCT-{searching.simulations}"
    scores = {
        "score_vs_random": against(learned, RandomPlayer()),
        "score_vs_one_ply": against(learned, ONE_PLY),
        "score_vs_alpha_beta": against(learned, found.look_ahead),
        "score_vs_mcts_1000": against(learned, STRONG),
        "search_score_vs_mcts_100": against(searching, YARDSTICK, with_search),
        "search_score_vs_mcts_1000": against(searching, STRONG, with_search),
    }
    if found.positions is not None:
        decisive = found.positions[found.positions.decisive]
        for key, label, chosen in (
            ("mistakes", "value mistakes, all positions", found.positions),
            ("decisive_mistakes", "value mistakes where it matters", decisive),
        ):
            interval = bootstrap(np.mean, chosen.mistake, groups=chosen.group, seed=seed)
            rival = float(chosen.look_ahead_mistake.mean())
            scores[key] = Score(label, interval, rival, higher_is_better=False)
    return scores


def slices_table(found: Findings, seed: int) -> Table:
    """Where the score and the mistakes come from."""
    games = found.scores(found.learned.name, YARDSTICK.name)
    first_move = games.opening.str.split(".").str[0].astype(int)
    middle = found.game.columns // 2
    slices = {
        "moving first": games.seat == 0,
        "moving second": games.seat == 1,
        "opening starts in the middle column": first_move % found.game.columns == middle,
        "opening starts at an edge": (first_move % found.game.columns).isin(
            [0, found.game.columns - 1]
        ),
    }
    rows: list[list[Any]] = []
    for name, chosen in slices.items():
        if chosen.any():
            part = games[chosen]
            interval = bootstrap(np.mean, part.score, groups=part.pair, seed=seed)
            rows.append([f"score against MCTS-100, {name}", len(part), interval])
    if found.positions is not None:
        for name, best in (("won", 1), ("drawn", 0)):
            chosen = found.positions[found.positions.decisive & (found.positions.best == best)]
            if len(chosen):
                interval = bootstrap(np.mean, chosen.mistake, groups=chosen.group, seed=seed)
                rows.append([f"mistakes in {name} positions", len(chosen), interval])
    caption = f"The headline and the mistakes in parts. {EACH_ALONE}"
    return Table(caption, ["slice", "n", "value"], rows)


def worst_errors(positions: pd.DataFrame | None, test: Sequence[data.Position]) -> pd.DataFrame:
    """Most value given away first, then those the player was surest of."""
    columns = ["id", "ply", "worth_before", "worth_after", "choice", "better", "thought"]
    if positions is None:
        return pd.DataFrame(columns=columns)
    by_id = {position.id: position for position in test}
    wrong = positions[positions.mistake == 1]
    wrong = wrong.assign(lost=wrong.best - wrong.worth, gap=wrong.thought - wrong.worth)
    worst = wrong.sort_values(["lost", "gap"], ascending=False).head(WORST)
    better = [
        " ".join(
            str(move)
            for move, value in enumerate(by_id[row.id].values)
            if value is not None and value == row.best
        )
        for row in worst.itertuples()
    ]
    renamed = worst.rename(columns={"best": "worth_before", "worth": "worth_after"})
    return renamed.assign(better=better, thought=renamed.thought.round(3))[columns]


def errors_table(errors: pd.DataFrame) -> Table:
    """The worst mistakes as the write-up shows them."""
    rows = [
        [
            row.id.split(":")[1],
            f"{boards.WORTH[row.worth_before]} → {boards.WORTH[row.worth_after]}",
            row.choice,
            row.better,
            f"{row.thought:+.2f}",
        ]
        for row in errors.itertuples()
    ]
    return Table(
        f"The {len(errors)} mistakes that gave most away, surest first (reports/errors.csv). "
        "Moves count from 0, from the left.",
        ["moves so far", "exact value", "played", "better", "thought it was worth"],
        [[str(cell) for cell in row] for row in rows],
    )


def budget_note(workspace: Workspace, training: Mapping[str, Any]) -> str:
    """What the training was."""
    effort = workspace.config["train"]["effort"]
    games = sum(row["games"] for row in training["runs"] if row["run"] != MEAN)
    short = "" if effort == 1 else f", at {effort:g} of the full effort"
    return f"{games:,} games of self-play{short}: a fixed number, however long they take."


def draw_errors(workspace: Workspace, game: Game, errors: pd.DataFrame) -> dict[str, Picture]:
    """The worst mistakes on boards, where there are some."""
    if errors.empty:
        return {}
    boards.draw_errors(workspace.figures / "worst", game, errors.head(DRAWN))
    picture = Picture(
        "The worst mistakes: the cross is the move made, the rings are moves that keep the "
        "value. Orange moves first.",
        "Boards with the move that was made and the moves that were better.",
    )
    return {"worst": picture}
