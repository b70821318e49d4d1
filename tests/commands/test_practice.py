from __future__ import annotations

import json
import os
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from scaffold.commands import new
from scaffold.commands import practice as command
from scaffold.commands import update as update_command
from scaffold.errors import PracticeError, TemplateError, UnknownName, UsageError
from scaffold.project import Practice, Project
from scaffold.reporter import Recording, Silent
from scaffold.updating.plan import Options
from tests.commands import practising
from tests.commands.practising import MIDDLE, MISSING, make_practice, maths, write
from tests.factories import git, make_project

Scaffold = Callable[..., Any]


@pytest.fixture(autouse=True)
def world(tmp_path: Path, identity: None, monkeypatch: pytest.MonkeyPatch) -> Path:
    practising.own_interpreter(monkeypatch)
    return practising.use_catalogue(tmp_path / "catalogue", monkeypatch)


@pytest.fixture
def root(here: Path) -> Path:
    """A practice project in which nothing is written yet."""
    return make_practice(here / "my-project").root


def look(root: Path) -> dict[str, str]:
    """The word for each function."""
    course = command.look(Project.read(root), Silent())
    return {one.function.name: one.outcome.word for one in course.standings}


def record(root: Path) -> dict[str, Any]:
    state = tomllib.loads((root / ".scaffold.toml").read_text(encoding="utf-8"))
    found: dict[str, Any] = state["practice"]
    return found


def test_a_plain_rendering_holds_no_trace_of_the_markers(here: Path) -> None:
    root = make_project("tiny", here / "plain").root
    text = maths(root).read_text(encoding="utf-8")
    assert text == "".join(
        line for line in _with_package("plain").splitlines(True) if "# practice:" not in line
    )
    assert not (root / "practice.toml").exists()
    assert "practice" not in (root / ".scaffold.toml").read_text(encoding="utf-8")
    assert "Yours to write" not in (root / "README.md").read_text(encoding="utf-8")


def _with_package(package: str) -> str:
    return practising.MATHS.replace("project_package", package)


def test_a_practice_rendering_leaves_contract_and_error_in_place_of_the_body(root: Path) -> None:
    text = maths(root).read_text(encoding="utf-8")
    assert '    """The median."""\n' + MISSING in text
    assert '        raise NotImplementedError("width: yours to write")\n' in text
    assert "# practice:" not in text
    assert "statistics.median" not in text
    assert "of {Range()" in text
    assert record(root) == {"functions": ["middle", "width"], "solutions": True}
    assert "Yours to write" in (root / "README.md").read_text(encoding="utf-8")
    assert 'file = "src/my_project/maths.py"' in (root / "practice.toml").read_text("utf-8")


def test_a_body_that_is_not_asked_for_stays(world: Path, here: Path) -> None:
    asked = practising.ASKED.partition('[[functions]]\nname = "width"')[0]
    (world / "tiny" / "practice.toml").write_text(asked, encoding="utf-8")
    text = maths(make_practice(here / "half").root).read_text(encoding="utf-8")
    assert "return max(numbers) - low" in text
    assert "# practice:" not in text
    assert MISSING in text


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("def f():\n    # practice: f\n    return 1\n", "odd.py:2: # practice: 'f' is never"),
        ("def f():\n    return 1\n    # practice: end\n", "odd.py:3: # practice: nothing is open"),
        (
            "def f():\n    # practice: f\n    # practice: end\n",
            "odd.py:3: # practice: 'f' enc",
        ),
        (
            "def f():\n    # practice: f\n    x = 1\n    # practice: g\n    # practice: end\n",
            "odd.py:4: # practice: 'f' is not closed before",
        ),
    ],
)
def test_a_pair_of_markers_that_does_not_close_is_told_with_its_line(
    world: Path, here: Path, text: str, said: str
) -> None:
    (world / "tiny" / "src" / "project_package" / "odd.py").write_text(text, encoding="utf-8")
    with pytest.raises(TemplateError) as caught:
        make_project("tiny", here / "plain")
    assert said in caught.value.message


