"""The contract of `studies/learning_curve.py`."""

import importlib
import json

from project_package.kit.workspace import Workspace


def test_the_curve_is_of_the_training_set_and_grows_in_articles(prepared: Workspace) -> None:
    study = importlib.import_module("project_package.studies.learning_curve")
    parts = json.loads(prepared.manifest.read_text(encoding="utf-8"))["parts"]
    hidden = prepared.processed / parts["test"]["file"]
    aside = hidden.with_suffix(".hidden")
    hidden.rename(aside)
    try:
        sizes, scores = zip(*study.curve(prepared), strict=True)
    finally:
        aside.rename(hidden)
    assert len(sizes) >= 3
    assert list(sizes) == sorted(set(sizes))
    assert 0 < sizes[0] < sizes[-1] < parts["train"]["rows"]
    assert all(0 < score < 1 for score in scores)
