"""`scaffold grade`: what passes in each of many practice projects, by the template's own tests.

Of a project only its package is taken. Tests, settings and sample come from the template, so who
edits those gains nothing. The code of strangers runs, so only with trust and in a box.
"""

from __future__ import annotations

import csv
import io
import os
import shutil
import stat
import textwrap
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from scaffold import naming, remembered
from scaffold.commands.practice import examined, template_of
from scaffold.engines import CATALOGUE, Source
from scaffold.engines.layers import marked_bodies, practised
from scaffold.errors import NotAProject, PracticeError, ScaffoldError, UsageError
from scaffold.plain import one_line
from scaffold.practising import practice, sandbox
from scaffold.practising.examination import Box, Limits, Word
from scaffold.practising.practice import Function
from scaffold.project import STATE_FILE, Origin, Practice, Project
from scaffold.rendering import interview, render
from scaffold.reporter import SILENT, Reporter
from scaffold.running import environment
from scaffold.staging import scratch

DEFAULTS = Limits(seconds=60, memory=4000, processes=64)
WIDTH = 80
_MOST_FILES, _MOST_BYTES, _LONGEST_STATE = 500, 20_000_000, 100_000
_MARKS: dict[Word, str] = {
    "right": "+", "wrong": "-", "unwritten": ".", "time": "T", "memory": "M", "broken": "!",
}  # fmt: skip
KEY = (
    "+ right  - wrong  . not written  T too long  M too much memory  ! could not be run\n"
    "a number: hints read   s: took the template's body   =: is the template's body"
)


@dataclass(frozen=True)
class Cell:
    """One function of one project."""

    result: Word
    why: str = ""
    hints: int = 0
    solution: bool = False  # the project says so
    as_template: bool = False  # its statements are the template's, whatever the project says

    @property
    def mark(self) -> str:
        used = f"{self.hints or ''}{'s' if self.solution else '=' if self.as_template else ''}"
        return _MARKS[self.result] + used


@dataclass(frozen=True)
class Row:
    """One project: its functions in order, or a note why there are none."""

    student: str
    template: str = ""
    cells: dict[str, Cell] = field(default_factory=dict)
    note: str = ""
    seconds: float = 0.0

    @property
    def right(self) -> int:
        return sum(cell.result == "right" for cell in self.cells.values())


@dataclass(frozen=True)
class Grades:
    """All projects, and what kept their code from the rest of the machine."""

    isolation: str
    rows: tuple[Row, ...]


@dataclass(frozen=True)
class _Exam:
    """What all projects of one template share: their tests and one environment."""

    source: Source
    python: Path
    functions: tuple[Function, ...]


def grade(
    folders: Sequence[Path],
    *,
    trust: bool,
    limits: Limits = DEFAULTS,
    jobs: int = 0,
    reporter: Reporter = SILENT,
) -> Grades:
    """Examine the projects; what cannot be examined is a row with a note, the others go on."""
    if not trust:
        raise UsageError(
            "grade runs the code of the projects it is given.",
            "If that is what you want, add --trust; where bubblewrap is installed, it runs boxed.",
        )
    isolation = sandbox.isolation()
    if not isolation.bubblewrap:  # to be known before it happens
        reporter.message(f"Isolation: {isolation}.")
    named = dict(zip(folders, _titles(folders), strict=True))
    read = {folder: _read_or_note(folder, title) for folder, title in named.items()}
    projects = [one for one in read.values() if isinstance(one, Project)]
    exams = {kind: _exam(*kind, reporter) for kind in sorted({_kind(one) for one in projects})}

    def one(folder: Path) -> Row:
        project = read[folder]
        if isinstance(project, Row):
            return project
        return _row(named[folder], project, exams[_kind(project)], isolation, limits)

    rows = []
    with ThreadPoolExecutor(jobs or os.cpu_count() or 1) as pool:
        for number, row in enumerate(pool.map(one, folders), 1):
            reporter.progress(f"{number} of {len(folders)}: {row.student}")
            rows.append(row)
    return Grades(str(isolation), tuple(rows))


def _row(
    title: str, project: Project, exam: _Exam | str, isolation: sandbox.Isolation, limits: Limits
) -> Row:
    """Examine one project in a copy, whatever its code does."""
    begin = time.monotonic()
    row = Row(title, project.origin.template)
    if isinstance(exam, str):
        return replace(row, note=exam)
    cells: dict[str, Cell] = {}
    try:
        with scratch("grade") as place:
            cells = _cells(project, exam, isolation, limits, place)
    except ScaffoldError as error:
        note = one_line(error.message)
    except (OSError, ValueError, RecursionError) as error:
        note = one_line(f"{type(error).__name__}: {error}")
    else:
        note = _note(project, exam, cells)
    return replace(row, cells=cells, note=note, seconds=time.monotonic() - begin)


