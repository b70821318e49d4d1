"""The measurements that README and docs name: what they compare is the same work."""

from __future__ import annotations

from pathlib import Path

from benchmarks import speed


def test_all_three_tools_make_the_same_project(here: Path) -> None:
    files, by_tool = speed.contestants(here)
    assert files > 40
    assert set(by_tool) == {"scaffold, with git", "cookiecutter", "copier"}
