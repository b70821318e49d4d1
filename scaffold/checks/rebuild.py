"""The deep check: clone, install, run on the sample, test, as a stranger would."""

from __future__ import annotations

import shlex
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from scaffold import results
from scaffold.checks.checkout import Checkout
from scaffold.checks.verdict import PASSES, NotRead, Verdict, listing
from scaffold.errors import EnvironmentFailed
from scaffold.git import Repository, remove_tree
from scaffold.reporter import SILENT
from scaffold.results import Interval, Results
from scaffold.running import environment
from scaffold.running.process import Finished, follow
from scaffold.staging import workshop

SAME = 1e-9  # of its size: what another order of additions may change
RECORDS = ("data/manifest.json", "data/access.jsonl")


def rebuild(checkout: Checkout) -> Verdict:
    """What fails first in a fresh clone of the committed state. This runs the project's code."""
    with _clone(checkout) as (clone, log):
        return _install(clone, log) or _run(checkout, clone, log)


def measure_again(checkout: Checkout) -> Verdict:
    """Where a second whole run, in a fresh clone, leaves the intervals of the committed results.

    A project of ours runs as `all`; another one by the command that its metrics.json names as
    `run.command`: results that name none are a claim.
    """
    before = checkout.results
    if before is None:
        return None
    command = _command(checkout)
    if not checkout.project and not before.file["run"].get("command"):
        return f"{results.METRICS} does not say what wrote it (run.command)"
    if not command:
        return NotRead("`run.command` does not begin with `python`, and nothing else is run here")
    with _clone(checkout) as (clone, log):
        if failure := _install(clone, log):
            return failure
        (clone / results.METRICS).unlink()
        done = _python(clone, log, command)
        if done.code:
            return f"a second run failed: {done.last_line}"
        after = results.read(clone)
    if after is None:
        return f"a second run wrote no {results.METRICS}"
    return listing(_departures(before, after))


def _command(checkout: Checkout) -> list[str]:
    """What to give to the clone's Python."""
    if checkout.project:
        return ["-m", checkout.project.package, "all"]
    given = checkout.results.file["run"].get("command") if checkout.results else None
    words = shlex.split(given) if isinstance(given, str) else []
    return words[1:] if words and words[0] in {"python", "python3"} else []


def _departures(before: Results, after: Results) -> Iterator[str]:
    """The headline and every other metric that the second run measured elsewhere."""
    one, other = (_metrics(found) for found in (before, after))
    for name, (value, interval) in one.items():
        again = other.get(name)
        if again is None:
            yield f"{name} was not measured again"
            continue
        low, high = interval or (value, value)
        slack = SAME * max(1.0, abs(value))
        if not low - slack <= again[0] <= high + slack:
            yield f"{name}: committed {results.number(value)}, again {results.number(again[0])}"


def _metrics(found: Results) -> dict[str, tuple[float, Interval | None]]:
    others = {
        name: (float(score["value"]), results.interval_of(score.get("ci")))
        for name, score in results.table_of(found.file.get("metrics")).items()
        if isinstance(score, dict) and isinstance(score.get("value"), int | float)
    }
    return {**others, found.label: (found.value, found.interval)}


@contextmanager
def _clone(checkout: Checkout) -> Iterator[tuple[Path, Path]]:
    """A fresh clone and a place for a log; the next call removes those that a kill left."""
    folder = Path(tempfile.mkdtemp(dir=workshop("scaffold-check-")))
    try:
        clone = folder / checkout.root.name
        Repository.open(checkout.root).clone(clone)
        yield clone, folder / "log"
    finally:
        remove_tree(folder)


def _install(clone: Path, log: Path) -> Verdict:
    try:
        environment.make(clone, log, SILENT)
    except EnvironmentFailed as failure:
        said = (failure.output or failure.message).strip().rpartition("\n")[2].strip()
        return f"a clean clone does not install: {said}"
    return PASSES


def _run(checkout: Checkout, clone: Path, log: Path) -> Verdict:
    steps = {}
    if checkout.project:
        for record in RECORDS:  # of the real data: a project refuses to put the sample in its place
            (clone / record).unlink(missing_ok=True)
        steps["the run on the sample"] = ["-m", checkout.project.package, "all", "--sample"]
    if checkout.test_files:
        steps["its tests"] = ["-m", "pytest", "--quiet"]
    for name, arguments in steps.items():
        done = _python(clone, log, arguments)
        if done.code:
            return f"in a clean clone, {name} failed: {done.last_line}"
    return PASSES


def _python(clone: Path, log: Path, arguments: list[str]) -> Finished:
    command = [str(environment.python_of(clone)), *arguments]
    return follow(command, folder=clone, log=log, environment=environment.variables(clone))
