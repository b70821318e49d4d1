"""What is released: built from what is committed, installed where nothing else is, and used."""

from __future__ import annotations

import hashlib
import json
import os
import re
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest

from scaffold import __version__, catalogue
from scaffold.running.environment import PipSettings
from tests.factories import git
from tests.rotation import turn

pytestmark = [pytest.mark.slow, pytest.mark.network]

TOP = Path(__file__).parents[2]
ORDINARY = dict(os.environ)  # installers may use the caches and settings of who runs the tests
THIS = f"3.{sys.version_info.minor}"
PYTHONS = ("3.11", "3.12", "3.13", "3.14")
BY_PYENV = sorted(Path.home().glob(".pyenv/versions/3.*/bin"))
UV = (sys.executable, "-m", "uv")

Contents = Mapping[str, str]  # digests by path


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What is committed, and nothing that lies about."""
    folder = tmp_path_factory.mktemp("clone") / "scaffold"
    subprocess.run(["git", "clone", "--quiet", TOP, folder], check=True)
    return folder


@pytest.fixture(scope="module")
def dist(clone: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An sdist, and the wheel that is built from it."""
    folder = tmp_path_factory.mktemp("dist")
    _run(*UV, "build", "--quiet", *PipSettings.read().for_uv(), "--out-dir", folder, clone)
    return folder


@pytest.fixture(scope="module")
def wheel(dist: Path) -> Path:
    (found,) = dist.glob("*.whl")
    return found


PAPERS = re.compile(r"tests/(challenges/[\w-]+/[\w-]+\.patch|rendering/facts/\w[\w-]*\.toml)")


def test_the_wheel_holds_the_tool_every_layer_with_its_papers_its_commit_and_no_more(
    clone: Path, wheel: Path
) -> None:
    committed = git(clone, "-c", "core.quotePath=false", "ls-files").splitlines()
    planted = [f"tests/planted/{name.replace('-', '_')}.py" for name in catalogue.names()]
    expected = {path for path in committed if path.startswith("scaffold/")}
    expected |= {
        path.replace("templates/", "scaffold/_templates/", 1)
        for path in committed
        if path.startswith("templates/")
    }
    expected |= {
        path.replace("tests/", "scaffold/_papers/", 1)
        for path in (*committed, *planted)
        if PAPERS.fullmatch(path) or path in planted
    }
    held = {path for path in _in_wheel(wheel) if ".dist-info/" not in path}
    assert held == expected | {"scaffold/commit.txt"}


def test_the_wheel_made_from_the_sdist_is_the_one_made_from_the_repository(
    clone: Path, wheel: Path, tmp_path: Path
) -> None:
    where = PipSettings.read().for_uv()
    _run(*UV, "build", "--quiet", *where, "--wheel", "--out-dir", tmp_path, clone)
    assert _in_wheel(tmp_path / wheel.name) == _in_wheel(wheel)


def test_the_sdist_holds_what_its_own_tests_and_papers_need(clone: Path, dist: Path) -> None:
    (file,) = dist.glob("*.tar.gz")
    with tarfile.open(file) as tar:
        held = {path.partition("/")[2] for path in tar.getnames()}
    committed = git(clone, "-c", "core.quotePath=false", "ls-files").splitlines()
    left_out = {path.partition("/")[0] for path in committed if path not in held}
    assert {path for path in left_out if not path.startswith(".")} <= {"action.yml"}


@pytest.mark.parametrize("version", PYTHONS)
def test_a_project_is_made_and_run_by_what_the_wheel_installed(
    version: str, wheel: Path, clone: Path, tmp_path: Path
) -> None:
    """By the Python of these tests all on the real data, when it is its turn; by others, and on
    other days, to the report of the sample.
    """
    python = _interpreter(version)
    if python is None:
        pytest.skip(f"Python {version} is not to be had here")
    _run(*UV, "venv", "--quiet", "--python", python, tmp_path / "venv")
    inside = tmp_path / "venv" / ("Scripts" if os.name == "nt" else "bin")
    where = PipSettings.read().for_uv()
    _run(*UV, "pip", "install", "--quiet", "--python", inside / "python", *where, wheel)
    said = _run(inside / "scaffold", "--version", folder=tmp_path)
    commit = git(clone, "rev-parse", "HEAD").strip()
    assert said.startswith(f"scaffold {__version__}\ncommit {commit}\n")
    assert _run(inside / "python", "-m", "scaffold", "--version", folder=tmp_path) == said

    real = version == THIS and 0 in turn(range(7))
    _run(inside / "scaffold", "template", "new", "mine", "--family", "text", folder=tmp_path)
    assert list((tmp_path / "tests" / "challenges" / "mine").glob("*.patch"))

    _run(
        inside / "scaffold", "new", "spam-detector", "--yes", *(["--run"] if real else []),
        folder=tmp_path,
    )  # fmt: skip
    if not real:
        _run(inside / "scaffold", "run", "spam-detector", "report", "--sample", folder=tmp_path)
    text = (tmp_path / "spam-detector" / "reports" / "metrics.json").read_text(encoding="utf-8")
    assert json.loads(text)["data"]["sample"] is not real


def _in_wheel(file: Path) -> Contents:
    """Its files by path, but for the list of them, whose order is hatch's own."""
    with zipfile.ZipFile(file) as archive:
        names = [name for name in archive.namelist() if not name.endswith("/RECORD")]
        return {name: hashlib.sha256(archive.read(name)).hexdigest() for name in names}


def _interpreter(version: str) -> str | None:
    """A Python on the path or of pyenv; none is downloaded."""
    if version == THIS:
        return sys.executable
    path = os.pathsep.join([*map(str, BY_PYENV), ORDINARY.get("PATH", "")])
    done = subprocess.run(
        [*UV, "python", "find", "--no-project", "--no-python-downloads", version],
        env={**ORDINARY, "PATH": path},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    return done.stdout.strip() or None


def _run(*words: str | Path, folder: Path | None = None) -> str:
    """Run a program as its user would, with nothing of this checkout in reach."""
    env = {key: text for key, text in ORDINARY.items() if key not in {"PYTHONPATH", "VIRTUAL_ENV"}}
    done = subprocess.run(
        list(map(str, words)), cwd=folder, env=env, capture_output=True, encoding="utf-8",
        check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