def test_an_update_renders_for_practice_again_and_keeps_what_was_written(
    world: Path, root: Path
) -> None:
    write(root, "middle", MIDDLE)
    command.hint(Project.read(root), "width", Silent())
    git(root, "commit", "--all", "--quiet", "--message", "Write middle")
    path = world / "tiny" / "src" / "project_package" / "maths.py"
    changed = practising.MATHS.replace("Both, in words.", "Both, said in words.")
    path.write_text(changed.replace("statistics.median", "statistics.median_low"), "utf-8")
    update_command.update(root, Options(), None, Silent())
    text = maths(root).read_text(encoding="utf-8")
    assert MIDDLE in text
    assert "Both, said in words." in text
    assert "median_low" not in text
    assert "max(numbers)" not in text
    assert record(root)["hints"] == {"width": 1}
    assert (root / "practice.toml").exists()


def test_a_function_that_a_newer_template_adds_is_not_taken_from_a_project_that_has_it(
    world: Path, root: Path
) -> None:
    path = world / "tiny" / "src" / "project_package" / "maths.py"
    marked = (
        practising.MATHS.replace('    return f"', '    # practice: shout\n    return f"')
        + "    # practice: end\n"
    )
    path.write_text(marked, encoding="utf-8")
    more = practising.ASKED.partition("\n\n")[0].replace('"middle"', '"shout"')
    (world / "tiny" / "practice.toml").write_text(f"{practising.ASKED}\n{more}\n", "utf-8")
    update_command.update(root, Options(), None, Silent())
    assert "{middle(numbers)} of" in maths(root).read_text("utf-8")
    assert "shout" in (root / "practice.toml").read_text("utf-8")
    assert "# practice:" not in maths(root).read_text("utf-8")
    assert (
        "yours to write"
        in maths(make_practice(root.parent / "new").root)
        .read_text("utf-8")
        .partition("def shout")[2]
    )


def test_next_leads_from_one_function_to_the_next(root: Path) -> None:
    assert look(root) == {"middle": "unwritten", "width": "unwritten"}
    write(root, "middle", MIDDLE)
    assert look(root) == {"middle": "wrong", "width": "unwritten"}
    maths(root).write_text(
        maths(root).read_text("utf-8").replace(MIDDLE, "    return statistics.median(numbers)\n"),
        "utf-8",
    )
    assert look(root) == {"middle": "right", "width": "unwritten"}
    write(root, "width", "        return max(numbers) - min(numbers)\n")
    assert look(root) == {"middle": "right", "width": "right"}


def test_a_function_that_broke_an_earlier_one_leads_back_to_it(root: Path) -> None:
    write(root, "middle", "    return min(numbers)\n")
    write(root, "width", "        return max(numbers) - min(numbers)\n")
    assert look(root) == {"middle": "wrong", "width": "right"}
    course = command.look(Project.read(root), Silent())
    assert course.now is not None
    assert course.now.function.name == "middle"
    assert course.now.outcome.test == "tests/test_maths.py::test_the_middle"
    assert "assert 1 == 2" in course.now.outcome.why


def test_a_function_that_passes_one_of_its_tests_is_not_right(root: Path) -> None:
    write(root, "width", "        return abs(numbers[0]) - 1\n")
    [width] = [one for one in command.look(Project.read(root), Silent()).standings
               if one.function.name == "width"]  # fmt: skip
    assert (width.outcome.word, width.outcome.test) == (
        "wrong", "tests/test_maths.py::test_one_has_no_width",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("body", "word", "why"),
    [
        ("    while True: pass\n", "time", "more than 8 seconds"),
        ("    import os; os._exit(0)\n", "broken", "in the midst of its tests"),
        ("    return (\n", "broken", "maths.py:8 is not Python"),
        ("    raise SystemExit\n", "wrong", "SystemExit"),
        ("    pass\n", "unwritten", ""),
    ],
)
def test_whatever_one_function_does_the_others_get_their_word(
    root: Path, monkeypatch: pytest.MonkeyPatch, body: str, word: str, why: str
) -> None:
    monkeypatch.setattr(command, "SECONDS", 8 if word == "time" else 60)
    write(root, "middle", body)
    write(root, "width", "        return max(numbers) - min(numbers)\n")
    course = command.look(Project.read(root), Silent())
    found = {one.function.name: one.outcome for one in course.standings}
    assert found["middle"].word == word
    assert why in found["middle"].why
    assert found["width"].word == ("broken" if "not Python" in why else "right")


