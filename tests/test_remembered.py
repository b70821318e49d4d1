from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest

from scaffold import remembered
from scaffold.lock import hold

PROGRAM = """\
import sys, time
from pathlib import Path
from scaffold import remembered
path, start, name = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]
while not start.exists():
    time.sleep(0.001)
for number in range(20):
    remembered.add(path, "lines", f"{name}-{number}", number, header="# Lines\\n")
"""


def test_many_processes_lose_no_line(tmp_path: Path) -> None:
    path, start = tmp_path / "settings" / "lines.toml", tmp_path / "start"
    command = [sys.executable, "-c", PROGRAM, str(path), str(start)]
    running = [subprocess.Popen([*command, name]) for name in "abcd"]
    start.touch()
    assert [process.wait(60) for process in running] == [0, 0, 0, 0]
    expected = {f"{name}-{number}": number for name in "abcd" for number in range(20)}
    assert remembered.read(path, "lines") == expected
    assert sorted(file.name for file in path.parent.iterdir()) == ["lines.lock", "lines.toml"]


def test_a_run_that_is_stuck_does_not_stop_the_others_for_long(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(remembered, "_PATIENCE", 0.1)
    path = tmp_path / "lines.toml"
    with path.with_suffix(".lock").open("a") as lock:
        assert hold(lock)
        began = time.monotonic()
        remembered.add(path, "lines", "a", 1, header="")
    assert remembered.read(path, "lines") == {"a": 1}
    assert time.monotonic() - began < 5
