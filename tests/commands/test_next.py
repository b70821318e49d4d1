from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from scaffold.commands.next import closing, next_of_project
from scaffold.errors import StepFailed
from scaffold.project import Project
from scaffold.running import environment
from tests.conftest import Called
from tests.factories import write_files

SEEN = {
    "challenges": [
        {"id": "a", "title": "Two words", "level": "adjust", "where": "m.py: f", "reached": True},
        {"id": "b", "title": "Fewer", "level": "adjust", "where": "m.py: g", "reached": False},
    ],
    "now": "b",
    "publishing": [{"done": True, "step": "run"}, {"done": False, "step": "answer"}],
}


@pytest.fixture(autouse=True)
def own_interpreter(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """This very interpreter, with the project's code on its path."""
    monkeypatch.setattr(environment, "python_of", lambda _: Path(sys.executable))
    monkeypatch.setattr(
        environment, "variables", lambda root: {**os.environ, "PYTHONPATH": str(root / "src")}
    )


def says(project: Path, program: str) -> Project:
    """The project, whose program is this."""
    write_files(project, {"src/my_project/__main__.py": program})
    return Project.read(project)


def test_the_project_itself_says_what_is_next(
    project: Path, scaffold: Callable[..., Called]
) -> None:
    says(project, "import sys\nprint('Now:', *sys.argv[1:])\n")
    assert scaffold("next", project).out == "Now: next\n"
    assert scaffold("next", project, "--json").out == "Now: next --json\n"


def test_its_error_is_told_as_it_says_it(project: Path) -> None:
    told = "import sys\nsys.exit(print('error: x is broken', file=sys.stderr) or 1)\n"
    with pytest.raises(StepFailed, match=r"^x is broken$"):
        next_of_project(says(project, told))


def test_a_project_without_challenges_is_told_where_they_come_from(project: Path) -> None:
    with pytest.raises(StepFailed) as caught:
        next_of_project(says(project, "raise SystemExit(2)\n"))
    assert "scaffold update" in caught.value.hint


def test_a_project_without_an_environment_is_told_how_to_make_one(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(environment, "python_of", lambda root: root / "none")
    with pytest.raises(StepFailed) as caught:
        next_of_project(Project.read(project))
    assert "scaffold run environment" in caught.value.hint


def test_a_run_ends_with_three_lines_of_it(project: Path) -> None:
    assert closing(says(project, f"print({json.dumps(SEEN)!r})\n")) == [
        "Challenges: 1 of 2 reached.",
        "Next: Fewer (adjust), in m.py: g.",
        "Before publishing: answer (all of it: scaffold next)",
    ]


@pytest.mark.parametrize("program", ["raise SystemExit(1)\n", "print('{}')\n", "print('no')\n"])
def test_a_project_that_cannot_say_ends_its_run_without(project: Path, program: str) -> None:
    assert closing(says(project, program)) == []
