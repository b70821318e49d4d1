import numpy as np
import pytest

from project_package import flights


@pytest.mark.parametrize(
    ("height", "upwards", "angle", "action"),
    [
        (1.0, -0.6, 0.0, flights.MAIN),
        (1.0, -0.4, 0.0, flights.COAST),
        (0.1, -0.2, 0.0, flights.MAIN),
        (1.0, -0.6, 0.3, flights.MAIN),
        (1.0, -0.4, 0.3, flights.RIGHT),
        (1.0, -0.4, -0.3, flights.LEFT),
        (1.0, 0.4, 0.05, flights.COAST),
    ],
)
def test_it_brakes_by_height_and_keeps_upright(height, upwards, angle, action) -> None:
    """The right engine turns it to the right, which is what a lean to the left (above 0) asks."""
    braker = flights.Braker()
    braker.begin(1)
    seen = np.array([0.0, height, 0.0, upwards, angle, 0.0, 0.0, 0.0], np.float32)
    assert braker.choose(seen) == action
