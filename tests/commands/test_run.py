from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from scaffold import results
from scaffold.commands import run
from scaffold.errors import NotAProject, StepFailed, UnknownName
from scaffold.project import Project
from scaffold.reporter import Recording, Reporter
from scaffold.results import ResultsUnreadable
from scaffold.running import environment, process
from tests.factories import TINY, write_files

CODE = ("data", "explore", "train", "evaluate", "report")


@pytest.fixture(autouse=True)
def own_interpreter(monkeypatch: pytest.MonkeyPatch) -> None:
    """An environment in no time: this very interpreter, with the project's code on its path."""

    def make(root: Path, log: Path, reporter: Reporter) -> str:
        python = environment.python_of(root)
        python.parent.mkdir(parents=True, exist_ok=True)
        python.touch()
        return "hand"

    here = Path(sys.executable)
    monkeypatch.setattr(environment, "make", make)
    variables, real = environment.variables, process.follow
    monkeypatch.setattr(
        environment, "variables", lambda root: {**variables(root), "PYTHONPATH": str(root / "src")}
    )
    monkeypatch.setattr(
        run, "follow", lambda command, **rest: real([str(here), *command[1:]], **rest)
    )


def calls(root: Path) -> list[str]:
    """The steps that really ran, in order, since the last look."""
    path = root / "calls.txt"
    lines = path.read_text().splitlines() if path.exists() else []
    path.unlink(missing_ok=True)
    return lines


def run_project(root: Path, *steps: str, **options: Any) -> tuple[run.Ran, Recording]:
    reporter = Recording()
    return run.run(Project.read(root), steps, reporter=reporter, **options), reporter


def test_a_first_run_takes_every_step_in_order(project: Path) -> None:
    ran, reporter = run_project(project)
    assert ran.done == tuple(run.STEPS)
    assert calls(project) == list(CODE)
    assert [name for name, state in reporter.steps if state == "done"] == list(run.STEPS)


def test_the_result_stands_beside_its_baseline(project: Path) -> None:
    result = run_project(project)[0].result
    assert result is not None
    assert result.summary() == "Error 0.100 [0.0500, 0.150]; guessing: 0.500"
    assert (result.higher_is_better, result.from_sample) == (False, False)


def test_a_second_run_does_nothing(project: Path) -> None:
    run_project(project)
    calls(project)
    ran, reporter = run_project(project)
    assert ran.skipped == tuple(run.STEPS)
    assert calls(project) == []
    assert {state for _, state in reporter.steps} == {"skipped"}


@pytest.mark.parametrize(
    ("changed", "again"),
    [
        ("src/my_project/report.py", ("report",)),
        ("config.toml", CODE),
        ("pyproject.toml", ("environment", *CODE)),
        ("data/sample/rows.csv", CODE),
        ("NOTES.md", ()),
        # A step that comes out as before does not drag the later ones along.
        ("src/my_project/model.py", ("train",)),
        ("models/model.txt", ("train",)),
        ("data/processed/train.csv", ("data",)),
    ],
)
def test_a_change_repeats_what_depends_on_it_and_nothing_else(
    project: Path, changed: str, again: tuple[str, ...]
) -> None:
    run_project(project, "report")
    with (project / changed).open("a") as file:
        file.write("\n# changed\n")
    assert run_project(project, "report")[0].done == again


def test_a_model_that_comes_out_differently_is_measured_again(project: Path) -> None:
    run_project(project, "report")
    write_files(project, {"src/my_project/model.py": "def fit(numbers):\n    return 7\n"})
    assert run_project(project, "report")[0].done == ("train", "evaluate", "report")


def test_versions_that_came_with_a_pull_are_installed(project: Path) -> None:
    run_project(project, "data")
    write_files(project, {"requirements.lock": "numpy==2.0\n"})
    assert run_project(project, "data")[0].done == ("environment", "data")


@pytest.mark.parametrize("changed", ["src/my_project/model.py", "tests/test_model.py"])
def test_the_tests_run_again_after_a_change_to_code_or_tests(project: Path, changed: str) -> None:
    run_project(project, "tests")
    assert run_project(project, "tests")[0].done == ()
    with (project / changed).open("a") as file:
        file.write("\n# changed\n")
    assert run_project(project, "tests")[0].done == ("tests",)


def test_a_result_that_was_deleted_is_made_again(project: Path) -> None:
    run_project(project)
    calls(project)
    (project / "reports" / "metrics.json").unlink()
    run_project(project)
    assert calls(project) == ["evaluate"]
    assert (project / "reports" / "metrics.json").exists()


