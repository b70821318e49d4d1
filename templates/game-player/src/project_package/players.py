"""Everybody who sits down at the board: the opponents, the baselines, and the learned player."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from .engine import openspiel
from .engine.rules import MOST_MOVES, TO_MOVE, State, initial, legal_moves
from .engine.search import search
from .engine.tactics import alpha_beta_move, one_ply_move, seed_lots
from .games import Game
from .model import Network, values_after

DEEP = 4  # plies of alpha-beta, as the name of the baseline says


@dataclass(frozen=True)
class Board:
    """One position twice: OpenSpiel's object, whose word counts, and the compiled state."""

    judge: Any
    state: State


Chooser = Callable[[Board], int]


class Player(Protocol):
    """Somebody with a name who, for each game, sits down anew."""

    @property
    def name(self) -> str:
        """As it stands in the tables."""

    def sit_down(self, game: Game, seed: int) -> Chooser:
        """What chooses the moves of one game; all its lots come from `seed`."""


@dataclass(frozen=True)
class RandomPlayer:
    """Any legal move."""

    name: str = "random"

    def sit_down(self, game: Game, seed: int) -> Chooser:
        """See Player."""
        random = np.random.default_rng(seed)
        return lambda board: int(random.choice(board.judge.legal_actions()))


@dataclass(frozen=True)
class OnePly:
    """Wins at once, blocks at once, else plays anything."""

    name: str = "one-ply"

    def sit_down(self, game: Game, seed: int) -> Chooser:
        """See Player."""
        seed_lots(seed)
        return lambda board: int(one_ply_move(game.number, board.state))


@dataclass(frozen=True)
class AlphaBeta:
    """Sees `depth` plies ahead and knows nothing else."""

    depth: int = DEEP

    @property
    def name(self) -> str:
        """As it stands in the tables."""
        return f"alpha-beta of depth {self.depth}"

    def sit_down(self, game: Game, seed: int) -> Chooser:
        """See Player."""
        seed_lots(seed)
        return lambda board: int(alpha_beta_move(game.number, board.state, self.depth))


@dataclass(frozen=True)
class TreeSearch:
    """OpenSpiel's Monte Carlo tree search with random play-outs."""

    simulations: int

    @property
    def name(self) -> str:
        """As it stands in the tables."""
        return f"MCTS-{self.simulations}"

    def sit_down(self, game: Game, seed: int) -> Chooser:
        """See Player."""
        bot = openspiel.tree_search(game, self.simulations, seed)
        return lambda board: int(bot.step(board.judge))


@dataclass(frozen=True)
class Learned:
    """The learned values: looks one move ahead, or searches with `simulations` of UCT.

    `exploration` is UCT's constant: the larger, the wider the search.
    """

    network: Network
    simulations: int = 0
    exploration: float = 0
    label: str = "learned"

    @property
    def name(self) -> str:
        """As it stands in the tables."""
        return f"{self.label} + UCT-{self.simulations}" if self.simulations else self.label

    def sit_down(self, game: Game, seed: int) -> Chooser:
        """See Player; nothing here is left to chance."""
        return lambda board: self.rate(game, board.state).choice

    def rate(self, game: Game, state: State) -> "Rating":
        """What the player thinks of every legal move."""
        moves = np.empty(MOST_MOVES, np.int64)
        values = np.empty(MOST_MOVES)
        if self.simulations:
            visits = np.empty(MOST_MOVES, np.int64)
            width = float(self.exploration)
            count = search(
                game.number, state, self.network, self.simulations, width, moves, visits, values
            )
            weight = visits[:count].astype(float)
        else:
            indices = np.empty(self.network.bases.shape[0], np.int32)
            count = values_after(
                game.number, state, self.network, moves, values, indices, initial()
            )
            weight = np.zeros(count)
        to_mover = values[:count] * (1 if state[TO_MOVE] == 0 else -1)
        return Rating(moves[:count].copy(), to_mover, weight)


@dataclass(frozen=True)
class Rating:
    """Legal moves, their values to the side to move in [−1, 1], and how often search took them."""

    moves: NDArray[np.int64]
    values: NDArray[np.float64]
    visits: NDArray[np.float64]

    @property
    def choice(self) -> int:
        """The most visited move; among equals, as without search, the one of highest value."""
        return int(self.moves[np.lexsort((self.values, self.visits))[-1]])


def legal(game: Game, state: State) -> list[int]:
    """The legal moves of a state."""
    moves = np.empty(MOST_MOVES, np.int64)
    return [int(move) for move in moves[: legal_moves(game.number, state, moves)]]
