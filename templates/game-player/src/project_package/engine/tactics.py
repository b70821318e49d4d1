"""Players that look ahead and know nothing: one ply, and alpha-beta to a fixed depth."""

import numba
import numpy as np

from .compiled import compiled
from .rules import (
    DRAW,
    MOST_MOVES,
    RESULT,
    RUNNING,
    TO_MOVE,
    State,
    initial,
    legal_moves,
    play,
)

PLY_COST = 0.01  # a win sooner is better than a win later


@compiled
def one_ply_move(game: int, state: State) -> int:
    """Win at once if possible, else stop the other side from doing so, else any move."""
    # practice: one_ply_move
    moves = np.empty(MOST_MOVES, np.int64)
    fitting = np.empty(MOST_MOVES, np.int64)
    after = initial()
    count = legal_moves(game, state, moves)
    for mover in (state[TO_MOVE], 1 - state[TO_MOVE]):
        found = 0
        for i in range(count):
            after[:] = state
            after[TO_MOVE] = mover
            play(game, after, moves[i])
            if after[RESULT] == mover:
                fitting[found] = moves[i]
                found += 1
        if found:
            return fitting[np.random.randint(0, found)]
    return moves[np.random.randint(0, count)]
    # practice: end


# The signature is written out because numba crashes on cached functions that call themselves with
# arguments of another type than the first call's: https://github.com/numba/numba/issues/6061
@numba.njit("float64(int64, int64[::1], int64, float64, float64)", cache=True, nogil=True)
def _negamax(game: int, state: State, depth: int, alpha: float, beta: float) -> float:
    """Value for the side to move: 1 won, −1 lost (less by PLY_COST a ply), 0 drawn or unknown."""
    if state[RESULT] == DRAW or (state[RESULT] == RUNNING and depth == 0):
        return 0.0
    if state[RESULT] != RUNNING:
        return 1.0 if state[RESULT] == state[TO_MOVE] else -1.0
    moves = np.empty(MOST_MOVES, np.int64)
    after = np.empty_like(state)
    best = -np.inf
    for i in range(legal_moves(game, state, moves)):
        after[:] = state
        play(game, after, moves[i])
        value = -_negamax(game, after, depth - 1, -beta, -alpha) * (1 - PLY_COST)
        best = max(best, value)
        alpha = max(alpha, value)
        if alpha >= beta:
            break
    return best


@compiled
def alpha_beta_move(game: int, state: State, depth: int) -> int:
    """A move that forces a win within `depth` plies or puts a loss off; one of equals by lot."""
    moves = np.empty(MOST_MOVES, np.int64)
    after = initial()
    count = legal_moves(game, state, moves)
    best, equals, chosen = -np.inf, 0, moves[0]
    for i in range(count):
        after[:] = state
        play(game, after, moves[i])
        value = -_negamax(game, after, depth - 1, -np.inf, np.inf)
        if value > best:
            best, equals, chosen = value, 1, moves[i]
        elif value == best:
            equals += 1
            if np.random.randint(0, equals) == 0:
                chosen = moves[i]
    return chosen


@compiled
def seed_lots(seed: int) -> None:
    """Seed the lots that the compiled players draw (numba keeps its own generator a thread)."""
    np.random.seed(seed)
