"""After the run, a table of what each template came to."""

from __future__ import annotations

import pytest

from tests.summary import recorded, write_table

HEAD = (
    "template", "metric", "value", "gate", "baseline", "gain", "verdict", "seed", "seconds",
)  # fmt: skip

DEMO = ("template", "MB", "ms in Node", "worst difference", "rows", "seconds on a telephone")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    rows = recorded(terminalreporter, "came to")
    write_table(terminalreporter, "what the templates came to", HEAD, rows)
    demos = recorded(terminalreporter, "its demo")
    write_table(terminalreporter, "what the demos came to", DEMO, demos)
