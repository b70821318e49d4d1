"""A command that must end: what it said, and how long it may take.

A spoilt program may wait for ever, and what it started may hold its output open. So the output
goes into a file, and at the limit the whole family of processes ends.
"""

from __future__ import annotations

import os
import signal
import subprocess
import tempfile
import time
import warnings
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

LATE = 124  # the exit code at the limit, as timeout(1) has it


def run(
    command: Sequence[str], folder: Path, env: Mapping[str, str]
) -> subprocess.CompletedProcess[str]:
    """Output and errors are one text, and how it ended.

    What stood still, or was killed by something else, is run once more, with a warning.
    """
    limit = int(os.environ.get("PLANTED_LIMIT", "420"))  # seconds; the longest takes 150 alone
    done = _run(command, folder, env, limit)
    if done.returncode == LATE or done.returncode < 0:
        warnings.warn(f"{' '.join(command)} is run again:\n{done.stdout[-6000:]}", stacklevel=2)
        done = _run(command, folder, env, 2 * limit)
    return done


def _run(
    command: Sequence[str], folder: Path, env: Mapping[str, str], limit: float
) -> subprocess.CompletedProcess[str]:
    begun = time.monotonic()
    with tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as said:
        running = subprocess.Popen(
            command,
            cwd=folder,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            code = running.wait(limit)
        except subprocess.TimeoutExpired:
            code = LATE
        finally:
            _end(running)
        said.seek(0)
        end = f"ended with {code} after {time.monotonic() - begun:.0f} of {limit:g} s"
        return subprocess.CompletedProcess(command, code, f"{said.read()}\n{end}\n")


def _end(running: subprocess.Popen[bytes]) -> None:
    if os.name == "nt":
        running.kill()
    else:
        with suppress(ProcessLookupError):
            os.killpg(running.pid, signal.SIGKILL)
    running.wait()
