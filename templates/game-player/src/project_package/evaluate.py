"""Sit everybody down at the board, and let the referee judge. The only reader of the test part."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from . import data, drawings, judge
from .games import GAMES, Game, find_game
from .intervals import Interval, bootstrap, paired_difference
from .matches import draw_openings, play_matches
from .players import AlphaBeta, Learned, OnePly, Player, RandomPlayer, TreeSearch
from .results import Results, Score, Table, write_results
from .storage import load_networks
from .workspace import Workspace, read_json

WORST = 20
SHALLOW, DEEP = 2, 4  # plies of alpha-beta: with Go's 26 moves four of them take too long
SHARE_FOR_OTHERS = 5  # the games that are not the headline play every fifth pair against MCTS-1000
BASELINE = OnePly()


@dataclass(frozen=True)
class Findings:
    """All that was played and judged in the headline game."""

    game: Game
    learned: Learned
    searching: Learned
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
    against = found.scores(found.learned.name, "MCTS-100")
    results = Results(
        primary="score_vs_mcts_100",
        baseline_name="one-ply player",
        measured_on=f"{2 * workspace.config['train']['pairs']} games from random openings",
        scores=score(found, seed),
        difference=paired_difference(
            lambda _, values: float(np.mean(values)),
            against.score,
            against.score,
            found.scores(BASELINE.name, "MCTS-100").score,
            groups=against.pair,
            seed=seed,
        ),
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
            "protocol": protocol_note(found),
            "proof": proof_note(proof),
            "budget": budget_note(workspace, training),
        },
    )
    write_results(workspace, results, time.perf_counter() - started)
    print(f"{headline.title}, score against MCTS-100: {results.scores[results.primary].model}")


def play_headline(
    workspace: Workspace, game: Game, learned: Learned, test: Sequence[data.Position]
) -> Findings:
    """All matches of the headline game, and its test positions judged."""
    settings = workspace.config["train"]
    searching = Learned(learned.network, settings["search"])
    look_ahead = AlphaBeta(DEEP if game.cells > game.moves else SHALLOW)
    weak, strong = TreeSearch(100), TreeSearch(1000)
    matches: list[tuple[Player, Player]] = [
        (searching, strong),
        (learned, strong),
        (BASELINE, strong),
        (searching, weak),
        (learned, weak),
        (BASELINE, weak),
        (RandomPlayer(), weak),
        *((run, weak) for run in load_runs(workspace, game)),
        (learned, look_ahead),
        (BASELINE, look_ahead),
        (learned, BASELINE),
        (learned, RandomPlayer()),
        (BASELINE, RandomPlayer()),
    ]
    openings = draw_openings(game, settings["pairs"], workspace.seed)
    parallel = not workspace.holds_sample
    games = play_matches(game, matches, openings, workspace.seed, parallel=parallel)
    return Findings(game, learned, searching, games, judge_test(learned, game, test, workspace))


def judge_test(
    learned: Learned, game: Game, test: Sequence[data.Position], workspace: Workspace
) -> pd.DataFrame | None:
    """The test positions of the game, judged; None where it has no referee."""
    positions = data.of_game(test, game)
    if not positions:
        return None
    judged = judge.judge_learned(learned, positions)
    return judged.assign(rule_mistake=judge.one_ply_mistakes(positions, workspace.seed))


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
        openings = draw_openings(game, settings["pairs"], workspace.seed)
        short = openings[: max(2, len(openings) // SHARE_FOR_OTHERS)]
        quick: list[tuple[Player, Player]] = [
            (learned, opponent) for opponent in (RandomPlayer(), BASELINE, TreeSearch(100))
        ]
        long: list[tuple[Player, Player]] = [(searching, TreeSearch(1000))]
        seed = workspace.seed
        played.append(play_matches(game, quick, openings, seed, parallel=parallel))
        played.append(play_matches(game, long, short, seed, parallel=parallel))
    return pd.concat(played[1:] or played, ignore_index=True)


def load_runs(workspace: Workspace, game: Game) -> list[Learned]:
    """Every run of a game, not only the one that was chosen."""
    paths = sorted((workspace.models / "seeds").glob(f"{game.name}-*.npz"))
    return [
        Learned(load_networks(path)[game.name], label=f"run {path.stem.rsplit('-', 1)[1]}")
        for path in paths
    ]


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
    """All metrics with intervals over opening pairs, the one-ply player's beside them."""

    def result(player: str, opponent: str) -> Interval:
        games = found.scores(player, opponent)
        return bootstrap(np.mean, games.score, groups=games.pair, seed=seed)

    look_ahead = next(name for name in found.games.opponent.unique() if "alpha" in name)
    learned, searching, rule = found.learned.name, found.searching.name, BASELINE.name
    scores = {
        "score_vs_mcts_100": Score(
            "score against MCTS-100",
            result(learned, "MCTS-100"),
            result(rule, "MCTS-100").value,
        )
    }
    for key, opponent in (
        ("score_vs_random", "random"),
        ("score_vs_alpha_beta", look_ahead),
        ("score_vs_mcts_1000", "MCTS-1000"),
    ):
        scores[key] = Score(
            f"score against {opponent}", result(learned, opponent), result(rule, opponent).value
        )
    scores["score_vs_one_ply"] = Score("score against one-ply", result(learned, rule), 0.5)
    for key, opponent in (
        ("search_score_vs_mcts_100", "MCTS-100"),
        ("search_score_vs_mcts_1000", "MCTS-1000"),
    ):
        scores[key] = Score(
            f"score against {opponent}, with UCT-{found.searching.simulations}",
            result(searching, opponent),
            result(rule, opponent).value,
        )
    if found.positions is not None:
        for key, label, chosen in (
            ("mistakes", "value mistakes, all positions", found.positions),
            (
                "decisive_mistakes",
                "value mistakes where it matters",
                found.positions[found.positions.decisive],
            ),
        ):
            interval = bootstrap(np.mean, chosen.mistake, groups=chosen.group, seed=seed)
            scores[key] = Score(label, interval, float(chosen.rule_mistake.mean()), False)
    return scores


