"""`scaffold run`: from the environment to the tests; unchanged steps are skipped."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scaffold import results
from scaffold.errors import NotAProject, StepFailed, UnknownName
from scaffold.project import Project
from scaffold.reporter import SILENT, Reporter
from scaffold.results import Results, ResultsUnreadable
from scaffold.running import environment, fingerprint, pins
from scaffold.running.committing import Commits
from scaffold.running.process import follow
from scaffold.staging import write_whole

WORK_FOLDER = ".scaffold"


@dataclass(frozen=True)
class Step:
    """One step: the steps whose results it uses, and the paths where its own results lie."""

    name: str
    needs: tuple[str, ...]
    makes: tuple[str, ...] = ()


STEPS = {
    step.name: step
    for step in (
        Step("environment", needs=(), makes=(pins.FILE,)),
        Step("data", needs=("environment",), makes=("data/manifest.json", "data/processed")),
        Step("explore", needs=("data",), makes=("reports/exploration.json",)),
        Step("train", needs=("data",), makes=("models",)),
        Step(
            "evaluate",
            needs=("data", "train"),
            makes=(
                "reports/metrics.json",
                "reports/predictions.csv",
                "reports/errors.csv",
                "reports/figures",
            ),
        ),
        Step(
            "report",
            needs=("explore", "evaluate"),
            makes=("README.md", "REPORT.md", "MODEL_CARD.md"),
        ),
        Step("tests", needs=("environment",)),
    )
}


OPTIONAL = {"explore"}  # projects of older templates have no such step


@dataclass(frozen=True)
class Ran:
    """What a run did, and the result that stands now in `reports/metrics.json`."""

    done: tuple[str, ...]
    skipped: tuple[str, ...]
    seconds: float
    result: Results | None
    note: str = ""  # why there is none, where the file is there


def run(
    project: Project,
    steps: Sequence[str] = (),
    *,
    sample: bool = False,
    force: bool = False,
    commit: bool = False,
    because: str = "",
    reporter: Reporter = SILENT,
) -> Ran:
    """Run the named steps and what they need (all of them, if none is named); stop at a failure.

    `commit`: what a step has written becomes a commit before the next one begins. `because`: why
    the test set is read by another model than the first; the project's report shows it.
    """
    _check_runnable(project)
    there = [name for name in STEPS if name not in OPTIONAL or _has(project, name)]
    for name in steps:
        if name not in there:
            raise UnknownName("step", name, there)
    commits = Commits(project.root, reporter) if commit else None
    begin, runner = time.monotonic(), _Runner(project, sample, because, reporter)
    done: list[str] = []
    skipped: list[str] = []
    for name in with_needs(steps or there):
        if name not in there:
            continue
        forced = force and name in (steps or there)
        step = STEPS[name]
        (done if runner.bring_up_to_date(step, forced) else skipped).append(name)
        if commits:
            commits.after(name, step.makes, runner.said.get(name, ""))
    seconds = time.monotonic() - begin
    try:
        return Ran(tuple(done), tuple(skipped), seconds, results.read(project.root))
    except ResultsUnreadable as error:
        return Ran(tuple(done), tuple(skipped), seconds, None, error.message)


def with_needs(names: Iterable[str]) -> list[str]:
    """The named steps and everything that they build on, in order."""
    wanted: set[str] = set()

    def add(name: str) -> None:
        wanted.add(name)
        for need in STEPS[name].needs:
            add(need)

    for name in names:
        add(name)
    return [name for name in STEPS if name in wanted]


class _Runner:
    """Runs the steps of one project and remembers what each was made from."""

    def __init__(self, project: Project, sample: bool, because: str, reporter: Reporter) -> None:
        self._root = project.root
        self._package = project.package
        self._sample = sample
        self._because = because
        self._reporter = reporter
        self.said: dict[str, str] = {}
        """What each step that ran had to say at its end."""
        self._work = project.root / WORK_FOLDER
        self._work.mkdir(exist_ok=True)
        (self._work / ".gitignore").write_text("*\n", encoding="utf-8")

    def bring_up_to_date(self, step: Step, forced: bool) -> bool:
        """Run a step unless it is as it should be; returns whether it ran."""
        key = self._key(step)
        if not forced and self._memory().get(step.name) == [key, self._made(step)]:
            self._reporter.step(step.name, "skipped", "unchanged")
            return False
        self._forget(step)
        self._reporter.step(step.name, "running")
        begin = time.monotonic()
        log = self._work / "logs" / f"{step.name}.log"
        log.unlink(missing_ok=True)
        try:
            detail = self.said[step.name] = self._run(step, log)
        except BaseException:
            self._reporter.step(step.name, "failed", seconds=time.monotonic() - begin)
            raise
        self._reporter.step(step.name, "done", detail, seconds=time.monotonic() - begin)
        self._remember(step, key)
        return True

    def _run(self, step: Step, log: Path) -> str:
        """Run a step; returns what is worth saying about it."""
        if step.name == "environment":
            return f"{environment.FOLDER}, by {environment.make(self._root, log, self._reporter)}"
        finished = follow(
            [str(environment.python_of(self._root)), "-m", *self._module(step)],
            folder=self._root,
            log=log,
            environment=environment.variables(self._root),
            on_line=self._reporter.progress,
        )
        if finished.code:
            raise StepFailed(
                f"The step {step.name!r} failed with exit code {finished.code}.",
                f"All of its output: {log}",
                output=finished.tail,
            )
        return finished.last_line

    def _module(self, step: Step) -> list[str]:
        """The module that is this step, and its arguments.

        Only `data` is told about the sample, and only `evaluate` why the test set is read; what a
        step comes to does not depend on the reason, so no result is made again for one.
        """
        if step.name == "tests":
            return ["pytest"]
        reason = ["--because", self._because] if self._because and step.name == "evaluate" else []
        return [self._package, step.name, *self._flags(step), *reason]

    def _flags(self, step: Step) -> list[str]:
        return ["--sample"] if self._sample and step.name == "data" else []

    def _key(self, step: Step) -> str:
        """Everything that a step's result depends on."""
        if step.name == "environment":
            return fingerprint.digest(self._root, ["pyproject.toml"])
        paths = ["config.toml", "pyproject.toml", "data/sample"]
        if step.name == "tests":
            paths += ["src", "tests"]
            earlier = set(STEPS) - {"report", "tests"}
        else:
            paths += self._code(step)
            earlier = set(with_needs(step.needs))
        paths += [path for name in earlier for path in STEPS[name].makes]
        settings = os.environ.get("SETTINGS", "")  # they go before those of config.toml
        return fingerprint.digest(self._root, paths, settings, *self._flags(step))

    def _code(self, step: Step) -> list[str]:
        package = self._root / "src" / self._package
        own = (package / f"{step.name}.py").is_file()
        files = fingerprint.import_closure(package, step.name if own else f"kit.{step.name}")
        started_by = [package / "__init__.py", package / "__main__.py"]
        return [file.relative_to(self._root).as_posix() for file in (*files, *started_by)]

    def _made(self, step: Step) -> str:
        """A hash of what a step made; of the environment also whether its interpreter is there."""
        there = step.name != "environment" or environment.python_of(self._root).exists()
        return fingerprint.digest(self._root, step.makes, *(() if there else ("gone",)))

    def _memory(self) -> dict[str, Any]:
        try:
            memory = json.loads((self._work / "run.json").read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return memory if isinstance(memory, dict) else {}

    def _remember(self, step: Step, key: str) -> None:
        self._store({**self._memory(), step.name: [key, self._made(step)]})

    def _forget(self, step: Step) -> None:
        self._store({name: entry for name, entry in self._memory().items() if name != step.name})

    def _store(self, memory: dict[str, Any]) -> None:
        write_whole(self._work / "run.json", json.dumps(memory, indent=2))


def _has(project: Project, name: str) -> bool:
    return (project.root / "src" / project.package / f"{name}.py").is_file()


def _check_runnable(project: Project) -> None:
    main = project.root / "src" / project.package / "__main__.py"
    if not main.is_file():
        raise NotAProject(
            f"{project.root} has no {main.relative_to(project.root)}; its steps are not known.",
            "Its template brings its own way to run; see its README.",
        )
