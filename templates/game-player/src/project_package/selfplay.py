"""Learning by playing against itself: TD(λ) on afterstates (Sutton and Barto, 2018, chapter 12).

Each game starts from a random position (exploring starts), so that the values hold for boards that
good play would never reach. The λ-return is computed backwards once the game is over. Where a
move was chosen at random it says nothing about the position before it; the return then goes on
from the best move instead (Watkins, 1989).
"""

from typing import NamedTuple

import numpy as np

from .engine.compiled import compiled
from .engine.rules import (
    LONGEST_GAME,
    MOST_MOVES,
    RESULT,
    RUNNING,
    TO_MOVE,
    initial,
    legal_moves,
    play,
)
from .model import Network, find_indices, sum_weights, values_after


class Plan(NamedTuple):
    """How to learn. The step size falls from `first_step` to `last_step`, by one factor a game.

    `random_plies`: a game starts after 0 to that many random moves; `exploration`: the share of
    random moves after that; `trace`: λ.
    """

    games: int
    random_plies: int
    exploration: float
    trace: float
    first_step: float
    last_step: float


@compiled
def learn(game: int, net: Network, plan: Plan, begin: int, end: int, seed: int) -> int:
    """Play games number `begin` to `end` of the plan and learn from each; returns plies played."""
    np.random.seed(seed)
    slots = net.bases.shape[0]
    state, after = initial(), initial()
    moves = np.empty(MOST_MOVES, np.int64)
    values = np.empty(MOST_MOVES)
    indices = np.empty(slots, np.int32)
    seen = np.empty((LONGEST_GAME, slots), np.int32)
    offsets = np.empty(LONGEST_GAME, np.int64)
    best_values = np.empty(LONGEST_GAME)
    followed = np.empty(LONGEST_GAME, np.bool_)
    returns = np.empty(LONGEST_GAME)
    plies = 0
    for number in range(begin, end):
        step = plan.first_step * (plan.last_step / plan.first_step) ** (number / plan.games)
        _start_somewhere(game, state, plan.random_plies, moves)
        length = 0
        value = 0.0
        while state[RESULT] == RUNNING:
            mover = state[TO_MOVE]
            count = values_after(game, state, net, moves, values, indices, after)
            best = choose_best(values, count, mover)
            chosen = best
            if np.random.random() < plan.exploration:
                chosen = np.random.randint(0, count)
            best_values[length] = values[best]
            followed[length] = values[chosen] == values[best]
            offsets[length] = mover * net.half
            value = values[chosen]
            play(game, state, moves[chosen])
            if state[RESULT] == RUNNING:
                find_indices(state, net, seen[length])
            length += 1
        lambda_returns(value, best_values[:length], followed[:length], plan.trace, returns)
        for i in range(length - 2, -1, -1):
            value = np.tanh(sum_weights(net, seen[i], offsets[i]))
            change = np.float32(step * (returns[i] - value) * (1 - value * value))
            for slot in range(slots):
                net.weights[offsets[i] + seen[i, slot]] += change
        plies += length
    return plies


@compiled
def lambda_returns(
    result: float, best: np.ndarray, followed: np.ndarray, trace: float, returns: np.ndarray
) -> None:
    """What the board after each move turned out to be worth; fills `returns`, one entry a move.

    `best[i]` is what the best move at ply i was thought to be worth, `followed[i]` whether one as
    good was made. The last board is worth `result`; one before it what the best next move was
    thought to be worth, and where that was followed, by the share `trace`, what came of it.
    """
    # practice: lambda_returns
    returns[len(best) - 1] = result
    for i in range(len(best) - 2, -1, -1):
        returns[i] = best[i + 1]
        if followed[i + 1]:
            returns[i] += trace * (returns[i + 1] - best[i + 1])
    # practice: end


@compiled
def choose_best(values: np.ndarray, count: int, mover: int) -> int:
    """The best of the first `count` values for `mover`; one of equals by lot."""
    # practice: choose_best
    sign = 1 if mover == 0 else -1
    best, equals = 0, 1
    for i in range(1, count):
        lead = sign * (values[i] - values[best])
        if lead > 0:
            best, equals = i, 1
        elif lead == 0:
            equals += 1
            if np.random.randint(0, equals) == 0:
                best = i
    return best
    # practice: end


@compiled
def _start_somewhere(game: int, state: np.ndarray, most: int, moves: np.ndarray) -> None:
    """An unfinished position after 0 to `most` random moves."""
    while True:
        state[:] = initial()
        for _ in range(np.random.randint(0, most + 1)):
            count = legal_moves(game, state, moves)
            play(game, state, moves[np.random.randint(0, count)])
            if state[RESULT] != RUNNING:
                break
        if state[RESULT] == RUNNING:
            return
