"""What test_recompute.py needs to know of this project, from OpenSpiel, NumPy and pandas alone.

A baseline that draws lots cannot be fitted anew; its recorded games are played again instead. Every
move of it must be one that its description allows, every move of the opponent the one that
OpenSpiel's tree search makes from the same seed, and the result is OpenSpiel's.
"""

import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pyspiel
from numpy.typing import ArrayLike

from project_package import data, games, players
from project_package.kit.statistics import decimal
from project_package.kit.workspace import Workspace
from project_package.predict import GamePlayer

DRAWN = ("train", "validation", "test", "openings")  # parts that the seed decides
SHARES = {"train": 0.2, "validation": 0.2, "test": 0.6}  # nearly all of it tic-tac-toe
SIMULATIONS = 100  # of the opponent
LEARNED, LOOK_AHEAD, YARDSTICK = "learned", "alpha-beta of depth 4", "MCTS-100"
CHANCE = (0.0, 0.75)  # nothing is learned from the positions, so shuffled values change no move
BASELINE_LEVEL = {"alpha-beta of depth 4": 0.0, "one-ply": 0.0}  # twelve games on the sample
# say nothing of strength: `baselines` checks every move of them instead
DEPTH, PLY_COST = 4, 0.01
SHOWS = {  # other values that so few games and positions as on the sample feel
    "connect_four.games": 1_500_000,
    "data.connect_four.test": 50,
    "data.connect_four.train": 10,
    "data.connect_four.validation": 20,
    "go.games": 50_000,
    "model.grid": 16,
    "tic_tac_toe.games": 300_000,
    "tic_tac_toe.length": 5,
}
FACTS = {  # numbers that stand in the code, each with the reason why it is no setting
    "DEEP": "the name of the baseline says it",
    "KEY_LENGTH": "of a digest in a file's name",
    "MEGABYTES": "more memory than the opponents' trees take",
    "NAME_LENGTH": "of a digest in a folder's name",
    "PLACES": "of a value that is kept for monitoring",
    "PLIES": "what the exact solver can do in time",
    "PLY_COST": "makes alpha-beta take the shorter way to a win, however small it is",
    "ROUNDS": "what Ctrl-C can lose; the games are the same in number",
    "SEEDS_APART": "keeps the runs of one seed and the next apart",
    "SHORTER": "what an attempt costs; no run depends on it",
    "TABLE_SIZE": "room for what the solver knows; its values are exact with any",
    **dict.fromkeys(
        ("COLOURS", "FOUR", "GAMES", "HEIGHT", "LONGEST_GAME", "MOST_CELLS", "MOST_MOVES",
         "NEIGHBOURS", "PASS", "QUARTERS", "SIDE", "STONES", "THREE", "WIDTH"),
        "a rule of one of the games",
    ),
    **dict.fromkeys(
        ("TO_MOVE", "PLY", "RESULT", "KO", "PASSES", "CELLS", "COLUMNS", "ROWS", "FROM_THE_CENTRE",
         "WIN", "DRAW", "LOSS", "ILLEGAL", "END", "LOW_BITS"),
        "how a position is written down",
    ),
}  # fmt: skip
GAMES = {
    "connect_four": "connect_four",
    "tic_tac_toe": "tic_tac_toe",
    "go": "go(board_size=5,komi=0.5)",
}
SEATS = ("first", "second")
Allowed = Callable[[Any], set[int]]


def rows(workspace: Workspace, part: str) -> list[dict[str, Any]]:
    """The lines of a sealed file."""
    text = (workspace.processed / f"{part}.jsonl").read_text(encoding="utf-8")
    return [json.loads(line) for line in text.splitlines()]


def openings(workspace: Workspace) -> list[dict[str, Any]]:
    """The sealed openings of the headline's match, in order."""
    config = workspace.config
    own = [row for row in rows(workspace, "openings") if row["game"] == config["games"][0]]
    return own[: config["evaluate"]["pairs"]]


def sealed_truth(workspace: Workspace) -> pd.DataFrame:
    """Both games of every opening; there is no truth, as scores are counted, not predicted."""
    made = [(f"{row['id']}:{seat}", row["id"]) for row in openings(workspace) for seat in SEATS]
    return pd.DataFrame(made, columns=["id", "group"])


def other_groups(workspace: Workspace) -> set[str]:
    """Of sealed positions, which are judged beside the games: there can be as many of both."""
    return {row["group"] for row in rows(workspace, "test")}


