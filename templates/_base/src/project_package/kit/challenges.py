"""What to do next: the challenges of challenges.toml, how far each is, and the way to publishing.

Whether a challenge is reached is read from what the project has measured or recorded, and told
with the evidence; nothing but what tests said is written down.
"""

import ast
import re
import subprocess
import sys
import textwrap
import time
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from fnmatch import fnmatch
from functools import cached_property
from pathlib import Path
from statistics import median
from typing import Any

from .workspace import (
    COMMAND,
    PROJECT_ROOT,
    ProjectError,
    Workspace,
    hash_files,
    read_json,
    write_json,
)

FILE = "challenges.toml"
LEVELS = ("adjust", "extend", "rethink")
VERDICTS = ("better", "tried")
CODE = "code"  # in place of a setting: the attempt changed the program
ENOUGH_ATTEMPTS = 3
WIDTH = 80  # columns of a terminal
PROMPT = re.compile(r"^> \*\*Yours to write — (?P<name>[a-z0-9-]+):\*\*", re.MULTILINE)
EMPTY = re.compile(r"<!-- yours:(?P<name>[\w-]+) -->\s*<!-- /yours:(?P=name) -->")
NUMBER = re.compile(r"[-+]?\d[\d,]*(?:\.\d+)?(?:e[-+]?\d+)?")
REQUESTS, WARM_UP, HTTP_OK = 50, 5, 200
LONGEST_TEST = 600  # seconds
PROGRAM = (".py", ".toml", ".js")  # what a test may depend on; a program may read of its own files
REMEMBERED = PROJECT_ROOT / ".pytest_cache" / "goals.json"


@dataclass(frozen=True)
class Challenge:
    """Something to try: what one learns, where to begin, and a goal that a program can see."""

    id: str
    level: str
    title: str
    learn: str
    where: str
    hint: str
    goal: Mapping[str, Any]

    def broken(self, why: str) -> ProjectError:
        """The error that names this challenge."""
        return ProjectError(f"{FILE}: the goal of {self.id!r} {why}")


@dataclass(frozen=True)
class Standing:
    """How far a challenge is: `told` is the evidence where it is reached, else what is missing."""

    reached: bool
    told: str
    begun: bool = False


class Facts:
    """What goals are judged by; each part is read when it is first asked for."""

    def __init__(
        self, workspace: Workspace, challenges: Sequence[Challenge] = (), quick: bool = False
    ) -> None:
        self.workspace = workspace
        self.quick = quick
        self.tests = [each.goal["id"] for each in challenges if each.goal["kind"] == "test"]

    @cached_property
    def metrics(self) -> dict[str, Any] | None:
        """reports/metrics.json, None before the first evaluation."""
        path = self.workspace.reports / "metrics.json"
        found: dict[str, Any] | None = read_json(path, "evaluate") if path.exists() else None
        return found

    @cached_property
    def attempts(self) -> list[dict[str, Any]]:
        """The lines of experiments/log.jsonl, attempt 0 (the start) among them."""
        from .journal import read_log

        return read_log(self.workspace)

    @cached_property
    def prompts(self) -> list[dict[str, str]]:
        """What is still asked of the author, and where."""
        root = self.workspace.root
        pages = [*sorted(root.glob("*.md"), key=_as_read), *sorted(root.glob("data/*.md"))]
        return [
            {"name": found["name"], "file": page.relative_to(root).as_posix()}
            for page in pages
            for pattern in (PROMPT, EMPTY)
            for found in pattern.finditer(page.read_text(encoding="utf-8"))
        ]

    @cached_property
    def outcomes(self) -> Sequence[Sequence[str]]:
        """What pytest says of every test that is a goal, all in one process.

        Remembered until the program or its tests change; `quick`: no more than what is remembered.
        """
        inside = [
            path
            for name in ("src", "tests")
            for path in PROJECT_ROOT.glob(f"{name}/**/*")
            if path.suffix in PROGRAM
        ]
        digest = hash_files([*sorted(inside), self.workspace.root / "config.toml"])
        known = read_json(REMEMBERED, "next") if REMEMBERED.exists() else {}
        if known.get("digest") == digest and set(self.tests) <= set(known["tests"]):
            found: list[list[str]] = known["outcomes"]
            return found
        if self.quick:
            return []
        command = [sys.executable, "-m", "pytest", "-q", "-rA", "-p", "no:cacheprovider"]
        try:
            done = subprocess.run(
                [*command, "-o", "addopts=", *self.tests], cwd=PROJECT_ROOT,
                capture_output=True, encoding="utf-8", errors="replace",
                timeout=LONGEST_TEST, check=False,
            )  # fmt: skip
        except subprocess.TimeoutExpired:
            return []
        said = re.findall(r"^(PASSED|FAILED|ERROR) ([^\s\[]+)", done.stdout, re.MULTILINE)
        write_json(REMEMBERED, {"digest": digest, "tests": self.tests, "outcomes": said})
        return said

    def passes(self, test: str) -> bool:
        """Whether a test passes, with all of its parameters."""
        said = {outcome for outcome, name in self.outcomes if name == test}
        return said == {"PASSED"}

    @property
    def on_sample(self) -> str:
        """What evidence from a sample has to say of itself."""
        return ", on the sample" if self.metrics and self.metrics["data"]["sample"] else ""


