"""RE: could somebody else get the same numbers?"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from scaffold.checks.checkout import Checkout
from scaffold.checks.dependencies import locked
from scaffold.checks.kind import FINISHED
from scaffold.checks.verdict import PASSES, Check, Verdict, listing

if TYPE_CHECKING:
    from scaffold.checks.repair import Repair

TARGET = re.compile(r"^(?P<names>[A-Za-z][\w .-]*?)\s*:(?!=)", re.MULTILINE)
CALL = re.compile(r"(?:^|`|&& )\s*(?:\$ )?make((?: [a-z][\w-]*)+)\s*(?:`|#|$)", re.MULTILINE)


class Reproducible(Check):
    family = "reproducible"


class RE201(Reproducible):
    """Every dependency has an upper bound, or a lock file pins it."""

    weight = 40
    reason = "Without a bound, next year's release of a dependency decides whether this still runs."
    fix = "Write a range such as `pandas>=2.2,<3` for each, or commit a lock file."

    def judge(self, checkout: Checkout) -> Verdict:
        if locked(checkout):
            return PASSES
        if not checkout.requirements:
            return None
        return listing(needed for needed in checkout.requirements if not needed.bounded)

    def repairs(self, checkout: Checkout) -> list[Repair]:
        from scaffold.checks.repair import bound_dependencies

        return bound_dependencies(checkout)


class RE202(Reproducible):
    """The results of a run are in the repository."""

    reason = "Without reports/metrics.json nobody can see, or check, what was measured."
    fix = "Run the project to its end (`scaffold run`) and commit reports/."
    blocks = True

    def judge(self, checkout: Checkout) -> Verdict:
        if checkout.results_fault:
            return checkout.results_fault
        if not checkout.is_generated:
            return None
        return PASSES if checkout.results else "there is no reports/metrics.json"


class RE203(Reproducible):
    """The results come from the code, the configuration and the data that stand here."""

    reason = "Numbers of an older program describe a program that no longer exists."
    fix = "Run the project again (`scaffold run`); only the steps that changed are repeated."
    blocks = True

    def judge(self, checkout: Checkout) -> Verdict:
        if checkout.metrics is None or not (checkout.is_generated or checkout.metrics["inputs"]):
            return None
        inputs = checkout.metrics["inputs"]
        if not inputs:
            return "reports/metrics.json does not say which files its numbers come from"
        if uncovered := [path for path in _story(checkout) if path not in inputs]:
            return listing(f"the numbers do not come from {path}" for path in uncovered)
        stale = [path for path, digest in inputs.items() if checkout.sha256(path) != digest]
        data = checkout.metrics["data"].get("sha256")
        if checkout.manifest and checkout.manifest.get("sha256") != data:
            stale.append("the data themselves (data/manifest.json)")
        return listing(f"changed since the run: {path}" for path in stale)


class RE204(Reproducible):
    """The results come from the real data, not from the sample."""

    reason = "The sample shows that the program runs; its numbers say nothing about the question."
    fix = "Run on the real data: `scaffold run` without --sample."
    blocks = True

    def judge(self, checkout: Checkout) -> Verdict:
        if checkout.metrics is None:
            return None
        return "reports/metrics.json was made with --sample" if checkout.from_sample else PASSES


class RE205(Reproducible):
    """The results name their seed and the digest of their data."""

    reason = "Without them, nobody can tell whether a second run should give the same numbers."
    fix = "Record run.seed and data.sha256 in reports/metrics.json."

    def judge(self, checkout: Checkout) -> Verdict:
        if checkout.metrics is None:
            return None
        missing = [
            f"{table}.{key}"
            for table, key in (("run", "seed"), ("data", "sha256"), ("data", "rows"))
            if checkout.metrics.get(table, {}).get(key) in (None, "")
        ]
        return listing(f"not recorded: {name}" for name in missing)


class RE206(Reproducible):
    """Every `make` command that the write-up names is in the Makefile."""

    reason = "The first command of a README is the first thing a reviewer types."
    fix = "Add the target to the Makefile, or correct the command."

    def judge(self, checkout: Checkout) -> Verdict:
        named = dict(_make_calls(checkout))
        makefile = checkout.text("Makefile") or ""
        if not named:
            return None
        targets = {name for match in TARGET.finditer(makefile) for name in match["names"].split()}
        return listing(f"`make {n}` ({path})" for n, path in named.items() if n not in targets)


class RE207(Reproducible):
    """The project says which Python it needs."""

    owed_by = FINISHED
    reason = "Installing on a Python that is too old fails in the middle, with a riddle."
    fix = 'Set `requires-python = ">=3.11"` (or what you tested) in pyproject.toml.'

    def judge(self, checkout: Checkout) -> Verdict:
        project = checkout.pyproject.get("project")
        if project is None:
            return None
        return PASSES if project.get("requires-python") else "pyproject.toml has no requires-python"


class RE208(Reproducible):
    """A clean clone installs, runs on the sample and passes its tests."""

    reason = "What runs on the author's machine only is not finished."
    fix = "Read the end of the step's output, correct it, commit, and run this check again."
    deep = True

    def judge(self, checkout: Checkout) -> Verdict:
        if checkout.repository is None or "pyproject.toml" not in checkout.tracked:
            return None
        if not checkout.pyproject.get("project"):
            return "pyproject.toml has no [project] table, so there is nothing to install"
        from scaffold.checks.rebuild import rebuild

        return rebuild(checkout)


class RE209(Reproducible):
    """A second run measures what the committed results say."""

    reason = "A number that comes only once was luck, or was never measured."
    fix = "Run again and commit what it measures; `run.command` in metrics.json says how to."
    deep = True
    weight = 85

    def judge(self, checkout: Checkout) -> Verdict:
        if checkout.repository is None or checkout.results is None:
            return None
        from scaffold.checks.rebuild import measure_again

        return measure_again(checkout)


def _story(checkout: Checkout) -> list[str]:
    """The modules of a generated project that every result of it comes from."""
    if checkout.project is None:
        return []
    package = f"src/{checkout.project.package}"
    paths = (f"{package}/{name}.py" for name in ("data", "model", "train", "evaluate"))
    return [path for path in paths if path in checkout.files]


def _make_calls(checkout: Checkout) -> Iterator[tuple[str, str]]:
    for path, document in checkout.documents.items():
        for match in CALL.finditer(document.text):
            for name in match[1].split():
                yield name, path


CHECKS: tuple[type[Check], ...] = (RE201, RE202, RE203, RE204, RE205, RE206, RE207, RE208, RE209)