def metric(_: ArrayLike, scores: ArrayLike) -> float:
    """The headline's metric: points a game."""
    return float(pd.Series(np.asarray(scores)).mean())


def raw_count(workspace: Workspace) -> int:
    """Labelled positions of connect four, all of tic-tac-toe (4,520), and the openings."""
    sample = json.loads(workspace.manifest.read_text(encoding="utf-8"))["sample"]
    folder = workspace.sample if sample else workspace.raw
    files = sorted(folder.glob("*.jsonl"))
    own = [path for path in files if sample or path.stem.endswith(f"-{workspace.seed}")]
    labelled = sum(len(path.read_text(encoding="utf-8").splitlines()) for path in own)
    return labelled + 4520 + 3 * workspace.config["data"]["openings"]


def not_played(workspace: Workspace) -> int:
    """Sealed openings that the match leaves out."""
    settings = workspace.config
    return settings["data"]["openings"] - settings["evaluate"]["pairs"]


DROPS = {"sealed openings after the first `pairs` of config.toml": not_played}


def shuffle_target(folder: Any, random: np.random.Generator) -> None:
    """Give every legal move the exact value of another one."""
    path = folder / "positions.jsonl"
    positions = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    known = [value for row in positions for value in row["values"] if value is not None]
    values = iter(random.permutation(known).tolist())
    for row in positions:
        row["values"] = [None if value is None else next(values) for value in row["values"]]
    path.write_text("".join(json.dumps(row) + "\n" for row in positions), encoding="utf-8")


def sealed_table(workspace: Workspace) -> pd.DataFrame:
    """Every position with the exact value of each move."""
    positions = [row for part in DRAWN[:3] for row in rows(workspace, part)]
    return pd.DataFrame([(row["id"], str(row["moves"]), str(row["values"])) for row in positions],
                        columns=["id", "moves", "values"])  # fmt: skip


def raw_table(workspace: Workspace) -> pd.DataFrame:
    """The same from the committed positions; tic-tac-toe, that is all of it, by plain minimax."""
    text = (workspace.sample / "positions.jsonl").read_text(encoding="utf-8")
    positions = [json.loads(line) for line in text.splitlines()]
    game, known = pyspiel.load_game("tic_tac_toe"), {}

    def worth(state: Any) -> int:
        """To the side to move."""
        if str(state) not in known:
            known[str(state)] = (
                int(state.returns()[len(state.history()) % 2])
                if state.is_terminal()
                else max(-worth(child(state, move)) for move in state.legal_actions())
            )
        return known[str(state)]

    boards = set()
    for row in (row for part in DRAWN[:3] for row in rows(workspace, part)):
        if row["game"] == "tic_tac_toe":
            state = game.new_initial_state()
            for move in row["moves"]:
                state.apply_action(move)
            boards.add(str(state))
            values = [-worth(child(state, move)) if move in state.legal_actions() else None
                      for move in range(9)]  # fmt: skip
            name = ".".join(map(str, row["moves"])) or "start"
            positions.append({**row, "id": f"tic_tac_toe:{name}", "values": values})
    assert len(boards) == 4520
    return pd.DataFrame([(row["id"], str(row["moves"]), str(row["values"])) for row in positions],
                        columns=["id", "moves", "values"])  # fmt: skip


def played(workspace: Workspace) -> pd.DataFrame:
    """Every recorded game; its points are OpenSpiel's for the player, in the seat that it had."""
    kinds = {"moves": str, "opening": str}
    files = (workspace.reports / name for name in ("games.csv", "other-games.csv"))
    table = pd.concat([pd.read_csv(path, dtype=kinds) for path in files], ignore_index=True)
    for row in table.itertuples():
        state = pyspiel.load_game(GAMES[row.game]).new_initial_state()
        for move in row.moves.split("."):
            state.apply_action(int(move))
        assert state.is_terminal()
        assert row.score == (state.returns()[row.seat] + 1) / 2, row
    seats = table.groupby(["game", "player", "opponent", "pair"]).seat.agg(list)
    assert all(sorted(own) == [0, 1] for own in seats), "each opening once with each colour"
    return table


