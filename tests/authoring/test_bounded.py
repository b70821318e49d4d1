"""Commands that must end: how they ended is said, and what was killed is run once more."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from scaffold.authoring import bounded

MARKED = "from pathlib import Path; mark = Path('mark'); again = mark.exists(); mark.touch()"


def python(folder: Path, code: str) -> tuple[int, str]:
    done = bounded.run([sys.executable, "-c", f"{MARKED}\n{code}"], folder, {})
    return done.returncode, done.stdout


def test_a_command_that_ends_is_run_once_and_its_end_is_said(tmp_path: Path) -> None:
    code, said = python(tmp_path, "print('again' if again else 'first'); raise SystemExit(3)")
    assert code == 3
    assert said.startswith("first\n")
    assert "ended with 3 after" in said


@pytest.mark.skipif(sys.platform == "win32", reason="no signals")
def test_a_command_that_was_killed_is_run_once_more(tmp_path: Path) -> None:
    kill = "import os, signal; again or os.kill(os.getpid(), signal.SIGKILL); print('again')"
    with pytest.warns(UserWarning, match="ended with -9"):
        code, said = python(tmp_path, kill)
    assert code == 0
    assert said.startswith("again\n")


def test_a_command_that_stands_still_is_run_once_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PLANTED_LIMIT", "2")
    with pytest.warns(UserWarning, match="ended with 124 after"):
        code, _ = python(tmp_path, "import time; again or time.sleep(60)")
    assert code == 0
