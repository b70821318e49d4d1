"""Tables that a run of slow tests ends with."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import cast

import pytest

from benchmarks.timing import markdown


def reports(reporter: pytest.TerminalReporter) -> Iterator[tuple[str, pytest.TestReport]]:
    """Every test that passed or failed, with which of the two it was."""
    for outcome in ("passed", "failed"):
        for report in reporter.getreports(outcome):
            yield outcome, report


def recorded(reporter: pytest.TerminalReporter, name: str) -> list[tuple[str, ...]]:
    """What tests have recorded as the property `name`."""
    return [
        cast("tuple[str, ...]", row)
        for _, report in reports(reporter)
        for key, row in report.user_properties
        if key == name
    ]


def write_table(
    reporter: pytest.TerminalReporter,
    title: str,
    head: Sequence[str],
    rows: Iterable[tuple[str, ...]],
) -> None:
    """A section of its own, with the rows in order; none where there is no row."""
    if found := sorted(rows):
        reporter.section(title)
        reporter.write_line(markdown(head, found))
