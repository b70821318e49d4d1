"""Which functions of a project are right: their tests run in a process that may be held in a box.

All of them in one process, as starting one takes seconds; where one hangs or takes the process
down, the others go on in a new one. So every function gets its word.
"""

from __future__ import annotations

import json
import os
import queue
import secrets
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, Literal

from scaffold.practising.practice import Function

Word = Literal["right", "wrong", "unwritten", "time", "memory", "broken"]
_LOOK = 0.1  # seconds between two looks at what a process takes
_MEGABYTE = 1_000_000
_LONGEST_LINE = 10_000
_RUNNER = Path(__file__).with_name("telling.py")


@dataclass(frozen=True)
class Limits:
    """What the tests of one function may take; 0: as much as there is."""

    seconds: int = 60
    memory: int = 0  # megabytes, of all its processes together
    processes: int = 0


@dataclass(frozen=True)
class Outcome:
    """How it stands with one function, and the first reason why it is not right."""

    word: Word
    why: str = ""
    test: str = ""


@dataclass(frozen=True)
class Box:
    """Where the tests run: the folder, and the command that becomes their process."""

    folder: Path
    command: tuple[str, ...]  # ends with a Python interpreter of the project's environment
    environment: Mapping[str, str]
    limits: Limits = Limits()
    inside: str = ""  # the folder as the process sees it
    user: int = 0  # whom the process becomes; 0: it stays who it is


def examine(
    functions: Sequence[Function],
    box: Callable[[], Box],
    progress: Callable[[str], None] = lambda _: None,
) -> dict[str, Outcome]:
    """The outcome of each function's tests; a new box is asked for each process."""
    outcomes: dict[str, Outcome] = {}
    while waiting := [one for one in functions if one.name not in outcomes]:
        outcomes |= _once(waiting, box(), progress)
    return outcomes


@dataclass
class _Sheet:
    """What was told of the tests of some functions so far."""

    functions: Sequence[Function]
    ended: dict[str, tuple[str, str]] = field(default_factory=dict)  # by node id
    began: str = ""
    trouble: str = ""

    def note(self, told: Mapping[str, Any]) -> bool:
        """Take in a line; returns whether it was the last one."""
        why = str(told.get("why", ""))
        if "test" in told:
            self.ended[str(told["test"])] = str(told.get("outcome")), why
            self.began = ""
        elif "unread" in told:
            self.trouble = self.trouble or why
        self.began = str(told.get("began", self.began))
        if "ended" in told:
            self.trouble = self.trouble or why
        return "ended" in told

    def outcome(self, function: Function) -> Outcome | None:
        """None while not all of its tests have come to an end."""
        for wanted in function.tests:
            found = [self.ended[node] for node in self.ended if _is_of(node, wanted)]
            for result, why in found:
                if result != "passed":
                    memory = "MemoryError" in why
                    return Outcome("memory" if memory else "wrong", why, wanted)
            if not found or (self.began and _is_of(self.began, wanted)):
                return None
        return Outcome("right")


def _once(
    functions: Sequence[Function], box: Box, progress: Callable[[str], None]
) -> dict[str, Outcome]:
    """What one process came to: at least the outcome of the first of the functions."""
    sheet = _Sheet(functions)
    stop: Outcome | None = None
    finished = False
    deadline = time.monotonic() + box.limits.seconds
    with _Process(box, [test for one in functions for test in one.tests]) as process:
        right = 0
        while not finished:
            told = process.next(_LOOK)
            if told is not None:
                finished = sheet.note(told)
                done = sum(sheet.outcome(one) is not None for one in functions)
                if done > right:
                    right, deadline = done, time.monotonic() + box.limits.seconds
                    progress(functions[done - 1].name)
            elif process.is_over:
                break
            if time.monotonic() > deadline:
                stop = Outcome("time", f"more than {box.limits.seconds} seconds")
                break
            if stop := process.takes_too_much():
                break
    outcomes = {one.name: sheet.outcome(one) for one in functions}
    known = {name: outcome for name, outcome in outcomes.items() if outcome}
    if finished:
        lost = Outcome("broken", sheet.trouble or "its tests did not run")
        return {one.name: known.get(one.name, lost) for one in functions}
    first = _at_fault(functions, sheet)
    ended = stop or Outcome("broken", "the process ended in the midst of its tests")
    return {first.name: ended, **known}


def _at_fault(functions: Sequence[Function], sheet: _Sheet) -> Function:
    """Whose test had begun when the process ended, else the first without an outcome."""
    for function in functions:
        if sheet.began and any(_is_of(sheet.began, wanted) for wanted in function.tests):
            return function
    without = [one for one in functions if sheet.outcome(one) is None]
    return without[0] if without else functions[-1]


