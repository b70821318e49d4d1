"""What every check has in common, and how its findings read."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import ClassVar

from scaffold.checks.checkout import Checkout

# "" passes, a text says what is wrong, None says that the check does not apply here.
Verdict = str | None
PASSES = ""

DOCUMENTATION = "docs/checks.md"


class Check:
    """One rule. A subclass's first docstring line is the rule as a sentence that should be true."""

    family: ClassVar[str]
    reason: ClassVar[str]
    """Why a reviewer cares."""
    fix: ClassVar[str]
    """What to do about it."""
    blocks: ClassVar[bool] = False
    """Whether `publish` stops at it."""
    deep: ClassVar[bool] = False
    """Whether it takes minutes and runs with `--deep` only."""

    @property
    def url(self) -> str:
        return f"{DOCUMENTATION}#{type(self).__name__.lower()}"

    def check(self, checkout: Checkout | None) -> Verdict:
        """What repo-review calls."""
        if checkout is None or (self.deep and not checkout.deep):
            return None
        return self.judge(checkout)

    def judge(self, checkout: Checkout) -> Verdict:
        raise NotImplementedError

    def mend(self, checkout: Checkout) -> list[str]:
        """Put right what a machine can; returns a sentence for each thing done."""
        return []


def listing(findings: Iterable[object], most: int = 6) -> str:
    """Findings as one text; the rest beyond `most` is counted."""
    found: Sequence[str] = [str(finding) for finding in findings]
    rest = f"; and {len(found) - most} more" if len(found) > most else ""
    return "; ".join(found[:most]) + rest
