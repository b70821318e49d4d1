"""Judged by the referee: which moves give value away."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from .data import Position, replay
from .games import GAMES
from .players import Board, Learned, Player


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
