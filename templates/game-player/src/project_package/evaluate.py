"""Sit everybody down at the board, and let the referee judge. The only reader of the test set."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from . import data, drawings, judge
from .games import GAMES, Game, find_game
from .kit.holdout import Ledger
from .kit.results import EACH_ALONE, Results, Score, Table, write_results
from .kit.statistics import NAIVE, STRONGEST, Interval, Predictions, bootstrap, decimal
from .kit.workspace import ProjectError, Workspace, read_json
from .matches import play_matches
from .players import AlphaBeta, Learned, OnePly, Player, RandomPlayer, TreeSearch
from .storage import load_networks
from .train import MEAN

WORST = 20
SHALLOW, DEEP = 2, 4  # plies of alpha-beta: with Go's 26 moves four of them take too long
NOT_PLAYED = "sealed openings after the first `pairs` of config.toml"
SHARE_FOR_OTHERS = 5  # the games that are not the headline play every fifth pair against MCTS-1000
ONE_PLY = OnePly()
YARDSTICK, TWICE = TreeSearch(100), TreeSearch(200)  # the headline is against the first


@dataclass(frozen=True)
class Findings:
    """All that was played and judged in the headline game."""

    game: Game
    learned: Learned
    searching: Learned
    look_ahead: AlphaBeta
    games: pd.DataFrame
    positions: pd.DataFrame | None

    def scores(self, player: str, opponent: str) -> pd.DataFrame:
        """The games of one match, by pair and seat."""
        chosen = (self.games.player == player) & (self.games.opponent == opponent)
        return self.games[chosen].sort_values(["pair", "seat"])


def run(workspace: Workspace) -> None:
    """Write reports/metrics.json, games.csv, errors.csv and the figures."""
    started = time.perf_counter()
    training = read_json(workspace.models / "training.json", made_by="train")
    games = [find_game(name) for name in workspace.config["games"]]
    networks = load_networks(workspace.models / "model.npz")
    test = data.load(workspace, "test", reader="evaluate")
    seen = [data.load(workspace, part, reader="evaluate") for part in ("train", "validation")]

    headline = games[0]
    found = play_headline(workspace, headline, Learned(networks[headline.name]), test)
    others = play_others(workspace, [game for game in games if game != headline], networks)
    tic_tac_toe = data.of_game([*seen[0], *seen[1], *test], GAMES["tic_tac_toe"])
    proof = prove_tic_tac_toe(workspace, tic_tac_toe) if "tic_tac_toe" in networks else []

    workspace.reports.mkdir(exist_ok=True)
    everything = pd.concat([found.games, others])
    everything.to_csv(workspace.reports / "games.csv", index=False, lineterminator="\n")
    errors = worst_errors(found.positions, test)
    errors.to_csv(workspace.reports / "errors.csv", index=False, lineterminator="\n")

    seed = workspace.seed
    results = Results(
        primary="score_vs_mcts_100",
        label="score against MCTS-100",
        predictions=predictions(found),
        ledger=count_games(workspace, found),
        measured_on="sealed openings, each played with both colours",
        scores=score(found, seed),
        tables={
            "matches": matches_table(found, seed),
            "runs": runs_table(found, training, test, workspace),
            "ablation": ablation_table(training),
            "phases": phases_table(found, seed),
            "slices": slices_table(found, seed),
            "others": others_table(others, seed),
            "proof": proof_table(proof),
            "errors": errors_table(errors),
        },
        figures=drawings.draw(workspace, found, training, errors, seed),
        notes={
            "spread": spread_note(found),
            "yardstick": yardstick_note(found, seed),
            "protocol": protocol_note(found),
            "proof": proof_note(proof),
            "budget": budget_note(workspace, training),
        },
    )
    write_results(workspace, results, time.perf_counter() - started)
    print(f"{headline.title}, score against MCTS-100: {results.predictions.rows.model.mean():.3f}")


def play_headline(
    workspace: Workspace, game: Game, learned: Learned, test: Sequence[data.Position]
) -> Findings:
    """All matches of the headline game, and its test positions judged."""
    settings = workspace.config["train"]
    searching = Learned(learned.network, settings["search"])
    look_ahead = AlphaBeta(DEEP if game.cells > game.moves else SHALLOW)
    strong = TreeSearch(1000)
    matches: list[tuple[Player, Player]] = [
        (searching, strong),
        (learned, strong),
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
    return Findings(game, learned, searching, look_ahead, games, positions)


def sealed_openings(workspace: Workspace, game: Game) -> list[data.Opening]:
    """The first `pairs` openings of a game; raises ProjectError when there are not so many."""
    openings, pairs = data.load_openings(workspace, game), workspace.config["train"]["pairs"]
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
    judged = judge.judge_learned(learned, positions)
    return judged.assign(
        look_ahead_mistake=judge.mistakes_by_lot(look_ahead, positions, workspace.seed),
        one_ply_mistake=judge.mistakes_by_lot(ONE_PLY, positions, workspace.seed),
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
    pairs = workspace.config["train"]["pairs"]
    ledger.drop("a match of `pairs` openings", pairs, NOT_PLAYED)
    ledger.count_as("games", 2 * pairs)
    return ledger


def play_others(
    workspace: Workspace, games: Sequence[Game], networks: Mapping[str, Any]
) -> pd.DataFrame:
    """A shorter programme for the games that are not the headline."""
    settings = workspace.config["train"]
    parallel = not workspace.holds_sample
    played = [pd.DataFrame(columns=["game", "player", "opponent", "pair", "score"])]
    for game in games:
        learned = Learned(networks[game.name])
        searching = Learned(networks[game.name], settings["search"])
        openings = sealed_openings(workspace, game)
        short = openings[: max(2, len(openings) // SHARE_FOR_OTHERS)]
        quick: list[tuple[Player, Player]] = [
            (learned, opponent) for opponent in (RandomPlayer(), ONE_PLY, YARDSTICK)
        ]
        long: list[tuple[Player, Player]] = [(searching, TreeSearch(1000))]
        seed = workspace.seed
        played.append(play_matches(game, quick, openings, seed, parallel=parallel))
        played.append(play_matches(game, long, short, seed, parallel=parallel))
    return pd.concat(played[1:] or played, ignore_index=True)


def load_runs(workspace: Workspace, game: Game) -> list[Learned]:
    """Every run of a game and, last, their mean."""
    names = {
        path.stem.removeprefix(f"{game.name}-").replace("-", " "): path
        for path in (workspace.models / "seeds").glob(f"{game.name}-*.npz")
    }
    ordered = sorted(names, key=lambda name: (name == MEAN, name))
    return [Learned(load_networks(names[name])[game.name], label=name) for name in ordered]


def prove_tic_tac_toe(
    workspace: Workspace, positions: Sequence[data.Position]
) -> list[dict[str, Any]]:
    """For each run: how every line of play ends from both seats, and its mistakes in all states."""
    game = GAMES["tic_tac_toe"]
    proofs = []
    for player in load_runs(workspace, game):
        judged = judge.judge_learned(player, positions)
        ends = [
            judge.prove(game, lambda state, p=player: p.rate(game, state).choice, seat)
            for seat in (0, 1)
        ]
        proofs.append(
            {
                "player": player.name,
                "first": ends[0],
                "second": ends[1],
                "mistakes": int(judged.mistake.sum()),
                "states": len(judged),
            }
        )
    return proofs


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

    learned, searching, strong = found.learned, found.searching, TreeSearch(1000)
    with_search = f", with UCT-{searching.simulations}"
    scores = {
        "score_vs_random": against(learned, RandomPlayer()),
        "score_vs_one_ply": against(learned, ONE_PLY),
        "score_vs_alpha_beta": against(learned, found.look_ahead),
        "score_vs_mcts_1000": against(learned, strong),
        "search_score_vs_mcts_100": against(searching, YARDSTICK, with_search),
        "search_score_vs_mcts_1000": against(searching, strong, with_search),
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


def matches_table(found: Findings, seed: int) -> Table:
    """Who scored what against whom."""
    rows = []
    for (player, opponent), games in found.games.groupby(["player", "opponent"], sort=False):
        if str(player).startswith("run ") or player == MEAN:
            continue
        won, drawn = int((games.score == 1).sum()), int((games.score == 0.5).sum())
        rows.append(
            [
                player,
                opponent,
                bootstrap(np.mean, games.score, groups=games.pair, seed=seed),
                f"{won} / {drawn} / {len(games) - won - drawn}",
            ]
        )
    each = len(found.scores(found.learned.name, YARDSTICK.name))
    return Table(
        f"{each} games a match; half of them with each colour. Score: won 1, drawn ½.",
        ["player", "opponent", "score", "won / drawn / lost"],
        rows,
    )


def runs_table(
    found: Findings,
    training: Mapping[str, Any],
    test: Sequence[data.Position],
    workspace: Workspace,
) -> Table:
    """Every run of the headline game, and their mean, which is shipped."""
    of_runs = [row for row in training["runs"] if row["game"] == found.game.name]
    positions = data.of_game(test, found.game)
    rows = []
    for row, player in zip(of_runs, load_runs(workspace, found.game), strict=True):
        rows.append(
            [
                ("**shipped:** " if row["shipped"] else "") + player.name,
                row["games"],
                _or_dash(row["validation_mistakes"]),
                judge.decisive_mistakes(player, positions) if positions else "–",
                float(found.scores(player.name, YARDSTICK.name).score.mean()),
            ]
        )
    return Table(
        "Runs differ in their seed alone; the mean averages what they think of a board and is "
        "shipped, whatever stands here.",
        [
            "player",
            "games",
            "mistakes, validation set",
            "mistakes, test set",
            "score against MCTS-100",
        ],
        rows,
    )


def ablation_table(training: Mapping[str, Any]) -> Table:
    """What each part of the recipe is worth."""
    rows = [
        [
            row["variant"],
            row["games"],
            Interval(row["validation_mistakes"], *row["ci"]) if row["ci"] else "–",
        ]
        for row in training["ablation"]
    ]
    return Table(
        "One part taken out at a time, a twentieth of the games, one run each, judged on the "
        "validation set.",
        ["recipe", "games", "decisive mistakes"],
        rows,
    )


def phases_table(found: Findings, seed: int) -> Table:
    """Mistakes where it matters, by phase of the game."""
    positions = found.positions
    if positions is None:
        return Table("No referee for this game.", ["phase"], [])
    rows = []
    for name, (low, high) in judge.PHASES[found.game.name].items():
        chosen = positions[positions.decisive & positions.ply.between(low, high - 1)]
        if len(chosen):
            mistakes = (chosen.mistake, chosen.look_ahead_mistake, chosen.one_ply_mistake)
            shares = (bootstrap(np.mean, m, groups=chosen.group, seed=seed) for m in mistakes)
            rows.append([name, len(chosen), *shares])
    return Table(
        "Share of the positions where it matters (some legal move gives value away, some does "
        f"not) in which the move does; for players that draw lots, on average. {EACH_ALONE}",
        ["phase", "positions", "learned", found.look_ahead.name, ONE_PLY.name],
        rows,
    )


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


def others_table(others: pd.DataFrame, seed: int) -> Table:
    """The other games, played by the same program."""
    rows = []
    for (name, player, opponent), games in others.groupby(
        ["game", "player", "opponent"], sort=False
    ):
        interval = bootstrap(np.mean, games.score, groups=games.pair, seed=seed)
        rows.append([GAMES[name].title, player, opponent, len(games), interval])
    return Table(
        "The other games of config.toml.", ["game", "player", "opponent", "games", "score"], rows
    )


def proof_table(proof: Sequence[Mapping[str, Any]]) -> Table:
    """Tic-tac-toe, every line of play."""
    rows = [
        [
            row["player"],
            *(" / ".join(map(str, row[seat].values())) for seat in ("first", "second")),
            f"{row['mistakes']} of {row['states']:,}",
        ]
        for row in proof
    ]
    return Table(
        "Tic-tac-toe: how all lines of play end that the other side can choose.",
        ["run", "as first: won / drawn / lost", "as second: won / drawn / lost", "value mistakes"],
        rows,
    )


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
    names = {1: "won", 0: "drawn", -1: "lost"}
    rows = [
        [
            row.id.split(":")[1],
            f"{names[row.worth_before]} → {names[row.worth_after]}",
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


def spread_note(found: Findings) -> str:
    """How much the headline depends on the seed."""
    names = sorted({name for name in found.games.player if name.startswith("run ")})
    means = [found.scores(name, YARDSTICK.name).score.mean() for name in names]
    if len(means) < 2:
        return "One run only: the spread between seeds is not known."
    return (
        f"{len(means)} single runs, each with its own seed and tuples, score "
        f"{decimal(np.mean(means))} ± {decimal(np.std(means, ddof=1))} (standard deviation) "
        f"against MCTS-100, from {decimal(min(means))} to {decimal(max(means))}. The player of the "
        "headline averages them; how far that average would move with other seeds was not measured."
    )


def yardstick_note(found: Findings, seed: int) -> str:
    """What the opponent of the headline is worth, by one that searches twice as long."""
    games = found.scores(TWICE.name, YARDSTICK.name)
    worth = bootstrap(np.mean, games.score, groups=games.pair, seed=seed)
    chance = found.scores("random", YARDSTICK.name).score.mean()
    return (
        f"What {YARDSTICK.name} is worth: one that searches twice as long ({TWICE.name}) scores "
        f"{worth} against it in the same openings, one that moves at random {decimal(chance)}."
    )


def protocol_note(found: Findings) -> str:
    """How many of the games are different games."""
    games = found.scores(found.learned.name, YARDSTICK.name)
    return (
        f"{len(games)} games from {games.opening.nunique()} different openings, each opening with "
        f"both colours; {games.moves.nunique()} of the games are distinct. "
        "Intervals are drawn over pairs of games."
    )


def proof_note(proof: Sequence[Mapping[str, Any]]) -> str:
    """Whether tic-tac-toe is proven."""
    if not proof:
        return "Tic-tac-toe was not trained in this run."
    lost = sum(row[seat]["lost"] for row in proof for seat in ("first", "second"))
    lines = sum(sum(row[seat].values()) for row in proof for seat in ("first", "second"))
    mistakes = ", ".join(str(row["mistakes"]) for row in proof)
    return (
        f"Tic-tac-toe, checked against every line of play from both seats: {lost} losses in "
        f"{lines:,} lines over {len(proof)} runs; value mistakes in {mistakes} of "
        f"{proof[0]['states']:,} states."
    )


def budget_note(workspace: Workspace, training: Mapping[str, Any]) -> str:
    """What the training was."""
    effort = workspace.config["train"]["effort"]
    games = sum(row["games"] for row in training["runs"] if row["run"] != MEAN)
    short = "" if effort == 1 else f", at {effort:g} of the full effort"
    return f"{games:,} games of self-play{short}: a fixed number, however long they take."


def _or_dash(value: float | None) -> float | str:
    return "–" if value is None else value
