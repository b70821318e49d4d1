"""Judged by the referee: which moves give value away, and whether tic-tac-toe can be lost."""

from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd

from .data import Position, replay
from .games import GAMES, Game
from .players import Board, Learned, Player, legal
from .rules import DRAW, RESULT, RUNNING, TO_MOVE, State, initial, play


def judge_learned(learned: Learned, positions: Sequence[Position]) -> pd.DataFrame:
    """One row a position: the move made, what it was worth exactly, what the player thought."""
    rows = []
    for position in positions:
        game = GAMES[position.game]
        rating = learned.rate(game, replay(game, position.moves))
        choice = rating.choice
        rows.append(
            {
                "id": position.id,
                "ply": position.ply,
                "group": position.group,
                "best": position.best,
                "decisive": position.decisive,
                "choice": choice,
                "worth": position.values[choice],
                "thought": float(rating.values[rating.moves == choice][0]),
                "mistake": float(position.values[choice] < position.best),
            }
        )
    return pd.DataFrame(rows)


def mistakes_by_lot(
    player: Player, positions: Sequence[Position], seed: int, tries: int
) -> np.ndarray:
    """How often a player that draws lots errs in each position, of `tries`; shape (n,)."""
    shares = []
    for position in positions:
        game = GAMES[position.game]
        choose, board = player.sit_down(game, seed), Board(None, replay(game, position.moves))
        worth = [position.values[choose(board)] for _ in range(tries)]
        shares.append(np.mean([value < position.best for value in worth]))
    return np.array(shares)


def decisive_mistakes(learned: Learned, positions: Sequence[Position]) -> float:
    """Share of the positions where it matters in which the move gives value away."""
    # practice: decisive_mistakes
    judged = judge_learned(learned, positions)
    return float(judged.mistake[judged.decisive].mean())
    # practice: end


def prove(game: Game, choose: Callable[[State], int], seat: int) -> dict[str, int]:
    """Play every line the other side can choose, exhaustively; count how the games end.

    For small games: tic-tac-toe has a few hundred lines against one fixed player.
    """
    ends = {"won": 0, "drawn": 0, "lost": 0}

    def follow(state: State) -> None:
        if state[RESULT] != RUNNING:
            result = state[RESULT]
            ends["won" if result == seat else "drawn" if result == DRAW else "lost"] += 1
            return
        mine = state[TO_MOVE] == seat
        for move in [choose(state)] if mine else legal(game, state):
            after = state.copy()
            play(game.number, after, move)
            follow(after)

    follow(initial())
    return ends
