from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from scaffold.commands import new
from tests.conftest import Called
from tests.factories import git
from tests.update.cases import _lines, contents
from tests.update.worlds import Template, commit, edit


@pytest.fixture
def kind() -> str:
    return "copier"


@pytest.fixture
def several(template: Template, tmp_path: Path) -> dict[str, Path]:
    """Five projects, one of each fate."""
    template.release()
    roots = {name: tmp_path / name for name in ("clean", "conflict", "dirty", "broken", "current")}
    for name, root in roots.items():
        if name != "current":
            new.create(new.plan(template.source, root))
    template.release({"numbers.txt": _lines(n3="theirs 3")})
    new.create(new.plan(template.source, roots["current"]))
    edit(roots["conflict"], "numbers.txt", "line 3\n", "mine 3\n")
    commit(roots["conflict"])
    edit(roots["dirty"], "letters.txt", "a\n", "A\n")
    shutil.rmtree(roots["broken"] / ".git")
    return roots


def test_one_line_each_a_table_and_the_worst_exit_code(
    several: dict[str, Path], scaffold: Callable[..., Called]
) -> None:
    called = scaffold("update", *several.values())
    assert called.code == 4
    words = {
        line.split()[0].rsplit("/")[-1]: line.split()[1]
        for line in called.err.splitlines()
        if line.strip()
    }
    assert words == {
        "clean": "updated", "conflict": "conflicts", "dirty": "refused", "broken": "refused",
        "current": "current",
    }  # fmt: skip
    assert all(len(line) <= 80 for line in called.err.splitlines())
    assert called.out.split() == [
        "updated", "1", "current", "1", "conflicts", "1", "refused", "2", "projects", "5",
    ]  # fmt: skip
    assert contents(several["clean"], "numbers.txt") == _lines(n3="theirs 3")
    assert git(several["dirty"], "rev-list", "--count", "HEAD") == "1"


def test_the_same_as_json(several: dict[str, Path], scaffold: Callable[..., Called]) -> None:
    called = scaffold("update", "--json", several["clean"], several["dirty"], several["dirty"])
    assert called.code == 1
    found = json.loads(called.out)
    assert [(entry["status"], entry["exit_code"]) for entry in found] == [
        ("updated", 0),
        ("refused", 1),
    ]


def test_check_takes_many_too(several: dict[str, Path], scaffold: Callable[..., Called]) -> None:
    assert scaffold("update", "--check", several["clean"], several["current"]).code == 3
    assert scaffold("update", "--check", several["current"]).code == 0
