"""Matches that mean something: many openings, each played with both colours.

Two players who leave nothing to chance would otherwise play the same two games over and over,
and the first move is an advantage in all three games.
"""

import os
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from multiprocessing import get_context

import numpy as np
import pandas as pd
from tqdm import tqdm

from .data import Opening
from .engine import openspiel
from .engine.rules import initial, play
from .games import Game
from .players import Board, Player

PAIRS_A_TASK = 10


@dataclass(frozen=True)
class Record:
    """One game. `seat` 0: `player` moved first; `score` is its: 1 won, ½ drawn, 0 lost.

    The two games of a `pair` start from the same opening, by whose id it goes.
    """

    game: str
    player: str
    opponent: str
    pair: str
    opening: str
    seat: int
    score: float
    moves: str


@dataclass(frozen=True)
class Task:
    """Some pairs of one match, for one process."""

    game: Game
    player: Player
    opponent: Player
    openings: Sequence[Opening]
    first_pair: int
    seed: int


def play_matches(
    game: Game,
    matches: Sequence[tuple[Player, Player]],
    openings: Sequence[Opening],
    seed: int,
    *,
    parallel: bool = True,
) -> pd.DataFrame:
    """Every match over all openings, both colours; one row a game (the fields of Record)."""
    tasks = [
        Task(game, player, opponent, openings[first : first + PAIRS_A_TASK], first, seed)
        for player, opponent in matches
        for first in range(0, len(openings), PAIRS_A_TASK)
    ]
    progress = {"desc": f"{game.title}, matches", "total": len(tasks), "unit": "part"}
    if not parallel:
        played = [play_task(task) for task in tqdm(tasks, **progress)]
    else:
        # Spawned, not forked: forking a process with running threads can hang.
        with ProcessPoolExecutor(os.cpu_count(), mp_context=get_context("spawn")) as pool:
            played = list(tqdm(pool.map(play_task, tasks), **progress))
    return pd.DataFrame([asdict(record) for records in played for record in records])


def play_task(task: Task) -> list[Record]:
    """Both games of each pair."""
    # practice: play_task
    records = []
    for number, opening in enumerate(task.openings, start=task.first_pair):
        for seat in (0, 1):
            own, other = np.random.SeedSequence((task.seed, number, seat)).generate_state(2)
            choosers = [
                task.player.sit_down(task.game, int(own >> 1)),
                task.opponent.sit_down(task.game, int(other >> 1)),
            ]
            if seat == 1:
                choosers.reverse()
            moves, returns = play_game(task.game, choosers, opening.moves)
            records.append(
                Record(
                    task.game.name,
                    task.player.name,
                    task.opponent.name,
                    opening.id,
                    ".".join(map(str, opening.moves)),
                    seat,
                    (returns[seat] + 1) / 2,
                    ".".join(map(str, moves)),
                )
            )
    return records
    # practice: end


def play_game(
    game: Game, choosers: Sequence, opening: Sequence[int]
) -> tuple[list[int], list[float]]:
    """One game from `opening` on; returns its moves and OpenSpiel's verdict for each seat."""
    board = Board(openspiel.load(game).new_initial_state(), initial())
    moves: list[int] = []
    while not board.judge.is_terminal():
        if len(moves) < len(opening):
            move = opening[len(moves)]
        else:
            move = choosers[board.judge.current_player()](board)
        board.judge.apply_action(move)
        play(game.number, board.state, move)
        moves.append(move)
    return moves, board.judge.returns()
