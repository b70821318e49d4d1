import importlib

import numpy as np
import pytest


def test_a_smaller_effect_takes_more_customers() -> None:
    study = importlib.import_module("project_package.studies.trial")
    spend = np.array([0.0, 0.0, 30.0, 50.0])
    needed = study.needed(spend, 0.1)
    mean, variance = 20.0, spend.var()
    assert needed == pytest.approx(2 * 2.8**2 * variance / (0.1 * mean) ** 2, rel=0.02)
    assert study.needed(spend, 0.05) == pytest.approx(4 * needed, rel=1e-3)
    assert callable(study.study)
