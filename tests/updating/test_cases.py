from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

import pytest
from _pytest.mark import ParameterSet

from tests.conftest import Called
from tests.factories import git
from tests.updating.cases import CASES, Case
from tests.updating.worlds import Template

CODES = {"merged": 0, "nothing": 0, "conflict": 4, "refused": 1}


def combinations(own: int, others: int) -> list[ParameterSet]:
    """Every case with every kind; what is not run by default is marked slow."""
    every = {"catalogue": own, "copier": others, "cookiecutter": others}
    return [
        pytest.param(
            kind,
            case,
            id=f"{kind}: {case.name}",
            marks=[] if (number + shift) % every[kind] == 0 else pytest.mark.slow,
        )
        for shift, kind in enumerate(every)
        for number, case in enumerate(CASES)
        if kind in case.only
    ]


def picture(root: Path) -> dict[str, str]:
    """Every file in a project with its contents, git's objects and logs aside."""
    return {
        str(path.relative_to(root)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(root.rglob("*"))
        if path.is_file() and ".git" not in path.relative_to(root).parts
    }


def everything(root: Path) -> dict[str, str]:
    """Every file in a project and in its repository."""
    return {
        str(path.relative_to(root)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(root.rglob("*"))
        if path.is_file()
    }


@pytest.mark.parametrize(("kind", "case"), combinations(1, 3), indirect=["kind"])
def test_nothing_is_lost(
    case: Case,
    template: Template,
    make: Callable[[], Path],
    scaffold: Callable[..., Called],
    root: Path,
) -> None:
    template.release(case.before)
    make()
    case.happen(root, template)
    before = picture(root)
    head = git(root, "rev-parse", "HEAD") if (root / ".git").exists() else ""

    called = scaffold("update", root, "--yes")

    assert "Traceback" not in called.out + called.err
    assert called.code == CODES[case.ending], called.out + called.err
    case.check(root)
    if case.ending in {"refused", "nothing"}:
        assert picture(root) == before
        assert not head or git(root, "rev-parse", "HEAD") == head
    if case.ending == "merged":
        assert git(root, "status", "--porcelain", "--untracked-files=no") == ""
        parents = git(root, "rev-list", "--parents", "-n", "1", "HEAD").split()[1:]
        assert parents == [head, git(root, "rev-parse", "refs/scaffold/pristine")]
        again = scaffold("update", root, "--yes")
        assert (again.code, git(root, "rev-parse", "HEAD^1")) == (0, head)
    if case.ending == "conflict":
        assert git(root, "diff", "--name-only", "--diff-filter=U") != ""
        git(root, "merge", "--abort")
        assert picture(root) == before
        assert git(root, "rev-parse", "HEAD") == head


@pytest.mark.parametrize(("kind", "case"), combinations(4, 12), indirect=["kind"])
def test_diff_touches_nothing(
    case: Case,
    template: Template,
    make: Callable[[], Path],
    scaffold: Callable[..., Called],
    root: Path,
) -> None:
    if case.ending == "refused":
        pytest.skip("there is nothing to show")
    template.release(case.before)
    make()
    case.happen(root, template)
    before = everything(root)

    called = scaffold("diff", root, "--yes")

    assert called.code == 0, called.err
    assert everything(root) == before
    assert bool(called.out) == (case.ending != "nothing")
