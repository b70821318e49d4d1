"""What every check has in common, and how its findings read.

A new check is a class of a family: a sentence, a reason, a way out, and `judge`. It stands in its
module's CHECKS; the page docs/reference/checks.md and the tests ask for the rest.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, ClassVar

from scaffold.checks.checkout import Checkout
from scaffold.checks.kind import EVERY, Kind

if TYPE_CHECKING:
    from scaffold.checks.repair import Repair
    from scaffold.checks.validity.faults import Fault

# "" passes, a text says what is wrong, None says that the check does not apply here.
Verdict = str | None
PASSES = ""


class NotRead(str):
    """A verdict: nothing wrong was found, but what this text names was not looked at."""

    __slots__ = ()


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
    owed_by: ClassVar[frozenset[Kind]] = EVERY
    """The kinds of repository that are asked for it."""
    proven: ClassVar[bool] = True
    """Whether four of five of its findings were right on the corpus; else it is a suspicion."""
    weight: ClassVar[int] = 50
    """What a reviewer would say first: the larger, the earlier."""

    def check(self, checkout: Checkout | None) -> Verdict:
        """What repo-review calls; it has no word for what was not read."""
        verdict = self.look(checkout)
        return None if isinstance(verdict, NotRead) else verdict

    def look(self, checkout: Checkout | None) -> Verdict:
        """The verdict, where the check is asked for at all."""
        if checkout is None or (self.deep and not checkout.deep):
            return None
        if checkout.kind not in self.owed_by:
            return None
        return self.judge(checkout)

    def judge(self, checkout: Checkout) -> Verdict:
        raise NotImplementedError

    def evidence(self, checkout: Checkout) -> Sequence[Fault] | None:
        """What it found, place by place, where it knows places."""
        return None

    def repairs(self, checkout: Checkout) -> list[Repair]:
        """What a machine can put right without changing what the program does."""
        return []


def listing(findings: Iterable[object], most: int = 6) -> str:
    """Findings as one text; the rest beyond `most` is counted."""
    found: Sequence[str] = [str(finding) for finding in findings]
    rest = f"; and {len(found) - most} more" if len(found) > most else ""
    return "; ".join(found[:most]) + rest
