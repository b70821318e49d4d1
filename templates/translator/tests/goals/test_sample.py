import math
from collections import Counter

import numpy as np
import pytest

from project_package import search
from project_package.subwords import END, START


class Coin:
    """After START piece 4 three times out of four, else piece 5; then END."""

    def advance(self, parents, pieces):
        row = np.full((1, 6), -math.inf)
        if list(pieces) == [START]:
            row[0, 4:6] = math.log(0.75), math.log(0.25)
        else:
            row[0, END] = 0.0
        return row, np.ones((1, 2)) / 2


def test_pieces_are_drawn_as_often_as_they_are_likely() -> None:
    random = np.random.default_rng(0)
    drawn = [search.sample(Coin(), random, 9, 1.0) for _ in range(2000)]
    counts = Counter(tuple(found.pieces) for found in drawn)
    assert set(counts) == {(4, END), (5, END)}
    assert counts[4, END] / 2000 == pytest.approx(0.75, abs=0.04)
    assert {round(found.total, 6) for found in drawn} == {
        round(math.log(p), 6) for p in (0.75, 0.25)
    }
    warm = [search.sample(Coin(), random, 9, 100.0).pieces[0] for _ in range(2000)]
    assert np.mean(np.array(warm) == 4) == pytest.approx(0.5, abs=0.05)
    cold = [search.sample(Coin(), random, 9, 0.01).pieces[0] for _ in range(200)]
    assert set(cold) == {4}
