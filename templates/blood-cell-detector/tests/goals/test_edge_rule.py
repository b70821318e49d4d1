import numpy as np

from project_package import boxes


def test_cells_on_two_edges_are_not_counted() -> None:
    found = np.array(
        [
            [0, 0, 0, 10, 10, 0.9],
            [0, 40, 10, 60, 20, 0.8],
            [1, 90, 10, 100, 20, 0.7],
            [0, 40, 40, 60, 50, 0.6],
            [2, 99.2, 1, 100, 3, 0.5],
        ]
    )
    assert boxes.counted_once(found, 100, 50).tolist() == [True, True, False, False, False]
    assert boxes.counted_once(found, 200, 80).all()
    assert boxes.counted_once(np.empty((0, 6)), 100, 50).shape == (0,)
