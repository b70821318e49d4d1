"""`scaffold next`, `hint` and `solution` in a practice project: from one function to the next."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from scaffold.commands import run
from scaffold.engines import CATALOGUE, Source
from scaffold.engines.layers import marked_bodies
from scaffold.errors import PracticeError, TemplateError
from scaffold.practising import practice
from scaffold.practising.examination import Box, Limits, Outcome, examine
from scaffold.practising.practice import Function
from scaffold.project import Practice, Project
from scaffold.reporter import Reporter
from scaffold.running import environment
from scaffold.sources.addresses import Address, Version, recorded, resolve

WIDTH = 80
SECONDS = 120  # for the tests of one function: an endless loop is told, not waited for
_MEMORY = "practice.json"
_MARKS = {"right": "+", "unwritten": " "}


@dataclass(frozen=True)
class Standing:
    """A function of the project, and how it stands with it."""

    function: Function
    outcome: Outcome


@dataclass(frozen=True)
class Course:
    """How far a practice project is written."""

    project: Project
    standings: tuple[Standing, ...]

    @property
    def right(self) -> int:
        return sum(one.outcome.word == "right" for one in self.standings)

    @property
    def now(self) -> Standing | None:
        """The first that is not right; None when all are."""
        return next((one for one in self.standings if one.outcome.word != "right"), None)


@dataclass(frozen=True)
class Hint:
    """One hint of a function, counted from 1."""

    function: Function
    number: int
    text: str


@dataclass(frozen=True)
class Solved:
    """A function that got the template's body, and where the author's own is kept, if any."""

    function: Function
    kept: str = ""


def look(project: Project, reporter: Reporter) -> Course:
    """Run the tests of what is written, in the project's own environment."""
    _practice_of(project)
    run.run(project, ["environment"], reporter=reporter)
    course = Course(project, examined(project.root, lambda: _box(project), reporter))
    now = course.now.function.name if course.now else ""
    memory = project.root / run.WORK_FOLDER / _MEMORY
    memory.write_text(json.dumps({"now": now}), encoding="utf-8")
    return course


def examined(root: Path, box: Callable[[], Box], reporter: Reporter) -> tuple[Standing, ...]:
    """How it stands with each function; what is not written is not run."""
    known = practice.functions(root)
    found: dict[str, Outcome] = {}
    for function in known:
        try:
            if not practice.is_written(root, function):
                found[function.name] = Outcome("unwritten")
        except PracticeError as error:
            found[function.name] = Outcome("broken", error.message)
    waiting = [function for function in known if function.name not in found]
    found |= examine(waiting, box, reporter.progress)
    return tuple(Standing(function, found[function.name]) for function in known)


def hint(project: Project, name: str, reporter: Reporter) -> Hint:
    """One hint more than was read, of the named function or the one that is next; it is recorded.

    After the last one the last one again.
    """
    state = _practice_of(project)
    known = practice.functions(project.root)
    function = practice.named(known, name) if name else _current(project, known, reporter)
    read = state.hints.get(function.name, 0)
    number = min(max(read, 0) + 1, len(function.hints))
    if number != read:
        state = replace(state, hints={**state.hints, function.name: number})
        replace(project, practice=state).write()
    return Hint(function, number, function.hints[number - 1])


def solution(project: Project, name: str) -> Solved:
    """Put the template's body into a function; it is recorded, and the author's own is kept."""
    state = _practice_of(project)
    function = practice.named(practice.functions(project.root), name)
    if not state.solutions:
        raise PracticeError(
            "Solutions are switched off in this project.",
            f"There are hints: scaffold hint {function.name}",
        )
    source = template_of(project.origin.template, project.origin.version)
    bodies = marked_bodies(source, project.package)
    if function.name not in bodies:
        raise PracticeError(
            f"{source.template} {source.version} marks no body called {function.name!r}.",
            "The project is of another version: scaffold update",
        )
    kept = ""
    written = practice.is_written(project.root, function)
    before = practice.put_body(project.root, function, bodies[function.name].text)
    if written and not practice.is_body(project.root, function, before):
        kept = _keep(project.root, function, before)
    if function.name not in state.solved:
        state = replace(state, solved=(*state.solved, function.name))
        replace(project, practice=state).write()
    return Solved(function, kept)


