import numpy as np
import pytest

from project_package.kit.workspace import Workspace
from project_package.predict import Translator


def test_every_piece_has_its_own_probability(trained: Workspace) -> None:
    said = Translator.load(trained).translate("A young dog runs in the park.")
    assert len(said.sureness) == len(said.pieces)
    assert all(0 < each <= 1 for each in said.sureness)
    assert np.exp(np.mean(np.log(said.sureness))) == pytest.approx(said.probability)
    assert max(said.sureness) > min(said.sureness)