def matches_table(found: Findings, seed: int) -> Table:
    """Who scored what against whom."""
    rows = []
    for (player, opponent), games in found.games.groupby(["player", "opponent"], sort=False):
        if str(player).startswith("run "):
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
    each = len(found.scores(found.learned.name, "MCTS-100"))
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
    """Every run of the headline game, the chosen one marked."""
    of_runs = [row for row in training["runs"] if row["game"] == found.game.name]
    positions = data.of_game(test, found.game)
    rows = []
    for row, player in zip(of_runs, load_runs(workspace, found.game), strict=True):
        rows.append(
            [
                ("**chosen:** " if row["chosen"] else "") + player.name,
                row["games"],
                _or_dash(row["validation_mistakes"]),
                judge.decisive_mistakes(player, positions) if positions else "–",
                float(found.scores(player.name, "MCTS-100").score.mean()),
            ]
        )
    return Table(
        "Runs differ in their seed alone. The choice rests on the validation part; the last two "
        "columns were measured afterwards.",
        ["run", "games", "mistakes, validation", "mistakes, test", "score against MCTS-100"],
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
        "validation part.",
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
            interval = bootstrap(np.mean, chosen.mistake, groups=chosen.group, seed=seed)
            rows.append([name, len(chosen), interval, float(chosen.rule_mistake.mean())])
    return Table(
        "Share of the positions where it matters in which the move gives value away.",
        ["phase", "positions", "learned", "one-ply"],
        rows,
    )


def slices_table(found: Findings, seed: int) -> Table:
    """Where the score and the mistakes come from."""
    games = found.scores(found.learned.name, "MCTS-100")
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
    return Table("The headline and the mistakes in parts.", ["slice", "n", "value"], rows)


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
    means = [found.scores(name, "MCTS-100").score.mean() for name in names]
    if len(means) < 2:
        return "One run only: the spread between seeds is not known."
    return (
        f"{len(means)} runs with other seeds and other tuples score {np.mean(means):.3f} ± "
        f"{np.std(means, ddof=1):.3f} (standard deviation) against MCTS-100, from "
        f"{min(means):.3f} to {max(means):.3f}."
    )


def protocol_note(found: Findings) -> str:
    """How many of the games are different games."""
    games = found.scores(found.learned.name, "MCTS-100")
    return (
        f"{len(games)} games from {games.opening.nunique()} different openings, each opening with "
        f"both colours; {games.moves.nunique()} of the games are different from all others. "
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
    games = sum(row["games"] for row in training["runs"])
    short = "" if effort == 1 else f", at {effort:g} of the full effort"
    return f"{games:,} games of self-play in {training['seconds']:.0f} s{short}."


def _or_dash(value: float | None) -> float | str:
    return "–" if value is None else value
