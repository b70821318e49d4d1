import numpy as np
import pytest

from project_package.ranking import LENGTH, Lists


def test_only_the_first_hit_counts() -> None:
    hits = np.zeros((4, LENGTH), dtype=bool)
    hits[0, 0] = hits[1, [2, 3]] = hits[2, LENGTH - 1] = True
    films = np.tile(np.arange(LENGTH), (4, 1))
    lists = Lists(np.arange(4), films, hits, np.full(4, 5))
    assert lists.reciprocal_rank == pytest.approx([1, 1 / 3, 1 / LENGTH, 0])