def test_a_named_step_brings_what_it_needs(project: Path) -> None:
    ran, _ = run_project(project, "train")
    assert ran.done == ("environment", "data", "train")


def test_the_tests_need_no_real_data(project: Path) -> None:
    assert run_project(project, "tests")[0].done == ("environment", "tests")


def test_an_older_project_has_no_step_that_looks_at_the_training_set(project: Path) -> None:
    (project / "src/my_project/explore.py").unlink()
    main = project / "src/my_project/__main__.py"
    main.write_text(main.read_text().replace(" explore,", ""))
    assert run_project(project)[0].done == tuple(name for name in run.STEPS if name != "explore")
    with pytest.raises(UnknownName, match="'explore'"):
        run_project(project, "explore")


def test_the_reason_for_reading_the_test_set_again_reaches_the_evaluation_alone(
    project: Path,
) -> None:
    run_project(project, "report")
    calls(project)
    evaluate = project / "src/my_project/evaluate.py"
    evaluate.write_text(evaluate.read_text().replace("def run():", "def run(*reason):"))
    ran, _ = run_project(project, "report", because="another threshold")
    assert ran.done == ("evaluate",)
    assert calls(project) == ["evaluate --because another threshold"]
    assert run_project(project, "report")[0].done == (), "a reason is no part of a result"


def test_force_repeats_the_named_steps_only(project: Path) -> None:
    run_project(project)
    calls(project)
    run_project(project, "evaluate", force=True)
    assert calls(project) == ["evaluate"]


def test_the_sample_is_asked_for_and_its_numbers_say_so(project: Path) -> None:
    ran, _ = run_project(project, sample=True)
    assert calls(project)[0] == "data --sample"
    assert ran.result is not None
    assert ran.result.from_sample
    run_project(project)
    assert calls(project)[0] == "data"


def test_a_failure_stops_the_run_and_brings_the_end_of_the_output(project: Path) -> None:
    write_files(
        project,
        {"src/my_project/train.py": "def run():\n    print('about to')\n    exit('no')\n"},
    )
    reporter = Recording()
    with pytest.raises(StepFailed, match="'train' failed with exit code 1") as caught:
        run.run(Project.read(project), reporter=reporter)
    assert caught.value.output.splitlines() == ["about to", "no"]
    assert reporter.steps[-1] == ("train", "failed")
    log = project / ".scaffold" / "logs" / "train.log"
    assert str(log) in caught.value.hint
    assert log.read_text() == "about to\nno\n"


@pytest.mark.parametrize("text", ["x = [\n", "x = '\0'\n"], ids=["half a line", "a zero byte"])
def test_code_that_is_no_python_fails_its_step_and_not_the_tool(project: Path, text: str) -> None:
    write_files(project, {"src/my_project/model.py": text})
    with pytest.raises(StepFailed) as caught:
        run.run(Project.read(project))
    assert "SyntaxError" in caught.value.output


def test_a_step_that_failed_is_not_taken_for_done(project: Path) -> None:
    run_project(project)
    write_files(project, {"src/my_project/train.py": "def run():\n    raise SystemExit(3)"})
    for _ in range(2):
        with pytest.raises(StepFailed):
            run_project(project)


def test_after_a_failure_the_next_run_goes_on_where_it_stopped(project: Path) -> None:
    write_files(project, {"src/my_project/train.py": "def run():\n    raise SystemExit(3)"})
    with pytest.raises(StepFailed):
        run_project(project)
    write_files(project, {"src/my_project/train.py": TINY["tiny/src/project_package/train.py"]})
    text = (project / "src/my_project/train.py").read_text()
    (project / "src/my_project/train.py").write_text(text.replace("project_package", "my_project"))
    calls(project)
    run_project(project)
    assert calls(project) == ["train", "evaluate", "report"]


def test_failing_tests_fail_the_run(project: Path) -> None:
    write_files(project, {"tests/test_model.py": "def test_it():\n    assert 1 == 2\n"})
    with pytest.raises(StepFailed, match="'tests' failed") as caught:
        run_project(project, "tests")
    assert "assert 1 == 2" in caught.value.output


def test_progress_shows_the_running_steps_output(project: Path) -> None:
    assert "3 rows" in run_project(project, "data")[1].texts