def judged(workspace: Workspace) -> pd.DataFrame:
    """The sealed positions of the headline's game: is the move of each player a mistake?"""
    name = workspace.config["games"][0]
    game, learned, found = games.GAMES[name], GamePlayer.load(workspace), []
    tries = workspace.config["evaluate"]["tries"]
    for row in rows(workspace, "test"):
        if row["game"] != name:
            continue
        values = [value for value in row["values"] if value is not None]
        board = players.Board(None, data.replay(game, row["moves"]))
        shares = {}
        for player in (players.AlphaBeta(DEPTH), players.OnePly()):
            choose = player.sit_down(game, workspace.seed)
            tried = [row["values"][choose(board)] < max(values) for _ in range(tries)]
            shares[player.name] = np.mean(tried)
        choice = learned.consider(name, row["moves"]).choice
        wrong = row["values"][choice] < max(values)
        found.append({"id": row["id"], "lost": max(values) - row["values"][choice],
                      LEARNED: float(wrong), **shares, "decisive": len(set(values)) > 1,
                      "ply": len(row["moves"]), "best": max(values)})  # fmt: skip
    return pd.DataFrame(found)


def metrics(workspace: Workspace) -> dict[str, tuple[float, float | None]]:
    """Points in every further match, alpha-beta's beside them, and mistakes where it matters."""
    table = played(workspace)
    table = table[table.game == workspace.config["games"][0]]
    points = table.groupby(["player", "opponent"]).score.mean()
    search = f"{LEARNED} + UCT-{workspace.config['search']['simulations']}"
    matches = {
        "score_vs_random": (LEARNED, "random"),
        "score_vs_one_ply": (LEARNED, "one-ply"),
        "score_vs_alpha_beta": (LEARNED, LOOK_AHEAD),
        "score_vs_mcts_1000": (LEARNED, "MCTS-1000"),
        "search_score_vs_mcts_100": (search, YARDSTICK),
        "search_score_vs_mcts_1000": (search, "MCTS-1000"),
    }
    found = {
        name: (points[match], points.get((LOOK_AHEAD, match[1]))) for name, match in matches.items()
    }
    positions = judged(workspace)
    decisive = positions[positions.decisive]
    for name, own in (("mistakes", positions), ("decisive_mistakes", decisive)):
        found[name] = own[LEARNED].mean(), own[LOOK_AHEAD].mean()
    return found


def tables(workspace: Workspace) -> dict[str, dict[Any, list[float | None]]]:
    """Matches, the other games, mistakes by phase, and the headline in parts."""
    everything, positions = played(workspace), judged(workspace)
    own = everything.game == workspace.config["games"][0]
    table, decisive = everything[own], positions[positions.decisive]
    titles = {name: game.title for name, game in games.GAMES.items()}
    headline = table[(table.player == LEARNED) & (table.opponent == YARDSTICK)]
    phases = {"plies 12–17": (12, 17), "plies 18–25": (18, 25), "plies 26–37": (26, 37)}
    parts = {name: decisive[decisive.ply.between(*ends)] for name, ends in phases.items()}
    seats = {"first": headline.seat == 0, "second": headline.seat == 1}
    moving = "score against MCTS-100, moving"
    slices = {f"{moving} {name}": [chosen.sum(), headline.score[chosen].mean()]
              for name, chosen in seats.items()}  # fmt: skip
    for name, best in (("won", 1), ("drawn", 0)):
        part = decisive[decisive.best == best]
        if len(part):
            slices[f"mistakes in {name} positions"] = [len(part), part[LEARNED].mean()]
    return {
        "matches": {
            match: [part.score.mean(), None]
            for match, part in table.groupby(["player", "opponent"])
            if not match[0].startswith("run ") and match[0] != "mean of the runs"
        },
        "others": {
            (titles[name], *match): [len(part), part.score.mean()]
            for (name, *match), part in everything[~own].groupby(["game", "player", "opponent"])
        },
        "phases": {
            name: [len(part), *part[[LEARNED, LOOK_AHEAD, "one-ply"]].mean()]
            for name, part in parts.items()
            if len(part)
        },
        "slices": slices,
    }


def badness(workspace: Workspace) -> pd.Series:
    """By id, the value given away: errors.csv shows the most."""
    positions = judged(workspace)
    return positions[positions[LEARNED] > 0].set_index("id").lost.astype(float)


def notes(workspace: Workspace) -> dict[str, list[str]]:
    """Spread over runs, what the yardstick is worth, and how many games are different ones."""
    table = played(workspace)
    table = table[(table.game == workspace.config["games"][0]) & (table.opponent == YARDSTICK)]
    points = pd.Series({name: np.mean(rows.score) for name, rows in table.groupby("player")})
    runs = points[points.index.str.startswith("run ")].to_numpy()
    own = table[table.player == LEARNED]
    return {
        "spread": [
            f"{len(runs)} single runs",
            f"score {decimal(runs.mean())} ± {decimal(runs.std(ddof=1))}",
            f"from {decimal(runs.min())} to {decimal(runs.max())}",
        ],
        "yardstick": [
            f"scores {decimal(points['MCTS-200'])} [",
            f"at random {decimal(points['random'])}",
        ],
        "protocol": [
            f"{len(own)} games from {own.opening.nunique()} different openings",
            f"{own.moves.nunique()} of the games",
        ],
    }


