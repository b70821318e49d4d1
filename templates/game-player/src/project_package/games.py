"""The three games: what they are called, how large they are, which boards look alike."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .kit.workspace import ProjectError


@dataclass(frozen=True)
class Game:
    """A board game for two; `number` is its name in the compiled rules."""

    name: str
    title: str
    number: int
    openspiel: str
    rows: int
    columns: int
    moves: int
    falls: bool = False  # pieces fall down their column, so the board cannot be turned

    @property
    def cells(self) -> int:
        """How many cells the board has; cell = row × columns + column, as in OpenSpiel."""
        return self.rows * self.columns

    def symmetries(self) -> NDArray[np.int64]:
        """Every way to lay the board on itself, shape (ways, cells); the first is the identity."""
        cells = np.arange(self.cells).reshape(self.rows, self.columns)
        if self.falls:
            return np.stack([cells.ravel(), cells[:, ::-1].ravel()])
        turned = [np.rot90(cells, quarter) for quarter in range(4)]
        return np.stack([way.ravel() for board in turned for way in (board, board[:, ::-1])])


GAMES = {
    game.name: game
    for game in (
        Game("tic_tac_toe", "Tic-tac-toe", 0, "tic_tac_toe", 3, 3, 9),
        Game("connect_four", "Connect four", 1, "connect_four", 6, 7, 7, falls=True),
        Game("go", "Go 5×5", 2, "go(board_size=5,komi=0.5)", 5, 5, 26),
    )
}


def find_game(name: str) -> Game:
    """The game of that name; raises ProjectError with the names there are."""
    if name not in GAMES:
        raise ProjectError(f"no game is called {name!r}; there are {', '.join(GAMES)}")
    return GAMES[name]