def template_of(name: str, version: str) -> Source:
    """A template as it was when a project was made; as it is now where that is gone."""
    try:
        return recorded(Address(CATALOGUE, name), Version(version), engine="layers")
    except TemplateError:
        return resolve(f"{CATALOGUE}:{name}")


def as_text(course: Course) -> str:
    """For a terminal: every function, then the one to do now."""
    total, state = len(course.standings), _practice_of(course.project)
    lines = [f"{course.right} of {total} functions are right.", ""]
    width = max(len(one.function.name) for one in course.standings)
    for one in course.standings:
        mark = _MARKS.get(one.outcome.word, "x")
        used = _used(state, one.function)
        now = "   <- now" if one is course.now else ""
        lines.append(f"  {mark} {one.function.name:<{width}}  {one.outcome.word}{used}{now}")
    done = ["Every function is written. Now the whole project: scaffold run"]
    return "\n".join([*lines, "", *(_now(course.now, state) if course.now else done)])


def as_dict(course: Course) -> dict[str, Any]:
    """For `--json`."""
    state = _practice_of(course.project)
    return {
        "right": course.right,
        "of": len(course.standings),
        "now": course.now.function.name if course.now else None,
        "functions": [
            {
                **vars(one.function),
                "hints": len(one.function.hints),
                "hints_read": state.hints.get(one.function.name, 0),
                "solution": one.function.name in state.solved,
                "result": one.outcome.word,
                "why": one.outcome.why,
                "test": one.outcome.test,
            }
            for one in course.standings
        ],
    }


def _now(standing: Standing, state: Practice) -> list[str]:
    function, outcome = standing.function, standing.outcome
    lines = [f"Now: {function.function} in {function.file}", *_wrapped(function.asked, "  ")]
    if outcome.why:
        lines += ["", "It is not right yet:"]
        lines += [f"  {outcome.test}"] if outcome.test else []
        lines += _wrapped(outcome.why, "    " if outcome.test else "  ")
    lines += ["", "Write its body, then: scaffold next"]
    left = len(function.hints) - state.hints.get(function.name, 0)
    if left > 0:
        lines.append(f"Stuck: scaffold hint {function.name} ({left} left)")
    if state.solutions:
        lines.append(f"The template's own body: scaffold solution {function.name}")
    return lines


def _wrapped(text: str, indent: str) -> list[str]:
    return textwrap.wrap(text, WIDTH, initial_indent=indent, subsequent_indent=indent)


def _used(state: Practice, function: Function) -> str:
    hints = state.hints.get(function.name, 0)
    parts = [f"{hints} hint{'s' if hints > 1 else ''}"] if hints > 0 else []
    parts += ["the template's body"] if function.name in state.solved else []
    return f" ({', '.join(parts)})" if parts else ""


def _practice_of(project: Project) -> Practice:
    if project.practice is None:
        raise PracticeError(
            f"{project.name} is not a practice project: nothing was taken out of it.",
            f"To make one: scaffold new {project.origin.template} NAME --practice",
        )
    return project.practice


def _box(project: Project) -> Box:
    python = str(environment.python_of(project.root))
    variables = environment.variables(project.root)
    return Box(project.root, (python,), variables, Limits(SECONDS))


def _current(project: Project, known: Sequence[Function], reporter: Reporter) -> Function:
    """The function that the last `next` told to write, unless nothing was looked at yet."""
    with suppress(OSError, ValueError, AttributeError):
        path = project.root / run.WORK_FOLDER / _MEMORY
        name = json.loads(path.read_text(encoding="utf-8")).get("now")
        if found := [function for function in known if function.name == name]:
            return found[0]
    now = look(project, reporter).now
    if now is None:
        raise PracticeError("Every function is right.", "For one of them: scaffold hint NAME")
    return now.function


def _keep(root: Path, function: Function, text: str) -> str:
    """Put what the author had written where git does not look; returns the file."""
    folder = root / run.WORK_FOLDER / "practice"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / ".gitignore").write_text("*\n", encoding="utf-8")
    taken = len(list(folder.glob(f"{function.name}-*.py")))
    path = folder / f"{function.name}-{taken + 1}.py"
    path.write_text(text, encoding="utf-8")
    return path.relative_to(root).as_posix()
