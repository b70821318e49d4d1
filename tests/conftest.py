"""What every test gets: none of the settings of who runs it, and small worlds on demand."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.factories import TINY, make_catalogue, make_project


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> object | None:
    if config.getoption("dist") != "loadgroup":
        return None
    from tests.together import ByTemplate

    return ByTemplate(config, log)


@pytest.fixture(autouse=True)
def isolated(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty home, no git identity, no colour; returns the home."""
    home = tmp_path_factory.mktemp("home")
    for name in list(os.environ):
        if name.startswith("GIT_") or name in {"EMAIL", "VIRTUAL_ENV", "PYTHONPATH"}:
            monkeypatch.delenv(name)
    config = home / "gitconfig"
    config.touch()
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("USERPROFILE", str(home))
    monkeypatch.setenv("XDG_CACHE_HOME", str(home / "cache"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(home / "config"))
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(config))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    monkeypatch.setenv("NO_COLOR", "1")
    return home


@pytest.fixture
def identity(isolated: Path) -> None:
    """Git knows Ada."""
    (isolated / "gitconfig").write_text(
        "[user]\n\tname = Ada Lovelace\n\temail = ada@example.com\n[github]\n\tuser = ada\n",
        encoding="utf-8",
    )


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder, which is the current one."""
    folder = tmp_path / "here"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture
def catalogue(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A catalogue of one small template on one layer, in place of the real one."""
    folder = make_catalogue(tmp_path / "catalogue", TINY)
    monkeypatch.setattr("scaffold.catalogue.root", lambda: folder)
    return folder


@pytest.fixture
def project(catalogue: Path, here: Path) -> Path:
    """The root of a project generated from the small catalogue, in `here`."""
    return make_project("tiny", here / "my-project").root


@dataclass(frozen=True)
class Called:
    """What a call of the command line came to."""

    code: int
    out: str
    err: str


@pytest.fixture
def scaffold(capfd: pytest.CaptureFixture[str]) -> Callable[..., Called]:
    """Call the command line in this process: `scaffold("new", "tiny", "--yes")`."""
    from scaffold.cli import execute

    def call(*arguments: object) -> Called:
        capfd.readouterr()
        code = execute([str(argument) for argument in arguments])
        return Called(code, *capfd.readouterr())

    return call