def _is_of(node: str, wanted: str) -> bool:
    """Whether a test's id is the wanted one, or one of its parameters'."""
    return node == wanted or node.startswith((f"{wanted}[", f"{wanted}::"))


class _Process:
    """The process of the tests, as a context: at its end nothing of it is left."""

    def __init__(self, box: Box, tests: Sequence[str]) -> None:
        self._box, self._word = box, secrets.token_hex(16)
        self._popen = subprocess.Popen(
            [*box.command, "-I", "-X", "utf8", "-c", _RUNNER.read_text(encoding="utf-8")],
            cwd=box.folder,
            env=dict(box.environment),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        self._told: queue.Queue[dict[str, Any]] = queue.Queue()
        self._request = {
            "word": self._word,
            "tests": list(dict.fromkeys(tests)),
            "folder": box.inside or str(box.folder),
            "limits": self._limits(len(tests)),
        }

    def _limits(self, tests: int) -> dict[str, int]:
        limits = self._box.limits
        limited = limits.memory or limits.processes
        return {
            "memory": limits.memory * _MEGABYTE,
            "seconds": (tests + 1) * limits.seconds if limited else 0,
            "size": 100 * _MEGABYTE if limited else 0,
            "processes": _tasks_of(self._box.user) + limits.processes if limits.processes else 0,
            "user": self._box.user,
        }

    def __enter__(self) -> _Process:
        stdin, stdout = self._popen.stdin, self._popen.stdout
        assert stdin is not None  # noqa: S101 - PIPE was asked for
        assert stdout is not None  # noqa: S101
        self._listener = threading.Thread(target=self._listen, args=(stdout,), daemon=True)
        self._listener.start()
        with suppress(OSError):  # it ended: the reader sees it
            stdin.write(json.dumps(self._request).encode() + b"\n")
            stdin.flush()
        return self

    def __exit__(self, *_: object) -> None:
        self.end()
        for stream in (self._popen.stdin, self._popen.stdout):
            if stream:
                with suppress(OSError):
                    stream.close()

    @property
    def is_over(self) -> bool:
        return self._told.empty() and not self._listener.is_alive()

    def next(self, seconds: float) -> dict[str, Any] | None:
        """The next line with the word in it, if one comes within some seconds."""
        try:
            return self._told.get(timeout=seconds)
        except queue.Empty:
            return None

    def takes_too_much(self) -> Outcome | None:
        """What it and its children take together, where the system tells."""
        limits = self._box.limits
        if not limits.memory and not limits.processes:
            return None
        below = _below(self._popen.pid)
        if limits.processes and len(below) > limits.processes:
            return Outcome("broken", f"more than {limits.processes} processes")
        if limits.memory and sum(below.values()) > limits.memory * _MEGABYTE:
            return Outcome("memory", f"more than {limits.memory} MB")
        return None

    def end(self) -> None:
        """Kill it and what it started."""
        if hasattr(os, "killpg"):
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self._popen.pid, signal.SIGKILL)
        self._popen.kill()
        self._popen.wait()
        self._listener.join(timeout=5)

    def _listen(self, stream: IO[bytes]) -> None:
        with suppress(OSError, ValueError):
            while line := stream.readline(_LONGEST_LINE):
                with suppress(ValueError):
                    told = json.loads(line)
                    if isinstance(told, dict) and told.get("word") == self._word:
                        self._told.put(told)


def _below(pid: int) -> dict[int, int]:
    """The processes that descend from one, itself included, each with its bytes of memory."""
    parents: dict[int, int] = {}
    sizes: dict[int, int] = {}
    page = os.sysconf("SC_PAGE_SIZE") if hasattr(os, "sysconf") else 4096
    for number, rest in _stats():
        parents[number], sizes[number] = int(rest[1]), int(rest[21]) * page
    family = {pid}
    while more := {one for one, parent in parents.items() if parent in family} - family:
        family |= more
    return {one: sizes[one] for one in family if one in sizes}


def _stats() -> Iterator[tuple[int, list[str]]]:
    """Linux's /proc/N/stat: the number, and the fields after the program's name."""
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError, ValueError, IndexError):
            text = (folder / "stat").read_text(encoding="utf-8", errors="replace")
            yield int(folder.name), text.rpartition(")")[2].split()


def _tasks_of(user: int) -> int:
    """How many processes and threads a user has now, as their number is limited by user."""
    who = user or (os.getuid() if hasattr(os, "getuid") else 0)
    count = 0
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if folder.stat().st_uid == who:
                count += len(list((folder / "task").iterdir()))
    return count
