"""Everything that CONTRIBUTING asks of a template, a line each: whether it holds, what to do.

The quick lines render; the slow ones make an environment, run the steps on the sample, and plant
the mistakes that the project's own tests must catch.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import Literal

from scaffold import catalogue
from scaffold.authoring import bounded, challenges, rendered, start, words
from scaffold.authoring.mistakes import Mistake, planted_by, spoilt
from scaffold.authoring.rendered import Rendered
from scaffold.authoring.subject import Subject, papers_of
from scaffold.commands import run
from scaffold.engines.layers import marked_bodies, practised
from scaffold.errors import ChecksFailed, ScaffoldError, StepFailed
from scaffold.project import Project
from scaffold.reporter import Reporter
from scaffold.running import environment
from scaffold.staging import scratch

STORY = ("data", "explore", "model", "train", "evaluate", "predict", "serve")
LONGEST_STORY = 1200  # lines that are not blank: what one reads in half an hour
LARGEST_SAMPLE = 5_000_000  # bytes, since it is in every project
FEWEST_MISTAKES = 8
MOST_SHOWN = 8

Verdict = Literal["passed", "failed", "not looked at"]


@dataclass(frozen=True)
class Line:
    """One claim about a template."""

    claim: str
    verdict: Verdict
    faults: tuple[str, ...] = ()
    todo: str = ""


@dataclass
class World:
    """A template and what was made of it, each made when it is first asked for."""

    subject: Subject
    place: Path
    reporter: Reporter

    @cached_property
    def rendered(self) -> tuple[Rendered, ...]:
        return tuple(Rendered.of(self.subject, self.place / name) for name in rendered.NAMES)

    @cached_property
    def ran(self) -> Project:
        """A project that ran on the sample, its tests included."""
        project = self.subject.make(self.place / "ran" / self.subject.name)
        run.run(project, sample=True, reporter=self.reporter)
        return project


def _says_what_it_is(world: World) -> Iterator[str]:
    found = catalogue.record(world.subject.folder, world.subject.source.metadata)
    for name in ("title", "summary", "question", "skills", "topics", "stages"):
        if not getattr(found, name):
            yield f"{name} is empty"
    if found.minutes <= 0:
        yield "minutes: measure them, from the data to the report"
    if not found.target.meets(found.target.stretch, found.target.gate):
        yield "target: stretch, the best of your runs, is short of gate, the least that passes"
    if not found.target.verdict:
        yield "target: no verdict says what a correct run may find beside the baseline"


def _renders(world: World) -> Iterator[str]:
    for each in world.rendered:
        for fault in rendered.faults(each):
            yield f"{each.project.name}: {fault}"


def _is_clean(world: World) -> Iterator[str]:
    for each in world.rendered:
        for fault in rendered.unclean(each.project.root):
            yield f"{each.project.name}: {fault}"


def _story_is_short(world: World) -> Iterator[str]:
    texts = {name: world.subject.read(f"src/project_package/{name}.py") for name in STORY}
    yield from (f"{name}.py is missing" for name, text in texts.items() if not text)
    lines = sum(bool(line.strip()) for text in texts.values() for line in text.splitlines())
    if lines > LONGEST_STORY:
        yield f"{lines:,} lines; {LONGEST_STORY:,} are the most"


def _holds_for_every_run(world: World) -> Iterator[str]:
    for layer in world.subject.layers:
        if layer.parent != catalogue.root() or layer == world.subject.folder:
            file = papers_of(layer).facts
            yield from words.faults_of_layer(layer, file)
            yield from (f"{file.name}: {phrase!r} stands nowhere" for phrase in
                        words.idle_facts(layer, file))  # fmt: skip


def _has_a_sample(world: World) -> Iterator[str]:
    files = [file.path for path, file in world.subject.files.items()
             if path.startswith("data/sample/")]  # fmt: skip
    size = sum(path.stat().st_size for path in files)
    made = "sample" in world.subject.read("src/project_package/data.py")
    if not files and not made:
        yield "data/sample is empty, and data.py makes none"
    if size > LARGEST_SAMPLE:
        yield f"{size / 1e6:.1f} MB; {LARGEST_SAMPLE / 1e6:.0f} are the most"


def _practice_is_marked(world: World) -> Iterator[str]:
    listed = {entry["name"] for entry in practised(world.subject.source)}
    marked = set(marked_bodies(world.subject.source, "project_package"))
    yield from (f"{name}: listed, and marked nowhere" for name in sorted(listed - marked))
    own = "".join(
        file.path.read_text(encoding="utf-8")
        for file in world.subject.files.values()
        if file.layer == world.subject.folder and file.path.suffix == ".py"
    )
    idle = (name for name in sorted(marked - listed) if f"# practice: {name}\n" in own)
    yield from (f"{name}: marked, and not listed" for name in idle)


def _challenges_are_solved(world: World) -> Iterator[str]:
    yield from challenges.faults_of_solutions(world.subject)
    project = world.rendered[0].project
    yield from challenges.faults_of_patches(world.subject, project.root, project.package)


def _mistakes_are_listed(world: World) -> Iterator[str]:
    found = planted_by(world.subject.papers.mistakes)
    if len(found) < FEWEST_MISTAKES:
        yield f"{len(found)} of {FEWEST_MISTAKES}"
    project = world.rendered[0].project
    for mistake in found:
        module = project.root / "src" / project.package / mistake.module
        count = module.read_text("utf-8").count(mistake.right) if module.is_file() else 0
        if count != 1:
            yield f"{mistake.name}: its line stands {count} times in {mistake.module}"


def _runs(world: World) -> Iterator[str]:
    try:
        assert world.ran.root  # noqa: S101 - made here
    except StepFailed as error:
        yield error.message
        yield from error.output.splitlines()[-MOST_SHOWN:]


def _catches_mistakes(world: World) -> Iterator[str]:
    found = planted_by(world.subject.papers.mistakes)
    for number, mistake in enumerate(found, 1):
        world.reporter.progress(f"mistake {number} of {len(found)}: {mistake.name}")
        if fault := _missed(world.ran, mistake):
            yield f"{mistake.name}: {fault}"


def _missed(project: Project, mistake: Mistake) -> str:
    """What went otherwise than the one test failing for it."""
    python = str(environment.python_of(project.root))
    env = {**environment.variables(project.root), "PYTHONDONTWRITEBYTECODE": "1"}
    with spoilt(project.root / "src" / project.package / mistake.module, mistake):
        done = bounded.run([python, "-m", "pytest", mistake.caught_by], project.root, env)
    caught = rf"(FAILED|ERROR) {re.escape(mistake.caught_by)}"
    if done.returncode == 1 and re.search(caught, done.stdout):
        return ""
    return "not caught by " + mistake.caught_by if not done.returncode else "its test did not run"


@dataclass(frozen=True)
class Check:
    """A claim, how it is looked at, what to do where it fails."""

    claim: str
    faults: Callable[[World], Iterable[str]]
    todo: str
    slow: bool = False


CHECKS = (
    Check("template.toml says what it is", _says_what_it_is, "Complete template.toml."),
    Check(
        "it renders under short, long and awkward names",
        _renders,
        "Package names by `project_package` and relative imports; answers by Jinja, in *.jinja.",
    ),
    Check(
        "its code is clean under each of them",
        _is_clean,
        "ruff check --fix, ruff format; long imports on lines of their own.",
    ),
    Check(
        f"its story is read in half an hour ({LONGEST_STORY:,} lines)",
        _story_is_short,
        "Move secondary questions to studies/; let the kit do what it can.",
    ),
    Check(
        "it leaves prompts that only its author can answer",
        lambda world: rendered.faults_of_prompts(world.rendered[0]),
        "A line `> **Yours to write — name:** question` in README or REPORT for each.",
    ),
    Check(
        "README says which level a correct run comes to",
        lambda world: rendered.faults_of_level(world.subject, world.rendered[0]),
        "Keep the paragraph of _base's README, and state target.gate and label.",
    ),
    Check(
        "no sentence says what a run could make false",
        _holds_for_every_run,
        "Put it between result markers, or list the phrase with its reason in the file of facts.",
    ),
    Check(
        "it brings a sample",
        _has_a_sample,
        "A few hundred rows in data/sample, generated ones where the licence forbids.",
    ),
    Check(
        "what is to be practised is marked where it stands",
        _practice_is_marked,
        "Each name of practice.toml needs `# practice: NAME` around a body.",
    ),
    Check(
        "eight challenges on three levels lead somewhere",
        lambda world: challenges.faults_of_form(world.subject),
        "See step 5 of CONTRIBUTING: challenges.toml.",
    ),
    Check(
        "each challenge has a solution that fits",
        _challenges_are_solved,
        "Write tests/challenges/TEMPLATE/ID.patch for each.",
    ),
    Check(
        "mistakes are listed that its tests must catch",
        _mistakes_are_listed,
        "Write them in tests/planted/PACKAGE.py, as MISTAKES.",
    ),
    Check(
        "it runs on its sample, its tests included",
        _runs,
        "scaffold template preview shows it step by step.",
        slow=True,
    ),
    Check(
        "the planted mistakes are caught",
        _catches_mistakes,
        "Write the test that notices; its name is the claim.",
        slow=True,
    ),
)


def check(
    subject: Subject,
    reporter: Reporter,
    tell: Callable[[Line], None],
    *,
    quick: bool = False,
    checks: Sequence[Check] = CHECKS,
) -> list[Line]:
    """Look at every claim in order, and tell each line when it is known.

    What rests on a run that failed is not looked at; nor is what is slow, if it has to be quick.
    """
    lines: list[Line] = []
    with scratch("template") as place:
        world = World(subject, place, reporter)
        for each in checks:
            told = zip(checks, lines, strict=False)
            in_vain = any(one.slow and line.verdict == "failed" for one, line in told)
            if each.slow and (quick or in_vain):
                line = Line(each.claim, "not looked at")
            else:
                reporter.progress(each.claim)
                line = _line(each, world)
            lines.append(line)
            tell(line)
    return lines


def _line(each: Check, world: World) -> Line:
    try:
        faults = tuple(islice(each.faults(world), 200))
    except ScaffoldError as error:
        faults = (error.message,)
    return Line(each.claim, "failed", faults, each.todo) if faults else Line(each.claim, "passed")


def as_text(line: Line) -> str:
    """A line, and below it what is at fault and what to do."""
    mark = {"passed": "ok", "failed": "FAILED", "not looked at": "-"}[line.verdict]
    shown = [f"        {fault}" for fault in line.faults[:MOST_SHOWN]]
    if len(line.faults) > MOST_SHOWN:
        shown.append(f"        and {len(line.faults) - MOST_SHOWN} more")
    if line.todo:
        shown.append(f"        → {line.todo}")
    return "\n".join([f"{mark:<6}  {line.claim}", *shown])


def still(subject: Subject) -> str:
    """How much of a template is another's yet, "" where nothing much is."""
    nearest, same, of = start.still(subject)
    if same * 10 < of:
        return ""
    return f"{same} of its {of} files are those of {nearest} yet."


def refuse_failures(lines: Sequence[Line]) -> None:
    """Exit code 3 where a claim does not hold."""
    failed = sum(line.verdict == "failed" for line in lines)
    if failed:
        what = "1 claim does" if failed == 1 else f"{failed} claims do"
        raise ChecksFailed(f"{what} not hold.", "Each says what to do; then check again.")
