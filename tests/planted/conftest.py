"""After the run, a table of what was planted where, and whether it was caught."""

from __future__ import annotations

import re

import pytest

from benchmarks.timing import markdown

PLANTED = re.compile(r"::test_a_planted_mistake_is_caught\[(?P<template>[\w-]+): (?P<mistake>.+)\]")
STALE = re.compile(r"::test_a_stale_number_in_the_readme_is_caught\[(?P<template>[\w-]+)\]")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    rows = sorted(
        (found["template"], found.groupdict().get("mistake", "a stale number in the README"), word)
        for outcome, word in (("passed", "caught"), ("failed", "**not caught**"))
        for report in terminalreporter.getreports(outcome)
        if (found := PLANTED.search(report.nodeid) or STALE.search(report.nodeid))
    )
    if rows:
        terminalreporter.section("planted mistakes")
        terminalreporter.write_line(markdown(("template", "mistake", "its own tests"), rows))
