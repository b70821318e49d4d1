"""The recording at the head of README: `python -m scripts.recording`.

asciinema records the real tool in an empty home while the commands below are typed; waiting is cut
short, nothing else is changed. svg-term draws it. `uv` and `npx` fetch both programs.
"""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

COMMANDS = (
    "scaffold info house-prices",
    "scaffold new house-prices --yes --set seed=7",
    "cd house-prices",
    "ls",
    "scaffold check --explain ST104",
)
TOP = Path(__file__).parents[1]
CAST = TOP / "docs" / "pictures" / "first-project.cast"
PICTURE = CAST.with_suffix(".svg")
COLUMNS, ROWS = 92, 30
PROMPT = "\x1b[1;32m$\x1b[0m "
LETTER, READING, WAITING = 0.03, 2.0, 0.4  # seconds
FRAMES = 12  # of what a step shows while it works, so many are kept

Event = tuple[float, str, str]


def play() -> None:
    """Type the commands into one shell, slowly enough to be read."""
    folder = Path.cwd()
    for command in COMMANDS:
        _show(PROMPT)
        for letter in command:
            _show(letter)
            time.sleep(LETTER)
        _show("\r\n")
        if command.startswith("cd "):
            folder /= command.removeprefix("cd ")
        else:
            subprocess.run(shlex.split(command), cwd=folder, check=True)
        time.sleep(READING)
    _show(PROMPT)
    time.sleep(READING)


def _show(text: str) -> None:
    sys.stdout.write(text)
    sys.stdout.flush()


def record(home: Path) -> None:
    """The cast of a session in an empty home, with the waiting cut short."""
    programs, work, raw = home / "bin", home / "work", home / "raw.cast"
    programs.mkdir()
    work.mkdir()
    program = programs / "scaffold"
    start = f'PYTHONPATH="{TOP}" exec "{sys.executable}" -m scaffold "$@"'
    program.write_text(f"#!/bin/sh\n{start}\n", encoding="utf-8")
    program.chmod(0o755)
    settings = "[user]\n\tname = Ada Lovelace\n\temail = ada@example.com\n[github]\n\tuser = ada\n"
    (home / ".gitconfig").write_text(settings, encoding="utf-8")
    environment = {
        **os.environ, "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}", "HOME": str(home),
        "TERM": "xterm-256color", "PYTHONPATH": str(TOP), "SHELL": "/bin/sh",
    }  # fmt: skip
    recorder = ["asciinema", "rec", "--quiet", "--cols", str(COLUMNS), "--rows", str(ROWS)]
    played = f"{sys.executable} -m scripts.recording play"
    command = [sys.executable, "-m", "uv", "tool", "run", "--from", "asciinema<3", *recorder]
    subprocess.run([*command, "--command", played, str(raw)], cwd=work, env=environment, check=True)
    _head, *lines = raw.read_text(encoding="utf-8").splitlines()
    kept = shortened([tuple(json.loads(line)) for line in lines])
    shown = {"version": 2, "width": COLUMNS, "height": ROWS, "title": "scaffold"}
    events = (json.dumps(event, ensure_ascii=False) for event in kept)
    CAST.write_text("\n".join([json.dumps(shown), *events, ""]), encoding="utf-8")


def shortened(events: list[Event]) -> Iterator[Event]:
    """The same with short pauses; of many drawings of one line in place a few are kept."""
    now = before = 0.0
    redrawn = 0
    for at, kind, text in events:
        redrawn = redrawn + 1 if text.startswith("\r") and "\n" not in text else 0
        pause, before = at - before, at
        if redrawn > FRAMES:
            continue
        now += min(pause, READING if text.startswith(PROMPT) else WAITING)
        yield round(now, 3), kind, text


def main() -> None:
    if sys.argv[1:] == ["play"]:
        play()
        return
    with tempfile.TemporaryDirectory() as home:
        record(Path(home))
    drawer = ["npx", "--yes", "svg-term-cli@2.1.1", "--in", str(CAST), "--out", str(PICTURE)]
    subprocess.run([*drawer, "--window", "--no-optimize"], check=True)


if __name__ == "__main__":
    main()
