"""The contract of `studies/memory.py`."""

import importlib

from project_package.kit.workspace import Workspace


def test_the_curve_is_of_the_training_set_and_grows_in_periods(without_test: Workspace) -> None:
    study = importlib.import_module("project_package.studies.memory")
    periods, scores = zip(*study.curve(without_test), strict=True)
    assert len(periods) >= 3
    assert list(periods) == sorted(set(periods))
    assert 1 <= periods[0] < periods[-1] < without_test.config["data"]["periods"]
    assert all(0 < score < 1 for score in scores)
    assert len(set(scores)) > 1
