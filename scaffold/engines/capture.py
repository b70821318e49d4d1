"""Keeps what a template's engine and its programs print from the screen."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, redirect_stderr, redirect_stdout
from io import TextIOWrapper

_TAIL = 2000


class Captured:
    """What was printed; complete once the capture has ended."""

    text = ""

    @property
    def tail(self) -> str:
        return self.text[-_TAIL:].strip()


@contextmanager
def captured_output() -> Iterator[Captured]:
    """Take what is printed to the two standard streams, by child processes too."""
    captured = Captured()
    with tempfile.TemporaryFile() as file, ExitStack() as stack:
        for stream in (sys.__stdout__, sys.__stderr__):
            if stream is not None:
                _divert(stream.fileno(), file.fileno(), stack)
        raw = os.fdopen(os.dup(file.fileno()), "wb", buffering=0)
        text = stack.enter_context(
            TextIOWrapper(raw, "utf-8", errors="replace", newline="\n", write_through=True)
        )
        stack.enter_context(redirect_stdout(text))
        stack.enter_context(redirect_stderr(text))
        try:
            yield captured
        finally:
            file.seek(0)
            captured.text = file.read().decode("utf-8", "replace")


def _divert(number: int, target: int, stack: ExitStack) -> None:
    """Let a file descriptor lead elsewhere until the stack unwinds."""
    saved = os.dup(number)
    os.dup2(target, number)
    stack.callback(os.close, saved)
    stack.callback(os.dup2, saved, number)
