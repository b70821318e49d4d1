"""Known faults, each planted in a copy of the tool, must make one of its own fast tests fail."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
import tomllib
import venv
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from scaffold.authoring import bounded
from tests.rotation import turn

ROOT = Path(__file__).parents[2]
FEWEST, LEAST_CAUGHT = 120, 0.95
ORDINARY = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}


@dataclass(frozen=True)
class Fault:
    """A small change to the tool that breaks a promise; `right` stands once in its file.

    `caught_by` is the test that notices; where there is none, `why` says why not.
    """

    promise: str
    file: str
    right: str
    wrong: str
    caught_by: str = ""
    why: str = ""


FAULTS = [
    Fault(**fault)
    for path in sorted(Path(__file__).with_name("tool").glob("*.toml"))
    for fault in tomllib.loads(path.read_text(encoding="utf-8"))["fault"]
]
CAUGHT = [fault for fault in FAULTS if fault.caught_by]


def test_there_are_enough_faults_and_hardly_any_goes_unnoticed() -> None:
    assert len({fault.promise for fault in FAULTS}) == len(FAULTS) >= FEWEST
    assert len(CAUGHT) >= LEAST_CAUGHT * len(FAULTS)
    assert [fault.promise for fault in FAULTS if bool(fault.caught_by) == bool(fault.why)] == []


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.promise)
def test_a_fault_finds_the_line_that_it_spoils_and_the_test_that_notices(fault: Fault) -> None:
    assert (ROOT / fault.file).read_text(encoding="utf-8").count(fault.right) == 1
    assert fault.wrong != fault.right
    if fault.caught_by:
        file, name = fault.caught_by.split("[")[0].split("::")
        assert f"def {name}(" in (ROOT / file).read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What is committed, as a checkout with an environment: its own code, and our libraries."""
    folder = tmp_path_factory.mktemp("tool") / "scaffold"
    subprocess.run(["git", "clone", "--quiet", str(ROOT), str(folder)], check=True)
    venv.create(folder / ".venv")
    scheme = {"base": str(folder / ".venv"), "platbase": str(folder / ".venv")}
    own = Path(sysconfig.get_path("purelib", "venv", vars=scheme))
    paths = (str(folder), sysconfig.get_path("purelib"))
    (own / "tool.pth").write_text("\n".join(paths), encoding="utf-8")
    return folder


@contextmanager
def planted(folder: Path, fault: Fault) -> Iterator[None]:
    file = folder / fault.file
    code = file.read_text(encoding="utf-8")
    file.write_text(code.replace(fault.right, fault.wrong), encoding="utf-8", newline="\n")
    try:
        yield
    finally:
        file.write_text(code, encoding="utf-8", newline="\n")


def pytest_in(folder: Path, *tests: str) -> subprocess.CompletedProcess[str]:
    scripts = folder / ".venv" / ("Scripts" if sys.platform == "win32" else "bin")
    words = [str(scripts / "python"), "-B", "-m", "pytest", "-p", "no:cacheprovider", *tests]
    return bounded.run(words, folder, ORDINARY)


@pytest.mark.slow
def test_without_a_fault_the_tests_that_notice_pass(copy: Path) -> None:
    done = pytest_in(copy, *{fault.caught_by: None for fault in turn(CAUGHT)})
    assert done.returncode == 0, done.stdout


@pytest.mark.slow
@pytest.mark.parametrize("fault", turn(CAUGHT), ids=lambda fault: fault.promise)
def test_a_fault_is_noticed(fault: Fault, copy: Path) -> None:
    with planted(copy, fault):
        done = pytest_in(copy, fault.caught_by)
    assert done.returncode in {1, 2}, done.stdout  # 2: the module no longer loads
    noticed = (f"FAILED {fault.caught_by}", f"ERROR {fault.caught_by}", "ERROR tests/")
    assert any(words in done.stdout for words in noticed), done.stdout
