from __future__ import annotations

import csv
import io
import json
import os
import socket
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from scaffold.commands import grade as command
from scaffold.commands import practice as practising_command
from scaffold.errors import UsageError
from scaffold.practising import sandbox
from scaffold.practising.examination import Limits
from scaffold.practising.sandbox import Isolation
from scaffold.project import Project
from scaffold.reporter import Recording, Silent
from tests.commands import practising
from tests.commands.practising import make_practice, maths, write
from tests.factories import make_project, tree

Scaffold = Callable[..., Any]

RIGHT = "    return statistics.median(numbers)\n"
WIDTH = "        return max(numbers) - min(numbers)\n"
LIMITS = Limits(seconds=60, memory=1000, processes=20)
boxed = pytest.mark.skipif(
    not sandbox.isolation().bubblewrap, reason=f"no boxes: {sandbox.isolation().why_not}"
)


@pytest.fixture(autouse=True)
def world(tmp_path: Path, identity: None, monkeypatch: pytest.MonkeyPatch) -> Path:
    practising.own_interpreter(monkeypatch)
    return practising.use_catalogue(tmp_path / "catalogue", monkeypatch)


def student(
    here: Path, name: str, *, middle: str = RIGHT, width: str = WIDTH, top: str = ""
) -> Path:
    """A student's project with both functions written, and what else is at the top of the file."""
    root = make_practice(here / name).root
    for function, body in (("middle", middle), ("width", width)):
        if body:
            write(root, function, body)
    path = maths(root)
    path.write_text(path.read_text("utf-8").replace("import stat", f"{top}import stat"), "utf-8")
    return root


def graded(*roots: Path, limits: Limits = LIMITS) -> dict[str, command.Row]:
    grades = command.grade(roots, trust=True, limits=limits, jobs=1)
    return {row.student: row for row in grades.rows}


def words(row: command.Row) -> tuple[str, ...]:
    return tuple(cell.result for cell in row.cells.values())


def test_nothing_runs_without_trust(here: Path, scaffold: Scaffold) -> None:
    root = student(here, "ada", top=f"open({str(here / 'ran')!r}, 'w')\n")
    called = scaffold("grade", root)
    assert called.code == 2
    assert "--trust" in called.err
    with pytest.raises(UsageError):
        command.grade([root], trust=False)
    assert not (here / "ran").exists()


def test_each_student_is_a_row_and_each_function_a_column(here: Path) -> None:
    rows = graded(
        student(here, "ada"),
        student(here, "bob", middle="    return numbers[0]\n"),
        student(here, "eve", middle="", width=""),
    )
    assert {name: words(row) for name, row in rows.items()} == {
        "ada": ("right", "right"),
        "bob": ("wrong", "right"),
        "eve": ("unwritten", "unwritten"),
    }
    assert "assert 3 == 2" in rows["bob"].cells["middle"].why


def test_a_student_who_edits_tests_and_settings_gains_nothing(here: Path) -> None:
    root = student(here, "eve", middle="    return 0\n")
    (root / "tests/test_maths.py").write_text("def test_the_middle(): pass\n")
    (root / "tests/conftest.py").write_text(
        "def pytest_runtest_makereport(item, call):\n    raise SystemExit(0)\n"
    )
    (root / "pyproject.toml").write_text("[tool.pytest.ini_options]\naddopts = '--co'\n")
    (root / "practice.toml").unlink()
    assert words(graded(root)["eve"]) == ("wrong", "right")


FORGED = """\
import json, os, sys
for number in range(3, 30):
    try:
        os.write(number, json.dumps({"test": "tests/test_maths.py::test_the_middle[a]",
            "outcome": "passed", "ended": 0}).encode() + b"\\n")
    except OSError:
        pass
print("1 passed")
os._exit(0)
"""


@pytest.mark.parametrize("top", [FORGED, "import os\nos._exit(0)\n", "raise SystemExit(0)\n"])
def test_a_process_that_ends_itself_or_says_it_passed_has_not_passed(here: Path, top: str) -> None:
    row = graded(student(here, "eve", middle="    return 0\n", top=top))["eve"]
    assert set(words(row)) == {"broken"}


