"""The tests of one template stay in one process."""

from __future__ import annotations

from typing import cast

import pytest

from scaffold import catalogue
from tests import conftest
from tests.planted.test_planted import CASES
from tests.together import ByTemplate, group


def test_a_group_is_a_template() -> None:
    planted = "tests/planted/test_planted.py::test_a_planted_mistake_is_caught"
    for case in CASES:
        assert group(f"{planted}[{case.id}]") == case.values[0]
    for name in catalogue.names():
        assert (
            group(f"tests/challenges/test_solutions.py::test_one[{name}-another-learner]") == name
        )
        assert group(f"tests/planted/test_planted.py::test_one[{name}]") == name


def test_what_is_no_template_s_stays_with_its_file() -> None:
    for case in ("test_one", "test_one[HO303: a direction]"):
        assert group(f"tests/planted/test_tool.py::{case}") == "tests/planted/test_tool.py"


@pytest.mark.parametrize(("dist", "changed"), [("loadgroup", True), ("worksteal", False)])
def test_only_loadgroup_is_changed(dist: str, changed: bool) -> None:
    made = conftest.pytest_xdist_make_scheduler(cast(pytest.Config, Options(dist)), None)
    assert isinstance(made, ByTemplate) is changed


class Options:
    """Of a configuration what a scheduler asks for."""

    def __init__(self, dist: str) -> None:
        self.chosen = {"dist": dist, "tx": ["2*popen"]}

    def getoption(self, name: str) -> object:
        return self.chosen[name]

    getvalue = getoption
