import numpy as np
import pytest

from project_package import boxes


def test_boxes_of_one_cell_are_averaged_by_score() -> None:
    found = np.array(
        [
            [0, 0, 0, 10, 10, 0.6],
            [0, 1, 0, 11, 10, 0.2],
            [1, 0, 0, 10, 10, 0.9],
            [0, 50, 50, 60, 60, 0.3],
        ]
    )
    fused = boxes.fuse(found, 0.5)
    assert fused[:, [0, 5]].tolist() == found[:, [0, 5]].tolist()
    assert fused[0, 1:5] == pytest.approx([0.25, 0, 10.25, 10])
    assert fused[1, 1:5] == pytest.approx([0.25, 0, 10.25, 10])
    assert fused[2, 1:5] == pytest.approx([0, 0, 10, 10])
    assert fused[3, 1:5] == pytest.approx([50, 50, 60, 60])
    assert boxes.fuse(found, 0.95) == pytest.approx(found)