def load(workspace: Workspace) -> list[Challenge]:
    """The challenges in their order, the easiest level first; none where there is no file.

    Raises ProjectError, naming it, for one that lacks something or whose goal is none.
    """
    path = workspace.root / FILE
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8")).get("challenges", [])
    except FileNotFoundError:
        return []
    except tomllib.TOMLDecodeError as error:
        raise ProjectError(f"{FILE} is not valid TOML: {error}") from error
    known = [field.name for field in fields(Challenge)]
    found: list[Challenge] = []
    for table in tables:
        name = table.get("id", "one without an id")
        wrong = sorted(set(known) ^ set(table))
        if wrong:
            raise ProjectError(f"{FILE}: {name!r} has too little or too much: {', '.join(wrong)}")
        challenge = Challenge(**table)
        if challenge.level not in LEVELS:
            raise ProjectError(f"{FILE}: {name!r} is on no level of {', '.join(LEVELS)}")
        if name in [other.id for other in found]:
            raise ProjectError(f"{FILE}: {name!r} is there twice")
        _require_goal(challenge)
        found.append(challenge)
    return sorted(found, key=lambda challenge: LEVELS.index(challenge.level))


def _require_goal(challenge: Challenge) -> None:
    name, given = challenge.goal.get("kind"), set(challenge.goal) - {"kind"}
    if name not in KINDS:
        raise challenge.broken(f"is of no known kind; known are {', '.join(KINDS)}")
    if name in BOUNDED:
        if len(given & {"at_most", "at_least"}) != 1:
            raise challenge.broken("needs one of at_most and at_least")
        given -= {"at_most", "at_least"}
    if wrong := given ^ set(KINDS[name].keys):
        raise challenge.broken(f"has too little or too much: {', '.join(sorted(wrong))}")


def standings(workspace: Workspace, quick: bool = False) -> list[tuple[Challenge, Standing]]:
    """Every challenge and how far it is; ProjectError for a goal that nothing can tell of.

    `quick`: no test is run and nothing is timed.
    """
    challenges = load(workspace)
    facts = Facts(workspace, challenges, quick)
    return [(each, KINDS[each.goal["kind"]].judge(each, facts)) for each in challenges]


# -- one function a kind of goal ------------------------------------------------------------


def _attempt(challenge: Challenge, facts: Facts) -> Standing:
    """An attempt that changed such a setting (or the program): made, or better than all before."""
    pattern, wanted = challenge.goal["touches"], challenge.goal["verdict"]
    if wanted not in VERDICTS or pattern.split(".")[0] not in {CODE, *facts.workspace.config}:
        raise challenge.broken(f"names no verdict or table of settings: {wanted}, {pattern}")
    told = f"no attempt has changed {'the program' if pattern == CODE else pattern} yet"
    begun = False
    for line in facts.attempts[1:]:
        if not any(fnmatch(name, pattern) for name in _touched(line, facts.attempts[0])):
            continue
        told, begun = f"attempt {line['number']}: {line['verdict']}", True
        if wanted in {"tried", line["verdict"]}:
            return Standing(True, told, begun)
    return Standing(False, told, begun)


def _touched(line: Mapping[str, Any], first: Mapping[str, Any]) -> set[str]:
    """The settings in which an attempt differs from attempt 0, "code", and "code.MODULE"."""
    before, after = first.get("settings", {}), line.get("settings", {})
    names = {name for name, value in after.items() if before.get(name) != value}
    files, known = line.get("files", {}), first.get("files", {})
    modules = {f"{CODE}.{Path(name).stem}" for name in files if files[name] != known.get(name)}
    changed = {CODE, *modules} if line["code"] != first["code"] else set()
    return names | set(line["set"]) | changed


