"""Each challenge in a generated project: not reached before its solution, and reached by it."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from scaffold.reporter import Silent
from scaffold.running import environment
from tests.challenges.solutions import challenges, solution, templates
from tests.factories import make_project
from tests.rotation import of_the_day

pytestmark = [pytest.mark.slow, pytest.mark.network]

MEASURED = ("test", "latency")  # kinds of goals that take time to look at
ORDINARY = dict(os.environ)  # installers may use the caches and settings of who runs the tests


Standings = dict[str, dict[str, Any]]  # by the challenge's id


@dataclass(frozen=True)
class Ran:
    """A project with its environment, run on the sample; what is tried is tried in copies."""

    template: str
    root: Path
    package: str

    def call(self, *words: str, folder: Path | None = None) -> str:
        """`python -m PACKAGE WORDS` with the code of a copy; returns what it printed."""
        folder = folder or self.root
        done = subprocess.run(
            [environment.python_of(self.root), "-m", self.package, *words],
            cwd=folder,
            env={**environment.variables(self.root), "PYTHONPATH": str(folder / "src")},
            capture_output=True,
            encoding="utf-8",
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def standings(self, folder: Path, *, quick: bool) -> Standings:
        """How far the challenges are; `quick`: without running the tests that are goals."""
        words = ["next", "--json", *(["--quick"] if quick else [])]
        seen = json.loads(self.call(*words, folder=folder))
        return {each["id"]: each for each in seen["challenges"]}


Known = dict[str, tuple[Ran, Standings]]


@pytest.fixture(scope="module")
def known() -> Known:
    """By template the project that was run, and how far its challenges are: made once each."""
    return {}


@pytest.fixture(scope="module")
def ran(
    request: pytest.FixtureRequest,
    known: Known,
    tmp_path_factory: pytest.TempPathFactory,
) -> Ran:
    # pytest sets a fixture up anew for each of its parameters, though they be equal.
    if request.param not in known:
        with pytest.MonkeyPatch.context() as patch:
            for name in ("HOME", "USERPROFILE", "XDG_CACHE_HOME", "XDG_CONFIG_HOME"):
                patch.delenv(name, raising=False)
                if name in ORDINARY:
                    patch.setenv(name, ORDINARY[name])
            root = tmp_path_factory.mktemp("challenges") / "solved"
            project = make_project(request.param, root, seed="7")
            environment.make(root, root / ".scaffold" / "environment.log", Silent())
            made = Ran(request.param, root, project.package)
            made.call("all", "--sample")
            known[request.param] = made, made.standings(root, quick=False)
    return known[request.param][0]


@pytest.fixture(scope="module")
def before(ran: Ran, known: Known) -> Standings:
    """How far the challenges are in the untouched project."""
    return known[ran.template][1]


@pytest.mark.parametrize(
    ("ran", "name"),
    [
        (template, each["id"])
        for template in of_the_day(templates(), ahead=7)
        for each in challenges(template)
    ],
    indirect=["ran"],
)
def test_a_challenge_is_open_in_an_untouched_project_and_reached_by_its_solution(
    ran: Ran, before: Standings, name: str, tmp_path: Path,
    record_property: Callable[[str, object], None],
) -> None:  # fmt: skip
    assert not before[name]["reached"], before[name]["told"]
    copy = tmp_path / "copy"
    shutil.copytree(ran.root, copy, ignore=shutil.ignore_patterns(".venv", ".git"))
    solved = solution(ran.template, name)
    for words in solved.before:
        ran.call(*words, folder=copy)
    _apply(solved.patch(ran.package), copy)
    for prompt, text in solved.answers.items():
        _answer(prompt, text, copy)
    for words in solved.commands:
        ran.call(*words, folder=copy)
    after = ran.standings(copy, quick=before[name]["goal"]["kind"] not in MEASURED)[name]
    record_property("reached", (ran.template, name, before[name]["told"], after["told"]))
    assert after["reached"], after["told"]


def _apply(patch: str, folder: Path) -> None:
    if patch:
        command = ["git", "apply", "--unidiff-zero", "--whitespace=error-all", "-"]
        subprocess.run(command, cwd=folder, input=patch, encoding="utf-8", check=True)


def _answer(prompt: str, text: str, folder: Path) -> None:
    """Put a text in place of the lines of a prompt, wherever it is asked."""
    asked = re.compile(rf"^> \*\*Yours to write — {prompt}:\*\*.*\n(?:>.*\n)*", re.MULTILINE)
    for page in folder.glob("*.md"):
        before = page.read_text(encoding="utf-8")
        page.write_text(asked.sub(f"{text}\n", before), encoding="utf-8", newline="\n")
