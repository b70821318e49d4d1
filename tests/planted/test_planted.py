"""Known mistakes, each planted in a generated copy, must make the project's own tests fail."""

from __future__ import annotations

import json
import os
import random
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from scaffold import catalogue
from scaffold.authoring import bounded
from scaffold.authoring.mistakes import Mistake, planted_by, spoilt
from scaffold.authoring.subject import papers_of
from tests.rotation import of_the_day

pytestmark = [pytest.mark.slow, pytest.mark.network]

ORDINARY = dict(os.environ)
TWO_AT_A_TIME = {"PYTHONDONTWRITEBYTECODE": "1", "OMP_NUM_THREADS": "1"}
SEED = os.environ.get(
    "SLOW_SEED", "8"
)  # another one than tests/slow takes; .ci/run goes through many
UP_TO_DATE = "tests/kit/test_write_up.py::test_the_committed_write_up_is_up_to_date"


def mistakes(template: str) -> list[Mistake]:
    """What tests/planted/<package>.py plants, in another order each day.

    So where UNTIL ends the day's time, others are left out than the time before.
    """
    found = planted_by(papers_of(catalogue.root() / template).mistakes)
    return random.Random(int(SEED)).sample(found, len(found))


NAMES = of_the_day(catalogue.names(), ahead=10)
CASES = [
    pytest.param(template, mistake, id=f"{template}: {mistake.name}")
    for template in NAMES
    for mistake in mistakes(template)
]


@pytest.fixture(scope="module")
def generate(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Makes a project with its environment, once for each template; not yet run."""
    made: dict[str, Path] = {}

    def project(template: str) -> Path:
        if template not in made:
            here = tmp_path_factory.mktemp("planted")
            for words in (
                ["new", template, "--yes", "--set", f"seed={SEED}"],
                ["run", template, "environment"],
            ):
                command = [sys.executable, "-m", "scaffold", *words]
                done = bounded.run(command, here, ORDINARY)
                assert done.returncode == 0, done.stdout
            made[template] = here / template
        return made[template]

    return project


@pytest.fixture
def generated(template: str, generate: Callable[[str], Path]) -> Path:
    return generate(template)


@pytest.fixture
def copy(generated: Path, tmp_path: Path) -> Path:
    """The project without its environment, to be run and changed."""
    ignored = shutil.ignore_patterns(".venv")
    return Path(shutil.copytree(generated, tmp_path / generated.name, ignore=ignored))


def python(generated: Path, folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """The generated project's Python on the code in a folder; no bytecode is kept of it."""
    scripts = generated / ".venv" / ("Scripts" if os.name == "nt" else "bin")
    return bounded.run(
        [str(scripts / "python"), *words],
        folder,
        {**ORDINARY, "PYTHONPATH": str(folder / "src"), **TWO_AT_A_TIME},
    )


def pytest_in(generated: Path, folder: Path, *chosen: str) -> subprocess.CompletedProcess[str]:
    """Tests of the project; a test that stands still says where."""
    return python(generated, folder, "-m", "pytest", "-o", "faulthandler_timeout=300", *chosen)


@pytest.mark.parametrize("template", NAMES)
def test_without_a_mistake_the_tests_pass(template: str, generated: Path) -> None:
    done = pytest_in(generated, generated)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(("template", "mistake"), CASES)
def test_a_planted_mistake_is_caught(template: str, mistake: Mistake, generated: Path) -> None:
    with spoilt(generated / "src" / template.replace("-", "_") / mistake.module, mistake):
        done = pytest_in(generated, generated, mistake.caught_by)
    assert done.returncode == 1, done.stdout
    caught = rf"(FAILED|ERROR) {re.escape(mistake.caught_by)}"  # an error: the run itself refuses
    assert re.search(caught, done.stdout), done.stdout


@pytest.mark.parametrize("template", NAMES)
def test_a_stale_number_in_the_readme_is_caught(template: str, generated: Path, copy: Path) -> None:
    done = python(generated, copy, "-m", template.replace("-", "_"), "all", "--sample")
    assert done.returncode == 0, done.stdout
    assert pytest_in(generated, copy, UP_TO_DATE).returncode == 0
    value = json.loads((copy / "reports" / "metrics.json").read_text())["primary"]["value"]
    readme = copy / "README.md"
    text = readme.read_text(encoding="utf-8")
    places = max(0, 3 - len(str(int(abs(value))))) if abs(value) >= 10 else 3  # as kit writes them
    assert f"{value:.{places}f}" in text
    stale = f"{value + 10**-places:.{places}f}"
    readme.write_text(text.replace(f"{value:.{places}f}", stale), encoding="utf-8")
    done = pytest_in(generated, copy, UP_TO_DATE)
    assert done.returncode == 1, done.stdout
    assert "README.md is stale" in done.stdout
