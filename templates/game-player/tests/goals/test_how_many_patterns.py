"""The contract of `studies/capacity.py`."""

import importlib

from project_package.kit.workspace import Workspace


def test_the_curve_grows_in_patterns_and_leaves_the_test_set_closed(
    without_test: Workspace,
) -> None:
    study = importlib.import_module("project_package.studies.capacity")
    sizes, mistakes = zip(*study.curve(without_test), strict=True)
    assert len(sizes) >= 3
    assert list(sizes) == sorted(set(sizes))
    assert sizes[0] > 0
    assert all(0 < share < 1 for share in mistakes)
