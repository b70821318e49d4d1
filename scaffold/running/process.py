"""Run a program, follow its output line by line, keep all of it in a log."""

from __future__ import annotations

import subprocess
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

TAIL_LINES = 30


@dataclass(frozen=True)
class Finished:
    """How a program ended, and the last lines that it wrote."""

    code: int
    tail: str

    @property
    def last_line(self) -> str:
        return self.tail.strip().rpartition("\n")[2].strip()


def follow(
    command: Sequence[str],
    *,
    folder: Path,
    log: Path,
    environment: Mapping[str, str] | None = None,
    on_line: Callable[[str], None] | None = None,
) -> Finished:
    """Run a command to its end; what it writes goes to the log and, line by line, to `on_line`.

    A progress bar that rewrites its line counts as many lines. If the caller is interrupted, the
    program is stopped too.
    """
    tail: deque[str] = deque(maxlen=TAIL_LINES)
    log.parent.mkdir(parents=True, exist_ok=True)
    with (
        log.open("a", encoding="utf-8") as file,
        subprocess.Popen(
            command,
            cwd=folder,
            env=dict(environment) if environment is not None else None,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="replace",
        ) as process,
    ):
        assert process.stdout is not None  # noqa: S101 - PIPE was asked for
        try:
            for line in process.stdout:
                file.write(line)
                if line.strip():
                    tail.append(line.rstrip())
                    if on_line:
                        on_line(line.strip())
            code = process.wait()
        except BaseException:
            _stop(process)
            raise
    return Finished(code, "\n".join(tail))


def _stop(process: subprocess.Popen[str]) -> None:
    """Ask a program to end, then make it."""
    process.terminate()
    try:
        process.wait(timeout=5)
    except subprocess.TimeoutExpired:
        process.kill()
