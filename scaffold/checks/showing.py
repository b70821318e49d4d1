"""How reviews read: for a terminal, a table of a class, Markdown, CSV, JSON, and SARIF."""

from __future__ import annotations

import csv
import dataclasses
import io
import textwrap
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

from scaffold import __version__
from scaffold.checks.review import Finding, Review
from scaffold.checks.similarity import Likeness, pairs

WIDTH = 80
FIRST = 5  # what a reviewer would say before losing patience
LONGEST_NAME, LONGEST_KIND = 28, 20
STATES = {
    "passes": "pass",
    "fails": "fail",
    "suspected": "suspected",
    "not read": "not read",
    "does not apply": "do not apply",
}
COLUMNS = ("repository", "kind", "pass", "fail", "unread", "first")


def rendered(reviews: Sequence[Review], form: str = "", *, everything: bool = False) -> Any:
    """Reviews in the form that a program or a page asks for, as data or as a text."""
    if form == "json":
        return [as_dict(review) for review in reviews]
    if form == "sarif":
        return as_sarif(reviews)
    if form == "csv":
        return as_csv(reviews).rstrip("\n")
    if form == "markdown":
        return "\n\n".join(map(as_markdown, reviews))
    if len(reviews) > 1 and not everything:
        return as_table(reviews, pairs({review.name: review.marks for review in reviews}))
    return "\n\n".join(as_text(review, everything=everything) for review in reviews)


def as_text(review: Review, *, everything: bool = False) -> str:
    """For a terminal: the five things that matter most, or all of them family by family."""
    if review.error:
        return f"{review.name}: not looked at. {review.error}"
    parts = [_summary(review), *(f"  fixed: {sentence}" for sentence in review.fixed)]
    if review.kind:
        parts.append(filled("  ", f"It is {review.kind}."))
    parts += [filled("  ", f"Could not be read: {why}") for why in review.unreadable]
    if review.left_out:
        parts.append(filled("  ", f"Left out of judgement: {review.left_out}."))
    if everything:
        return "\n".join([*parts, *_by_family(review)])
    ranked = review.ranked
    for finding in ranked[:FIRST]:
        parts += ["", *explained(finding)]
    if doubtful := [finding.check for finding in review.suspicions]:
        more = f"Suspicions, right less than four times out of five: {', '.join(doubtful)} (--all)"
        parts += ["", filled("", more)]
    unread = [f.check for f in review.findings if f.state == "not read"]
    if len(ranked) > FIRST:
        rest = ", ".join(finding.check for finding in ranked[FIRST:])
        parts += ["", filled("", f"{len(ranked) - FIRST} more: {rest} (scaffold check --all)")]
    if unread:
        parts += ["", filled("", f"Not read to the end: {', '.join(unread)} (--all says why)")]
    return "\n".join(parts)


def _by_family(review: Review) -> list[str]:
    parts = []
    for key, name in review.families.items():
        found = [finding for finding in review.findings if finding.family == key]
        if not found:
            continue
        parts += ["", f"{name}: {_counts(found)}"]
        for finding in found:
            if finding.passed is False:
                parts += explained(finding, patches=True)
            elif finding.state == "not read":
                parts.append(filled("  ", f"{finding.check}  not read: {finding.message}"))
    return parts


def as_table(reviews: Sequence[Review], alike: Sequence[Likeness] = ()) -> str:
    """A class at one glance: a row for each, and who resembles whom."""
    rows = [COLUMNS, *(_row(review) for review in reviews)]
    widths = [max(len(str(row[n])) for row in rows) for n in range(len(COLUMNS) - 1)]
    room = max(16, WIDTH - sum(widths) - 2 * len(widths))
    lines = []
    for row in rows:
        cells = [str(cell).ljust(width) for cell, width in zip(row, widths, strict=False)]
        lines.append("  ".join([*cells, _cut(str(row[-1]), room)]))
    if alike:
        lines += ["", "Alike, what all have in common left out:"]
        lines += [f"  {pair}" for pair in alike]
    if left_out := [review for review in reviews if review.left_out]:
        lines += ["", "Left out of judgement:"]
        lines += [filled("  ", f"{review.name}: {review.left_out}") for review in left_out]
    return "\n".join(line.rstrip() for line in lines)


