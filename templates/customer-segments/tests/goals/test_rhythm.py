import numpy as np
import pandas as pd
import pytest

from project_package import model


def test_the_model_is_told_how_a_silence_compares_with_the_usual_one() -> None:
    customers = pd.DataFrame(
        {
            "recency": [60.0, 60.0, 60.0],
            "age": [60.0, 120.0, 120.0],
            "frequency": [1.0, 3.0, 61.0],
            "money": [10.0, 10.0, 10.0],
        }
    )
    place = model.TERMS.index("how regular")
    told = model.terms(customers)[:, place]
    assert told == pytest.approx([0, np.log1p(60 / 30), np.log1p(60 / 1)])
