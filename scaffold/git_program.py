"""The program git: the one place from which it is started."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import IO

from scaffold.errors import GitError

# Git speaks English, as what it says is read, and asks nobody at a terminal.
ALWAYS = {"LANGUAGE": "C", "LC_ALL": "C", "GIT_TERMINAL_PROMPT": "0"}
_FLAGS = 0
if sys.platform == "win32":
    _FLAGS = subprocess.CREATE_NO_WINDOW  # of a console


@dataclass(frozen=True)
class Answer:
    """What a call came to: git's exit code, and the bytes that it printed and said."""

    status: int
    printed: bytes
    said: bytes

    @property
    def text(self) -> str:
        """What it printed, without the newline at the end."""
        return decode(self.printed.removesuffix(b"\n"))

    @property
    def words(self) -> str:
        """What it said besides."""
        return decode(self.said).strip()


@dataclass(frozen=True)
class Program:
    """Git in a folder; `environment` holds for all its calls."""

    folder: Path
    environment: dict[str, str] = field(default_factory=dict)

    def call(
        self, *arguments: str, stdin: bytes = b"", env: Mapping[str, str] | None = None
    ) -> Answer:
        """Run `git ARGUMENTS` to its end; GitError only where it cannot be started."""
        try:
            done = subprocess.run(
                [_found(), *arguments], cwd=self.folder, env=self._variables(env), input=stdin,
                capture_output=True, check=False, creationflags=_FLAGS,
            )  # fmt: skip
        except OSError as error:
            raise GitError(f"git cannot be run in {self.folder}: {error.strerror}") from error
        return Answer(done.returncode, done.stdout, done.stderr)

    def start(self, *arguments: str, said: IO[bytes]) -> subprocess.Popen[bytes]:
        """Begin `git ARGUMENTS`, which prints nothing; what it says goes to a file."""
        return subprocess.Popen(
            [_found(), *arguments], cwd=self.folder, env=self._variables(None),
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=said,
            creationflags=_FLAGS,
        )  # fmt: skip

    def _variables(self, env: Mapping[str, str] | None) -> dict[str, str]:
        return {**os.environ, **ALWAYS, **self.environment, **(env or {})}


def decode(words: bytes) -> str:
    """Text of git's, any bytes of which come back by `encode`."""
    return words.decode(errors="surrogateescape")


def encode(text: str) -> bytes:
    return text.encode(errors="surrogateescape")


def _found() -> str:
    found = _on_path(os.environ.get("PATH", ""))
    if found is None:
        raise GitError("git was not found.", "Install git: https://git-scm.com/downloads")
    return found


@cache
def _on_path(path: str) -> str | None:
    """Git on a PATH; on Windows never one that lies in the folder where one happens to be."""
    if sys.platform == "win32":
        os.environ.setdefault("NoDefaultCurrentDirectoryInExePath", "1")
    return shutil.which("git", path=path)
