"""After the run, a table of the challenges with what their solutions came to."""

from __future__ import annotations

import pytest

from tests.summary import recorded, write_table

HEAD = ("template", "challenge", "before", "after its solution")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    rows = recorded(terminalreporter, "reached")
    write_table(terminalreporter, "challenges and their solutions", HEAD, rows)
