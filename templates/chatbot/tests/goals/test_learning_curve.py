"""The contract of `studies/learning_curve.py`."""

import importlib

from project_package import data
from project_package.data import NOWHERE
from project_package.kit.workspace import Workspace


def test_the_curve_is_of_the_training_set_and_grows_in_queries(without_test: Workspace) -> None:
    study = importlib.import_module("project_package.studies.learning_curve")
    train = data.load(without_test, "train", reader="train")
    sizes, scores = zip(*study.curve(without_test), strict=True)
    assert len(sizes) >= 3
    assert list(sizes) == sorted(set(sizes))
    assert sizes[0] == 0
    assert sizes[-1] < (train.label == NOWHERE).sum()
    assert all(0 <= score <= 1 for score in scores)
