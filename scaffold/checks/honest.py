"""HO: may one believe the numbers?"""

from __future__ import annotations

import json
import re
from collections import Counter
from itertools import combinations
from typing import Any, TypeGuard

from scaffold.checks import split_rows
from scaffold.checks.checkout import Checkout
from scaffold.checks.verdict import PASSES, Check, Verdict, listing

TEST_READER = "evaluate"
EXPLAINS = re.compile(r"leak", re.IGNORECASE)


class Honest(Check):
    family = "honest"


class HO301(Honest):
    """A baseline stands beside the result."""

    reason = "A number alone cannot be judged: .95 is poor where guessing gives .96."
    fix = "Measure a naive baseline on the same rows and print it in the same table."

    def judge(self, checkout: Checkout) -> Verdict:
        primary = _primary(checkout)
        if primary is None:
            return None
        if primary.get("baseline") is None:
            return "reports/metrics.json has no primary.baseline"
        name = str(primary.get("baseline_name", ""))
        if checkout.readme and name and name.lower() not in checkout.readme.text.lower():
            return f"README.md does not name the baseline ({name})"
        return PASSES


class HO302(Honest):
    """The result and its distance from the baseline come with an interval."""

    reason = "Without an interval nobody can tell a difference from luck."
    fix = "Bootstrap the test rows; record primary.ci and comparison.ci."

    def judge(self, checkout: Checkout) -> Verdict:
        primary = _primary(checkout)
        if primary is None or checkout.metrics is None:
            return None
        comparison = checkout.metrics.get("comparison", {})
        both = {"primary.ci": primary.get("ci"), "comparison.ci": comparison.get("ci")}
        return listing(f"no interval: {name}" for name, ci in both.items() if not _is_interval(ci))


class HO303(Honest):
    """The result beats its baseline, or the write-up says that it does not."""

    reason = "A model that is no better than a rule of one line is a finding only if it is told."
    fix = (
        "Improve the model, or say in README.md that the interval of the difference includes zero."
    )

    def judge(self, checkout: Checkout) -> Verdict:
        primary = _primary(checkout)
        if primary is None or checkout.metrics is None or checkout.readme is None:
            return None
        interval = checkout.metrics.get("comparison", {}).get("ci")
        if not _is_interval(interval):
            return None
        low, high = interval
        beats = low > 0 if primary.get("higher_is_better", True) else high < 0
        told = re.search(r"includes zero|no clear difference|does not beat", checkout.readme.text)
        return PASSES if beats or told else f"the difference is within [{low:+.3f}, {high:+.3f}]"


class HO304(Honest):
    """The test part is read by `evaluate` alone, and every reading is logged."""

    reason = "Whoever looks at the test part while choosing has no test part any more."
    fix = "Let only `evaluate` read it, through the manifest; a spoilt split has to be drawn anew."

    def judge(self, checkout: Checkout) -> Verdict:
        if checkout.metrics is None or checkout.manifest is None:
            return None
        log = checkout.text("data/access.jsonl")
        if log is None:
            return "there is no data/access.jsonl, though results are here"
        try:
            reads = [json.loads(line) for line in log.splitlines() if line.strip()]
        except ValueError:
            return "data/access.jsonl cannot be read"
        readers = Counter(read.get("reader") for read in reads if read.get("part") == "test")
        if not readers:
            return "data/access.jsonl knows of no reading of the test part, though results are here"
        strangers = {name: times for name, times in readers.items() if name != TEST_READER}
        return listing(f"{name} read it ({times}×)" for name, times in strangers.items())


class HO305(Honest):
    """No row stands in two parts of the split."""

    reason = "A model that has seen a test row in training is asked to remember, not to predict."
    fix = "Group duplicates before splitting, split anew, and run again."

    def judge(self, checkout: Checkout) -> Verdict:
        if checkout.manifest is None:
            return None
        parts: dict[str, Any] = checkout.manifest.get("parts", {})
        ids = {name: set(part.get("ids", [])) for name, part in parts.items()}
        contents = split_rows.contents(checkout, parts)
        return listing(
            f"{len(rows[a] & rows[b])} {what} in {a} and in {b}"
            for what, rows in (("rows", ids), ("rows of the same content", contents))
            for a, b in combinations(sorted(rows), 2)
            if rows[a] & rows[b]
        )


class HO306(Honest):
    """A result better than the best published one is explained."""

    reason = "It is a leak far more often than a discovery, and every expert knows it."
    fix = "Look for the leak; write a section on what you ruled out (its heading names leakage)."

    def judge(self, checkout: Checkout) -> Verdict:
        primary = _primary(checkout)
        best = checkout.target.get("published")
        if primary is None or best is None or checkout.from_sample:
            return None
        if primary.get("name") != checkout.target.get("metric", primary.get("name")):
            return None
        sign = 1 if checkout.target.get("higher_is_better", True) else -1
        interval = primary.get("ci")
        bounds: list[float] = interval if _is_interval(interval) else [primary["value"]] * 2
        cautious = bounds[0] if sign > 0 else bounds[1]
        if sign * (cautious - best) <= 0:
            return PASSES
        pages = checkout.documents.values()
        if any(EXPLAINS.search(heading.text) for page in pages for heading in page.headings):
            return PASSES
        return f"{primary['value']:.3f} is beyond {best:.3f}, the whole interval included"


def _primary(checkout: Checkout) -> dict[str, Any] | None:
    return checkout.metrics["primary"] if checkout.metrics else None


def _is_interval(value: object) -> TypeGuard[list[float]]:
    return (
        isinstance(value, list)
        and len(value) == 2
        and all(isinstance(bound, int | float) for bound in value)
    )


CHECKS: tuple[type[Check], ...] = (HO301, HO302, HO303, HO304, HO305, HO306)
