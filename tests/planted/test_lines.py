"""Each mistake has a line to spoil; the slow tests come to a template but once in six days."""

from __future__ import annotations

from pathlib import Path

import pytest

from scaffold import catalogue
from scaffold.authoring.mistakes import planted_by
from scaffold.authoring.subject import papers_of
from tests.factories import make_project


@pytest.mark.parametrize("template", catalogue.names())
def test_every_mistake_finds_its_line(template: str, tmp_path: Path) -> None:
    project = make_project(template, tmp_path / template)
    for mistake in planted_by(papers_of(catalogue.root() / template).mistakes):
        code = (project.root / "src" / project.package / mistake.module).read_text("utf-8")
        assert mistake.right in code, mistake.name