def test_hints_come_one_by_one_and_are_recorded(root: Path) -> None:
    said = [command.hint(Project.read(root), "middle", Silent()) for _ in range(3)]
    assert [(one.number, one.text) for one in said] == [
        (1, "Sort them."), (2, "statistics has it."), (2, "statistics has it."),
    ]  # fmt: skip
    assert record(root)["hints"] == {"middle": 2}


def test_a_hint_without_a_name_is_about_the_function_that_is_next(root: Path) -> None:
    assert command.hint(Project.read(root), "", Silent()).function.name == "middle"
    write(root, "middle", "    return statistics.median(numbers)\n")
    command.look(Project.read(root), Silent())
    assert command.hint(Project.read(root), "", Silent()).function.name == "width"


def test_a_solution_puts_the_templates_body_in_and_is_recorded(root: Path) -> None:
    for name in ("middle", "Range.width"):
        assert command.solution(Project.read(root), name).kept == ""
    plain = "".join(
        line for line in _with_package("my_project").splitlines(True) if "# practice:" not in line
    )
    assert maths(root).read_text(encoding="utf-8") == plain
    assert record(root)["solved"] == ["middle", "width"]
    assert look(root) == {"middle": "right", "width": "right"}


def test_what_the_author_had_written_is_kept_when_a_solution_takes_its_place(root: Path) -> None:
    write(root, "middle", MIDDLE)
    kept = command.solution(Project.read(root), "middle").kept
    assert (root / kept).read_text(encoding="utf-8") == MIDDLE
    assert git(root, "status", "--porcelain", "--untracked-files=all").split() == [
        "M", ".scaffold.toml", "M", "src/my_project/maths.py",
    ]  # fmt: skip
    assert command.solution(Project.read(root), "middle").kept == "", "it is the template's now"


def test_where_a_teacher_switched_solutions_off_there_are_hints(here: Path) -> None:
    root = make_practice(here / "exam", solutions=False).root
    with pytest.raises(PracticeError, match="switched off") as caught:
        command.solution(Project.read(root), "middle")
    assert "scaffold hint middle" in caught.value.hint
    assert MISSING in maths(root).read_text(encoding="utf-8")
    assert record(root)["solutions"] is False


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("def other():\n    pass\n", "has no function called middle"),
        ("def middle(:\n", "is not Python"),
        ("def middle(numbers): return 1\n", "stands on one line"),
    ],
)
def test_a_function_that_cannot_take_a_body_is_told(root: Path, text: str, said: str) -> None:
    maths(root).write_text(text, encoding="utf-8")
    with pytest.raises(PracticeError, match=said):
        command.solution(Project.read(root), "middle")
    assert maths(root).read_text(encoding="utf-8") == text


def test_an_unknown_name_is_answered_with_the_nearest(root: Path) -> None:
    with pytest.raises(UnknownName) as caught:
        command.hint(Project.read(root), "midle", Silent())
    assert caught.value.hint == "Did you mean middle?"


def test_hints_and_solutions_are_for_practice_projects(here: Path) -> None:
    project = make_project("tiny", here / "plain")
    for act in (
        lambda: command.hint(project, "middle", Silent()),
        lambda: command.solution(project, "middle"),
        lambda: command.look(project, Silent()),
    ):
        with pytest.raises(PracticeError, match="not a practice project"):
            act()