def _cells(
    project: Project, exam: _Exam, isolation: sandbox.Isolation, limits: Limits, place: Path
) -> dict[str, Cell]:
    copy, home = place / "project", place / "home"
    home.mkdir()

    def box() -> Box:
        """Made anew for each process, as an earlier one may have changed what it could."""
        _assemble(project, exam, copy)
        _let_others_read(place, copy)
        return isolation.box(copy, exam.python, limits, home)

    _assemble(project, exam, copy)
    bodies = marked_bodies(exam.source, project.package)
    state = project.practice or Practice()
    cells = {}
    for standing in examined(copy, box, SILENT):
        function, outcome = standing.function, standing.outcome
        as_template = practice.is_body(copy, function, bodies[function.name].text)
        cells[function.name] = Cell(
            outcome.word,
            one_line(outcome.why),
            max(0, state.hints.get(function.name, 0)),
            function.name in state.solved,
            as_template,
        )
    return cells


def _assemble(project: Project, exam: _Exam, copy: Path) -> None:
    """Everything of the template, and of the student the package."""
    if copy.exists():
        shutil.rmtree(copy)
    copy.mkdir()
    _render(exam.source, project.package, copy)
    package = Path("src", project.package)
    shutil.rmtree(copy / package)
    _copy(project.root, package, copy)


def _note(project: Project, exam: _Exam, cells: Mapping[str, Cell]) -> str:
    """What is to be known of a project as a whole."""
    broken = [cell.why for cell in cells.values() if cell.result == "broken"]
    notes = broken[:1] if len(broken) == len(cells) else []
    if project.practice is None:
        notes.append("not made for practice")
    if project.origin.version != exam.source.version:
        notes.append(f"made from version {project.origin.version}")
    return one_line("; ".join(filter(None, notes)))


def _exam(template: str, version: str, reporter: Reporter) -> _Exam | str:
    """A template's tests and an environment for all; a text: why there is none."""
    try:
        source = template_of(template, version)
    except ScaffoldError as error:
        return one_line(error.message)
    if not practised(source):
        return f"{template} has no functions to practise"
    root = remembered.cache("grade") / f"{source.template}-{source.version}"
    reference = root / "reference"
    if reference.exists():
        for path in reference.iterdir():
            if path.name != environment.FOLDER:
                shutil.rmtree(path) if path.is_dir() else path.unlink()
    reference.mkdir(parents=True, exist_ok=True)
    # For practice too, and named as no project is: what is missing in one is not found here.
    _render(source, "graded_reference", reference)
    reporter.progress(f"making the environment for {template}")
    environment.make(reference, root / "environment.log", reporter)
    return _Exam(source, environment.python_of(reference), practice.functions(reference))


def _render(source: Source, package: str, into: Path) -> None:
    """The project as everybody got it, under the name of one student's package."""
    answers = interview(source, {}, None, into, {}, "graded")
    name = package.replace("_", "-")
    left_out = Practice(tuple(entry["name"] for entry in practised(source)))
    project = Project(
        into, Origin.of(source), name, package, name, answers=answers.recorded, practice=left_out
    )
    render(source, project, answers, into)


def _read_or_note(folder: Path, title: str) -> Project | Row:
    """A student's project as its state file tells it, taken for what it is: somebody's text."""
    try:
        if not folder.is_dir():
            raise NotAProject("no such folder")
        path = folder / STATE_FILE
        if not path.exists() and not path.is_symlink():
            raise NotAProject(f"no project: it has no {STATE_FILE}")
        project = Project.parse(_text(path), folder.resolve())
        naming.check_name(project.package)
        if project.package != naming.package_of(project.package):
            raise NotAProject(f"{project.package!r} is no package")
        if project.origin.location != CATALOGUE:
            raise NotAProject("not made from a template that comes with scaffold")
        return project
    except ScaffoldError as error:
        return Row(title, note=one_line(error.message))
    except (OSError, ValueError, TypeError, AttributeError, RecursionError) as error:
        return Row(title, note=one_line(f"{STATE_FILE} cannot be read: {error}"))


def _text(path: Path) -> str:
    """A small plain file; nothing that hangs, and no way to another place."""
    facts = path.lstat()
    if not stat.S_ISREG(facts.st_mode) or facts.st_size > _LONGEST_STATE:
        raise NotAProject(f"{path.name} is no plain file of a sensible size")
    return path.read_text(encoding="utf-8")


