"""The rules of the three games, compiled; OpenSpiel is the judge they are tested against.

A position is one int64 array: a few numbers (the constants below), the cells (0 empty, 1 the first
player's, 2 the second's), and, for Go, the code of every board so far. One array copies fast,
and one set of functions serves all three games, so the learner and the search know no game.
"""

import numpy as np
from numpy.typing import NDArray

from .compiled import compiled

TIC_TAC_TOE, CONNECT_FOUR, GO = 0, 1, 2
TO_MOVE, PLY, RESULT, KO, PASSES, CELLS = 0, 1, 2, 3, 4, 5
FIRST_WINS, SECOND_WINS, DRAW, RUNNING = 0, 1, 2, -1
MOST_CELLS = 42
HISTORY = CELLS + MOST_CELLS
LONGEST_GAME = 50  # plies; OpenSpiel's limit for Go 5×5, the longest of the three
STATE_SIZE = HISTORY + LONGEST_GAME + 1
MOST_MOVES = 26
SIDE, PASS = 5, 25  # of Go
POINTS = SIDE * SIDE
NEIGHBOURS = 4  # of a point, at most
COLOURS = 3  # what a point can hold
WIDTH, HEIGHT, FOUR = 7, 6, 4  # of connect four
THREE = 3  # in a row, and a side of tic-tac-toe
KOMI = 0.5

State = NDArray[np.int64]


@compiled
def initial() -> State:
    """The empty board, first player to move."""
    state = np.zeros(STATE_SIZE, np.int64)
    state[RESULT] = RUNNING
    state[KO] = -1
    return state


@compiled
def legal_moves(game: int, state: State, moves: State) -> int:
    """Fill `moves`, shape (≥ 26,), in ascending order; returns how many there are."""
    count = 0
    if state[RESULT] != RUNNING:
        return count
    if game == CONNECT_FOUR:
        for column in range(WIDTH):
            if state[CELLS + WIDTH * (HEIGHT - 1) + column] == 0:
                moves[count] = column
                count += 1
    elif game == TIC_TAC_TOE:
        for cell in range(THREE * THREE):
            if state[CELLS + cell] == 0:
                moves[count] = cell
                count += 1
    else:
        for point in range(POINTS):
            if _may_place(state, point):
                moves[count] = point
                count += 1
        moves[count] = PASS
        count += 1
    return count


@compiled
def play(game: int, state: State, move: int) -> None:
    """Make a legal move in place; `state[RESULT]` tells whether that ended the game."""
    mover = state[TO_MOVE]
    state[PLY] += 1
    state[TO_MOVE] = 1 - mover
    if game == GO:
        _play_go(state, mover, move)
        return
    cell, width, height, length = move, THREE, THREE, THREE
    if game == CONNECT_FOUR:
        width, height, length = WIDTH, HEIGHT, FOUR
        while state[CELLS + cell] != 0:
            cell += WIDTH
    state[CELLS + cell] = mover + 1
    if _completes_line(state, cell, width, height, length):
        state[RESULT] = mover
    elif state[PLY] == width * height:
        state[RESULT] = DRAW


@compiled
def final_value(result: int) -> float:
    """What a finished game is worth to the first player: 1, 0 or −1."""
    if result == FIRST_WINS:
        return 1.0
    return -1.0 if result == SECOND_WINS else 0.0


@compiled
def _completes_line(state: State, cell: int, width: int, height: int, length: int) -> bool:
    mine = state[CELLS + cell]
    for down, right in ((0, 1), (1, -1), (1, 0), (1, 1)):
        count = 1
        for way in (1, -1):
            row, column = cell // width + way * down, cell % width + way * right
            while 0 <= row < height and 0 <= column < width:
                if state[CELLS + row * width + column] != mine:
                    break
                count += 1
                row += way * down
                column += way * right
        if count >= length:
            return True
    return False


@compiled
def _neighbours(point: int, found: State) -> int:
    count = 0
    row, column = point // SIDE, point % SIDE
    if row > 0:
        found[count] = point - SIDE
        count += 1
    if row < SIDE - 1:
        found[count] = point + SIDE
        count += 1
    if column > 0:
        found[count] = point - 1
        count += 1
    if column < SIDE - 1:
        found[count] = point + 1
        count += 1
    return count


