"""Every command that Start, the tutorial and the how-to pages show is typed here, as it stands."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

import jsonschema
import pytest
from uv import find_uv_bin

from scripts import recording
from tests.documentation.blocks import FENCE, TOP, Command, Page, follow
from tests.publishing.fake_github import FakeGitHub
from tests.rotation import turn

DOCS = TOP / "docs"
START = [Page(TOP / "README.md"), Page(DOCS / "index.md")]
HOW_TO = [Page(path) for path in sorted((DOCS / "how-to").glob("*.md"))]
_order = re.findall(r"tutorial/[\w-]+\.md", (TOP / "mkdocs.yml").read_text(encoding="utf-8"))
TUTORIAL = [Page(DOCS / path) for path in _order]

SLOW = {"environment", "network", "minutes"}  # a project's packages, something fetched, a class
NEEDED = {"docker": "docker info", "windows": "powershell.exe -Help", "pipx": "pipx --version"}
KNOWN = SLOW | {"github", *NEEDED}
SECONDS, MINUTES = 600, 60

pytestmark = pytest.mark.skipif(os.name == "nt", reason="the pages are written for a shell")


def is_there(command: Command) -> bool:
    return all(_answers(NEEDED[need]) for need in command.needs & set(NEEDED))


@cache
def _answers(words: str) -> bool:
    program, *rest = words.split()
    found = shutil.which(program)
    return (
        found is not None
        and not subprocess.run([found, *rest], capture_output=True, check=False).returncode
    )


@pytest.fixture
def shell(tmp_path: Path, isolated: Path, identity: None) -> dict[str, str]:
    """A home with a git identity, and `scaffold` on the path as an installation puts it there."""
    programs = tmp_path / "bin"
    programs.mkdir()
    program = programs / "scaffold"
    program.write_text(
        f'#!/bin/sh\nPYTHONPATH="{TOP}" exec "{sys.executable}" -m scaffold "$@"\n', "utf-8"
    )
    program.chmod(0o755)
    (programs / "uv").symlink_to(find_uv_bin())
    (programs / "copier").symlink_to(Path(sys.executable).parent / "copier")
    kept = {name: text for name, text in os.environ.items() if name not in {"TERM", "PS1"}}
    path = os.pathsep.join([str(programs), os.defpath, kept.get("PATH", "")])
    return {**kept, "PATH": path, "PYTHONDONTWRITEBYTECODE": "1"}


def check_by_typing(
    commands: list[Command], shell: Mapping[str, str], folder: Path, seconds: int
) -> None:
    here = folder / "work"
    here.mkdir()
    (here / "scaffold").symlink_to(TOP)  # a clone, as the pages call it
    with ExitStack() as open_until_then:
        same = {str(here): "/home/ada/work"}
        if any("github" in command.needs for command in commands):
            forge = FakeGitHub(folder / "forge", login="ada")
            open_until_then.enter_context(forge.serving())
            shell = {**shell, **forge.environment}
            same |= {forge.web: "https://github.com", urlsplit(forge.web).netloc: "github.com"}
        follow(list(filter(is_there, commands)), here, shell, seconds, same)


def quickly(page: Page) -> list[Command]:
    return [command for command in page.commands if not command.needs & SLOW]


def quick() -> Iterator[Page]:
    return filter(quickly, [*START, *HOW_TO])


def slow() -> Iterator[Page]:
    return (page for page in [*START, *HOW_TO] if page.needs & SLOW)


def name(page: Page) -> str:
    return page.path.relative_to(TOP).as_posix()


@pytest.mark.parametrize("page", list(quick()), ids=name)
def test_the_commands_of_a_page_do_what_it_shows(
    page: Page, shell: dict[str, str], tmp_path: Path
) -> None:
    check_by_typing(quickly(page), shell, tmp_path, SECONDS)


@pytest.mark.slow
@pytest.mark.network
@pytest.mark.parametrize("page", turn(list(slow())), ids=name)
def test_the_commands_of_a_page_that_makes_an_environment_do_what_it_shows(
    page: Page, shell: dict[str, str], tmp_path: Path
) -> None:
    check_by_typing(page.commands, shell, tmp_path, MINUTES * 60)


@pytest.mark.slow
@pytest.mark.network
@pytest.mark.skipif(6 not in turn(range(7)), reason="on Sundays: it makes and runs a project")
def test_the_tutorial_can_be_followed_word_for_word(shell: dict[str, str], tmp_path: Path) -> None:
    commands = [command for page in TUTORIAL for command in page.commands]
    check_by_typing(commands, shell, tmp_path, MINUTES * 60)
    measured = tmp_path / "work" / "house-prices" / "reports" / "metrics.json"
    schema = (DOCS / "reference" / "schemas" / "metrics.schema.json").read_text("utf-8")
    jsonschema.validate(json.loads(measured.read_text("utf-8")), json.loads(schema))


@pytest.mark.parametrize("page", [*START, *TUTORIAL, *HOW_TO], ids=name)
def test_a_page_has_no_command_that_no_test_types(page: Page) -> None:
    for command in page.commands:
        assert command.needs <= KNOWN, command.place
    for block in FENCE.finditer(page.text):
        if block["language"] not in {"console", "sh", "powershell"}:
            assert not re.search(r"^\s*(\$ |scaffold )", block["body"], re.MULTILINE), block[0]
    outside = FENCE.sub("", page.text)
    assert not re.findall(r"^    +(?:scaffold|python|pip|git|cd|make) .*", outside, re.MULTILINE)


def test_the_tutorial_is_a_page_after_another() -> None:
    assert next(page.path.stem for page in TUTORIAL) == "index"
    assert {page.path for page in TUTORIAL} == set((DOCS / "tutorial").glob("*.md"))


def test_the_recording_shows_what_the_tool_says(shell: dict[str, str], tmp_path: Path) -> None:
    events = [json.loads(line) for line in recording.CAST.read_text("utf-8").splitlines()[1:]]
    text = re.sub(r"\r+\n", "\n", "".join(event[2] for event in events))
    text = re.sub(r"\r\x1b\[K([^\r\n]*\r)?", "", text)  # what a line showed and took back
    said = re.split(r"^\$ ", re.sub(r"\x1b\[[\d;]*[mK]", "", text), flags=re.MULTILINE)[1:]
    typed = [part.partition("\n") for part in said if part.strip()]
    assert [line for line, *_ in typed] == list(recording.COMMANDS)
    commands = [
        Command(recording.CAST, 0, line, tuple(output.removesuffix("\n").split("\n")))
        for line, _, output in typed
        if line != "ls"  # in columns, at a terminal
    ]
    check_by_typing(commands, shell, tmp_path, SECONDS)