def _copy(root: Path, package: Path, copy: Path) -> None:
    """The package's plain files; links, pipes and compiled code stay where they are."""
    for part in (root / package, *(root / parent for parent in package.parents[:-1])):
        if part.is_symlink() or not part.is_dir():
            raise PracticeError(f"{package.as_posix()} is no folder")
    files = size = 0
    for path in _plain_files(root / package):
        files, size = files + 1, size + path.lstat().st_size
        if files > _MOST_FILES or size > _MOST_BYTES:
            raise PracticeError(
                f"{package.as_posix()} has more than {_MOST_FILES} files or "
                f"{_MOST_BYTES // 1_000_000} MB"
            )
        target = copy / path.relative_to(root)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target, follow_symlinks=False)


def _plain_files(folder: Path) -> Iterator[Path]:
    for here, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if name != "__pycache__"]
        for name in names:
            path = Path(here, name)
            if stat.S_ISREG(path.lstat().st_mode) and path.suffix != ".pyc":
                yield path


def _let_others_read(place: Path, copy: Path) -> None:
    """The process in the box may be somebody else."""
    place.chmod(0o755)
    for path in (copy, *copy.rglob("*")):
        with suppress(OSError):
            path.chmod(0o755 if path.is_dir() else 0o644)


def _kind(project: Project) -> tuple[str, str]:
    return project.origin.template, project.origin.version


def _titles(folders: Sequence[Path]) -> list[str]:
    """`ann/project` and `bob/project` where the last part alone does not tell them apart."""
    absolute = [Path(os.path.abspath(folder)) for folder in folders]  # noqa: PTH100 - links as given
    for depth in range(1, max((len(path.parts) for path in absolute), default=1) + 1):
        titles = ["/".join(path.parts[-depth:]) for path in absolute]
        if len(set(titles)) == len(titles):
            break
    return [one_line(title) for title in titles]


def as_text(grades: Grades) -> str:
    """For a terminal: a table for each template, a line for each project."""
    parts = [f"Isolation: {grades.isolation}."]
    for template in dict.fromkeys(row.template for row in grades.rows if row.cells):
        rows = [row for row in grades.rows if row.template == template and row.cells]
        parts += ["", *_table(template, rows)]
    if any(row.cells for row in grades.rows):
        parts += ["", KEY]
    if lost := [row for row in grades.rows if not row.cells]:
        parts += ["", "Not graded:", *(f"  {row.student}: {row.note}" for row in lost)]
    return "\n".join(parts)


def _table(template: str, rows: Sequence[Row]) -> Iterator[str]:
    names = list(rows[0].cells)  # a number and its name are not parted at the end of a line
    legend = "  ".join(f"{at}\xa0{name}" for at, name in enumerate(names, 1))
    for line in textwrap.wrap(f"{template}: {legend}", WIDTH, subsequent_indent="  "):
        yield line.replace("\xa0", " ")
    width = min(24, max(len(row.student) for row in rows))
    yield f"{'':<{width}}  " + " ".join(f"{at:<3}" for at in range(1, len(names) + 1))
    for row in rows:
        marks = " ".join(f"{row.cells[name].mark:<3}" for name in names)
        note = f"  {row.note}" if row.note else ""
        student = row.student if len(row.student) <= width else f"…{row.student[-width + 1 :]}"
        yield f"{student:<{width}}  {marks} {row.right}/{len(names)}{note}"


def as_dict(grades: Grades) -> dict[str, Any]:
    """For `--json`."""
    return {
        "isolation": grades.isolation,
        "projects": [
            {
                "student": row.student,
                "template": row.template,
                "right": row.right,
                "of": len(row.cells),
                "note": row.note,
                "seconds": round(row.seconds, 1),
                "functions": {name: asdict(cell) for name, cell in row.cells.items()},
            }
            for row in grades.rows
        ],
    }


def as_csv(grades: Grades) -> str:
    """A row for each project, two columns for each function: its result, and what helped."""
    names = list(dict.fromkeys(name for row in grades.rows for name in row.cells))
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    own = [column for name in names for column in (name, f"{name} help")]
    writer.writerow(["student", "template", "right", "of", "note", *own])
    for row in grades.rows:
        cells = [value for name in names for value in _in_csv(row.cells.get(name))]
        facts = [row.student, row.template, row.right, len(row.cells), row.note]
        writer.writerow([_harmless(value) for value in (*facts, *cells)])
    return text.getvalue()


def _in_csv(cell: Cell | None) -> tuple[str, str]:
    if cell is None:
        return "", ""
    hints = [f"{cell.hints} hints"] if cell.hints else []
    taken = ["solution"] if cell.solution else ["as the template"] if cell.as_template else []
    return cell.result, ", ".join([*hints, *taken])


def _harmless(value: object) -> object:
    """What a spreadsheet would take for a formula, as text."""
    is_formula = isinstance(value, str) and value.startswith(("=", "+", "-", "@", "\t", "\r"))
    return f"'{value}" if is_formula else value
