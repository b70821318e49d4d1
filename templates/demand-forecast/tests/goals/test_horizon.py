"""The contract of `studies/horizon.py`."""

import importlib

from project_package.kit.workspace import Workspace


def test_the_curve_is_of_the_training_set_and_grows_in_days(without_test: Workspace) -> None:
    study = importlib.import_module("project_package.studies.horizon")
    ahead, errors = zip(*study.curve(without_test), strict=True)
    assert list(ahead) == [1, 2, 3]
    assert all(0 < error < 100 for error in errors)
    assert errors[0] < errors[2]