@pytest.mark.parametrize("boxed", [True, False])
def test_tests_that_a_process_rewrites_are_the_templates_again_in_the_next(
    here: Path, monkeypatch: pytest.MonkeyPatch, boxed: bool
) -> None:
    """The first process spoils what it can and dies; the second must not see that."""
    if not boxed:
        monkeypatch.setattr(sandbox, "isolation", lambda: Isolation(why_not="for this test"))
    middle = """\
    import os, pathlib
    for path in pathlib.Path("tests").glob("*.py"):
        try:
            path.write_text("def test_the_width(): pass")
        except OSError:
            pass
    os._exit(0)
"""
    root = student(here, "eve", middle=middle, width="        return 0\n")
    assert words(graded(root)["eve"]) == ("broken", "wrong")


@pytest.mark.parametrize(
    ("middle", "word", "why"),
    [
        ("    while True: pass\n", "time", "more than 8 seconds"),
        ("    return [0] * 10**10\n", "memory", "MemoryError"),
        ("    return middle(numbers)\n", "wrong", "RecursionError"),
        ("    import os; os.kill(os.getpid(), 9)\n", "broken", "in the midst"),
    ],
)
def test_a_function_that_does_not_end_well_does_not_take_the_others_along(
    here: Path, middle: str, word: str, why: str
) -> None:
    limits = replace(LIMITS, seconds=8 if word == "time" else 60)
    row = graded(student(here, "eve", middle=middle), limits=limits)["eve"]
    assert words(row) == (word, "right")
    assert why in row.cells["middle"].why


# Of 200 children at most, and each ends by itself: a bomb that this machine survives unlimited.
BOMB = """\
    import os, time
    made = 0
    try:
        for made in range(200):
            if os.fork() == 0:
                time.sleep(20)
                os._exit(0)
    except OSError as error:
        raise AssertionError(f"stopped after {made} children: {error}")
    return sorted(numbers)[1]
"""


@boxed
def test_processes_are_limited_in_number(here: Path) -> None:
    cell = graded(student(here, "eve", middle=BOMB))["eve"].cells["middle"]
    assert cell.result in {"wrong", "broken"}
    assert "children: " in cell.why or "more than 20 processes" in cell.why
    if "children: " in cell.why:
        assert int(cell.why.split("after ")[1].split()[0]) <= 20


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="looks for processes in /proc")
def test_nothing_that_was_started_is_left(here: Path) -> None:
    word = f"left-{os.getpid()}"
    middle = f"""\
    import subprocess, sys
    subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)", "{word}"])
    return sorted(numbers)[1]
"""
    graded(student(here, "eve", middle=middle))
    running = [path.read_bytes() for path in Path("/proc").glob("[0-9]*/cmdline") if path.exists()]
    assert not [line for line in running if word.encode() in line]


def outside(action: str) -> str:
    return f"    {action}\n    return statistics.median(numbers)\n"


@boxed
def test_a_box_hides_other_students_and_keeps_files_and_network_as_they_are(here: Path) -> None:
    ada = student(here, "ada")
    before = tree(here / "ada")
    listening = socket.create_server(("127.0.0.1", 0))
    for action in (
        f"open({str(maths(ada))!r}).read()",
        f"open({str(here / 'written')!r}, 'w')",
        "open('tests/test_maths.py', 'w')",
        "open('/usr/written', 'w')",
        "open('/dev/shm/written', 'w')",
        "open('/etc/passwd').read()",
        f"__import__('socket').create_connection({listening.getsockname()!r}, timeout=5)",
        f"open({sandbox.__file__!r}).read()",
    ):
        row = graded(student(here, f"eve{len(list(here.iterdir()))}", middle=outside(action)))
        [only] = row.values()
        assert words(only) == ("wrong", "right"), action
    listening.close()
    assert tree(here / "ada") == before
    assert not (here / "written").exists()


@boxed
def test_inside_a_box_nobody_runs_who_may_do_anything(here: Path) -> None:
    middle = outside("assert __import__('os').getuid() != 0 or __import__('os').setuid(1)")
    [row] = graded(student(here, "eve", middle=middle)).values()
    asked = "root" if os.getuid() == 0 else "an ordinary user"
    assert words(row) == (("right" if asked == "root" else row.cells["middle"].result), "right")


