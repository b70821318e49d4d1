"""`scaffold check`: would a reviewer take this seriously, and what is missing?"""

from __future__ import annotations

import dataclasses
import textwrap
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scaffold.checks.checkout import Checkout
from scaffold.errors import ScaffoldError
from scaffold.reporter import Reporter, Silent

if TYPE_CHECKING:
    from repo_review.checks import Check as AnyCheck
    from repo_review.processor import CollectionReturn

WIDTH = 80


@dataclass(frozen=True)
class Finding:
    """What one check found; `passed` is None where it does not apply."""

    check: str
    family: str
    sentence: str
    passed: bool | None
    message: str
    reason: str
    fix: str
    blocks: bool
    url: str


@dataclass(frozen=True)
class Review:
    """All findings about one repository."""

    root: Path
    findings: tuple[Finding, ...]
    families: dict[str, str]
    fixed: tuple[str, ...] = field(default=())

    @property
    def failures(self) -> list[Finding]:
        return [finding for finding in self.findings if finding.passed is False]

    @property
    def blockers(self) -> list[Finding]:
        """What `publish` stops at."""
        return [finding for finding in self.failures if finding.blocks]


def check(
    roots: Sequence[Path],
    *,
    deep: bool = False,
    fix: bool = False,
    reporter: Reporter | None = None,
) -> list[Review]:
    """Review repositories one after the other; with `fix`, put right what a machine can first."""
    reporter = reporter or Silent()
    return [_review(_existing(root), deep, fix, reporter) for root in roots]


def review(root: Path, *, deep: bool = False, whole_history: bool = False) -> Review:
    """Run every check, ours and other people's, on one repository."""
    from repo_review.processor import process

    collected = _collect(root, deep, whole_history)
    families, results = process(root, collected=collected)
    findings = tuple(
        _finding(result.name, collected.checks[result.name], dataclasses.asdict(result))
        for result in results
    )
    return Review(root, findings, {key: entry.get("name", key) for key, entry in families.items()})


def mend(root: Path, failures: Iterable[Finding]) -> list[str]:
    """Let the failed checks put right what they can; returns what they did, a sentence each."""
    from scaffold.checks import repo_review_checks

    checks = repo_review_checks()
    ours = (checks[finding.check] for finding in failures if finding.check in checks)
    return [done for one in ours for done in one.mend(Checkout(root))]


def as_dict(review: Review) -> dict[str, Any]:
    """For `--json`."""
    return {
        "path": str(review.root),
        "passed": not review.failures,
        "publishable": not review.blockers,
        "fixed": list(review.fixed),
        "checks": [dataclasses.asdict(finding) for finding in review.findings],
    }


def as_text(review: Review) -> str:
    """For a terminal: what fails, why it matters and what to do; the rest in a line a family."""
    parts = [_summary(review), *(f"  fixed: {sentence}" for sentence in review.fixed)]
    for key, name in review.families.items():
        found = [finding for finding in review.findings if finding.family == key]
        if not found:
            continue
        parts += ["", f"{name}: {_counts(found)}"]
        for finding in found:
            if finding.passed is False:
                parts += _explained(finding)
    return "\n".join(parts)


def as_markdown(review: Review) -> str:
    """A table with every check, for an issue or a pull request."""
    words = {True: "passes", False: "**fails**", None: "does not apply"}
    rows = [
        f"| {f.check} | {f.sentence} | {words[f.passed]} | {_cell(f.message)} |"
        for f in review.findings
    ]
    head = ["| check | what should be true | result | found |", "| --- | --- | --- | --- |"]
    return "\n".join([f"**{_summary(review)}**", "", *head, *rows])


def _existing(root: Path) -> Path:
    if not root.is_dir():
        raise ScaffoldError(f"{root} is not a folder.", "Give the folder of a repository.")
    return root.resolve()


def _review(root: Path, deep: bool, fix: bool, reporter: Reporter) -> Review:
    reporter.progress(f"looking at {root.name}")
    found = review(root, deep=deep)
    if not fix or not found.failures:
        return found
    fixed = mend(root, found.failures)
    return dataclasses.replace(review(root, deep=deep), fixed=tuple(fixed))


def _collect(root: Path, deep: bool, whole_history: bool) -> CollectionReturn:
    """Like repo-review's own collection, with our fixture told how deep to look."""
    from repo_review.processor import CollectionReturn, collect_all

    fixtures, checks, families = collect_all(root)
    ours = Checkout(root, deep=deep, whole_history=deep or whole_history)
    fixtures = {**fixtures, "checkout": ours}
    return CollectionReturn(fixtures, checks, families)


def _finding(name: str, check: AnyCheck, result: dict[str, Any]) -> Finding:
    """Checks of other packages have neither reason nor fix, and never block."""
    return Finding(
        check=name,
        family=result["family"],
        sentence=result["description"].splitlines()[0] if result["description"] else name,
        passed=result["result"],
        message=result["skip_reason"] or result["err_msg"].strip(),
        reason=getattr(check, "reason", ""),
        fix=getattr(check, "fix", ""),
        blocks=getattr(check, "blocks", False),
        url=result["url"],
    )


def _summary(review: Review) -> str:
    counts = _counts(review.findings)
    blockers = len(review.blockers)
    stops = f"; {blockers} would stop `scaffold publish`" if blockers else ""
    return f"{review.root.name}: {counts}{stops}"


def _counts(findings: Sequence[Finding]) -> str:
    passed = sum(finding.passed is True for finding in findings)
    failed = sum(finding.passed is False for finding in findings)
    idle = len(findings) - passed - failed
    words = [f"{passed} pass", f"{failed} fail" if failed else "", f"{idle} do not apply"]
    return ", ".join(word for word in words[: 3 if idle else 2] if word)


def _explained(finding: Finding) -> list[str]:
    stops = " (stops publishing)" if finding.blocks else ""
    rows = [
        ("  ", f"{finding.check}  {finding.sentence.rstrip('.')}: no{stops}"),
        ("      found  ", finding.message),
        ("      why    ", finding.reason),
        ("      fix    ", finding.fix),
        ("      more   ", finding.url),
    ]
    return [
        textwrap.fill(
            text, WIDTH, initial_indent=label, subsequent_indent=" " * max(len(label), 9),
            break_long_words=False, break_on_hyphens=False,
        )
        for label, text in rows
        if text
    ]  # fmt: skip


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
