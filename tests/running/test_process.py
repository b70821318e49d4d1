from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from scaffold.running.process import TAIL_LINES, follow


def test_output_and_errors_are_followed_and_logged(tmp_path: Path) -> None:
    lines: list[str] = []
    code = "import sys; print('one', flush=True); print('two', file=sys.stderr); sys.exit(3)"
    log = tmp_path / "logs" / "log"
    done = follow([sys.executable, "-c", code], folder=tmp_path, log=log, on_line=lines.append)
    assert (done.code, lines, done.last_line) == (3, ["one", "two"], "two")
    assert log.read_text() == "one\ntwo\n"


def test_a_progress_bar_is_many_lines(tmp_path: Path) -> None:
    lines: list[str] = []
    code = "print('10 %', end='\\r'); print('20 %', end='\\r'); print('done')"
    follow([sys.executable, "-c", code], folder=tmp_path, log=tmp_path / "l", on_line=lines.append)
    assert lines == ["10 %", "20 %", "done"]


def test_only_the_end_of_a_long_output_is_kept(tmp_path: Path) -> None:
    code = f"for n in range({TAIL_LINES * 3}): print(n)"
    done = follow([sys.executable, "-c", code], folder=tmp_path, log=tmp_path / "log")
    assert len(done.tail.splitlines()) == TAIL_LINES
    assert done.last_line == str(TAIL_LINES * 3 - 1)


def test_bytes_that_are_no_text_do_not_stop_a_program(tmp_path: Path) -> None:
    code = "import sys; sys.stdout.buffer.write(b'\\xff\\xfe ok\\n')"
    done = follow([sys.executable, "-c", code], folder=tmp_path, log=tmp_path / "log")
    assert done.code == 0
    assert done.tail.endswith("ok")


def test_a_program_gets_no_input(tmp_path: Path) -> None:
    done = follow(
        [sys.executable, "-c", "print(repr(input()))"], folder=tmp_path, log=tmp_path / "log"
    )
    assert "EOFError" in done.tail


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such signals")
def test_a_program_that_will_not_end_is_made_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It ignores the polite request; what follows it is interrupted."""
    code = (
        "import os, signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        "print(os.getpid(), flush=True); time.sleep(60)"
    )
    wait = subprocess.Popen.wait
    monkeypatch.setattr(
        "subprocess.Popen.wait",
        lambda self, timeout=None: wait(self, None if timeout is None else 0.1),
    )
    seen: list[int] = []

    def interrupted(line: str) -> None:
        seen.append(int(line))
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        follow(
            [sys.executable, "-c", code], folder=tmp_path, log=tmp_path / "l", on_line=interrupted
        )
    with pytest.raises(ProcessLookupError):
        os.kill(seen[0], 0)