def _slice(challenge: Challenge, facts: Facts) -> Standing:
    """A number of a table of the last evaluation; a row that is not there yet is to be added."""
    goal = challenge.goal
    if facts.metrics is None:
        return Standing(False, "nothing is evaluated yet")
    table = facts.metrics["tables"].get(goal["table"])
    if table is None or goal["column"] not in table["columns"]:
        raise challenge.broken(f"names no table and column of reports/metrics.json: {dict(goal)}")
    place = table["columns"].index(goal["column"])
    for row in table["rows"]:
        if row[0] == goal["row"]:
            found = NUMBER.search(str(row[place]))
            value = float(found[0].replace(",", "")) if found else None
            return _beside_bound(goal, value, f"{goal['row']}, {goal['column']}", facts)
    return Standing(False, f"the table {goal['table']!r} has no row {goal['row']!r} yet")


def _metric(challenge: Challenge, facts: Facts) -> Standing:
    """A metric of the last evaluation."""
    goal = challenge.goal
    if facts.metrics is None:
        return Standing(False, "nothing is evaluated yet")
    score = facts.metrics["metrics"].get(goal["name"])
    if score is None:
        raise challenge.broken(f"names no metric of reports/metrics.json: {goal['name']!r}")
    return _beside_bound(goal, score["value"], score["label"], facts)


def _beside_bound(
    goal: Mapping[str, Any], value: float | None, label: str, facts: Facts
) -> Standing:
    least = "at_least" in goal
    bound = goal["at_least" if least else "at_most"]
    told = f"{label}: {'–' if value is None else format(value, '.4g')}{facts.on_sample}"
    reached = value is not None and (value >= bound if least else value <= bound)
    asked = f"; asked for: at {'least' if least else 'most'} {bound:g}"
    return Standing(reached, told if reached else told + asked)


def _latency(challenge: Challenge, facts: Facts) -> Standing:
    """The median time of one answer of the service, in this process and on this machine."""
    if facts.quick or not any(facts.workspace.models.glob("*")):
        return Standing(False, "not measured yet")
    from fastapi.testclient import TestClient

    from ..serve import create_app

    with TestClient(create_app(facts.workspace)) as client:
        times = []
        for _ in range(WARM_UP + REQUESTS):
            started = time.perf_counter()
            answer = client.post("/predict", json=challenge.goal["input"])
            times.append((time.perf_counter() - started) * 1000)
    if answer.status_code != HTTP_OK:
        raise challenge.broken(f"sends what the service refuses: {answer.text}")
    value, bound = median(times[WARM_UP:]), challenge.goal["milliseconds"]
    told = f"median of {REQUESTS} answers here: {value:.2g} ms"
    return Standing(value <= bound, told if value <= bound else f"{told}; asked for: {bound:g} ms")


def _test(challenge: Challenge, facts: Facts) -> Standing:
    """A test that is there from the start, outside of what `pytest` runs by itself, passes."""
    name = challenge.goal["id"]
    path, _, function = name.partition("::")
    if function not in functions_of(PROJECT_ROOT / path):
        raise challenge.broken(f"names no test that there is: {name!r}")
    passed = facts.passes(name)
    return Standing(passed, f"{name} {'passes' if passed else 'does not pass yet'}")


def _answered(challenge: Challenge, facts: Facts) -> Standing:
    """A prompt no longer stands in a write-up; `check` tells whether what does is an answer."""
    name = challenge.goal["prompt"]
    open_in = [prompt["file"] for prompt in facts.prompts if prompt["name"] == name]
    if open_in:
        return Standing(False, f"the prompt {name!r} stands in {open_in[0]}")
    return Standing(True, f"the prompt {name!r} is gone")


@dataclass(frozen=True)
class Kind:
    """A kind of goal: what judges it, the keys of its table, and how it is told."""

    judge: Callable[[Challenge, Facts], Standing]
    keys: tuple[str, ...]
    words: str


KINDS = {
    "attempt": Kind(
        _attempt, ("verdict", "touches"), "an attempt that changes {touches}, {verdict}"
    ),
    "slice": Kind(_slice, ("table", "row", "column"), "{column} of {row} in {table} is {bound}"),
    "metric": Kind(_metric, ("name",), "{name} is {bound}"),
    "latency": Kind(_latency, ("milliseconds", "input"), "an answer within {milliseconds:g} ms"),
    "test": Kind(_test, ("id",), "{id} passes"),
    "answered": Kind(_answered, ("prompt",), "the prompt {prompt} is answered"),
}
BOUNDED = ("slice", "metric")


