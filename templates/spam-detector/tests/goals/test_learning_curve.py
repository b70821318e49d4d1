"""The contract of `studies/learning_curve.py`."""

import importlib
import json

from project_package.kit.workspace import Workspace


def test_the_curve_is_of_the_training_set_and_grows_in_mails(without_test: Workspace) -> None:
    study = importlib.import_module("project_package.studies.learning_curve")
    parts = json.loads(without_test.manifest.read_text(encoding="utf-8"))["parts"]
    sizes, scores = zip(*study.curve(without_test), strict=True)
    assert len(sizes) >= 3
    assert list(sizes) == sorted(set(sizes))
    assert 0 < sizes[0] < sizes[-1] < parts["train"]["rows"]
    assert all(0 <= score <= 1 for score in scores)
