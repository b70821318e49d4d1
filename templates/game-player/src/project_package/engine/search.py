"""Monte Carlo tree search without play-outs: UCT (Kocsis and Szepesvári, 2006) on learned values.

A position reached for the first time is not played to its end: its children enter the tree with
the network's values, each as one visit, and the best of them is what the position is worth.
"""

import numpy as np
from numpy.typing import NDArray

from ..model import Network, values_after
from .compiled import compiled
from .rules import MOST_MOVES, RESULT, RUNNING, TO_MOVE, State, final_value, initial, play


@compiled
def search(
    game: int,
    root: State,
    net: Network,
    simulations: int,
    exploration: float,
    moves: State,
    visits: NDArray[np.int64],
    values: NDArray[np.float64],
) -> int:
    """Fill `moves`, their visits and their mean values to the first player; returns how many.

    `exploration` is UCT's constant, for values between −1 and 1.
    """
    room = 1 + (simulations + 1) * MOST_MOVES
    node_move = np.empty(room, np.int64)
    node_visits = np.ones(room, np.int64)
    node_sum = np.zeros(room)
    first_child = np.zeros(room, np.int64)
    children = np.zeros(room, np.int64)
    child_moves = np.empty(MOST_MOVES, np.int64)
    child_values = np.empty(MOST_MOVES)
    indices = np.empty(net.bases.shape[0], np.int32)
    state, after = initial(), initial()
    path = np.empty(simulations + 2, np.int64)
    used = 1
    for _ in range(simulations):
        state[:] = root
        node, depth = 0, 0
        path[0] = 0
        while children[node]:
            node = _select(
                node, state[TO_MOVE], exploration, first_child, children, node_visits, node_sum
            )
            play(game, state, node_move[node])
            depth += 1
            path[depth] = node
        if state[RESULT] != RUNNING:
            value = final_value(state[RESULT])
        else:
            count = values_after(game, state, net, child_moves, child_values, indices, after)
            first_child[node], children[node] = used, count
            node_move[used : used + count] = child_moves[:count]
            node_sum[used : used + count] = child_values[:count]
            used += count
            best = child_values[:count]
            value = best.max() if state[TO_MOVE] == 0 else best.min()
        for i in range(depth + 1):
            node_visits[path[i]] += 1
            node_sum[path[i]] += value
    for i in range(children[0]):
        child = first_child[0] + i
        moves[i] = node_move[child]
        visits[i] = node_visits[child]
        values[i] = node_sum[child] / node_visits[child]
    return children[0]


@compiled
def _select(
    node: int,
    mover: int,
    exploration: float,
    first_child: NDArray[np.int64],
    children: NDArray[np.int64],
    node_visits: NDArray[np.int64],
    node_sum: NDArray[np.float64],
) -> int:
    """The child with the highest upper confidence bound for `mover`."""
    sign = 1 if mover == 0 else -1
    log_visits = np.log(node_visits[node])
    best, highest = -1, -np.inf
    for child in range(first_child[node], first_child[node] + children[node]):
        mean = node_sum[child] / node_visits[child]
        bound = sign * mean + exploration * np.sqrt(log_visits / node_visits[child])
        if bound > highest:
            best, highest = child, bound
    return best
