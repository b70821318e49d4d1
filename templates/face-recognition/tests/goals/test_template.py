import numpy as np
import pytest

from project_package import model


def test_a_template_is_the_mean_of_length_one() -> None:
    vectors = np.array([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]])
    found = model.template(vectors)
    assert found.shape == (3,)
    assert found == pytest.approx([0.5**0.5, 0.5**0.5, 0])
    assert model.template(vectors[:1]) == pytest.approx(vectors[0])
