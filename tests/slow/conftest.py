"""After the run, a table of what each template came to."""

from __future__ import annotations

import pytest

HEAD = ("template", "metric", "value", "gate", "baseline", "seconds")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    rows = sorted(
        row
        for outcome in ("passed", "failed")
        for report in terminalreporter.getreports(outcome)
        for name, row in report.user_properties
        if name == "came to"
    )
    if rows:
        lines = [HEAD, tuple("---" for _ in HEAD), *map(tuple, rows)]
        widths = [max(len(line[column]) for line in lines) for column in range(len(HEAD))]
        terminalreporter.section("what the templates came to")
        for line in lines:
            cells = (cell.ljust(width) for cell, width in zip(line, widths, strict=True))
            terminalreporter.write_line(f"| {' | '.join(cells)} |")
