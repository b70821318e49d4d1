"""Known mistakes, each planted in a generated copy, must make the project's own tests fail."""

from __future__ import annotations

import importlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from scaffold import catalogue
from tests.planted.mistakes import Mistake

pytestmark = [pytest.mark.slow, pytest.mark.network]

ORDINARY = dict(os.environ)
SEED = os.environ.get(
    "SLOW_SEED", "8"
)  # another one than tests/slow takes; .ci/run goes through many
UP_TO_DATE = "tests/test_write_up.py::test_the_committed_write_up_is_up_to_date"


def mistakes(template: str) -> tuple[Mistake, ...]:
    """What tests/planted/<package>.py plants."""
    module = importlib.import_module(f"tests.planted.{template.replace('-', '_')}")
    planted: tuple[Mistake, ...] = module.MISTAKES
    return planted


TEMPLATES = catalogue.names()
TURN, TURNS = map(int, os.environ.get("PLANTED_TURN", "0/1").split("/"))  # 1/2: the second half
CASES = [
    pytest.param(template, mistake, id=f"{template}: {mistake.name}")
    for template in TEMPLATES
    for mistake in mistakes(template)[TURN::TURNS]
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
                subprocess.run(command, cwd=here, env=ORDINARY, check=True)
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


@contextmanager
def spoilt(module: Path, mistake: Mistake) -> Iterator[None]:
    """The module with a mistake in it, in its place: what is compiled of the others stays."""
    code, times = module.read_bytes(), module.stat()
    right, wrong = mistake.right.encode(), mistake.wrong.encode()
    assert code.count(right) == 1, "the line to spoil is not there"
    module.write_bytes(code.replace(right, wrong))
    try:
        yield
    finally:
        module.write_bytes(code)
        os.utime(module, ns=(times.st_atime_ns, times.st_mtime_ns))


LIMIT = 900  # seconds; the longest suite takes a third of it on two busy cores
LATE = 124  # as timeout(1) says it


def python(generated: Path, folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """The generated project's Python on the code in a folder; no bytecode is kept of it."""
    scripts = generated / ".venv" / ("Scripts" if os.name == "nt" else "bin")
    more = {
        "PYTHONPATH": str(folder / "src"),
        "PYTHONDONTWRITEBYTECODE": "1",
        "OMP_NUM_THREADS": "1",  # two at a time
    }
    command = [str(scripts / "python"), *words]
    # Into a file: a pipe would stay open for as long as anything that a spoilt test left behind.
    with tempfile.TemporaryFile("w+", encoding="utf-8") as said:
        running = subprocess.Popen(
            command,
            cwd=folder,
            env={**ORDINARY, **more},
            stdout=said,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            code = running.wait(LIMIT)
        except subprocess.TimeoutExpired:
            code = LATE
        finally:
            end(running)
        said.seek(0)
        return subprocess.CompletedProcess(command, code, said.read())


def end(running: subprocess.Popen[bytes]) -> None:
    """Ends what was started and everything that it started and left."""
    if os.name == "nt":
        running.kill()
    else:
        with suppress(ProcessLookupError):
            os.killpg(running.pid, signal.SIGKILL)
    running.wait()


@pytest.mark.parametrize("template", TEMPLATES)
def test_without_a_mistake_the_tests_pass(template: str, generated: Path) -> None:
    done = python(generated, generated, "-m", "pytest")
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(("template", "mistake"), CASES)
def test_a_planted_mistake_is_caught(template: str, mistake: Mistake, generated: Path) -> None:
    with spoilt(generated / "src" / template.replace("-", "_") / mistake.module, mistake):
        done = python(generated, generated, "-m", "pytest", mistake.caught_by)
    assert done.returncode == 1, done.stdout
    caught = rf"(FAILED|ERROR) {re.escape(mistake.caught_by)}"  # an error: the run itself refuses
    assert re.search(caught, done.stdout), done.stdout


@pytest.mark.parametrize("template", TEMPLATES)
def test_a_stale_number_in_the_readme_is_caught(template: str, generated: Path, copy: Path) -> None:
    done = python(generated, copy, "-m", template.replace("-", "_"), "all", "--sample")
    assert done.returncode == 0, done.stdout
    assert python(generated, copy, "-m", "pytest", UP_TO_DATE).returncode == 0
    value = json.loads((copy / "reports" / "metrics.json").read_text())["primary"]["value"]
    readme = copy / "README.md"
    text = readme.read_text(encoding="utf-8")
    assert f"{value:.3f}" in text
    readme.write_text(text.replace(f"{value:.3f}", f"{value + 0.001:.3f}"), encoding="utf-8")
    done = python(generated, copy, "-m", "pytest", UP_TO_DATE)
    assert done.returncode == 1, done.stdout
    assert "README.md is stale" in done.stdout
