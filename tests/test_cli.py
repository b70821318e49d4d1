from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import scaffold as package
from scaffold.cli import cli
from tests.factories import git, make_template_repo

Scaffold = Callable[..., Any]

SOURCE = {"cookiecutter.json": '{"slug": "made"}', "{{cookiecutter.slug}}/a.txt": "a\n"}


def test_without_arguments_it_greets_with_what_to_do_next(here: Path, scaffold: Scaffold) -> None:
    called = scaffold()
    assert called.code == 0
    for command in ("scaffold list", "scaffold new spam-detector", "scaffold run"):
        assert command in called.out


def test_inside_a_project_the_greeting_is_about_it(
    project: Path, monkeypatch: pytest.MonkeyPatch, scaffold: Scaffold
) -> None:
    monkeypatch.chdir(project)
    called = scaffold()
    assert called.out.startswith("This is My Project, made from the tiny template.")


def test_the_version_names_release_commit_and_catalogue(
    catalogue: Path, scaffold: Scaffold
) -> None:
    release, commit, templates = scaffold("--version").out.splitlines()
    assert release == f"scaffold {package.__version__}"
    assert re.fullmatch(r"commit ([0-9a-f]{40}(-dirty)?|unknown)", commit)
    assert re.fullmatch(r"catalogue of 1 template, [0-9a-f]{12}", templates)


def test_the_version_notices_a_changed_template(catalogue: Path, scaffold: Scaffold) -> None:
    before = scaffold("--version").out
    (catalogue / "tiny" / "more.txt").write_text("more", encoding="utf-8")
    assert scaffold("--version").out != before


def test_a_commit_that_the_build_wrote_down_is_the_one_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, scaffold: Scaffold
) -> None:
    written = tmp_path / "commit.txt"
    written.write_text(f"{'a' * 40}\n", encoding="utf-8")
    monkeypatch.setattr("scaffold.version.COMMIT_FILE", written)
    assert f"\ncommit {'a' * 40}\n" in scaffold("--version").out


def test_list_names_every_template(catalogue: Path, scaffold: Scaffold) -> None:
    called = scaffold("list")
    assert called.out.startswith("Regression\n  tiny  beginner, 1 minute\n")
    assert "To beat: Error 0.5 by guessing\n" in called.out
    assert json.loads(scaffold("list", "--json").out)[0]["name"] == "tiny"


def test_list_tells_each_kind_of_problem_once(scaffold: Scaffold) -> None:
    lines = scaffold("list").out.splitlines()
    kinds = [line for line in lines if line and not line.startswith((" ", "More"))]
    assert kinds == sorted(
        {one["task"].capitalize() for one in json.loads(scaffold("list", "--json").out)}
    )


def test_info_tells_what_to_beat(catalogue: Path, scaffold: Scaffold) -> None:
    out = scaffold("info", "tiny").out
    for words in (
        "Problem   regression",
        "Numbers, 1,000 rows, by Nobody",
        "CC0-1.0",
        "Error 0.5 by guessing (lower is",
    ):
        assert words in out
    record = json.loads(scaffold("info", "tiny", "--json").out)
    assert record["target"]["gate"] == 0.2
    assert "folder" not in record


@pytest.mark.parametrize("name", sorted(cli.commands))
def test_every_help_text_has_examples_and_fits_80_columns(name: str, scaffold: Scaffold) -> None:
    called = scaffold(name, "--help")
    assert called.code == 0
    assert "Examples:" in called.out
    assert max(map(len, called.out.splitlines())) <= 80