@compiled
def _liberties(state: State, start: int, marks: NDArray[np.int8]) -> int:
    """Liberties of the chain at `start`; `marks` gets 1 on its stones and 2 on its liberties."""
    colour = state[CELLS + start]
    waiting = np.empty(POINTS, np.int64)
    near = np.empty(NEIGHBOURS, np.int64)
    marks[:] = 0
    marks[start] = 1
    waiting[0] = start
    left, liberties = 1, 0
    while left:
        left -= 1
        for i in range(_neighbours(waiting[left], near)):
            point = near[i]
            if marks[point]:
                continue
            if state[CELLS + point] == 0:
                marks[point] = 2
                liberties += 1
            elif state[CELLS + point] == colour:
                marks[point] = 1
                waiting[left] = point
                left += 1
    return liberties


@compiled
def _may_place(state: State, point: int) -> bool:
    """Empty, no ko, and no suicide."""
    if state[CELLS + point] != 0 or point == state[KO]:
        return False
    near = np.empty(NEIGHBOURS, np.int64)
    count = _neighbours(point, near)
    for i in range(count):
        if state[CELLS + near[i]] == 0:
            return True
    mine = state[TO_MOVE] + 1
    marks = np.empty(POINTS, np.int8)
    for i in range(count):
        liberties = _liberties(state, near[i], marks)
        connects = state[CELLS + near[i]] == mine and liberties > 1
        captures = state[CELLS + near[i]] != mine and liberties == 1
        if connects or captures:
            return True
    return False


@compiled
def _play_go(state: State, mover: int, move: int) -> None:
    if move == PASS:
        state[KO] = -1
        state[PASSES] += 1
        state[HISTORY + state[PLY]] = state[HISTORY + state[PLY] - 1]
    else:
        state[PASSES] = 0
        _place_stone(state, mover, move)
        code = _board_code(state)
        for ply in range(state[PLY]):
            if state[HISTORY + ply] == code:
                state[RESULT] = DRAW  # superko: OpenSpiel calls a repeated board a draw
        state[HISTORY + state[PLY]] = code
    if state[RESULT] == RUNNING and (state[PASSES] == 2 or state[PLY] == LONGEST_GAME):
        state[RESULT] = FIRST_WINS if area_lead(state) > KOMI else SECOND_WINS


@compiled
def _place_stone(state: State, mover: int, point: int) -> None:
    theirs = 2 - mover
    near = np.empty(NEIGHBOURS, np.int64)
    count = _neighbours(point, near)
    surrounded = True
    for i in range(count):
        if state[CELLS + near[i]] != theirs:
            surrounded = False
    state[CELLS + point] = mover + 1
    marks = np.empty(POINTS, np.int8)
    captured = 0
    last = -1
    for i in range(count):
        if state[CELLS + near[i]] == theirs and _liberties(state, near[i], marks) == 0:
            last = near[i]
            for other in range(POINTS):
                if marks[other] == 1:
                    state[CELLS + other] = 0
                    captured += 1
    state[KO] = last if surrounded and captured == 1 else -1


@compiled
def area_lead(state: State) -> int:
    """Black's area minus white's on a Go board as it stands (Tromp and Taylor's rules)."""
    lead = 0
    seen = np.zeros(POINTS, np.int8)
    waiting = np.empty(POINTS, np.int64)
    near = np.empty(NEIGHBOURS, np.int64)
    for point in range(POINTS):
        colour = state[CELLS + point]
        if colour == 1:
            lead += 1
        elif colour == 2:
            lead -= 1
        elif not seen[point]:
            seen[point] = 1
            waiting[0] = point
            left, size, borders = 1, 0, 0
            while left:
                left -= 1
                size += 1
                for i in range(_neighbours(waiting[left], near)):
                    border = state[CELLS + near[i]]
                    borders |= border
                    if border == 0 and not seen[near[i]]:
                        seen[near[i]] = 1
                        waiting[left] = near[i]
                        left += 1
            if borders == 1:
                lead += size
            elif borders == 2:
                lead -= size
    return lead


@compiled
def _board_code(state: State) -> int:
    code = 0
    for point in range(POINTS):
        code = code * COLOURS + state[CELLS + point]
    return code
