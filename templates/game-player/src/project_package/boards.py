"""Boards, drawn: the worst mistakes with the moves that were better, and positions as they are."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import Circle, Rectangle

from .data import replay
from .engine.rules import CELLS, TO_MOVE, State
from .games import GAMES, Game
from .kit import figures

ACROSS = 3
FIRST, SECOND, BETTER, MADE = "#d97706", "#3b82f6", "#16a34a", "#dc2626"
WORTH = {1: "won", 0: "drawn", -1: "lost"}


def draw_errors(path: Path, game: Game, errors: pd.DataFrame) -> None:
    """Mistakes on boards: where the player moved (cross), where it should have (rings)."""
    states = [replay(game, moves_of(row.id)) for row in errors.itertuples()]
    titles = [
        f"{'orange' if state[TO_MOVE] == 0 else 'blue'} to move: "
        f"{WORTH[row.worth_before]} → {WORTH[row.worth_after]}"
        for row, state in zip(errors.itertuples(), states, strict=True)
    ]
    with_marks = [(row.choice, list(map(int, row.better.split()))) for row in errors.itertuples()]
    draw(path, game, states, titles, with_marks)


def draw(
    path: Path,
    game: Game,
    states: Sequence[State],
    titles: Sequence[str],
    marks: Sequence[tuple[int | None, list[int]]],
) -> None:
    """Boards in rows, each with its title; its marks are a move for a cross and moves for rings."""
    width, height = game.columns + 1.5, game.rows + 2
    down = -(-len(states) // ACROSS)
    with figures.figure(path, width=8, height=2.75 * down) as (_, axes):
        for number, (state, title, (made, rings)) in enumerate(
            zip(states, titles, marks, strict=True)
        ):
            corner = (number % ACROSS) * width, -(number // ACROSS) * height
            board = state[CELLS : CELLS + game.cells].reshape(game.rows, game.columns)
            _draw_board(axes, game, board, corner)
            for move in rings:
                place = _place(game, board, move, corner)
                axes.add_patch(Circle(place, 0.36, fill=False, color=BETTER, linewidth=2))
            if made is not None:
                cross = _place(game, board, made, corner)
                axes.plot(*cross, "x", color=MADE, markersize=9, markeredgewidth=2.5)
            middle = corner[0] + (game.columns - 1) / 2
            axes.text(middle, corner[1] + game.rows - 0.1, title, ha="center", fontsize=9)
        axes.set(xlim=(-0.8, ACROSS * width - 0.8), ylim=(-(down - 1) * height - 1, game.rows + 1))
        axes.set_aspect("equal")
        axes.axis("off")


def _draw_board(axes: Axes, game: Game, board: np.ndarray, corner: tuple[float, float]) -> None:
    left, bottom = corner
    edge = (left - 0.55, bottom - 0.55)
    frame = Rectangle(edge, game.columns + 0.1, game.rows + 0.1, fill=False, color=figures.INK)
    axes.add_patch(frame)
    for (line, column), stone in np.ndenumerate(board):
        place = (left + column, bottom + _height(game, line))
        if stone:
            axes.add_patch(Circle(place, 0.4, color=FIRST if stone == 1 else SECOND))
        else:
            axes.add_patch(Circle(place, 0.07, color=figures.INK, alpha=0.5))


def _place(
    game: Game, board: np.ndarray, move: int, corner: tuple[float, float]
) -> tuple[float, float]:
    """Where a move lands on the drawing."""
    if game.falls:
        line, column = int(np.count_nonzero(board[:, move])), move
    else:
        line, column = divmod(move, game.columns)
    return corner[0] + column, corner[1] + _height(game, line)


def _height(game: Game, line: int) -> int:
    """OpenSpiel counts connect four's rows from the bottom, tic-tac-toe's from the top."""
    return line if game.falls or game == GAMES["go"] else game.rows - 1 - line


def moves_of(name: str) -> list[int]:
    """The moves that the id of a position spells out."""
    text = name.split(":")[1]
    return [int(move) for move in text.split(".")] if text != "start" else []
