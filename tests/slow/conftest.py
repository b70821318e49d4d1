"""After the run, a table of what each template came to."""

from __future__ import annotations

import pytest

from benchmarks.timing import markdown

HEAD = (
    "template", "metric", "value", "gate", "baseline", "gain", "verdict", "seed", "seconds",
)  # fmt: skip


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    rows = sorted(
        row
        for outcome in ("passed", "failed")
        for report in terminalreporter.getreports(outcome)
        for name, row in report.user_properties
        if name == "came to"
    )
    if rows:
        terminalreporter.section("what the templates came to")
        terminalreporter.write_line(markdown(HEAD, rows))
