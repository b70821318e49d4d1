"""The deep check: clone, install, run on the sample, test, as a stranger would."""

from __future__ import annotations

import tempfile
from pathlib import Path

from scaffold import environment
from scaffold.checks.checkout import Checkout
from scaffold.checks.verdict import PASSES, Verdict
from scaffold.errors import EnvironmentFailed
from scaffold.git import Repository, remove_tree
from scaffold.process import follow
from scaffold.reporter import Silent
from scaffold.staging import workshop

RECORDS = ("data/manifest.json", "data/access.jsonl")


def rebuild(checkout: Checkout) -> Verdict:
    """What fails first in a fresh clone of the committed state. This runs the project's code.

    The clone is removed afterwards; the next call removes one that a killed process left.
    """
    folder = Path(tempfile.mkdtemp(dir=workshop("scaffold-check-")))
    try:
        clone = folder / checkout.root.name
        Repository.open(checkout.root).clone(clone)
        return _install(clone, folder / "log") or _run(checkout, clone, folder / "log")
    finally:
        remove_tree(folder)


def _install(clone: Path, log: Path) -> Verdict:
    try:
        environment.make(clone, log, Silent())
    except EnvironmentFailed as failure:
        return f"a clean clone does not install: {_last_line(failure.output or failure.message)}"
    return PASSES


def _run(checkout: Checkout, clone: Path, log: Path) -> Verdict:
    python = str(environment.python_of(clone))
    steps = {}
    if checkout.project:
        for record in RECORDS:  # of the real data: a project refuses to put the sample in its place
            (clone / record).unlink(missing_ok=True)
        steps["the run on the sample"] = ["-m", checkout.project.package, "all", "--sample"]
    if checkout.test_files:
        steps["its tests"] = ["-m", "pytest", "--quiet"]
    for name, arguments in steps.items():
        done = follow(
            [python, *arguments], folder=clone, log=log, environment=environment.variables(clone)
        )
        if done.code:
            return f"in a clean clone, {name} failed: {_last_line(done.tail)}"
    return PASSES


def _last_line(text: str) -> str:
    return text.strip().rpartition("\n")[2].strip()
