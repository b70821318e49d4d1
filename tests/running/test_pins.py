from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from scaffold.reporter import Recording
from scaffold.running import environment, pins
from scaffold.running.process import Finished
from tests.factories import write_files

PYPROJECT = """\
[project]
name = "app"
version = "1"
requires-python = ">=3.11,<3.15"
dependencies = ["tomli-w>=1", "torch==2.13.0"]
optional-dependencies = { dev = ["iniconfig>=2"] }
"""
STUB = "# Exact versions, written by `scaffold run`; until the first run there are none.\n"

Update = Callable[[], str]


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str]]:
    """The commands that a uv would get, which pins 1.0 of whatever it is asked for, each with
    what had been pinned before."""
    seen: list[tuple[str, str]] = []

    def follow(command: list[str], **_: object) -> Finished:
        made = Path(command[command.index("--output-file") + 1])
        wanted = Path(command[3]).read_text().splitlines()
        seen.append((" ".join(command), made.read_text()))
        made.write_text("".join(f"{re.split('[=<>]', line)[0]}==1.0\n" for line in wanted))
        return Finished(0, "")

    monkeypatch.setattr(pins, "follow", follow)
    return seen


@pytest.fixture
def update(tmp_path: Path) -> Update:
    write_files(tmp_path, {"pyproject.toml": PYPROJECT, pins.FILE: STUB})
    return lambda: pins.bring_up_to_date("uv", tmp_path, tmp_path / "log", [], {})


def test_every_version_is_written_for_the_oldest_python_and_for_every_system(
    tmp_path: Path, asked: list[tuple[str, str]], update: Update
) -> None:
    assert pins.options(tmp_path) == []
    assert update() == ""
    text = (tmp_path / pins.FILE).read_text(encoding="utf-8")
    assert "tomli-w==1.0\niniconfig==1.0\n" in text
    assert "--universal --generate-hashes" in asked[0][0]
    assert "--python-version 3.11" in asked[0][0]
    assert pins.options(tmp_path) == ["--constraint", pins.FILE]


def test_the_build_of_torch_is_left_to_the_machine_and_the_file_says_so(
    tmp_path: Path, asked: list[tuple[str, str]], update: Update
) -> None:
    update()
    text = (tmp_path / pins.FILE).read_text(encoding="utf-8")
    assert "torch==" not in text
    assert pins.TORCH in text


def test_what_is_up_to_date_is_not_asked_for_again(
    tmp_path: Path, asked: list[tuple[str, str]], update: Update
) -> None:
    update()
    before = (tmp_path / pins.FILE).read_bytes()
    assert update() == ""
    assert len(asked) == 1
    assert (tmp_path / pins.FILE).read_bytes() == before


def test_another_dependency_keeps_the_versions_of_the_others(
    tmp_path: Path, asked: list[tuple[str, str]], update: Update
) -> None:
    update()
    write_files(tmp_path, {"pyproject.toml": PYPROJECT.replace("torch==2.13.0", "tqdm")})
    assert pins.options(tmp_path) == [], "not those of another pyproject.toml"
    update()
    assert "tomli-w==1.0" in asked[1][1]
    assert "tqdm==1.0" in (tmp_path / pins.FILE).read_text(encoding="utf-8")


def test_a_file_of_the_authors_own_is_left_alone(
    tmp_path: Path, asked: list[tuple[str, str]], update: Update
) -> None:
    write_files(tmp_path, {pins.FILE: "tomli-w==1.2\n"})
    assert update() == ""
    assert (tmp_path / pins.FILE).read_text(encoding="utf-8") == "tomli-w==1.2\n"
    assert (asked, pins.options(tmp_path)) == ([], [])


def test_without_an_index_the_file_stays_and_the_reason_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, update: Update
) -> None:
    monkeypatch.setattr(pins, "follow", lambda *_, **__: Finished(1, "no route to host"))
    assert update() == "no route to host"
    assert (tmp_path / pins.FILE).read_text(encoding="utf-8") == STUB
    assert pins.options(tmp_path) == []


def test_an_environment_is_made_without_them_where_no_index_answers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, update: Update
) -> None:
    commands: list[str] = []

    def follow(command: list[str], **_: object) -> Finished:
        commands.append(" ".join(command))
        return Finished(0, "")

    monkeypatch.setattr(pins, "follow", lambda *_, **__: Finished(1, "no route to host"))
    monkeypatch.setattr(environment, "follow", follow)
    monkeypatch.setattr(environment, "_find_uv", lambda: "uv")
    reporter = Recording()
    assert environment.make(tmp_path, tmp_path / "log", reporter) == "uv"
    assert reporter.messages == ["  requirements.lock could not be written (no route to host)."]
    assert not any("--constraint" in command for command in commands)


@pytest.mark.network
def test_versions_and_hashes_come_without_any_address(tmp_path: Path) -> None:
    write_files(tmp_path, {"pyproject.toml": PYPROJECT, pins.FILE: STUB})
    uv = environment._find_uv()
    assert uv is not None
    index = environment.PipSettings.read().index_url
    where = ["--default-index", index] if index else []
    assert pins.bring_up_to_date(uv, tmp_path, tmp_path / "log", where, dict(os.environ)) == ""
    text = (tmp_path / pins.FILE).read_text(encoding="utf-8")
    assert re.search(r"^tomli-w==\d\S* \\\n    --hash=sha256:", text, re.MULTILINE)
    assert "://" not in text