def saved_model(workspace: Workspace) -> np.ndarray:
    """Scores of the model in models/ in its recorded games, every move asked for again."""
    player, name = GamePlayer.load(workspace), workspace.config["games"][0]
    return replayed(
        workspace, "learned", lambda state: {player.consider(name, state.history()).choice}
    )


def baselines(workspace: Workspace) -> dict[str, np.ndarray]:
    """Scores of each baseline in its recorded games, every move checked."""
    players: dict[str, Allowed] = {"alpha-beta of depth 4": looks_ahead, "one-ply": sees_one_ply}
    return {name: replayed(workspace, name, allowed) for name, allowed in players.items()}


def replayed(workspace: Workspace, player: str, allowed: Allowed) -> np.ndarray:
    """Points of every game of a match against the tree search, played again move by move."""
    games = pd.read_csv(workspace.reports / "games.csv", dtype=str)
    games = games[(games.player == player) & (games.opponent == f"MCTS-{SIMULATIONS}")]
    recorded = {(row.pair, int(row.seat)): row.moves for row in games.itertuples()}
    points = []
    for number, opening in enumerate(openings(workspace)):
        for seat in (0, 1):
            moves = [int(move) for move in recorded[opening["id"], seat].split(".")]
            assert moves[: len(opening["moves"])] == opening["moves"]
            game = pyspiel.load_game(GAMES[opening["game"]])
            state = game.new_initial_state()
            lots = np.random.SeedSequence((workspace.seed, number, seat)).generate_state(2)
            bot = tree_search(game, int(lots[1] >> 1))
            for ply, move in enumerate(moves):
                if ply >= len(opening["moves"]):
                    own = state.current_player() == seat
                    may = allowed(state) if own else {bot.step(state)}
                    assert move in may, f"{player}: move {ply} of {opening['id']}, seat {seat}"
                state.apply_action(move)
            assert state.is_terminal()
            points.append((state.returns()[seat] + 1) / 2)
    return np.array(points)


def tree_search(game: Any, seed: int, simulations: int = SIMULATIONS) -> Any:
    """The opponent."""
    evaluator = pyspiel.RandomRolloutEvaluator(n_rollouts=1, seed=seed)
    return pyspiel.MCTSBot(
        game, evaluator, 2**0.5, simulations, max_memory_mb=100, solve=True, seed=seed,
        verbose=False,
    )  # fmt: skip


def sees_one_ply(state: Any) -> set[int]:
    """Moves that win at once; else those that stop the other side from it; else all."""
    legal = set(state.legal_actions())
    return wins(state, state.current_player()) or wins(state, 1 - state.current_player()) or legal


def wins(state: Any, side: int) -> set[int]:
    """Columns in which a stone of `side` makes four."""
    board = np.array(state.observation_tensor(0)).reshape(3, 6, 7)
    mine, taken = board[side] > 0, board[2] == 0
    found = set()
    for column in state.legal_actions():
        row = int(taken[:, column].sum())
        for down, across in ((0, 1), (1, 0), (1, 1), (1, -1)):
            length = 1
            for way in (1, -1):
                r, c = row + way * down, column + way * across
                while 0 <= r < 6 and 0 <= c < 7 and mine[r, c]:
                    length, r, c = length + 1, r + way * down, c + way * across
            if length >= 4:
                found.add(column)
    return found


def looks_ahead(state: Any) -> set[int]:
    """The best moves of a search of four plies that knows nothing but who has won."""
    values = {move: -value(child(state, move), DEPTH - 1) for move in state.legal_actions()}
    best = max(values.values())
    return {move for move, found in values.items() if found > best - 1e-9}


def child(state: Any, move: int) -> Any:
    """The state after a move."""
    after = state.clone()
    after.apply_action(move)
    return after


def value(state: Any, depth: int) -> float:
    """To the side to move: 1 won, −1 lost, each ply costing a hundredth; 0 unknown or drawn."""
    if state.is_terminal():
        return float(state.returns()[len(state.history()) % 2])
    if depth == 0:
        return 0.0
    after = (child(state, move) for move in state.legal_actions())
    return max(-value(reached, depth - 1) * (1 - PLY_COST) for reached in after)