def as_csv(reviews: Iterable[Review]) -> str:
    """A row for each check of each repository, for a spreadsheet."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(("repository", "kind", "check", "state", "blocks", "place", "message"))
    for review in reviews:
        if review.error:
            writer.writerow((review.name, "", "", "not looked at", "", "", review.error))
        if review.left_out:
            said = ("", "left out", "", "", review.left_out)
            writer.writerow((review.name, review.kind, *said))
        for finding in review.findings:
            places = [one["place"] for one in finding.evidence] or [""]
            row = (finding.check, finding.state, finding.blocks, places[0], finding.message)
            writer.writerow((review.name, review.kind, *row))
    return text.getvalue()


def as_dict(review: Review) -> dict[str, Any]:
    """For `--json`."""
    return {
        "path": str(review.root),
        "kind": review.kind,
        "error": review.error,
        "passed": not review.failures and not review.error,
        "publishable": not review.blockers and not review.error,
        "fixed": list(review.fixed),
        "unreadable": list(review.unreadable),
        "left_out": review.left_out,
        "first": [finding.check for finding in review.ranked[:FIRST]],
        "checks": [dataclasses.asdict(finding) for finding in review.findings],
    }


def as_markdown(review: Review) -> str:
    """For an issue, a pull request, a student: the first things in words, then every check."""
    if review.error:
        return f"**{review.name}: not looked at.** {_cell(review.error)}"
    parts = [f"**{_summary(review)}**", ""]
    if review.kind:
        parts += [f"It is {review.kind}.", ""]
    if review.left_out:
        parts += [f"Left out of judgement: {_cell(review.left_out)}.", ""]
    for number, finding in enumerate(review.ranked[:FIRST], 1):
        what = f"{finding.sentence.rstrip('.')}: **no**. {finding.message}"
        parts.append(
            f"{number}. **{finding.check}** {_cell(what)} — {finding.reason} {finding.fix}"
        )
        for one in finding.evidence:
            if one["patch"]:
                parts += ["", "   ```diff", textwrap.indent(one["patch"], "   "), "   ```", ""]
    rows = [
        f"| {f.check} | {f.sentence} | {'**fails**' if f.state == 'fails' else f.state} | "
        f"{_cell(f.message)} |"
        for f in review.findings
    ]
    head = ["", "| check | what should be true | result | found |", "| --- | --- | --- | --- |"]
    return "\n".join([*parts, *head, *rows])


def as_sarif(reviews: Iterable[Review]) -> dict[str, Any]:
    """Static Analysis Results Interchange Format 2.1.0 (OASIS), which GitHub shows in its pages.

    Addresses are relative to where the check was started, as GitHub takes them.
    """
    reviews = list(reviews)
    rules = {
        finding.check: {
            "id": finding.check,
            "shortDescription": {"text": finding.sentence},
            "fullDescription": {"text": finding.reason or finding.sentence},
            "help": {"text": finding.fix or finding.sentence},
        }
        for review in reviews
        for finding in review.findings
    }
    driver = {
        "name": "scaffold check",
        "semanticVersion": __version__,
        "rules": [rules[name] for name in sorted(rules)],
    }
    notes = [note for review in reviews for note in _sarif_notes(review)]
    invocation = {
        "executionSuccessful": not any(review.error for review in reviews),
        "toolExecutionNotifications": notes,
    }
    results = [result for review in reviews for result in _sarif_results(review, len(reviews) == 1)]
    return {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{"tool": {"driver": driver}, "invocations": [invocation], "results": results}],
    }


def _sarif_notes(review: Review) -> Iterable[dict[str, Any]]:
    """What was not judged, and why."""
    if review.error:
        yield {"level": "error", "message": {"text": f"{review.name}: {review.error}"}}
    if review.left_out:
        said = f"{review.name}: left out of judgement: {review.left_out}"
        yield {"level": "note", "message": {"text": said}}


def _sarif_results(review: Review, alone: bool) -> Iterable[dict[str, Any]]:
    here = Path.cwd()
    elsewhere = Path() if alone else Path(review.name)
    inside = review.root.is_relative_to(here)
    folder = review.root.relative_to(here) if inside else elsewhere
    for finding in review.failures:
        level = "error" if finding.blocks else "warning"
        places = finding.evidence or ({"path": "README.md", "line": 1, "text": finding.message},)
        for place in places:
            line = max(1, int(place["line"]))
            yield {
                "ruleId": finding.check,
                "level": level,
                "message": {"text": str(place["text"]) or finding.sentence},
                "locations": [
                    {
                        "physicalLocation": {
                            "artifactLocation": {"uri": quote((folder / place["path"]).as_posix())},
                            "region": {"startLine": line},
                        }
                    }
                ],
            }


def explained(finding: Finding, *, patches: bool = False) -> list[str]:
    """What failed, why it matters, what to do."""
    stops = " (stops publishing)" if finding.blocks else ""
    more = finding.url or (finding.reason and f"scaffold check --explain {finding.check}")
    rows = [
        ("  ", f"{finding.check}  {finding.sentence.rstrip('.')}: no{stops}"),
        ("      found  ", finding.message),
        ("      why    ", finding.reason),
        ("      fix    ", finding.fix),
        ("      more   ", more),
    ]
    lines = [filled(label, text) for label, text in rows if text]
    shown = [one["patch"] for one in finding.evidence if patches and one["patch"]]
    return [*lines, *(textwrap.indent(patch, "      ") for patch in shown)]


def _row(review: Review) -> tuple[object, ...]:
    name, kind = _cut(review.name, LONGEST_NAME), _cut(review.kind, LONGEST_KIND)
    if review.error:
        return (name, "–", "–", "–", "–", f"not looked at: {review.error}")
    counts = {state: sum(f.state == state for f in review.findings) for state in STATES}
    first = review.ranked[0] if review.ranked else None
    said = f"{first.check} {first.message}" if first else ""
    return (name, kind, counts["passes"], counts["fails"], counts["not read"], said)


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"


def _summary(review: Review) -> str:
    blockers = len(review.blockers)
    stops = f"; {blockers} would stop `scaffold publish`" if blockers and review.ours else ""
    return f"{review.name}: {_counts(review.findings)}{stops}"


def _counts(findings: Sequence[Finding]) -> str:
    counts = {state: sum(f.state == state for f in findings) for state in STATES}
    return ", ".join(
        f"{count} {STATES[state]}" for state, count in counts.items() if count or state == "passes"
    )


def filled(label: str, text: str) -> str:
    """A paragraph behind a label, within the terminal's eighty columns."""
    return textwrap.fill(
        text, WIDTH, initial_indent=label, subsequent_indent=" " * max(len(label), 9),
        break_long_words=False, break_on_hyphens=False,
    )  # fmt: skip


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
