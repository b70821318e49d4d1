"""After the run, a table of what was planted where, and whether it was caught."""

from __future__ import annotations

import os
import re
import time

import pytest

from tests.summary import reports, write_table

PLANTED = re.compile(r"::test_a_planted_mistake_is_caught\[(?P<template>[\w-]+): (?P<mistake>.+)\]")
HEAD = ("template", "mistake", "its own tests")
STALE = re.compile(r"::test_a_stale_number_in_the_readme_is_caught\[(?P<template>[\w-]+)\]")


def pytest_runtest_setup(item: pytest.Item) -> None:
    """With UNTIL, in seconds since the epoch, no further mistake is planted after it."""
    if time.time() > float(os.environ.get("UNTIL", "inf")) and PLANTED.search(item.nodeid):
        pytest.skip("not planted today: the time is over")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    words = {"passed": "caught", "failed": "**not caught**"}
    rows = [
        (
            found["template"],
            found.groupdict().get("mistake", "a stale number in the README"),
            words[outcome],
        )
        for outcome, report in reports(terminalreporter)
        if (found := PLANTED.search(report.nodeid) or STALE.search(report.nodeid))
    ]
    write_table(terminalreporter, "planted mistakes", HEAD, rows)
