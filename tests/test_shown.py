"""Every way onto the screen, each given a value that would move the cursor or hide a word."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from scaffold import terminal
from scaffold.engines import Question
from scaffold.errors import ScaffoldError
from scaffold.plain import visible
from scaffold.project import Project
from scaffold.terminal import TerminalReporter, ask, hand_over, say, styled
from tests.conftest import Called
from tests.factories import TINY, TINY_TOML, git, make_catalogue, make_template_repo, write_files

Scaffold = Callable[..., Called]

FORGED = "rm -rf ~ \r\x1b[2K\u202e harmless\u200b"
SHOWN = r"rm -rf ~ \r\x1b[2K\u202e harmless\u200b"
AS_TOML = r"rm -rf ~ \r\u001b[2K\u202e harmless\u200b"


def assert_shown(text: str) -> None:
    assert SHOWN in " ".join(text.split()).replace("\\\\", "\\")
    assert visible(text) == text, "nothing hidden is left"


@pytest.fixture
def forged_catalogue(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A catalogue in which every word of a template is forged."""
    toml = TINY_TOML
    for words in ("Tiny project", "Adds numbers", "Nobody", "guessing", "Can numbers be added?"):
        toml = toml.replace(words, AS_TOML)
    folder = make_catalogue(tmp_path / "catalogue", TINY, **{"tiny/template.toml": toml})
    monkeypatch.setattr("scaffold.catalogue.root", lambda: folder)


@pytest.mark.parametrize("words", [["list"], ["info", "tiny"], ["new", "tiny"]])
def test_the_catalogue(
    forged_catalogue: None, here: Path, scaffold: Scaffold, words: list[str]
) -> None:
    assert_shown(scaffold(*words).out)


def test_json_keeps_the_value_and_shows_it(
    forged_catalogue: None, here: Path, scaffold: Scaffold
) -> None:
    called = scaffold("info", "tiny", "--json")
    assert json.loads(called.out)["title"] == FORGED
    assert visible(called.out) == called.out


def test_the_list_of_code_to_trust(tmp_path: Path, here: Path, scaffold: Scaffold) -> None:
    task = json.dumps(FORGED + "\nError: nothing")
    files = {"copier.yml": f"_tasks: [{task}]\n", "a.txt": "a\n"}
    folder = make_template_repo(tmp_path / "template", {"v1": files})
    called = scaffold("new", folder, "made", "--yes")
    assert_shown(called.err)
    assert f"\n  task: {SHOWN}\\nError: nothing\n" in called.err, "one line for one task"