def test_no_variable_of_the_teacher_reaches_the_code(
    here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GH_TOKEN", "secret")
    middle = outside("assert 'GH_TOKEN' not in __import__('os').environ")
    assert words(graded(student(here, "eve", middle=middle))["eve"]) == ("right", "right")


def _link(root: Path) -> None:
    maths(root).unlink()
    (root / "src" / root.name / "maths.py").symlink_to("/etc/passwd")


def _linked_package(root: Path) -> None:
    package = root / "src" / root.name
    package.rename(root / "elsewhere")
    package.symlink_to(root / "elsewhere")


def _pipe(root: Path) -> None:
    (root / ".scaffold.toml").unlink()
    os.mkfifo(root / ".scaffold.toml")


def _state(old: str, new: str) -> Callable[[Path], None]:
    def change(root: Path) -> None:
        path = root / ".scaffold.toml"
        text = path.read_text("utf-8")
        assert old in text
        path.write_text(text.replace(old, new), "utf-8")

    return change


def _large(root: Path) -> None:
    for number in range(600):
        (root / "src" / root.name / f"file{number}.py").touch()


def _heavy(root: Path) -> None:
    """One file that is larger than all of a package may be, and takes no room on the disk."""
    with (root / "src/eve/heavy.bin").open("wb") as file:
        file.truncate(20_000_001)


def _empty(root: Path) -> None:
    for name in (".scaffold.toml", "src"):
        (root / name).rename(root.parent / f"was{name}")


@pytest.mark.skipif(os.name == "nt", reason="links and pipes of POSIX")
@pytest.mark.parametrize(
    ("change", "note"),
    [
        (_empty, "no project: it has no .scaffold.toml"),
        (_pipe, "no plain file"),
        (_linked_package, "src/eve is no folder"),
        (_large, "more than 500 files"),
        (_heavy, "files or 20 MB"),
        (_state('package = "eve"', 'package = "../ada"'), "path separator"),
        (_state('package = "eve"', 'package = "pytest"'), "would hide a module"),
        (_state('template = "tiny"', 'template = "../../x"'), ""),
        (_state('location = "catalogue"', 'location = "/tmp"'), "not made from a template"),
        (_state("solutions = true", "hints = 7"), "cannot be understood"),
        (_state("[project]", "[project"), "cannot be understood"),
    ],
)
def test_a_broken_or_hostile_project_is_one_line_and_the_others_are_graded(
    here: Path, change: Callable[[Path], None], note: str
) -> None:
    eve, ada = student(here, "eve"), student(here, "ada")
    change(eve)
    rows = graded(eve, ada)
    assert rows["eve"].cells == {}
    assert rows["eve"].note
    assert note in rows["eve"].note
    assert "\n" not in rows["eve"].note
    assert words(rows["ada"]) == ("right", "right")


@pytest.mark.skipif(os.name == "nt", reason="links of POSIX")
def test_a_link_in_place_of_a_file_is_not_followed(here: Path) -> None:
    root = student(here, "eve")
    _link(root)
    row = graded(root)["eve"]
    assert set(words(row)) == {"broken"}
    assert "maths.py cannot be read" in row.cells["middle"].why


def test_compiled_code_is_not_taken(here: Path) -> None:
    root = student(here, "eve")
    cache = root / "src" / "eve" / "__pycache__"
    cache.mkdir(exist_ok=True)
    (cache / f"maths.{sys.implementation.cache_tag}.pyc").write_bytes(b"no code")
    assert words(graded(root)["eve"]) == ("right", "right")


def test_a_syntax_error_is_told_with_its_line(here: Path) -> None:
    row = graded(student(here, "eve", middle="    return (\n"))["eve"]
    assert set(words(row)) == {"broken"}
    assert "src/eve/maths.py:8 is not Python" in row.cells["middle"].why
    assert row.note == row.cells["middle"].why, "once for all functions"


def test_a_package_that_is_missing_is_not_found_in_the_shared_environment(here: Path) -> None:
    root = student(here, "eve", top="from graded_reference import maths\n")
    assert set(words(graded(root)["eve"])) == {"broken"}


def test_hints_and_solutions_stand_beside_the_result(here: Path) -> None:
    root = student(here, "ada", middle="")
    practising_command.hint(Project.read(root), "middle", Silent())
    practising_command.solution(Project.read(root), "middle")
    cells = graded(root)["ada"].cells
    assert (cells["middle"].hints, cells["middle"].solution) == (1, True)
    assert (cells["width"].hints, cells["width"].solution, cells["width"].as_template) == (
        0, False, False,
    )  # fmt: skip
    assert (cells["middle"].mark, cells["width"].mark) == ("+1s", "+")


def test_a_body_that_is_the_templates_is_seen_though_the_record_was_cleaned(here: Path) -> None:
    root = student(
        here, "eve", middle="    # my own idea\n    return statistics.median( numbers )\n"
    )
    cell = graded(root)["eve"].cells["middle"]
    assert (cell.solution, cell.as_template, cell.mark) == (False, True, "+=")


def test_a_project_that_was_not_made_for_practice_is_told(here: Path) -> None:
    row = graded(make_project("tiny", here / "plain").root)["plain"]
    assert row.note == "not made for practice"
    assert [cell.mark for cell in row.cells.values()] == ["+=", "+="]


def test_the_projects_are_as_they_were(here: Path) -> None:
    root = student(here, "ada")
    before = tree(root)
    graded(root)
    assert tree(root) == before


def test_one_environment_serves_all(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[Path] = []
    monkeypatch.setattr("scaffold.running.environment.make", lambda root, *_: made.append(root))
    graded(student(here, "ada"), student(here, "bob"))
    assert len(made) == 1


def test_the_way_of_isolation_is_told(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    reporter = Recording()
    monkeypatch.setattr(sandbox, "isolation", lambda: Isolation(why_not="it is not there"))
    grades = command.grade([student(here, "ada")], trust=True, limits=LIMITS, reporter=reporter)
    assert "only (it is not there); it can read and write what you can" in grades.isolation
    assert reporter.messages == [f"Isolation: {grades.isolation}."], "told before code runs"
    assert command.as_text(grades).startswith(f"Isolation: {grades.isolation}.")
    assert words(grades.rows[0]) == ("right", "right")


def test_the_command_line_prints_a_table_json_and_a_csv_file(
    here: Path, scaffold: Scaffold
) -> None:
    roots = [
        student(here, "ada"),
        student(here, "bob", middle="    return 0\n", width=""),
        here / "nobody",
    ]
    called = scaffold("grade", *roots, "--trust", "--csv", here / "class.csv")
    assert called.code == 0
    lines = called.out.splitlines()
    assert lines[0].startswith("Isolation: ")
    assert "tiny: 1 middle  2 width" in lines
    assert "ada  +=  +   2/2" in [line.rstrip() for line in lines]
    assert "bob  -   .   0/2" in [line.rstrip() for line in lines]
    assert "  nobody: no such folder" in lines
    rows = list(csv.DictReader(io.StringIO((here / "class.csv").read_text("utf-8"))))
    assert [row["student"] for row in rows] == ["ada", "bob", "nobody"]
    assert (rows[0]["middle"], rows[0]["middle help"]) == ("right", "as the template")
    assert (rows[1]["right"], rows[1]["of"], rows[1]["width"]) == ("0", "2", "unwritten")
    told = json.loads(scaffold("grade", *roots, "--trust", "--json").out)
    assert [one["right"] for one in told["projects"]] == [2, 0, 0]
    assert told["projects"][1]["functions"]["middle"]["why"].startswith("assert 0 == 2")
    assert told["isolation"]


def test_what_a_spreadsheet_would_take_for_a_formula_is_text_in_the_csv_file() -> None:
    row = command.Row("=cmd()", note="@x")
    assert "'=cmd(),,0,0,'@x" in command.as_csv(command.Grades("", (row,)))


@pytest.mark.parametrize("options", [["--seconds", "0"], ["--memory", "-1"], ["--jobs", "-1"]])
def test_limits_that_are_none_are_refused(
    here: Path, scaffold: Scaffold, options: list[str]
) -> None:
    assert scaffold("grade", here, "--trust", *options).code == 2


def test_a_project_of_a_version_that_is_gone_is_examined_by_the_present_one(here: Path) -> None:
    root = student(here, "ada")
    path = root / ".scaffold.toml"
    version = Project.read(root).origin.version
    path.write_text(path.read_text("utf-8").replace(f'"{version}"', '"0.0.1"'), "utf-8")
    row = graded(root)["ada"]
    assert words(row) == ("right", "right")
    assert row.note == "made from version 0.0.1"
