"""The contract of `studies/few_ratings.py`."""

import importlib
import json

from project_package.kit.workspace import Workspace


def test_the_curve_begins_without_a_rating_of_the_kind_and_knows_no_test_set(
    without_test: Workspace,
) -> None:
    study = importlib.import_module("project_package.studies.few_ratings")
    parts = json.loads(without_test.manifest.read_text(encoding="utf-8"))["parts"]
    sizes, scores = zip(*study.curve(without_test), strict=True)
    assert len(sizes) >= 3
    assert sizes[0] == 0
    assert list(sizes) == sorted(set(sizes))
    assert sizes[-1] < parts["train"]["rows"] / 2
    assert all(0 < score < 1 for score in scores)