def test_an_error_its_hint_and_the_output_of_a_program(
    catalogue: Path, scaffold: Scaffold, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail() -> None:
        raise ScaffoldError(f"{FORGED}\nError: forged", FORGED, output=f"{FORGED}\n{FORGED}")

    monkeypatch.setattr("scaffold.catalogue.templates", lambda *_: fail())
    called = scaffold("list")
    assert called.err.count(SHOWN) == 2, "message and hint"
    assert "\n  Error: forged" in called.err
    assert visible(called.err) == called.err


def test_an_unexpected_error(
    catalogue: Path, scaffold: Scaffold, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail() -> None:
        raise ValueError(FORGED)

    monkeypatch.setattr("scaffold.catalogue.templates", lambda *_: fail())
    assert_shown(scaffold("list").err)


def test_a_wrong_command_line(catalogue: Path, scaffold: Scaffold) -> None:
    called = scaffold("list", "rm \r\u202e")
    assert r"rm \r\u202e" in called.err
    assert visible(called.err) == called.err


def test_steps_progress_and_messages() -> None:
    class Screen(io.StringIO):
        def isatty(self) -> bool:
            return True

    for stream in (io.StringIO(), Screen()):
        reporter = TerminalReporter(stream)
        reporter.message(FORGED)
        reporter.progress(FORGED)
        reporter.step(FORGED, "failed", FORGED)
        text = stream.getvalue().replace("\r\x1b[K", "").replace("\x1b[31mx\x1b[0m", "x")
        assert text.count(r"\x1b[2K") == (4 if stream.isatty() else 3)
        assert visible(text.replace("\r", "\n")) == text.replace("\r", "\n")


def test_a_question_its_choices_its_default_and_the_complaint(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    import questionary

    class Asked:
        def unsafe_ask(self) -> str:
            return "an answer"

    seen: list[str] = []

    def text(words: str, default: str, validate: Callable[[str], bool | str]) -> Asked:
        seen.extend([words, default, str(validate("bad"))])
        return Asked()

    def select(words: str, choices: list[Any], default: str) -> Asked:
        assert [choice.value for choice in choices] == [FORGED], "the answer is the real value"
        seen.extend([words, *(str(choice.title) for choice in choices)])
        return Asked()

    monkeypatch.setattr(questionary, "text", text)
    monkeypatch.setattr(questionary, "select", select)
    ask(Question("a", FORGED, help=FORGED, default=FORGED, check=lambda _: FORGED))
    ask(Question("b", FORGED, choices=(FORGED,)))
    assert seen == [SHOWN] * 5
    assert_shown(capsys.readouterr().out)


def test_a_terminal_without_a_cursor_is_asked_line_by_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TERM", "dumb")
    monkeypatch.setattr(sys, "stdin", io.StringIO("no such choice\nMIT\n\n"))
    assert ask(Question("licence", FORGED, choices=("MIT", "BSD"), default="BSD")) == "MIT"
    assert ask(Question("name", FORGED, default="Ada")) == "Ada"
    out = capsys.readouterr().out
    assert "choose one of" in out.lower() or "is no answer" in out
    assert_shown(out)


@pytest.mark.parametrize("form", [(), ("--markdown",)])
def test_the_name_of_a_checked_folder(
    here: Path, scaffold: Scaffold, form: tuple[str, ...]
) -> None:
    folder = here / "a\u202eb"
    write_files(folder, {"a.py": "print(1)\n"})
    git(folder, "init", "--quiet")
    called = scaffold("check", folder, *form)
    assert r"a\u202eb" in called.out
    assert visible(called.out) == called.out


def test_paths_and_titles_of_a_project(
    project: Path, scaffold: Scaffold, monkeypatch: pytest.MonkeyPatch
) -> None:
    state = project / ".scaffold.toml"
    state.write_text(state.read_text().replace('"My Project"', f'"{AS_TOML}"'))
    assert Project.read(project).title == FORGED
    monkeypatch.chdir(project)
    assert_shown(scaffold().out)
    assert_shown(scaffold("run", "environment").out)
    assert_shown(scaffold("run", "data").out)


def test_a_patch_is_exact_for_a_program_and_safe_for_a_person(
    monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    patch = "+\x1b[2K\u202e\r\n-\udcff\n"
    hand_over(patch)
    assert capfdbinary.readouterr().out == patch.encode(errors="surrogateescape")
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
    hand_over(patch)
    assert capfdbinary.readouterr().out == b"+\\x1b[2K\\u202e\\r\n-\\udcff\n"


def test_our_own_colours_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR")
    monkeypatch.setenv("FORCE_COLOR", "1")
    stream = io.StringIO()
    say(styled(FORGED, fg="red"), " plain", stream=stream)
    assert stream.getvalue() == f"\x1b[31m{SHOWN}\x1b[0m plain\n"


@pytest.mark.parametrize(
    ("variables", "coloured"),
    [
        ({}, None),
        ({"NO_COLOR": "1"}, False),
        ({"NO_COLOR": "", "FORCE_COLOR": ""}, None),
        ({"FORCE_COLOR": "1"}, True),
        ({"FORCE_COLOR": "0"}, None),
        ({"NO_COLOR": "1", "FORCE_COLOR": "1"}, False),
        ({"TERM": "dumb"}, False),
        ({"TERM": "dumb", "FORCE_COLOR": "1"}, True),
    ],
)
def test_colour_follows_what_was_asked_for_then_the_terminal(
    variables: dict[str, str], coloured: bool | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("NO_COLOR", "FORCE_COLOR", "TERM"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert terminal._in_colour() is coloured


def test_a_password_in_an_address_is_not_printed(here: Path, scaffold: Scaffold) -> None:
    called = scaffold("new", "ssh://ada:s3cret@127.0.0.1:9/x", "made", "--yes")
    assert called.code == 1
    assert "s3cret" not in called.out + called.err


COMMANDS: dict[tuple[str, ...], tuple[str, str, Any]] = {
    # the words: the module, what it does, what that returns
    ("update",): ("update", "update", SimpleNamespace(status="current")),
    ("update", ".", "."): ("update_many", "update_many", []),
    ("update", "--check"): ("update_many", "check_many", [SimpleNamespace(code=0)]),
    ("diff",): ("diff", "diff", SimpleNamespace(stat="", patch="")),
    ("link", "."): ("link", "link", None),
    ("site", "."): ("site", "build", None),
    ("publish",): ("publish", "publish", None),
    ("check",): ("check", "check", [SimpleNamespace(failures=[], error="")]),
    ("check", "--markdown"): ("check", "check", [SimpleNamespace(failures=[], error="")]),
}


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_whatever_a_command_has_to_tell(
    words: tuple[str, ...], project: Path, scaffold: Scaffold, monkeypatch: pytest.MonkeyPatch
) -> None:
    module, verb, result = COMMANDS[words]
    monkeypatch.chdir(project)
    monkeypatch.setattr(f"scaffold.commands.{module}.{verb}", lambda *_, **__: result)
    for name in ("as_text", "as_markdown", "looked_at", "table"):
        place = f"scaffold.commands.{module}.{name}"
        monkeypatch.setattr(place, lambda *_: FORGED, raising=False)
    monkeypatch.setattr("scaffold.checks.showing.rendered", lambda *_, **__: FORGED)
    called = scaffold(*words)
    assert called.code == 0
    assert_shown(called.out + called.err)
