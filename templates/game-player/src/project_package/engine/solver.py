"""The referee: exact values by search, for connect four and tic-tac-toe.

Connect four is searched by alpha-beta on bitboards with a table of positions known, after
Tromp's and Pons's solvers. Only win, draw or loss is asked for, not how fast, which is
what makes positions from ply 12 on solvable in a fraction of a second.
A column takes seven bits, the topmost always empty: cell (row, column) is bit 7·column + row.
"""

from typing import NamedTuple

import numba
import numpy as np
from numpy.typing import NDArray

from .compiled import compiled
from .rules import (
    MOST_MOVES,
    RESULT,
    RUNNING,
    THREE,
    TIC_TAC_TOE,
    TO_MOVE,
    State,
    final_value,
    initial,
    legal_moves,
    play,
)

COLUMNS, ROWS = 7, 6
CELLS = COLUMNS * ROWS
STRIDE = ROWS + 1
FLOOR = sum(1 << (STRIDE * column) for column in range(COLUMNS))
BOARD = FLOOR * ((1 << ROWS) - 1)
COLUMN = np.array([((1 << ROWS) - 1) << (STRIDE * c) for c in range(COLUMNS)], dtype=np.int64)
FROM_THE_CENTRE = np.array([3, 2, 4, 1, 5, 0, 6], dtype=np.int64)
TABLE_SIZE = 4_194_301  # prime
WIN, DRAW, LOSS, ILLEGAL = 1, 0, -1, -9
END = 3  # steps from the first stone of four to the last
LOW_BITS = 3  # where the lower bound stands


class Table(NamedTuple):
    """What is known of positions: a key a slot, and its lower and upper bound in four bits."""

    keys: NDArray[np.int64]
    bounds: NDArray[np.int8]


def new_table() -> Table:
    """An empty table of positions (38 MB)."""
    return Table(np.zeros(TABLE_SIZE, np.int64), np.zeros(TABLE_SIZE, np.int8))


@compiled
def _playable(taken: int) -> int:
    return (taken + FLOOR) & BOARD


@compiled
def _winning_cells(mine: int, taken: int) -> int:
    """Empty cells, within reach or not, that would complete four."""
    found = (mine << 1) & (mine << 2) & (mine << END)
    for step in (STRIDE - 1, STRIDE, STRIDE + 1):
        pair = (mine << step) & (mine << (2 * step))
        found |= pair & ((mine << (END * step)) | (mine >> step))
        pair = (mine >> step) & (mine >> (2 * step))
        found |= pair & ((mine >> (END * step)) | (mine << step))
    return found & (BOARD ^ taken)


@compiled
def _count(bits: int) -> int:
    count = 0
    while bits:
        bits &= bits - 1
        count += 1
    return count


@compiled
def _sensible_moves(mine: int, taken: int) -> int:
    """Moves after which the other side cannot win at once; 0 when there is none."""
    threats = _winning_cells(mine ^ taken, taken)
    moves = _playable(taken)
    forced = moves & threats
    if forced:
        if forced & (forced - 1):
            return 0
        moves = forced
    return moves & ~(threats >> 1)


@compiled
def _order_moves(mine: int, taken: int, sensible: int, moves: State) -> int:
    """Fill `moves` with single bits: most threats first, then from the centre; returns how many."""
    threats = np.empty(COLUMNS, np.int64)
    count = 0
    for column in FROM_THE_CENTRE:
        move = sensible & COLUMN[column]
        if move:
            made = _count(_winning_cells(mine | move, taken | move))
            place = count
            while place > 0 and threats[place - 1] < made:
                threats[place] = threats[place - 1]
                moves[place] = moves[place - 1]
                place -= 1
            threats[place] = made
            moves[place] = move
            count += 1
    return count


# The signature is written out because numba crashes on cached functions that call themselves with
# arguments of another type than the first call's: https://github.com/numba/numba/issues/6061
@numba.njit("int64(int64, int64, int64, int64, int64[::1], int8[::1])", cache=True, nogil=True)
def _alpha_beta(
    mine: int, taken: int, alpha: int, beta: int, keys: State, bounds: NDArray[np.int8]
) -> int:
    """Value to the side to move, which cannot win at once, within [alpha, beta]."""
    sensible = _sensible_moves(mine, taken)
    if sensible == 0:
        return DRAW if taken == BOARD else LOSS
    if _count(taken) >= CELLS - 2:
        return DRAW
    key = mine + taken
    slot = key % keys.shape[0]
    lowest, highest = np.int64(LOSS), np.int64(WIN)
    if keys[slot] == key:
        lowest, highest = np.int64(bounds[slot] & LOW_BITS) - 1, np.int64(bounds[slot] >> 2) - 1
        if lowest >= beta or lowest == highest:
            return lowest
        if highest <= alpha:
            return highest
        alpha, beta = max(alpha, lowest), min(beta, highest)
    moves = np.empty(COLUMNS, np.int64)
    best, reached = np.int64(LOSS), alpha
    for i in range(_order_moves(mine, taken, sensible, moves)):
        value = -_alpha_beta(mine ^ taken, taken | moves[i], -beta, -reached, keys, bounds)
        best = max(best, value)
        reached = max(reached, value)
        if reached >= beta:
            break
    if best > alpha:
        lowest = max(lowest, best)
    if best < beta:
        highest = min(highest, best)
    keys[slot] = key
    bounds[slot] = (lowest + 1) | ((highest + 1) << 2)
    return best


@compiled
def _solve(mine: int, taken: int, table: Table) -> int:
    """Value to the side to move, whose stones are `mine`."""
    if _winning_cells(mine, taken) & _playable(taken):
        return WIN
    return _alpha_beta(mine, taken, LOSS, WIN, table.keys, table.bounds)


@compiled
def exact_values(moves: State, table: Table, values: NDArray[np.int8]) -> None:
    """Connect four: value of each column to the side to move after `moves`; fills shape (7,)."""
    mine, taken = np.int64(0), np.int64(0)
    for column in moves:
        mine ^= taken
        taken |= taken + (1 << (STRIDE * column))
    for column in range(COLUMNS):
        move = (taken + (1 << (STRIDE * column))) & COLUMN[column]
        if not move:
            values[column] = ILLEGAL
        elif move & _winning_cells(mine, taken):
            values[column] = WIN
        else:
            values[column] = -_solve(mine ^ taken, taken | move, table)


def solve_tic_tac_toe() -> dict[tuple[int, ...], list[int]]:
    """Exact values of all 4,520 positions to move in, by the shortest line of play to each.

    Values are to the side to move, one a cell, ILLEGAL where a stone lies.
    """
    lines: dict[bytes, tuple[int, ...]] = {}
    values: dict[bytes, list[int]] = {}

    def visit(state: State, line: tuple[int, ...]) -> int:
        """Value to the side to move."""
        board = state.tobytes()
        if state[RESULT] != RUNNING:
            return int(final_value(state[RESULT])) * (1 if state[TO_MOVE] == 0 else -1)
        if board not in values:
            moves = np.empty(MOST_MOVES, np.int64)
            of_moves = [ILLEGAL] * THREE * THREE
            for move in moves[: legal_moves(TIC_TAC_TOE, state, moves)]:
                after = state.copy()
                play(TIC_TAC_TOE, after, move)
                of_moves[move] = -visit(after, (*line, int(move)))
            lines[board], values[board] = line, of_moves
        return max(values[board])

    visit(initial(), ())
    return {lines[board]: values[board] for board in values}