def test_a_template_without_such_functions_cannot_be_practised(
    world: Path, here: Path, scaffold: Scaffold
) -> None:
    (world / "tiny" / "practice.toml").unlink()
    called = scaffold("new", "tiny", "--practice", "--yes")
    assert called.code == 2
    assert "no functions to practise" in called.err
    assert list(here.iterdir()) == []


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--no-solutions"], "goes with --practice"),
        (["--practice", "--run"], "until the functions are written"),
    ],
)
def test_options_that_make_no_sense_together_are_refused(
    here: Path, scaffold: Scaffold, options: list[str], said: str
) -> None:
    called = scaffold("new", "tiny", "--yes", *options)
    assert called.code == 2
    assert said in called.err


def test_the_command_line_goes_through_a_practice_project(
    here: Path, scaffold: Scaffold, monkeypatch: pytest.MonkeyPatch
) -> None:
    called = scaffold("new", "tiny", "mine", "--practice", "--yes")
    assert called.code == 0
    assert called.out.endswith("  cd mine\n  scaffold next\n")
    monkeypatch.chdir(here / "mine")
    out = scaffold("next").out
    assert "0 of 2 functions are right." in out
    assert "Now: middle in src/mine/maths.py" in out
    assert "Return the median of the numbers." in out
    assert "scaffold hint middle (2 left)" in out
    assert "Hint 1 of 2 for middle" in scaffold("hint").out
    assert "has the template's body now" in scaffold("solution", "middle").out
    out = scaffold("next").out
    assert "1 of 2 functions are right." in out
    assert "right (1 hint, the template's body)" in out
    assert "Now: Range.width" in out
    told = json.loads(scaffold("next", "--json").out)
    assert (told["right"], told["of"], told["now"]) == (1, 2, "width")
    scaffold("solution", "width")
    out = scaffold("next").out
    assert "2 of 2 functions are right." in out
    assert "scaffold run" in out
    assert max(map(len, out.splitlines())) <= 80


def test_next_in_an_ordinary_project_asks_the_projects_own_program(
    here: Path, scaffold: Scaffold, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = make_project("tiny", here / "plain").root
    (root / "src/plain/__main__.py").write_text("import sys\nprint('told', *sys.argv[1:])\n")
    monkeypatch.setattr(
        "scaffold.running.environment.variables", lambda root: {"PYTHONPATH": str(root / "src")}
    )
    assert scaffold("next", root).out == "told next\n"
    assert scaffold("next", root, "--json").out == "told next --json\n"
    (root / "src/plain/__main__.py").write_text("raise SystemExit('no such step')\n")
    called = scaffold("next", root)
    assert called.code == 1
    assert "no such step" in called.err


@pytest.mark.parametrize("table", ["solved = 5", "hints = 5", "hints = {a = 'b'}", "other = 1"])
def test_a_record_that_makes_no_sense_is_told(root: Path, scaffold: Scaffold, table: str) -> None:
    path = root / ".scaffold.toml"
    text = path.read_text(encoding="utf-8").replace("solutions = true", table)
    path.write_text(text, encoding="utf-8")
    called = scaffold("next", root)
    assert called.code == 1
    assert ".scaffold.toml cannot be understood" in called.err


def test_a_template_of_another_engine_has_nothing_to_practise(here: Path) -> None:
    (here / "cookiecutter.json").write_text('{"slug": "made"}', encoding="utf-8")
    with pytest.raises(UsageError, match="no functions to practise"):
        new.plan(str(here), here / "x", practice=Practice())


def test_progress_is_told_while_tests_run(root: Path) -> None:
    write(root, "middle", MIDDLE)
    reporter = Recording()
    command.look(Project.read(root), reporter)
    assert "middle" in reporter.texts


@pytest.mark.parametrize("verb", ["hint", "solution"])
def test_completion_offers_the_functions_of_the_project(root: Path, verb: str) -> None:
    variables = {
        "_SCAFFOLD_COMPLETE": "bash_complete", "COMP_WORDS": f"scaffold {verb} m", "COMP_CWORD": "2"
    }  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-m", "scaffold"], cwd=root, env={**os.environ, **variables},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.stdout.splitlines() == ["plain,middle"]
