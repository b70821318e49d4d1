"""A project with one commit and a small GitHub to publish it to."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from scaffold.commands.publish import Published, Wishes, publish
from scaffold.git import Repository
from scaffold.publishing import github, steps
from scaffold.reporter import Recording
from tests.publishing.fake_github import TOKEN, FakeGitHub, git

README = """\
# Spam detector

Can a word list tell spam from mail that people want to read? This project measures how far word
counts go on six thousand real messages, and where a person still has to look, with all numbers
made by one command.
"""


class World:
    """A repository to publish, in a home of its own, and the forge it goes to."""

    def __init__(self, root: Path, forge: FakeGitHub) -> None:
        self.root = root
        self.forge = forge
        self.said: list[str] = []

    def publish(self, *, dry_run: bool = False, **wishes: Any) -> Published:
        """One run, as from a fresh shell; checks are made where a test says so."""
        os.environ["GH_TOKEN"] = TOKEN
        reporter = Recording()
        self.said = reporter.texts
        return publish(
            self.root, Wishes(**{"skip": ("all",), **wishes}), dry_run=dry_run,
            choose=lambda _name: False, reporter=reporter,
        )  # fmt: skip

    def write(self, path: str, text: str) -> None:
        target = self.root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")

    def git(self, *arguments: str) -> str:
        return git("-C", str(self.root), *arguments).strip()

    def commit(self, message: str = "Add the measurements") -> str:
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "-m", message)
        return self.git("rev-parse", "HEAD")

    def repository(self) -> Repository:
        return Repository.open(self.root)

    def head(self) -> str:
        return self.git("rev-parse", "HEAD")


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """No pauses between calls and attempts, short time-outs."""
    monkeypatch.setattr(github, "SECONDS_BETWEEN_WRITES", 0)
    monkeypatch.setattr(github, "TIMEOUT", 2)
    monkeypatch.setattr(steps, "PAUSES", (0.0, 0.0, 0.0))


@pytest.fixture
def world(
    tmp_path: Path, identity: None, quick: None, monkeypatch: pytest.MonkeyPatch
) -> Iterator[World]:
    project = tmp_path / "spam-detector"
    project.mkdir()
    with FakeGitHub(tmp_path / "forge").serving() as forge:
        monkeypatch.delenv("GITHUB_TOKEN", raising=False)
        for name, value in forge.environment.items():
            monkeypatch.setenv(name, value)
        made = World(project, forge)
        made.git("init", "--quiet", "--initial-branch=main")
        made.write("README.md", README)
        made.write("LICENSE", "MIT License\n\nCopyright (c) 2026 Ada\n")
        made.write("REPORT.md", "# Report\n\nWhat was measured.\n")
        made.commit("Measure how far word counts go")
        yield made
