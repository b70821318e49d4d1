"""A kill at any moment leaves before or after, and the next run works."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from scaffold.commands.update import update
from tests.factories import git
from tests.killing import dies
from tests.updating.cases import MINE_3, _lines
from tests.updating.test_cases import picture
from tests.updating.worlds import Template, commit

posix = pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGKILL")


@pytest.fixture
def kind() -> str:
    return "copier"


@pytest.fixture
def stale(template: Template, make: Callable[[], Path], root: Path) -> Path:
    """A project with work of its own, one version behind."""
    template.release()
    make()
    MINE_3(root)
    commit(root)
    template.release(
        {"numbers.txt": _lines(n18="theirs 18"), "src/old.py": None, "new/a.txt": "a\n"}
    )
    return root


def reset(root: Path, head: str) -> None:
    git(root, "reset", "--quiet", "--hard", head)
    git(root, "clean", "--quiet", "-fdx")
    places = ("refs/scaffold/", "refs/worktree/")
    for ref in git(root, "for-each-ref", "--format=%(refname)", *places).split():
        git(root, "update-ref", "-d", ref)


@posix
@pytest.mark.slow
@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("conflict", [False, True])
def test_a_kill_at_any_call_of_git(stale: Path, when: str, conflict: bool) -> None:
    root = stale
    if conflict:
        (root / "numbers.txt").write_text(_lines(n18="mine 18"), encoding="utf-8")
        commit(root)
    head = git(root, "rev-parse", "HEAD")
    before = picture(root)
    update(root)
    after = picture(root)
    if conflict:
        git(root, "merge", "--abort")
    reset(root, head)
    number = 1
    while dies(lambda: update(root), number, when):
        open_merge = (root / ".git" / "MERGE_HEAD").exists()
        if not open_merge:
            outcome = update(root)
            assert outcome.status in {"updated", "conflicts", "current"}, number
        assert picture(root) == after, number
        if conflict:
            git(root, "merge", "--abort")
            assert picture(root) == before, number
        reset(root, head)
        number += 1
    assert number > 15


def test_an_update_in_another_work_tree_leaves_a_killed_one_to_be_put_back(
    stale: Path, tmp_path: Path
) -> None:
    """As a kill leaves it: the journal is set, one file is written, one is cut off."""
    root, second = stale, tmp_path / "second"
    head = git(root, "rev-parse", "HEAD")
    update(root)
    done, whole = git(root, "rev-parse", "HEAD"), picture(root)
    reset(root, head)
    git(root, "worktree", "add", "--quiet", str(second))
    git(root, "update-ref", "refs/worktree/scaffold/update", done)
    (root / "new").mkdir()
    (root / "new" / "a.txt").write_text("a\n", encoding="utf-8")
    (root / "numbers.txt").write_text(
        git(root, "show", f"{done}:numbers.txt")[:9], encoding="utf-8"
    )

    assert update(second).status == "updated"
    outcome = update(root)

    assert (outcome.status, picture(root)) == ("updated", whole)
    assert any("undone first" in note for note in outcome.notes)


def test_nothing_is_said_to_be_undone_where_a_killed_update_had_written_nothing(
    stale: Path,
) -> None:
    head = git(stale, "rev-parse", "HEAD")
    update(stale)
    done, whole = git(stale, "rev-parse", "HEAD"), picture(stale)
    reset(stale, head)
    git(stale, "update-ref", "refs/worktree/scaffold/update", done)

    outcome = update(stale)

    assert (outcome.status, picture(stale)) == ("updated", whole)
    assert not any("undone" in note for note in outcome.notes)


@posix
@pytest.mark.parametrize("conflict", [False, True])
def test_a_kill_while_git_writes_files(stale: Path, conflict: bool, tmp_path: Path) -> None:
    root = stale
    if conflict:
        (root / "numbers.txt").write_text(_lines(n18="mine 18"), encoding="utf-8")
        commit(root)
    marker = tmp_path / "writing"
    slow = tmp_path / "slow.sh"
    slow.write_text(f"#!/bin/sh\ntouch {marker}\nsleep 60\ncat\n", encoding="utf-8")
    slow.chmod(0o755)
    (root / ".git" / "info").mkdir(exist_ok=True)
    (root / ".git" / "info" / "attributes").write_text("new/* filter=slow\n", encoding="utf-8")
    before, head = picture(root), git(root, "rev-parse", "HEAD")
    git(root, "config", "filter.slow.smudge", str(slow))
    process = subprocess.Popen(
        [sys.executable, "-m", "scaffold", "update", str(root), "--yes"],
        start_new_session=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    for _ in range(300):
        if marker.exists():
            break
        time.sleep(0.1)
    assert marker.exists()
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    git(root, "config", "--unset", "filter.slow.smudge")
    assert (root / ".git" / "index.lock").exists()
    assert git(root, "rev-parse", "HEAD") == head

    outcome = update(root)

    assert any("interrupted" in note for note in outcome.notes)
    assert outcome.status == ("conflicts" if conflict else "updated")
    assert (root / "new" / "a.txt").read_text(encoding="utf-8") == "a\n"
    if conflict:
        git(root, "merge", "--abort")
        assert picture(root) == before
