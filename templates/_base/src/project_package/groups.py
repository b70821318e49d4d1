"""Rows that belong together, so that no split can part them."""

from collections.abc import Hashable, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components


def connect(*keys: Sequence[Hashable | None]) -> NDArray[np.int64]:
    """Group numbers, shape (n,): rows that agree in any one key share a group, and so on.

    Each key has one entry a row; None means that the key says nothing about the row.
    """
    rows = len(keys[0])
    starts: list[int] = []
    ends: list[int] = []
    for key in keys:
        first: dict[Hashable, int] = {}
        for row, value in enumerate(key):
            if value is not None:
                starts.append(first.setdefault(value, row))
                ends.append(row)
    links = coo_array((np.ones(len(starts)), (starts, ends)), shape=(rows, rows))
    _, labels = connected_components(links, directed=False)
    return labels.astype(np.int64)
