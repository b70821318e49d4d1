"""After the run, a table of what each template came to."""

from __future__ import annotations

import os

import pytest

from tests.summary import recorded, write_table

HEAD = (
    "template", "metric", "value", "gate", "baseline", "gain", "verdict", "seed", "seconds",
)  # fmt: skip

DEMO = ("template", "MB", "ms in Node", "worst difference", "rows", "seconds on a telephone")


ORDINARY = dict(os.environ)


@pytest.fixture
def ordinary_home(monkeypatch: pytest.MonkeyPatch) -> None:
    """Installers may use the caches and settings of who runs the tests; git still knows nobody."""
    for name in ("HOME", "USERPROFILE", "XDG_CACHE_HOME", "XDG_CONFIG_HOME"):
        monkeypatch.delenv(name, raising=False)
        if name in ORDINARY:
            monkeypatch.setenv(name, ORDINARY[name])


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    rows = recorded(terminalreporter, "came to")
    write_table(terminalreporter, "what the templates came to", HEAD, rows)
    demos = recorded(terminalreporter, "its demo")
    write_table(terminalreporter, "what the demos came to", DEMO, demos)
