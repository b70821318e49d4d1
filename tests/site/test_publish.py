"""`scaffold site --publish`: to `<user>.github.io`, by the steps that projects take."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from scaffold.commands.site import publish
from scaffold.publishing import github, steps
from tests.conftest import Called
from tests.factories import git, tree
from tests.publishing.fake_github import TOKEN, FakeGitHub
from tests.site.worlds import finish

NAME = "octo/octo.github.io"


@pytest.fixture
def forge(
    here: Path, tmp_path: Path, identity: None, monkeypatch: pytest.MonkeyPatch
) -> Iterator[FakeGitHub]:
    """An empty small GitHub, and one project to show there."""
    monkeypatch.setattr(github, "SECONDS_BETWEEN_WRITES", 0)
    monkeypatch.setattr(github, "TIMEOUT", 5)
    monkeypatch.setattr(steps, "PAUSES", (0.0, 0.0, 0.0))
    finish(here / "projects" / "spam-detector")
    with FakeGitHub(tmp_path / "forge").serving() as made:
        monkeypatch.delenv("GITHUB_TOKEN", raising=False)
        for name, value in made.environment.items():
            monkeypatch.setenv(name, value)
        yield made


def again(monkeypatch: pytest.MonkeyPatch) -> None:
    """A fresh shell: publishing takes the token out of the environment."""
    monkeypatch.setenv("GH_TOKEN", TOKEN)


def test_the_site_goes_online_as_it_was_written(forge: FakeGitHub, here: Path) -> None:
    built = publish([here / "projects"], here / "site")
    assert built.online is not None
    assert built.online.repository == NAME
    head = git(here / "site", "rev-parse", "HEAD")
    assert forge.refs(NAME)["refs/heads/main"] == head
    assert forge.repositories[NAME]["pages"]["source"] == {"branch": "main", "path": "/"}
    assert set(git(here / "site", "ls-files").splitlines()) == set(tree(here / "site"))
    assert git(here / "site", "log", "--format=%s") == "Show 1 project"
    home = (here / "site/index.html").read_text(encoding="utf-8")
    assert f'rel="canonical" href="{built.online.pages}"' in home
    assert ".nojekyll" in tree(here / "site")


def test_the_second_time_nothing_changes(
    forge: FakeGitHub, here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish([here / "projects"], here / "site")
    again(monkeypatch)
    writes = len(forge.writes)
    built = publish([here / "projects"], here / "site")
    assert built.online is not None
    assert {outcome.state for outcome in built.online.outcomes} == {"done"}
    assert len(forge.writes) == writes


def test_a_new_project_is_one_more_commit(
    forge: FakeGitHub, here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish([here / "projects"], here / "site")
    (here / "site/private.txt").write_text("not for the world", encoding="utf-8")
    finish(here / "projects" / "house-prices")
    again(monkeypatch)
    publish([here / "projects"], here / "site")
    assert git(here / "site", "log", "--format=%s").splitlines() == [
        "Show 2 projects", "Show 1 project",
    ]  # fmt: skip
    assert forge.refs(NAME)["refs/heads/main"] == git(here / "site", "rev-parse", "HEAD")
    assert "private.txt" not in git(here / "site", "ls-files")


def test_a_dry_run_changes_nothing(
    forge: FakeGitHub, here: Path, scaffold: Callable[..., Called]
) -> None:
    called = scaffold("site", "projects", "--publish", "--dry-run")
    assert called.code == 0, called.err
    assert f"{NAME}: nothing was changed. To do:" in called.out
    assert 'POST /user/repos {"name": "octo.github.io"' in called.out
    assert "git push origin refs/heads/main" in called.out
    assert forge.writes == []
    assert not (here / "site").exists()


def test_json_tells_where_it_stands(
    forge: FakeGitHub, here: Path, scaffold: Callable[..., Called]
) -> None:
    called = scaffold("site", "projects", "--publish", "--json")
    found = json.loads(called.out)
    assert found["published"]["repository"] == NAME
    assert found["published"]["pages"].endswith("octo.github.io/")
    assert TOKEN not in called.out + called.err


def test_another_site_of_that_name_stays(
    forge: FakeGitHub,
    here: Path,
    scaffold: Callable[..., Called],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    publish([here / "projects"], here / "elsewhere")
    before = forge.refs(NAME)
    finish(here / "projects" / "house-prices")
    again(monkeypatch)
    called = scaffold("site", "projects", "--publish")
    assert called.code == 1
    assert "holds other work" in called.err
    assert "git clone" in called.err
    assert forge.refs(NAME) == before
