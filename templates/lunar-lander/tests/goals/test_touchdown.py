import numpy as np
import pytest

from project_package import flights


def row(across: float, upwards: float, left: float = 0.0, right: float = 0.0) -> np.ndarray:
    return np.array([0.0, 0.1, across, upwards, 0.0, 0.0, left, right], np.float32)


def test_the_speed_is_that_before_the_first_touch() -> None:
    falling = [row(0.0, -0.9), row(0.3, -0.4), row(0.0, -0.1, right=1.0), row(0.0, 0.0, 1.0, 1.0)]
    assert flights.touchdown(falling) == pytest.approx(0.5)
    assert flights.touchdown(falling[:2]) is None
    assert flights.touchdown([row(0.6, -0.8), row(0.0, 0.0, left=1.0)]) == pytest.approx(1.0)
