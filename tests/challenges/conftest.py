"""After the run, a table of the challenges with what their solutions came to."""

from __future__ import annotations

import pytest

from benchmarks.timing import markdown

HEAD = ("template", "challenge", "before", "after its solution")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    rows = sorted(
        row
        for outcome in ("passed", "failed")
        for report in terminalreporter.getreports(outcome)
        for name, row in report.user_properties
        if name == "reached"
    )
    if rows:
        terminalreporter.section("challenges and their solutions")
        terminalreporter.write_line(markdown(HEAD, rows))
