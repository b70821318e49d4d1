"""The value of a position: a sum over n-tuples of cells, one table look-up each.

N-tuple systems (Bledsoe and Browning, 1959) came to board games with Lucas (2008) and to connect
four with Thill, Koch and Konen (PPSN 2012). Values are afterstate values: what the position is
worth to the first player just after a move, between −1 and 1. There is one set of tables for each
player's moves, and positions that are mirror images share all weights.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from .engine.compiled import compiled
from .engine.rules import CELLS, RESULT, RUNNING, TO_MOVE, State, final_value, legal_moves, play
from .games import Game

STONES = 3  # what a cell can hold: nothing, a stone of the first player, one of the second


class Network(NamedTuple):
    """The weights and where each cell finds its digit in each table index.

    A slot is one tuple under one symmetry of the board. For cell c, `slots[c, :counts[c]]` are the
    slots that see it and `powers[c]` its digit's weight in their indices. `bases[slot]` is where
    the slot's table starts; the second player's tables start `half` later.
    """

    weights: NDArray[np.float32]
    counts: NDArray[np.int64]
    slots: NDArray[np.int32]
    powers: NDArray[np.int32]
    bases: NDArray[np.int32]
    half: int


def make_network(game: Game, tuples: NDArray[np.int64]) -> Network:
    """A network of zero weights over `tuples`, cells of shape (tuples, length)."""
    count, length = tuples.shape
    symmetries = game.symmetries()
    seen_by: list[list[tuple[int, int]]] = [[] for _ in range(game.cells)]
    for number, cells in enumerate(tuples):
        for way, symmetry in enumerate(symmetries):
            for digit, cell in enumerate(symmetry[cells]):
                seen_by[cell].append((number * len(symmetries) + way, STONES**digit))
    counts = np.array([len(seers) for seers in seen_by])
    slots = np.zeros((game.cells, counts.max()), np.int32)
    powers = np.zeros_like(slots)
    for cell, seers in enumerate(seen_by):
        for place, (slot, power) in enumerate(seers):
            slots[cell, place], powers[cell, place] = slot, power
    table = STONES**length
    bases = np.repeat(np.arange(count, dtype=np.int32) * table, len(symmetries))
    weights = np.zeros(2 * count * table, np.float32)
    return Network(weights, counts, slots, powers, bases.astype(np.int32), count * table)


def mean_network(
    game: Game, parts: Sequence[tuple[Network, NDArray[np.int64]]]
) -> tuple[Network, NDArray[np.int64]]:
    """One network whose sums are the means of several networks' sums, and its tuples."""
    # practice: mean_network
    tuples = np.concatenate([own for _, own in parts])
    network = make_network(game, tuples)
    sides = np.concatenate([part.weights.reshape(2, -1) for part, _ in parts], axis=1)
    network.weights[:] = sides.ravel() / len(parts)
    return network, tuples
    # practice: end


def rounded(network: Network, grid: int) -> Network:
    """The network with every weight at the nearest multiple of 1 / `grid`.

    With a power of two, sums of such weights are exact, in whatever order and wherever they are
    added up, and the tables pack into a fraction of their size.
    """
    weights = np.round(network.weights * np.float32(grid)) / np.float32(grid)
    return network._replace(weights=weights)


def draw_tuples(game: Game, count: int, length: int, seed: int) -> NDArray[np.int64]:
    """Random walks over neighbouring cells, no two alike under symmetry; (count, length).

    Where one tuple can hold the whole board there is nothing to draw: the table is exact.
    """
    if length >= game.cells:
        return np.arange(game.cells)[np.newaxis]
    random = np.random.default_rng(seed)
    symmetries = game.symmetries()
    known: set[tuple[int, ...]] = set()
    while len(known) < count:
        walk = _walk(game, length, random)
        known.add(min(tuple(sorted(way[walk].tolist())) for way in symmetries))
    return np.array(sorted(known))


def _walk(game: Game, length: int, random: np.random.Generator) -> list[int]:
    here = int(random.integers(game.cells))
    visited = {here: None}
    while len(visited) < length:
        row, column = divmod(here, game.columns)
        here = int(
            random.choice(
                [
                    r * game.columns + c
                    for r in range(max(row - 1, 0), min(row + 2, game.rows))
                    for c in range(max(column - 1, 0), min(column + 2, game.columns))
                    if (r, c) != (row, column)
                ]
            )
        )
        visited[here] = None
    return list(visited)


@compiled
def find_indices(state: State, net: Network, indices: NDArray[np.int32]) -> None:
    """Where each slot looks for the board in `state`; fills `indices`, shape (slots,)."""
    indices[:] = net.bases
    for cell in range(net.counts.shape[0]):
        stone = state[CELLS + cell]
        if stone:
            for i in range(net.counts[cell]):
                indices[net.slots[cell, i]] += stone * net.powers[cell, i]


@compiled
def sum_weights(net: Network, indices: NDArray[np.int32], offset: int) -> float:
    """The sum over all slots."""
    total = np.float32(0)
    for slot in range(indices.shape[0]):
        total += net.weights[offset + indices[slot]]
    return total


@compiled
def values_after(
    game: int,
    state: State,
    net: Network,
    moves: State,
    values: NDArray[np.float64],
    indices: NDArray[np.int32],
    after: State,
) -> int:
    """Value to the first player after each legal move; finished games count exactly.

    Fills `moves` and `values`; `indices` and `after` are room to work in. Returns how many moves.
    """
    count = legal_moves(game, state, moves)
    offset = state[TO_MOVE] * net.half
    find_indices(state, net, indices)
    total = sum_weights(net, indices, offset)
    for i in range(count):
        after[:] = state
        play(game, after, moves[i])
        if after[RESULT] != RUNNING:
            values[i] = final_value(after[RESULT])
        else:
            values[i] = np.tanh(total + _change(state, after, net, indices, offset))
    return count


@compiled
def _change(
    before: State, after: State, net: Network, indices: NDArray[np.int32], offset: int
) -> float:
    """How the sum changes from one board to the next: only slots of changed cells are read."""
    change = np.float32(0)
    for cell in range(net.counts.shape[0]):
        difference = after[CELLS + cell] - before[CELLS + cell]
        if difference:
            for i in range(net.counts[cell]):
                slot = net.slots[cell, i]
                change -= net.weights[offset + indices[slot]]
                indices[slot] += difference * net.powers[cell, i]
                change += net.weights[offset + indices[slot]]
    for cell in range(net.counts.shape[0]):
        difference = after[CELLS + cell] - before[CELLS + cell]
        if difference:
            for i in range(net.counts[cell]):
                indices[net.slots[cell, i]] -= difference * net.powers[cell, i]
    return change
