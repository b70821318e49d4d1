"""What belongs to the terminal: progress lines and prompts. Used by the command line alone."""

from __future__ import annotations

import os
import re
import shutil
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TextIO

import click

from scaffold.engines import Question
from scaffold.errors import AnswerRefused
from scaffold.reporter import State

WIDTH = 80

_MARKS = {"running": "…", "done": "✓", "skipped": "–", "failed": "✗"}
_PLAIN_MARKS = {"running": ".", "done": "+", "skipped": "-", "failed": "x"}
_COLOURS = {"done": "green", "skipped": "bright_black", "failed": "red"}


@dataclass
class TerminalReporter:
    """One line a step; on a terminal the running step shows its latest sign of life there."""

    stream: TextIO = field(default_factory=lambda: sys.stderr)
    _running: str = ""

    def step(self, name: str, state: State, detail: str = "", seconds: float | None = None) -> None:
        self._clear()
        if state == "running":
            self._running = name
            self.progress(detail)
            return
        self._running = ""
        time = "" if seconds is None else duration(seconds)
        mark = click.style(self._mark(state), fg=_COLOURS[state])
        self._echo(f"  {mark} {name:<12}{time:>8}  {_fit(detail, WIDTH - 26)}".rstrip())

    def progress(self, text: str) -> None:
        if self.stream.isatty():
            columns = min(shutil.get_terminal_size().columns, WIDTH) - 1
            line = f"  {self._mark('running')} {self._running:<12}{_fit(text, columns - 17)}"
            self.stream.write(f"\r\x1b[K{line}\r")
            self.stream.flush()

    def message(self, text: str) -> None:
        self._clear()
        self._echo(shortened(text))

    def clear(self) -> None:
        """Take the last sign of life off the screen."""
        self._clear()

    def _mark(self, state: State) -> str:
        try:
            _MARKS[state].encode(self.stream.encoding or "ascii")
        except UnicodeEncodeError:
            return _PLAIN_MARKS[state]
        return _MARKS[state]

    def _clear(self) -> None:
        if self.stream.isatty():
            self.stream.write("\r\x1b[K")

    def _echo(self, text: str) -> None:
        click.echo(text, file=self.stream, color=False if os.environ.get("NO_COLOR") else None)


def ask(question: Question) -> str:
    """One question on the terminal, pre-filled; Ctrl-C ends the program."""
    import questionary

    if question.help:
        click.secho(f"  {question.help}", dim=True)
    if question.choices:
        default = question.default if question.default in question.choices else None
        prompt = questionary.select(question.prompt, list(question.choices), default=default)
    else:
        prompt = questionary.text(
            question.prompt,
            default=question.default,
            validate=lambda text: _complaint(question, text),
        )
    return str(prompt.unsafe_ask())


def is_interactive() -> bool:
    """Whether somebody sits at both ends."""
    return sys.stdin.isatty() and sys.stdout.isatty()


def _complaint(question: Question, text: str) -> bool | str:
    from scaffold.rendering import check_answer

    if complaint := question.complaint(text):
        return complaint
    try:
        check_answer(question, text)
    except AnswerRefused as refusal:
        return refusal.message
    return True


def shortened(text: str) -> str:
    """A text with its paths as one would type them here: without this folder, home as `~`."""
    try:
        places = ((Path.cwd(), ""), (Path.home(), f"~{os.sep}"))
    except (OSError, RuntimeError):  # the folder was deleted, or nobody lives anywhere
        return text
    sep = re.escape(os.sep)
    for folder, short in places:
        if folder != Path(folder.anchor):
            place = rf"(?<![\w.:~{sep}-]){re.escape(str(folder))}"
            text = re.sub(rf"{place}{sep}(?=\S)", short.replace("\\", r"\\"), text)
            text = re.sub(rf"{place}(?=[:,;.)]*(\s|$))", short.rstrip(os.sep) or ".", text)
    return text


def duration(seconds: float) -> str:
    if seconds < 60:
        return f"{seconds:.1f} s"
    return f"{int(seconds) // 60}:{int(seconds) % 60:02} min"


def _fit(text: str, columns: int) -> str:
    line = " ".join(text.split())
    return line if len(line) <= columns else line[: max(columns - 1, 0)] + "…"
