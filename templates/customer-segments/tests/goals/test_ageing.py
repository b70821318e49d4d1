"""The contract of `studies/ageing.py`."""

import importlib

from project_package.kit.workspace import Workspace


def test_the_curve_is_of_the_training_set_and_grows_in_months(without_test: Workspace) -> None:
    study = importlib.import_module("project_package.studies.ageing")
    months, errors = zip(*study.curve(without_test), strict=True)
    assert len(months) >= 3
    assert list(months) == sorted(set(months))
    assert months[0] == 1
    assert all(0 < error < 1 for error in errors)
