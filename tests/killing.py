"""A program that is killed at one of its calls of git: what it leaves is for a test to look at."""

from __future__ import annotations

import itertools
import os
import signal
import warnings
from collections.abc import Callable
from typing import Any

from scaffold.git import Repository


def dies(act: Callable[[], object], number: int, when: str) -> bool:
    """Act in a fork that dies before or after a call of git; False if it came to its end.

    By SIGKILL: no handler, no cleanup.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # the test runner has threads
        child = os.fork()
    if child == 0:
        status = 1
        try:
            _die_at(number, when)
            act()
            status = 0
        finally:
            os._exit(status)
    _, status = os.waitpid(child, 0)
    assert status in (0, signal.SIGKILL)
    return status != 0


def _die_at(number: int, when: str) -> None:
    calls = itertools.count(1)

    def dying(method: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any, **options: Any) -> Any:
            call_number = next(calls)
            if call_number == number and when == "before":
                os.kill(os.getpid(), signal.SIGKILL)
            try:
                return method(*arguments, **options)
            finally:
                if call_number == number:
                    os.kill(os.getpid(), signal.SIGKILL)

        return call

    for name in ("run", "attempt"):
        setattr(Repository, name, dying(getattr(Repository, name)))
