"""The contract of `studies/learning_curve.py`."""

import importlib

from project_package import data
from project_package.kit.workspace import Workspace


def test_the_curve_grows_in_people_and_never_opens_the_test_set(without_test: Workspace) -> None:
    study = importlib.import_module("project_package.studies.learning_curve")
    people = len(set(data.load(without_test, "train", reader="train").people))
    sizes, accepted = zip(*study.curve(without_test), strict=True)
    assert len(sizes) >= 3
    assert list(sizes) == sorted(set(sizes))
    assert 0 < sizes[0] < sizes[-1] < people
    assert all(0 <= each <= 1 for each in accepted)
