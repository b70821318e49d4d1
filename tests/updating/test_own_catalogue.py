"""A school's own templates, which stand on the layers of the catalogue."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from scaffold.commands import new
from scaffold.commands.update import update
from scaffold.project import Project
from scaffold.sources import history
from tests.conftest import Called
from tests.factories import git, make_template_repo, tree, write_files
from tests.updating.cases import _squash, contents
from tests.updating.worlds import commit

OURS = 'title = "Churn"\nextends = ["_base"]\nquestion = "Who leaves?"\n[data]\nrows = 5\n'


@pytest.fixture
def school(
    catalogue: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, identity: None
) -> Path:
    archive = tmp_path / "history.tar.xz"
    monkeypatch.setattr("scaffold.sources.history.archive", lambda: archive)
    history.add("0.1.0", catalogue, archive)
    for module in ("catalogue", "sources.addresses", "updating.plan"):
        monkeypatch.setattr(f"scaffold.{module}.__version__", "0.1.0")
    files = {"templates/churn/template.toml": OURS, "templates/churn/own.txt": "one\ntwo\n"}
    return make_template_repo(tmp_path / "school", {"v1": files})


@pytest.mark.parametrize("squashed", [False, True])
def test_both_the_schools_and_our_layers_are_merged(
    school: Path, catalogue: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, squashed: bool
) -> None:
    root = tmp_path / "my-churn"
    new.create(new.plan(f"{school}#churn", root))
    assert Project.read(root).origin.layers == "0.1.0"
    (root / "own.txt").write_text("mine\ntwo\n", encoding="utf-8")
    commit(root)
    if squashed:
        _squash(root)
    for module in ("catalogue", "sources.addresses", "updating.plan"):
        monkeypatch.setattr(f"scaffold.{module}.__version__", "0.2.0")
    write_files(catalogue, {"_base/.gitignore": ".venv/\nmodels/\ncalls.txt\nnew/\n"})
    write_files(school, {"templates/churn/more.txt": "more\n"})
    git(school, "add", "--all")
    git(school, "commit", "--quiet", "--message", "Second")
    git(school, "tag", "v2")

    assert update(root).status == "updated"

    assert contents(root, "own.txt") == "mine\ntwo\n"
    assert contents(root, "more.txt") == "more\n"
    assert "new/\n" in contents(root, ".gitignore")
    state = Project.read(root).origin
    assert (state.version, state.layers) == ("v2", "0.2.0")


def test_our_layers_alone_are_reason_enough(
    school: Path, catalogue: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = tmp_path / "my-churn"
    new.create(new.plan(f"{school}#churn", root))
    for module in ("catalogue", "sources.addresses", "updating.plan"):
        monkeypatch.setattr(f"scaffold.{module}.__version__", "0.2.0")
    assert update(root).status == "current"
    write_files(catalogue, {"_base/.gitignore": "new/\n"})
    assert update(root).status == "updated"
    assert contents(root, ".gitignore") == "new/\n"


@pytest.fixture
def alone(catalogue: Path, tmp_path: Path, identity: None) -> Path:
    """A repository that is one template as a whole, of which a second version is out."""
    files = {"template.toml": OURS, "own.txt": "one\n", ".github/ci.yml": "on: push\n"}
    versions = {"v1": files, "v2": {**files, "more.txt": "more\n"}}
    return make_template_repo(tmp_path / "churn", versions)


@pytest.mark.parametrize("place", ["a folder", "a URL"])
def test_a_repository_with_its_template_at_the_root_is_a_source(
    alone: Path, tmp_path: Path, place: str, scaffold: Callable[..., Called]
) -> None:
    source = str(alone) if place == "a folder" else alone.as_uri()
    root = tmp_path / "my-churn"
    assert scaffold("new", source, root, "--ref", "v1", "--yes").code == 0
    assert {"own.txt", ".github/ci.yml", ".gitignore"} <= tree(root).keys()
    assert not {"template.toml", "more.txt"} & tree(root).keys()
    assert git(root, "log", "--format=%s") == "Start my-churn from the churn template"

    shown = scaffold("diff", root)
    assert (shown.code, "+more" in shown.out) == (0, True)
    assert scaffold("update", root).code == 0
    assert contents(root, "more.txt") == "more\n"
    assert Project.read(root).origin.version == "v2"
    assert scaffold("new", source, tmp_path / "newest", "--yes").code == 0
    assert (tmp_path / "newest" / "more.txt").is_file()


def test_a_template_at_the_root_of_a_linked_work_tree_is_a_source_too(
    alone: Path, tmp_path: Path
) -> None:
    git(alone, "worktree", "add", "--quiet", str(tmp_path / "linked"), "v1")
    assert (tmp_path / "linked" / ".git").is_file()
    root = new.create(new.plan(str(tmp_path / "linked"), tmp_path / "app", ref="v1")).project.root
    assert (root / "own.txt").is_file()


def test_a_project_keeps_the_year_it_was_begun_in(
    school: Path, catalogue: Path, tmp_path: Path
) -> None:
    root = new.create(new.plan(f"{school}#churn", tmp_path / "app"), {"year": "2001"}).project.root
    write_files(school, {"templates/churn/more.txt": "more\n"})
    git(school, "add", "--all")
    git(school, "commit", "--quiet", "--message", "Second")
    git(school, "tag", "v2")
    assert update(root).status == "updated"
    assert Project.read(root).answers["year"] == "2001"
    assert ", 2001." in contents(root, "README.md")
