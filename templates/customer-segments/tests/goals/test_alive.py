import numpy as np
import pandas as pd
import pytest

from project_package.lifetime import BgNbd


def test_who_fell_silent_after_many_orders_has_probably_left() -> None:
    model = BgNbd(r=0.243, alpha=4.414, a=0.793, b=2.426)
    customers = pd.DataFrame(
        {
            "frequency": [1.0, 3.0, 20.0, 20.0],
            "age": [270.0] * 4,
            "recency": [270.0, 60.0, 3.0, 120.0],
        }
    )
    alive = np.asarray(model.alive(customers))
    assert alive[0] == 1
    assert alive[2] > 0.9
    assert alive[3] < 0.2
    weeks = 270 / 7, 210 / 7
    gone = 0.793 / 3.426 * ((4.414 + weeks[0]) / (4.414 + weeks[1])) ** 2.243
    assert alive[1] == pytest.approx(1 / (1 + gone))
