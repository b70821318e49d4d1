"""Practice from the first function to the last, in the project's own environment."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from scaffold import catalogue
from scaffold.commands import grade, new
from scaffold.commands import practice as command
from scaffold.engines.layers import practised
from scaffold.practising.examination import examine
from scaffold.project import Practice, Project
from scaffold.reporter import Silent
from scaffold.running import environment
from scaffold.sources.addresses import resolve
from tests.rotation import of_the_day

pytestmark = [pytest.mark.slow, pytest.mark.network]

PRACTISED = of_the_day([name for name in catalogue.names() if practised(resolve(name))], ahead=4)


@pytest.mark.parametrize("template", PRACTISED)
def test_solution_by_solution_red_turns_green_until_the_whole_suite_is(
    template: str, here: Path, ordinary_home: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = new.plan(template, here / "practised", practice=Practice())
    root = new.create(plan, {"seed": "7"}).project.root
    course = command.look(Project.read(root), Silent())
    assert {one.outcome.word for one in course.standings} == {"unwritten"}
    assert not (root / "practice.toml").read_text("utf-8").count("project_package")
    for number, standing in enumerate(course.standings, 1):
        function = standing.function
        before = examine([function], lambda: command._box(Project.read(root)))[function.name]
        assert before.word == "wrong", f"{function.name}: {before}"
        assert "NotImplementedError" in before.why or "error" in before.why.lower()
        command.solution(Project.read(root), function.name)
        now = command.look(Project.read(root), Silent())
        words = [one.outcome.word for one in now.standings]
        rest = len(words) - number
        assert words == ["right"] * number + ["unwritten"] * rest, now.standings[number - 1]
    suite = subprocess.run(
        [str(environment.python_of(root)), "-m", "pytest"],
        cwd=root, env=environment.variables(root), capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert suite.returncode == 0, suite.stdout[-5000:]
    plain = new.create(new.plan(template, here / "twin" / "practised"), {"seed": "7"}).project.root
    for path in sorted((plain / "src").rglob("*.py")):
        twin = root / path.relative_to(plain)
        assert twin.read_text("utf-8") == path.read_text("utf-8"), path.name
    graded = grade.grade([root, plain], trust=True, limits=grade.DEFAULTS, jobs=1)
    for row in graded.rows:
        assert [cell.result for cell in row.cells.values()] == ["right"] * len(row.cells)
        assert all(cell.as_template for cell in row.cells.values())
