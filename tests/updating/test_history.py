"""Histories: of the catalogue over releases, of a project over squashed pull requests."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from scaffold.commands.update import update
from scaffold.errors import TemplateError, UpdateRefused
from scaffold.project import Project
from scaffold.sources import history
from tests.conftest import Called
from tests.factories import git
from tests.updating.cases import MINE_3, _lines, _squash, contents
from tests.updating.worlds import Template, commit, edit

Make = Callable[[], Path]


def squash_merge(root: Path, branch: str) -> None:
    """What the button of a forge does: one new commit with all of a branch."""
    git(root, "switch", "--quiet", "main")
    git(root, "merge", "--quiet", "--squash", branch)
    git(
        root,
        "commit",
        "--quiet",
        "--message",
        f"Update (#1)\n\n{git(root, 'log', '-1', '--format=%B', branch)}",
    )
    git(root, "branch", "--quiet", "-D", branch)


def settle_a_conflict(template: Template, make: Make, root: Path) -> str:
    """Both sides change line 3; the author settles that on a branch and squashes it into main.

    Returns the rendering that was merged there.
    """
    template.release()
    make()
    MINE_3(root)
    commit(root)
    template.release({"numbers.txt": _lines(n3="theirs 3")})
    git(root, "switch", "--quiet", "--create", "update")
    assert update(root).conflicts == ("numbers.txt",)
    (root / "numbers.txt").write_text(_lines(n3="both 3"), encoding="utf-8")
    commit(root)
    merged = git(root, "rev-parse", "HEAD^2")
    squash_merge(root, "update")
    return merged


def test_three_releases_with_the_history_squashed_each_time(
    template: Template, make: Make, root: Path
) -> None:
    template.release()
    make()
    MINE_3(root)
    commit(root)
    for release in ("second", "third"):
        _squash(root)
        template.release({"numbers.txt": _lines(n18=release), f"{release}.txt": "new\n"})
        assert update(root).status == "updated"
        assert f"{release}\n" in contents(root, "numbers.txt")
        assert "mine 3\n" in contents(root, "numbers.txt")
        assert contents(root, f"{release}.txt") == "new\n"
    assert Project.read(root).origin.version == "3.0.0"


def test_a_settled_conflict_does_not_return_after_a_squash_merge(
    template: Template, make: Make, root: Path
) -> None:
    settle_a_conflict(template, make, root)

    template.release({"numbers.txt": _lines(n3="theirs 3", n18="theirs 18")})
    assert update(root).status == "updated"
    assert contents(root, "numbers.txt") == _lines(n3="both 3", n18="theirs 18")


def test_nor_does_it_where_the_template_has_forgotten_that_version(
    template: Template, make: Make, root: Path
) -> None:
    settle_a_conflict(template, make, root)
    template.release({"numbers.txt": _lines(n3="theirs 3", n18="theirs 18")})
    template.forget()
    assert update(root).status == "updated"
    assert contents(root, "numbers.txt") == _lines(n3="both 3", n18="theirs 18")


def test_so_it_is_in_a_fresh_clone_that_has_the_remotes_pristine(
    template: Template, make: Make, root: Path, tmp_path: Path
) -> None:
    pristine = settle_a_conflict(template, make, root)
    git(tmp_path, "init", "--quiet", "--bare", "hub.git")
    git(
        root,
        "push",
        "--quiet",
        str(tmp_path / "hub.git"),
        "main",
        f"{pristine}:refs/scaffold/pristine",
    )
    git(tmp_path, "-C", "hub.git", "symbolic-ref", "HEAD", "refs/heads/main")
    git(tmp_path, "clone", "--quiet", "--depth=1", (tmp_path / "hub.git").as_uri(), "clone")

    template.release({"numbers.txt": _lines(n3="theirs 3", n18="theirs 18")})
    template.forget()
    assert update(tmp_path / "clone").status == "updated"
    assert contents(tmp_path / "clone", "numbers.txt") == _lines(n3="both 3", n18="theirs 18")


def test_an_amended_first_commit_is_no_pristine(template: Template, make: Make, root: Path) -> None:
    template.release()
    make()
    MINE_3(root)
    git(root, "commit", "--quiet", "--all", "--amend", "--no-edit")
    assert "Scaffold-Tree" in git(root, "log", "-1", "--format=%B")
    template.release({"numbers.txt": _lines(n18="theirs 18")})
    assert update(root).status == "updated"
    assert contents(root, "numbers.txt") == _lines(n3="mine 3", n18="theirs 18")


def test_two_branches_may_stand_at_different_versions(
    template: Template, make: Make, root: Path
) -> None:
    template.release()
    make()
    git(root, "branch", "old")
    template.release({"numbers.txt": _lines(n18="second")})
    update(root)
    _squash_branch(root)
    git(root, "switch", "--quiet", "old")
    MINE_3(root)
    commit(root)
    assert update(root).status == "updated"
    assert contents(root, "numbers.txt") == _lines(n3="mine 3", n18="second")


def _squash_branch(root: Path) -> None:
    new = git(root, "commit-tree", "HEAD^{tree}", "-m", "Everything")
    git(root, "reset", "--quiet", "--hard", new)


def test_an_edited_state_file_keeps_the_edit(template: Template, make: Make, root: Path) -> None:
    template.release()
    make()
    edit(root, ".scaffold.toml", 'name = "project"', 'name = "renamed"')
    edit(root, ".scaffold.toml", "seeded = [", 'seeded = [\n    "docs/*",')
    edit(root, "docs/guide.md", "Two.", "My two.")
    commit(root)
    _squash(root)
    template.release({"docs/guide.md": "# All new\n", "letters.txt": "z\n"})
    assert update(root).status == "updated"
    state = Project.read(root)
    assert (state.name, state.origin.version) == ("renamed", "2.0.0")
    assert "docs/*" in state.seeded
    assert "My two." in contents(root, "docs/guide.md")
    assert contents(root, "letters.txt") == "z\n"


def test_what_is_missing_is_said(
    template: Template, make: Make, root: Path, scaffold: Callable[..., Called]
) -> None:
    template.release()
    make()
    _squash(root)
    template.release({"numbers.txt": _lines(n18="theirs 18")})
    template.forget()
    with pytest.raises(UpdateRefused, match="nothing to compare with") as refusal:
        update(root)
    assert "1.0.0" in refusal.value.message
    assert "scaffold diff --two-way" in refusal.value.hint
    called = scaffold("diff", root, "--two-way")
    assert called.code == 0
    assert "+theirs 18" in called.out


def test_a_release_that_is_not_kept_is_named(tmp_path: Path) -> None:
    with pytest.raises(TemplateError, match=r"scaffold 0\.0\.1 are not kept"):
        history.unpack("0.0.1", tmp_path)


def test_the_same_releases_give_the_same_bytes(catalogue: Path, tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from scaffold.sources import history\n"
        "history.add('1', *map(Path, sys.argv[1:]))"
    )
    made = []
    for seed in "12":  # by which Python orders sets
        file = tmp_path / f"{seed}.tar.xz"
        command = [sys.executable, "-c", code, str(catalogue), str(file)]
        subprocess.run(command, env={**os.environ, "PYTHONHASHSEED": seed}, check=True)
        made.append(file.read_bytes())
    assert made[0] == made[1]


def test_the_archive_keeps_shared_contents_once(
    catalogue: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "history.tar.xz"
    monkeypatch.setattr("scaffold.sources.history.archive", lambda: file)
    (catalogue / "tiny" / "noise.bin").write_bytes(random.Random(0).randbytes(9000))
    history.add("1", catalogue, file)
    size = file.stat().st_size
    (catalogue / "tiny" / "config.toml").write_text("seed = 2\n", encoding="utf-8")
    history.add("2", catalogue, file)
    assert file.stat().st_size < size * 1.2
    first = history.unpack("1", tmp_path) / "tiny"
    assert (first / "config.toml").read_text(encoding="utf-8") == "seed = 1\n"
    second = history.unpack("2", tmp_path) / "tiny"
    assert (second / "config.toml").read_text(encoding="utf-8") == "seed = 2\n"
    assert (first / "noise.bin").read_bytes() == (second / "noise.bin").read_bytes()
