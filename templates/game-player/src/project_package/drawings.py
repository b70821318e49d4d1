"""The figures of the write-up."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import Circle, Rectangle

from . import judge
from .data import replay
from .games import GAMES, Game
from .kit import figures
from .kit.results import Picture
from .kit.statistics import bootstrap
from .kit.workspace import Workspace
from .rules import CELLS, TO_MOVE

if TYPE_CHECKING:
    from .evaluate import Findings

BOARDS = 6
FIRST, SECOND = "#d97706", "#3b82f6"


def draw(
    workspace: Workspace,
    found: "Findings",
    training: Mapping[str, Any],
    errors: pd.DataFrame,
    seed: int,
) -> dict[str, Picture]:
    """Draw all figures that this game has; returns their words."""
    pictures = {"matches": _draw_matches(workspace, found, seed)}
    if found.positions is not None:
        pictures["learning-curve"] = _draw_curve(workspace, training, found.game)
        pictures["phases"] = _draw_phases(
            workspace, found.positions, judge.PHASES[found.game.name], seed
        )
        pictures["values"] = _draw_values(workspace, found.positions)
        if len(errors):
            pictures["worst"] = _draw_worst(workspace, errors, found.game)
    return pictures


def _draw_matches(workspace: Workspace, found: "Findings", seed: int) -> Picture:
    """Scores of learned player and baseline, with intervals."""
    players = {
        "one-ply": figures.OTHER,
        found.look_ahead.name: figures.BASELINE,
        found.learned.name: figures.MODEL,
        found.searching.name: "#7c3aed",
    }
    opponents = list(found.games.opponent.unique())[::-1]
    with figures.figure(workspace.figures / "matches") as (_, axes):
        for shift, (player, colour) in enumerate(players.items()):
            places, scores = [], []
            for place, opponent in enumerate(opponents):
                games = found.scores(player, opponent)
                if len(games):
                    places.append(place + 0.18 * (shift - 1.5))
                    scores.append(bootstrap(np.mean, games.score, groups=games.pair, seed=seed))
            ends = [[s.value - s.low for s in scores], [s.high - s.value for s in scores]]
            values = [s.value for s in scores]
            axes.errorbar(values, places, xerr=ends, fmt="o", color=colour, label=player, capsize=3)
        axes.axvline(0.5, color=figures.OTHER, linestyle="--", linewidth=1)
        axes.set(xlabel="score (½ = equal strength)", xlim=(-0.02, 1.02))
        axes.set_yticks(range(len(opponents)), [f"against {name}" for name in opponents])
        axes.legend(loc="upper center", bbox_to_anchor=(0.5, 1.22), ncols=2)
    return Picture(
        f"{found.game.title}: scores with 95 % intervals over pairs of games.",
        "Scores with intervals by opponent, for the one-ply player, alpha-beta, and the learned "
        "player with and without search.",
    )


def _draw_curve(workspace: Workspace, training: Mapping[str, Any], game: Game) -> Picture:
    with figures.figure(workspace.figures / "learning-curve") as (_, axes):
        for row in training["runs"]:
            if row["game"] == game.name and row["curve"]:
                played, mistakes = zip(*row["curve"], strict=True)
                axes.plot(played, mistakes, linewidth=1, label=row["run"])
        axes.set(xlabel="games of self-play", ylabel="mistakes where it matters", ylim=(0, None))
        axes.xaxis.set_major_formatter(lambda value, _: f"{value:,.0f}")
        axes.legend()
    return Picture(
        "Learning curve on positions of the training set, which are watched and never learned "
        "from.",
        "Share of mistakes against games of self-play, one line a run.",
    )


def _draw_phases(
    workspace: Workspace, positions: pd.DataFrame, phases: Mapping[str, tuple[int, int]], seed: int
) -> Picture:
    chosen = positions[positions.decisive]
    plies = [name for name, (low, high) in phases.items()
             if chosen.ply.between(low, high - 1).any()]  # fmt: skip
    with figures.figure(workspace.figures / "phases") as (_, axes):
        for shift, (column, colour, label) in enumerate(
            (
                ("look_ahead_mistake", figures.BASELINE, "alpha-beta"),
                ("mistake", figures.MODEL, "learned"),
            )
        ):
            for place, name in enumerate(plies):
                low, high = phases[name]
                part = chosen[chosen.ply.between(low, high - 1)]
                interval = bootstrap(np.mean, part[column], groups=part.group, seed=seed)
                axes.bar(
                    place + 0.36 * shift - 0.18,
                    interval.value,
                    0.34,
                    color=colour,
                    label=label if place == 0 else None,
                    yerr=[[interval.value - interval.low], [interval.high - interval.value]],
                    ecolor=figures.OTHER,
                    capsize=3,
                )
        axes.set_xticks(range(len(plies)), plies)
        axes.set(ylabel="mistakes where it matters", ylim=(0, None))
        axes.legend()
    return Picture(
        "Mistakes by phase of the game, judged exactly, with 95 % intervals.",
        "Share of mistakes by phase, for alpha-beta and the learned player.",
    )


def _draw_values(workspace: Workspace, positions: pd.DataFrame) -> Picture:
    """Is a move thought to be worth .5 worth .5 on average?"""
    ranks = positions.thought.rank(method="first")
    tenths = pd.qcut(ranks, min(10, len(positions) // 5), labels=False)
    means = positions.groupby(tenths)[["thought", "worth"]].mean()
    with figures.figure(workspace.figures / "values", width=5) as (_, axes):
        axes.plot([-1, 1], [-1, 1], "--", color=figures.OTHER, label="perfect")
        axes.plot(means.thought, means.worth, "o-", color=figures.MODEL, label="learned")
        axes.set(xlabel="value the player gave its move", ylabel="mean exact value")
        axes.set_xticks(np.linspace(-1, 1, 5))
        axes.legend()
    return Picture(
        "Does the value mean what it says? Test positions in tenths by the player's own value.",
        "Curve of stated against exact values beside the diagonal.",
    )


def _draw_worst(workspace: Workspace, errors: pd.DataFrame, game: Game) -> Picture:
    """The worst mistakes on boards: where the player moved (cross), where it should (rings)."""
    shown = errors.head(BOARDS)
    across = 3
    width, height = game.columns + 1.5, game.rows + 2
    down = -(-len(shown) // across)
    with figures.figure(workspace.figures / "worst", width=8, height=2.75 * down) as (_, axes):
        for number, row in enumerate(shown.itertuples()):
            left, top = (number % across) * width, -(number // across) * height
            _draw_board(axes, game, row, left, top)
        axes.set(xlim=(-0.8, across * width - 0.8), ylim=(-(down - 1) * height - 1, game.rows + 1))
        axes.set_aspect("equal")
        axes.axis("off")
    return Picture(
        "The worst mistakes: the cross is the move made, the rings are moves that keep the "
        "value. Orange moves first.",
        "Boards with the move that was made and the moves that were better.",
    )


def _draw_board(axes: Axes, game: Game, row: Any, left: float, bottom: float) -> None:
    text = row.id.split(":")[1]
    state = replay(game, [int(move) for move in text.split(".")] if text != "start" else [])
    board = state[CELLS : CELLS + game.cells].reshape(game.rows, game.columns)
    axes.add_patch(
        Rectangle(
            (left - 0.55, bottom - 0.55),
            game.columns + 0.1,
            game.rows + 0.1,
            fill=False,
            color=figures.INK,
        )
    )
    for (line, column), stone in np.ndenumerate(board):
        place = (left + column, bottom + _height(game, line))
        if stone:
            axes.add_patch(Circle(place, 0.4, color=FIRST if stone == 1 else SECOND))
        else:
            axes.add_patch(Circle(place, 0.07, color=figures.INK, alpha=0.5))
    for move in map(int, row.better.split()):
        line, column = _cell_of(game, board, move)
        place = (left + column, bottom + _height(game, line))
        axes.add_patch(Circle(place, 0.36, fill=False, color="#16a34a", linewidth=2))
    line, column = _cell_of(game, board, row.choice)
    place = (left + column, bottom + _height(game, line))
    axes.plot(*place, "x", color="#dc2626", markersize=9, markeredgewidth=2.5)
    mover = "orange" if state[TO_MOVE] == 0 else "blue"
    names = {1: "won", 0: "drawn", -1: "lost"}
    axes.text(
        left + (game.columns - 1) / 2,
        bottom + game.rows - 0.1,
        f"{mover} to move: {names[row.worth_before]} → {names[row.worth_after]}",
        ha="center",
        fontsize=9,
    )


def _height(game: Game, line: int) -> int:
    """OpenSpiel counts connect four's rows from the bottom, tic-tac-toe's from the top."""
    return line if game.falls or game == GAMES["go"] else game.rows - 1 - line


def _cell_of(game: Game, board: np.ndarray, move: int) -> tuple[int, int]:
    """Row and column where a move lands."""
    if game.falls:
        return int(np.count_nonzero(board[:, move])), move
    return divmod(move, game.columns)