def test_what_run_keeps_stays_out_of_git(project: Path) -> None:
    from tests.factories import git

    run_project(project, "data")
    assert ".scaffold/" not in git(project, "status", "--porcelain", "--untracked-files=all")


def test_a_broken_memory_means_everything_runs_again(project: Path) -> None:
    run_project(project)
    (project / ".scaffold" / "run.json").write_text("{")
    assert run_project(project)[0].done == tuple(run.STEPS)


def test_an_unknown_step_is_answered_with_the_nearest(project: Path) -> None:
    with pytest.raises(UnknownName) as caught:
        run_project(project, "trian")
    assert caught.value.hint == "Did you mean train?"


def test_a_project_without_steps_is_told_so(project: Path) -> None:
    (project / "src" / "my_project" / "__main__.py").unlink()
    with pytest.raises(NotAProject, match="its steps are not known"):
        run_project(project)


@pytest.mark.parametrize("text", ["", "[]", '{"primary": {}}', '{"primary": null}'])
def test_metrics_that_cannot_be_read_are_no_result(tmp_path: Path, text: str) -> None:
    write_files(tmp_path, {"reports/metrics.json": text})
    with pytest.raises(ResultsUnreadable, match=r"reports/metrics\.json"):
        results.read(tmp_path)


def test_the_command_line_tells_the_result_and_where_to_look(
    project: Path, scaffold: Callable[..., Any]
) -> None:
    called = scaffold("run", project)
    assert called.code == 0
    assert "Error 0.100 (95 % interval 0.0500 to 0.150)" in called.out
    assert "guessing: 0.500" in called.out
    assert "Look at: my-project/README.md, my-project/REPORT.md, my-project/reports" in called.out
    assert max(map(len, called.out.splitlines())) <= 80
    assert [line.split()[1] for line in called.err.splitlines()] == list(run.STEPS)


def test_a_first_word_that_is_a_step_is_a_step_though_a_folder_has_its_name(
    project: Path, monkeypatch: pytest.MonkeyPatch, scaffold: Callable[..., Any]
) -> None:
    monkeypatch.chdir(project)
    assert (project / "data").is_dir()
    assert scaffold("run", "data").code == 0
    assert calls(project) == ["data"]


def test_the_command_line_shows_the_end_of_a_failed_step(
    project: Path, scaffold: Callable[..., Any]
) -> None:
    write_files(project, {"src/my_project/data.py": "def run():\n    raise SystemExit('no net')"})
    called = scaffold("run", project)
    assert called.code == 1
    assert "  | no net" in called.err
    assert "Traceback" not in called.err


def test_a_word_that_is_neither_folder_nor_step_is_told(
    project: Path, scaffold: Callable[..., Any]
) -> None:
    called = scaffold("run", "trian")
    assert called.code == 1
    assert "Did you mean train?" in called.err


def test_a_sample_result_says_so_on_the_terminal(
    project: Path, scaffold: Callable[..., Any]
) -> None:
    assert "From the small sample" in scaffold("run", project, "--sample").out


def test_new_can_run_the_project_right_away(
    catalogue: Path, here: Path, scaffold: Callable[..., Any]
) -> None:
    called = scaffold("new", "tiny", "--yes", "--run")
    assert called.code == 0
    metrics = json.loads((here / "tiny" / "reports" / "metrics.json").read_text())
    assert metrics["primary"]["value"] == pytest.approx(0.1)


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such signals")
def test_an_interruption_stops_the_running_step(project: Path) -> None:
    write_files(
        project,
        {
            "src/my_project/data.py": """\
                import os, time
                from pathlib import Path

                def run():
                    Path("pid").write_text(str(os.getpid()))
                    time.sleep(60)
                """,
            ".venv/bin/python": f'#!/bin/sh\nPYTHONPATH=src exec {sys.executable} "$@"\n',
        },
    )
    (project / ".venv/bin/python").chmod(0o755)
    program = (
        "import sys\nfrom scaffold.running import environment\n"
        "environment.make = lambda *_: 'hand'\nfrom scaffold.cli import main\nmain()"
    )
    command = [sys.executable, "-c", program, "run", "data"]
    with subprocess.Popen(command, cwd=project, stderr=subprocess.DEVNULL) as process:
        until = time.monotonic() + 30
        while not (project / "pid").exists() and time.monotonic() < until:
            time.sleep(0.01)
        time.sleep(0.1)
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=10) == 130
    with pytest.raises(ProcessLookupError):
        os.kill(int((project / "pid").read_text()), 0)
