import numpy as np
import pytest

from project_package import model


def test_deltas_are_the_steps_from_segment_to_segment() -> None:
    rows = np.array([[1.0, 10.0, 3.0, 10.0, 0.0, 12.0]])
    assert model.deltas(rows, 3).tolist() == [[2.0, 0.0, -3.0, 2.0]]
    assert model.deltas(np.zeros((4, 24)), 8).shape == (4, 21)
    assert model.deltas(np.ones((2, 6)), 2) == pytest.approx(0)