def functions_of(path: Path) -> set[str]:
    """The functions and classes of a Python file, those inside classes as `Class.name`."""
    if not path.is_file():
        return set()
    found = set()
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            found.add(node.name)
        if isinstance(node, ast.ClassDef):
            inside = (each for each in node.body if isinstance(each, ast.FunctionDef))
            found |= {f"{node.name}.{each.name}" for each in inside}
    return found


# -- what to do now -------------------------------------------------------------------------


def look(workspace: Workspace, quick: bool = False) -> dict[str, Any]:
    """All that `next` shows: challenges, the one to do now and why, prompts, the way to publish."""
    facts, found = Facts(workspace), standings(workspace, quick)
    waiting = [(each, standing) for each, standing in found if not standing.reached]
    now, why = None, "every challenge is reached; the next one is yours to invent"
    if waiting:
        lowest = [pair for pair in waiting if pair[0].level == waiting[0][0].level]
        now, standing = next((pair for pair in lowest if pair[1].begun), lowest[0])
        begun = "you have begun it" if standing.begun else "it is the first there"
        why = f"{now.id}, as {now.level!r} is the lowest level with something left and {begun}"
    elif not found:
        why = f"there is no {FILE}"
    seen: dict[str, Any] = {
        "challenges": [{**asdict(each), **asdict(standing)} for each, standing in found],
        "now": now.id if now else None,
        "why": why,
        "prompts": facts.prompts,
        "publishing": _road(facts),
    }
    return {**seen, "text": shown(seen)}


def _road(facts: Facts) -> list[dict[str, Any]]:
    """What comes before publishing, in order."""
    real = facts.metrics is not None and not facts.metrics["data"]["sample"]
    tried, asked = max(0, len(facts.attempts) - 1), len(facts.prompts)
    return [
        {"done": real, "step": f"run on the real data: {COMMAND} all"},
        {
            "done": tried >= ENOUGH_ATTEMPTS,
            "step": f"make {ENOUGH_ATTEMPTS} attempts ({tried} so far), one that you give up and "
            f'say why: {COMMAND} try "why" --set table.key=value',
        },
        {"done": not asked, "step": f"answer the prompts that stand open ({asked})"},
        {"done": False, "step": "scaffold check, until nothing fails; then scaffold publish"},
    ]


def shown(seen: Mapping[str, Any]) -> str:
    """The same for a person."""
    challenges: Sequence[Mapping[str, Any]] = seen["challenges"]
    reached = sum(each["reached"] for each in challenges)
    lines = [f"Challenges: {reached} of {len(challenges)} reached."] if challenges else []
    for each in challenges:
        mark = "✓" if each["reached"] else "→" if each["id"] == seen["now"] else " "
        evidence = f": {each['told']}" if each["reached"] else ""
        lines.append(f"  {mark} {each['level']:<8} {each['title']} ({each['id']}){evidence}")
    lines += ["", f"Now: {seen['why']}."]
    for each in challenges:
        if each["id"] == seen["now"]:
            lines += [f"  {each['title']}: {each['learn']}", f"  Begin in {each['where']}."]
            lines += [f"  {each['hint']}", f"  Goal: {goal_of(each)}. So far: {each['told']}."]
    names = [f"{prompt['name']} ({prompt['file']})" for prompt in seen["prompts"]]
    lines += ["", f"Open prompts: {', '.join(names) or 'none'}.", "", "Before publishing:"]
    lines += [f"  {'✓' if step['done'] else '·'} {step['step']}" for step in seen["publishing"]]
    return "\n".join(map(_in_a_terminal, lines))


def _in_a_terminal(line: str) -> str:
    """A line wrapped to the width of a terminal, what follows set in a little more."""
    indent = " " * (len(line) - len(line.lstrip()) + 2)
    return textwrap.fill(
        line, WIDTH, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False
    )


def goal_of(challenge: Mapping[str, Any]) -> str:
    """A goal in words."""
    goal = challenge["goal"]
    bounds = {"at_most": "at most {:g}", "at_least": "at least {:g}"}
    told = [words.format(goal[key]) for key, words in bounds.items() if key in goal]
    return KINDS[goal["kind"]].words.format(**goal, bound=told[0] if told else "")


def _as_read(page: Path) -> tuple[int, str]:
    """README first, then REPORT."""
    order = {"README.md": 0, "REPORT.md": 1}
    return order.get(page.name, len(order)), page.name
