"""Run some tests and tell how each ends, a JSON line at a time, while they run.

This file is handed as text to the interpreter of a project's environment, so it holds to the
standard library and pytest. What the tests print goes nowhere: only this program writes there.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import sys
from pathlib import Path
from typing import Any, TextIO

_LONGEST = 300  # characters of a reason


class Teller:
    """A plugin of pytest; each line carries a word that the tests have not been told."""

    def __init__(self, stream: TextIO, word: str) -> None:
        self._stream, self._word = stream, word
        self._worst: dict[str, tuple[int, str, str]] = {}

    def tell(self, **facts: Any) -> None:
        self._stream.write(json.dumps({"word": self._word, **facts}) + "\n")
        self._stream.flush()

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        self.tell(began=nodeid)

    def pytest_runtest_logreport(self, report: Any) -> None:
        rank = {"passed": 0, "skipped": 1, "failed": 2}[report.outcome]
        why = "" if rank == 0 else _reason(report.longrepr)
        worst = max(
            self._worst.get(report.nodeid, (-1, "", "")),
            (rank, report.outcome, why),
            key=lambda one: one[0],
        )
        self._worst[report.nodeid] = worst
        if report.when == "teardown":
            self.tell(test=report.nodeid, outcome=worst[1], why=worst[2])

    def pytest_collectreport(self, report: Any) -> None:
        if report.failed:
            self.tell(unread=report.nodeid, why=_reason(report.longrepr))


def _reason(trouble: Any) -> str:
    """One line of what pytest would show at length."""
    crash = getattr(trouble, "reprcrash", None)
    if crash is not None:
        return str(crash.message).strip().partition("\n")[0][:_LONGEST]
    said = [line.strip() for line in str(trouble).splitlines() if line.strip()]
    errors = [line[1:].strip() for line in said if line.startswith("E ")]
    return ((errors or said or ["no reason given"])[-1])[:_LONGEST]


def hold(limits: dict[str, int]) -> None:
    """Let the system hold memory, processor seconds, sizes of files and numbers of processes."""
    try:
        import resource
    except ImportError:
        return  # Windows
    kinds = {"memory": "AS", "seconds": "CPU", "size": "FSIZE", "processes": "NPROC"}
    for name, kind in kinds.items():
        if limits.get(name):
            with contextlib.suppress(AttributeError, OSError, ValueError):
                number = getattr(resource, f"RLIMIT_{kind}")
                resource.setrlimit(number, (limits[name], limits[name]))
    if limits.get("user") and hasattr(os, "setuid"):
        os.setgroups([])
        os.setgid(limits["user"])
        os.setuid(limits["user"])


def main() -> None:
    request = json.loads(sys.stdin.readline())
    stream = os.fdopen(os.dup(1), "w", encoding="utf-8")
    nothing = os.open(os.devnull, os.O_RDWR)
    for number in (0, 1, 2):
        os.dup2(nothing, number)
    teller = Teller(stream, request["word"])
    hold(request["limits"])
    os.chdir(request["folder"])
    sys.path.insert(0, str(Path(request["folder"], "src")))
    said = io.StringIO()
    try:
        import pytest

        with contextlib.redirect_stderr(said), contextlib.redirect_stdout(said):
            options = ["-q", "-p", "no:cacheprovider", "-o", "addopts=", "--tb=short"]
            code = int(pytest.main([*options, *request["tests"]], plugins=[teller]))
        teller.tell(ended=code, why=_reason(said.getvalue()) if code > 1 else "")
    except BaseException as error:  # noqa: BLE001 - told, whatever the tests have thrown
        teller.tell(ended=-1, why=f"{type(error).__name__}: {error}"[:_LONGEST])
    stream.flush()
    os._exit(0)


if __name__ == "__main__":
    main()