@pytest.mark.parametrize("words", [["list"], ["info", "tiny"], [], ["--help"]])
def test_output_fits_80_columns_without_colour(
    catalogue: Path, here: Path, scaffold: Scaffold, words: list[str]
) -> None:
    out = scaffold(*words).out
    assert max(map(len, out.splitlines())) <= 80
    assert "\x1b" not in out


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (["info", "tinny"], 1, "Did you mean tiny?"),
        (["new", "tinny"], 1, "Did you mean tiny?"),
        (["new", "tiny", "class"], 1, "keyword"),
        (["new", "tiny", "--set", "author"], 2, "is not KEY=VALUE"),
        (["new", "tiny", "--ref", "v1"], 2, "--ref has no meaning"),
        (["new"], 2, "Missing argument 'SOURCE'"),
        (["lisst"], 2, "No such command 'lisst'"),
        (["list", "--bogus"], 2, "No such option"),
        (["completion", "tcsh"], 2, "'tcsh' is not one of"),
    ],
)
def test_an_error_says_what_happened_and_exits_with_its_code(
    catalogue: Path, here: Path, scaffold: Scaffold, words: list[str], code: int, message: str
) -> None:
    called = scaffold(*words)
    assert called.code == code
    assert message in called.err
    assert "Traceback" not in called.err
    assert list(here.iterdir()) == []


def test_an_unexpected_error_leaves_a_report_and_no_traceback(
    catalogue: Path, isolated: Path, monkeypatch: pytest.MonkeyPatch, scaffold: Scaffold
) -> None:
    def fail() -> None:
        raise ZeroDivisionError("by nothing")

    monkeypatch.setattr("scaffold.catalogue.templates", lambda *_: fail())
    called = scaffold("list")
    assert called.code == 1
    assert "Unexpected: ZeroDivisionError: by nothing" in called.err
    assert "Traceback" not in called.err
    [report] = isolated.rglob("error-*.txt")
    assert report.name in called.err
    text = report.read_text(encoding="utf-8")
    assert "Traceback" in text
    assert f"scaffold {package.__version__}" in text


def test_where_the_cache_cannot_be_written_the_report_goes_elsewhere(
    isolated: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from scaffold.report_file import write_report

    (isolated / "cache").touch()
    monkeypatch.setenv("LOCALAPPDATA", str(isolated / "cache"))
    monkeypatch.setattr("platformdirs.user_cache_path", lambda *_, **__: isolated / "cache" / "x")
    assert write_report(ValueError("x"), ["scaffold"]).is_file()


def test_a_closed_pipe_is_no_error(catalogue: Path, here: Path) -> None:
    program = [sys.executable, "-m", "scaffold", "list", "--json"]
    with subprocess.Popen(program, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.close()
        assert process.stderr is not None
        assert process.stderr.read() == b""


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_each_shell_gets_its_completion_script(shell: str, scaffold: Scaffold) -> None:
    called = scaffold("completion", shell)
    assert called.code == 0
    assert "_SCAFFOLD_COMPLETE" in called.out


@pytest.mark.parametrize(
    ("words", "position", "offered"),
    [
        ("scaffold in", 1, "info"),
        ("scaffold new spam", 2, "spam-detector"),
        ("scaffold run tr", 2, "train"),
    ],
)
def test_completion_offers_commands_templates_and_steps(
    words: str, position: int, offered: str
) -> None:
    variables = {
        "_SCAFFOLD_COMPLETE": "bash_complete",
        "COMP_WORDS": words,
        "COMP_CWORD": str(position),
    }
    done = subprocess.run(
        [sys.executable, "-m", "scaffold"],
        env={**os.environ, **variables},
        capture_output=True,
        text=True,
        check=False,
    )
    assert f"plain,{offered}" in done.stdout.splitlines()


@pytest.mark.parametrize(
    "variable",
    ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY", "GIT_NAMESPACE"],
)
def test_gits_variables_of_another_repository_lead_nowhere(
    variable: str, tmp_path: Path, here: Path
) -> None:
    folder = make_template_repo(tmp_path / "template", {"v1": SOURCE})
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    done = subprocess.run(
        [sys.executable, "-m", "scaffold", "new", str(folder), "made", "--yes"],
        env={**os.environ, variable: str(elsewhere)}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert list(elsewhere.iterdir()) == []
    assert git(here / "made", "fsck", "--strict", "--no-dangling") == ""
    assert git(here / "made", "for-each-ref", "--format=%(refname)").splitlines() == [
        "refs/heads/main",
        "refs/scaffold/pristine",
    ]
