"""HO: may one believe the numbers?"""

from __future__ import annotations

import json
import re
from collections import Counter
from itertools import combinations
from typing import Any

from scaffold.checks import evidence, split_rows
from scaffold.checks.checkout import Checkout
from scaffold.checks.verdict import PASSES, Check, Verdict, listing
from scaffold.results import number, signed

TEST_READER = "evaluate"
TELLS = re.compile(r"includes zero|no clear difference|does not beat|worse than", re.IGNORECASE)
EXPLAINS = re.compile(r"leak", re.IGNORECASE)


class Honest(Check):
    family = "honest"
    weight = 80


class HO301(Honest):
    """A baseline stands beside the result."""

    reason = "A number alone cannot be judged: .95 is poor where guessing gives .96."
    fix = "Measure a naive baseline on the same rows and print it in the same table."

    def judge(self, checkout: Checkout) -> Verdict:
        found = checkout.results
        if found is None:
            return None
        if found.baseline is None:
            return "reports/metrics.json has no primary.baseline"
        name = found.baseline_name
        if checkout.readme and name and name.lower() not in checkout.readme.text.lower():
            return f"README.md does not name the baseline ({name})"
        return PASSES


class HO302(Honest):
    """The result and its distance from the baseline come with an interval."""

    reason = "Without an interval nobody can tell a difference from luck."
    fix = "Bootstrap the test rows; record primary.ci and comparison.ci."

    def judge(self, checkout: Checkout) -> Verdict:
        found = checkout.results
        if found is None:
            return None
        both = {"primary.ci": found.interval, "comparison.ci": found.difference}
        return listing(f"no interval: {name}" for name, ci in both.items() if ci is None)


class HO303(Honest):
    """The result beats its baseline, or the write-up says that it does not."""

    reason = "A model that is no better than a rule of one line is a finding only if it is told."
    fix = (
        "Improve the model, or say in README.md that the interval of the difference includes zero."
    )

    def judge(self, checkout: Checkout) -> Verdict:
        found = checkout.results
        if found is None or found.difference is None or checkout.readme is None:
            return None
        if found.verdict == "better" or TELLS.search(checkout.readme.text):
            return PASSES
        low, high = map(signed, found.difference)
        return f"{found.verdict}: the difference is within [{low}, {high}]"


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
        if not all(isinstance(read, dict) for read in reads):
            return "data/access.jsonl is not as `evaluate` writes it"
        readers = Counter(str(read.get("reader")) for read in reads if read.get("part") == "test")
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
        listed = {name: part.get("ids", []) for name, part in parts.items()}
        if not all(isinstance(ids, list) for ids in listed.values()):
            return "data/manifest.json does not list the rows of each part"
        ids = {name: set(map(str, rows)) for name, rows in listed.items()}
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
        found = checkout.results
        best = checkout.target.get("published")
        if found is None or not isinstance(best, int | float) or found.from_sample:
            return None
        if found.name != checkout.target.get("metric", found.name):
            return None
        sign = 1 if checkout.target.get("higher_is_better", True) else -1
        bounds = found.interval or (found.value, found.value)
        cautious = bounds[0] if sign > 0 else bounds[1]
        if sign * (cautious - best) <= 0:
            return PASSES
        pages = checkout.documents.values()
        if any(EXPLAINS.search(heading.text) for page in pages for heading in page.headings):
            return PASSES
        return f"{number(found.value)} is beyond {number(best)}, the whole interval included"


class HO307(Honest):
    """A program here could have measured the result."""

    reason = "A number beside code that evaluates nothing was typed, not measured."
    fix = "Commit the program or the notebook that makes the number, and run it."
    blocks = True

    def judge(self, checkout: Checkout) -> Verdict:
        if not checkout.is_study or not evidence.claims_a_result(checkout):
            return None
        if evidence.in_other_languages(checkout) or evidence.evaluates(checkout):
            return PASSES
        return "a result is shown, and no program or notebook here trains or evaluates anything"


CHECKS: tuple[type[Check], ...] = (HO301, HO302, HO303, HO304, HO305, HO306, HO307)
