"""What stands between a commit and a release, and what GitHub is told to do."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped, unused-ignore]

from scaffold.sources import history
from scripts.check_release import Checkout, findings
from tests.factories import git

TOP = Path(__file__).parent.parent
WORKFLOWS = sorted((TOP / ".github" / "workflows").glob("*.yml"))

CHANGELOG = """\
# Changelog

## Unreleased

## 1.1.0 - 2026-02-01

- More.

## 1.0.0 - 2026-01-01

- Something.
"""


@pytest.fixture
def ready(tmp_path: Path) -> Path:
    """A repository whose second release can go out."""
    root = tmp_path / "repository"
    (root / "scaffold").mkdir(parents=True)
    (root / "templates" / "tiny").mkdir(parents=True)
    (root / "templates" / "tiny" / "template.toml").write_text("title = 'Tiny'\n", encoding="utf-8")
    (root / "pyproject.toml").write_text("[project]\ndynamic = ['version']\n", encoding="utf-8")
    (root / "CITATION.cff").write_text("title: scaffold\n", encoding="utf-8")
    (root / "CHANGELOG.md").write_text(CHANGELOG, encoding="utf-8")
    _raise_version(root, "1.0.0")
    git(root, "init", "--quiet")
    _commit(root)
    git(root, "tag", "--annotate", "--message=one", "v1.0.0")
    archive = root / "scaffold" / "history.tar.xz"
    history.add("1.0.0", root / "templates", archive)
    _raise_version(root, "1.1.0")
    _commit(root)
    return root


def _raise_version(root: Path, version: str) -> None:
    file = root / "scaffold" / "__init__.py"
    file.write_text(f'__version__ = "{version}"\n', encoding="utf-8")


def _commit(root: Path) -> None:
    git(root, "add", "--all")
    git(root, "commit", "--quiet", "--message=more")


def _replace(root: Path, path: str, old: str, new: str) -> None:
    text = (root / path).read_text(encoding="utf-8")
    assert old in text
    (root / path).write_text(text.replace(old, new), encoding="utf-8")
    _commit(root)


def to_do(root: Path, *, tagged: bool = False) -> list[str]:
    return [each.todo for each in findings(Checkout(root), tagged=tagged) if each.todo]


def test_a_release_that_is_ready_leaves_nothing_to_do(ready: Path) -> None:
    assert to_do(ready) == []
    git(ready, "tag", "--annotate", "--message=two", "v1.1.0")
    assert to_do(ready, tagged=True) == []


def test_a_version_that_stands_in_a_second_place_is_found(ready: Path) -> None:
    _replace(ready, "CITATION.cff", "title", "version: 1.1.0\ntitle")
    assert to_do(ready) == ["take it out of CITATION.cff"]


def test_a_version_that_was_not_raised_is_found(ready: Path) -> None:
    git(ready, "tag", "v1.1.0")
    assert len(to_do(ready)) == 1
    assert to_do(ready)[0].endswith("; raise the version")
    _raise_version(ready, "0.9.0")
    _commit(ready)
    assert "raise it" in to_do(ready)


def test_a_release_that_the_changelog_does_not_know_is_found(ready: Path) -> None:
    _replace(ready, "CHANGELOG.md", "## 1.1.0 - 2026-02-01", "## 1.2.0 - soon")
    assert to_do(ready) == ["write `## 1.1.0 - YYYY-MM-DD` above what it brings"]


def test_a_change_that_waits_under_unreleased_is_found(ready: Path) -> None:
    _replace(ready, "CHANGELOG.md", "## Unreleased\n", "## Unreleased\n\n- Forgotten.\n")
    assert to_do(ready) == ["move what stands under Unreleased below `## 1.1.0 - YYYY-MM-DD`"]


def test_an_earlier_release_that_is_not_in_the_archive_is_found(ready: Path) -> None:
    (ready / "scaffold" / "history.tar.xz").unlink()
    _commit(ready)
    history._read.cache_clear()
    assert [todo.partition(",")[0] for todo in to_do(ready)] == ["git switch --detach v1.0.0"]


def test_an_archive_made_after_the_templates_went_on_is_found(ready: Path) -> None:
    (ready / "templates" / "tiny" / "later.txt").write_text("later", encoding="utf-8")
    history.add("1.0.0", ready / "templates", ready / "scaffold" / "history.tar.xz")
    _commit(ready)
    assert [todo.partition(",")[0] for todo in to_do(ready)] == ["git switch --detach v1.0.0"]


def test_what_is_not_committed_is_found(ready: Path) -> None:
    (ready / "left.txt").touch()
    assert to_do(ready) == ["commit left.txt"]


def test_a_tag_on_another_commit_is_found(ready: Path) -> None:
    git(ready, "tag", "v1.1.0", "HEAD~1")
    assert to_do(ready, tagged=True) == ["git tag --annotate v1.1.0 here, or go where it is"]


def _workflow(name: str) -> dict[str, Any]:
    found = yaml.safe_load((TOP / ".github" / "workflows" / name).read_text(encoding="utf-8"))
    assert isinstance(found, dict)
    return found


@pytest.mark.parametrize("path", [*WORKFLOWS, TOP / "action.yml"], ids=lambda path: path.name)
def test_what_others_wrote_is_pinned_to_a_commit(path: Path) -> None:
    used = re.findall(r"uses: (\S+)", path.read_text(encoding="utf-8"))
    assert used
    assert [each for each in used if not re.fullmatch(r"[\w./-]+@[0-9a-f]{40}", each)] == []


def test_every_python_that_the_package_names_is_tested_on_three_systems() -> None:
    matrix = _workflow("tests.yml")["jobs"]["fast"]["strategy"]["matrix"]
    project = tomllib.loads((TOP / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    named = re.findall(r"Python :: (3\.\d+)", " ".join(project["classifiers"]))
    assert set(named) <= set(matrix["python"])
    assert {each.partition("-")[0] for each in matrix["os"]} == {"ubuntu", "macos", "windows"}


def test_a_release_is_published_without_a_token_and_after_the_checks() -> None:
    jobs = _workflow("release.yml")["jobs"]
    assert jobs["index"]["permissions"] == {"id-token": "write"}
    assert jobs["index"]["needs"] == "build"
    steps = " ".join(step.get("run", "") for step in jobs["build"]["steps"])
    assert "check_release.py --tagged" in steps
    assert "secrets." not in (TOP / ".github" / "workflows" / "release.yml").read_text("utf-8")


def test_the_citation_names_its_authors_and_no_version_that_could_grow_old() -> None:
    cited = yaml.safe_load((TOP / "CITATION.cff").read_text(encoding="utf-8"))
    assert cited["cff-version"] == "1.2.0"
    assert cited["authors"]
    assert not {"version", "date-released"} & set(cited)
