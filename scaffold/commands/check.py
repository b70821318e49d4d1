"""`scaffold check`: would a reviewer take this seriously, and what is missing?"""

from __future__ import annotations

import dataclasses
import textwrap
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from scaffold import guard
from scaffold.checks.repair import Repair
from scaffold.checks.review import Finding, Review, repairs, review
from scaffold.errors import GitError, ScaffoldError, UnknownName
from scaffold.reporter import Reporter, Silent

WIDTH = 80

Consent = Callable[[Repair], bool]
"""Shows a repair's diff; answers whether to do it."""

__all__ = ["Finding", "Review", "as_dict", "as_markdown", "as_text", "check", "explain", "review"]


def check(
    roots: Sequence[Path],
    *,
    deep: bool = False,
    trust: bool = False,
    fix: Consent | None = None,
    reporter: Reporter | None = None,
) -> list[Review]:
    """Review repositories one after the other; with `fix`, offer what a machine can put right.

    What cannot be reviewed at all is a Review with an error; the others are not lost for it.
    """
    reporter = reporter or Silent()
    reviews = []
    for root in roots:
        try:
            reviews.append(_review(root, deep, trust, fix, reporter))
        except ScaffoldError as error:
            reviews.append(Review(root, error=error.message, hint=error.hint))
        except OSError as error:
            reviews.append(Review(root, error=f"{root} cannot be looked at: {error.strerror}."))
    return reviews


def explain(name: str) -> str:
    """All that there is to say about one check."""
    from scaffold.checks import FAMILIES, repo_review_checks

    checks = repo_review_checks()
    found = checks.get(name.upper())
    if found is None:
        raise UnknownName(
            "check", name, map(str.lower, checks), "See their names: scaffold check --markdown"
        )
    stops = "`scaffold publish` stops at it." if found.blocks else "It stops nothing."
    rows = [
        ("", f"{name.upper()}  {(found.__doc__ or '').strip()}"),
        ("  family ", FAMILIES[found.family]),
        ("  why    ", found.reason),
        ("  fix    ", found.fix),
        ("  then   ", f"{stops} To switch it off with a reason: [tool.repo-review.ignore]"),
    ]
    return "\n".join(_filled(label, text) for label, text in rows)


def as_dict(review: Review) -> dict[str, Any]:
    """For `--json`."""
    return {
        "path": str(review.root),
        "error": review.error,
        "passed": not review.failures and not review.error,
        "publishable": not review.blockers and not review.error,
        "fixed": list(review.fixed),
        "checks": [dataclasses.asdict(finding) for finding in review.findings],
    }


def as_text(review: Review) -> str:
    """For a terminal: what fails, why it matters and what to do; the rest in a line a family."""
    if review.error:
        return f"{review.root.name}: not looked at. {review.error}"
    parts = [_summary(review), *(f"  fixed: {sentence}" for sentence in review.fixed)]
    for key, name in review.families.items():
        found = [finding for finding in review.findings if finding.family == key]
        if not found:
            continue
        parts += ["", f"{name}: {_counts(found)}"]
        for finding in found:
            if finding.passed is False:
                parts += _explained(finding)
            elif finding.state == "not read":
                parts.append(_filled("  ", f"{finding.check}  not read: {finding.message}"))
    return "\n".join(parts)


def as_markdown(review: Review) -> str:
    """A table with every check, for an issue or a pull request."""
    if review.error:
        return f"**{review.root.name}: not looked at.** {_cell(review.error)}"
    rows = [
        f"| {f.check} | {f.sentence} | {'**fails**' if f.state == 'fails' else f.state} | "
        f"{_cell(f.message)} |"
        for f in review.findings
    ]
    head = ["| check | what should be true | result | found |", "| --- | --- | --- | --- |"]
    return "\n".join([f"**{_summary(review)}**", "", *head, *rows])


def _review(root: Path, deep: bool, trust: bool, fix: Consent | None, reporter: Reporter) -> Review:
    if not root.is_dir():
        raise ScaffoldError(f"{root} is not a folder.", "Give the folder of a repository.")
    root = root.resolve()
    if deep:
        _require_trust(root, trust, reporter)
    reporter.progress(f"looking at {root.name}")
    found = review(root, deep=deep)
    if fix is None or not found.failures:
        return found
    fixed = [_done(repair) for repair in repairs(root, found) if fix(repair)]
    return dataclasses.replace(review(root, deep=deep), fixed=tuple(fixed)) if fixed else found


def _require_trust(root: Path, trust: bool, reporter: Reporter) -> None:
    """Say that code will run; refuse where nobody said that it may."""
    if not guard.is_trusted(root):
        if not trust:
            raise ScaffoldError(
                f"--deep runs the code of {root.name} (its build, its steps, its tests), and it "
                "was not made here.",
                "If you trust its authors, add --trust. Without --deep, nothing of it runs.",
            )
        try:
            place = guard.trust(root)
        except (GitError, OSError) as error:
            raise ScaffoldError(f"{root.name} cannot be cloned: {error}") from error
        reporter.message(f"{root} is trusted from now on ({place}).")
    reporter.message(
        f"--deep runs the code of {root.name}, in a fresh clone: its build, its steps, its tests."
    )


def _done(repair: Repair) -> str:
    repair.apply()
    return repair.sentence


def _summary(review: Review) -> str:
    counts = _counts(review.findings)
    blockers = len(review.blockers)
    stops = f"; {blockers} would stop `scaffold publish`" if blockers else ""
    return f"{review.root.name}: {counts}{stops}"


def _counts(findings: Sequence[Finding]) -> str:
    words = {
        "passes": "pass",
        "fails": "fail",
        "not read": "not read",
        "does not apply": "do not apply",
    }
    counts = {state: sum(f.state == state for f in findings) for state in words}
    return ", ".join(
        f"{count} {words[state]}" for state, count in counts.items() if count or state == "passes"
    )


def _explained(finding: Finding) -> list[str]:
    stops = " (stops publishing)" if finding.blocks else ""
    more = finding.url or (finding.reason and f"scaffold check --explain {finding.check}")
    rows = [
        ("  ", f"{finding.check}  {finding.sentence.rstrip('.')}: no{stops}"),
        ("      found  ", finding.message),
        ("      why    ", finding.reason),
        ("      fix    ", finding.fix),
        ("      more   ", more),
    ]
    return [_filled(label, text) for label, text in rows if text]


def _filled(label: str, text: str) -> str:
    return textwrap.fill(
        text, WIDTH, initial_indent=label, subsequent_indent=" " * max(len(label), 9),
        break_long_words=False, break_on_hyphens=False,
    )  # fmt: skip


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
