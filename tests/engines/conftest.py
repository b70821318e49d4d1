"""A template repository of the kind that a test file is about, and projects made from it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from scaffold.commands import new
from scaffold.engines import Question
from scaffold.project import Project
from tests.factories import Files, make_template_repo


@pytest.fixture
def repository(files: Files, tmp_path: Path, identity: None) -> Path:
    """One version of the `files` that the test file gives."""
    return make_template_repo(tmp_path / "template", {"v1": files})


def make(
    repository: Path, dest: Path, ask: Callable[[Question], str] | None = None, **given: str
) -> Project:
    """A project with the given answers; what is not given is asked, or has its default."""
    return new.create(new.plan(str(repository), dest), given, ask=ask).project
