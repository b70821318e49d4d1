"""The one way onto the screen: sentences, progress lines, prompts. Used by the command line alone.

Whatever is shown goes through `say`, as plain text; what gives it colour is said beside it. So a
name or a message of a template or of the network cannot move the cursor, hide a word or turn a line
around: what would is written out, and the passwords in URLs are taken out.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple, TextIO

import click

from scaffold.engines import Question
from scaffold.errors import AnswerRefused
from scaffold.plain import one_line, redacted, visible, visible_json
from scaffold.reporter import State

WIDTH = 80

_MARKS = {"running": "…", "done": "✓", "skipped": "–", "failed": "✗"}
_PLAIN_MARKS = {"running": ".", "done": "+", "skipped": "-", "failed": "x"}
_COLOURS = {"done": "green", "skipped": "bright_black", "failed": "red"}


class Styled(NamedTuple):
    """A text, and how it is to look: the arguments of `click.style`."""

    text: str
    style: dict[str, Any]


def styled(text: str, **style: Any) -> Styled:
    return Styled(text, style)


def say(
    *parts: str | Styled, err: bool = False, nl: bool = True, stream: TextIO | None = None
) -> None:
    """Print parts of a text one after the other, each made safe before it gets its colour."""
    shown = "".join(
        visible(redacted(part))
        if isinstance(part, str)
        else click.style(visible(redacted(part.text)), **part.style)
        for part in parts
    )
    click.echo(shown, file=stream, err=err, nl=nl, color=_in_colour())


def say_json(value: Any, *, exact: bool = False) -> None:
    """Print JSON; `exact`: also the passwords in its URLs, because it holds contents of files."""
    text = json.dumps(value, indent=2, ensure_ascii=False)
    click.echo(visible_json(text if exact else redacted(text)))


def hand_over(text: str) -> None:
    """Print what another program may read: byte for byte, unless a terminal shows it."""
    if sys.stdout.isatty():
        click.echo(visible(text.replace("\r\n", "\\r\n")), nl=False)
    else:
        click.echo(text.encode(errors="surrogateescape"), nl=False)


def _overwrite(stream: TextIO, text: str) -> None:
    """Put one line, or nothing, where the cursor's line is."""
    stream.write(f"\r\x1b[K{visible(redacted(text))}\r" if text else "\r\x1b[K")
    stream.flush()


def _in_colour() -> bool | None:
    """Whether to colour, where somebody said so; None: where there is a terminal."""
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR", "0") not in {"", "0"}:
        return True
    return False if _is_dumb() else None


def _is_dumb() -> bool:
    """A terminal that can neither colour nor move its cursor."""
    return os.environ.get("TERM") == "dumb"


@dataclass
class TerminalReporter:
    """One line a step; on a terminal the running step shows its latest sign of life there."""

    stream: TextIO = field(default_factory=lambda: sys.stderr)
    _running: str = ""

    def step(self, name: str, state: State, detail: str = "", seconds: float | None = None) -> None:
        self.clear()
        if state == "running":
            self._running = name
            self.progress(detail)
            return
        self._running = ""
        time = "" if seconds is None else duration(seconds)
        mark = styled(self._mark(state), fg=_COLOURS[state])
        rest = f" {name:<12}{time:>8}  {_fit(detail, WIDTH - 26)}".rstrip()
        say("  ", mark, rest, stream=self.stream)

    def progress(self, text: str) -> None:
        if self._is_live():
            columns = min(shutil.get_terminal_size().columns, WIDTH) - 1
            line = f"  {self._mark('running')} {self._running:<12}{_fit(text, columns - 17)}"
            _overwrite(self.stream, line)

    def message(self, text: str) -> None:
        self.clear()
        say(shortened(text), stream=self.stream)

    def clear(self) -> None:
        """Take the last sign of life off the screen."""
        if self._is_live():
            _overwrite(self.stream, "")

    def _mark(self, state: State) -> str:
        try:
            _MARKS[state].encode(self.stream.encoding or "ascii")
        except UnicodeEncodeError:
            return _PLAIN_MARKS[state]
        return _MARKS[state]

    def _is_live(self) -> bool:
        return self.stream.isatty() and not _is_dumb()


def confirm(text: str) -> bool:
    """A yes or no on the terminal, no unless somebody says yes."""
    return click.confirm(visible(text), default=False, err=True)


def choose(text: str, words: Sequence[str]) -> str:
    """One of a few words on the terminal."""
    return str(click.prompt(visible(text), type=click.Choice(list(words)), err=True))


def ask(question: Question) -> str:
    """One question on the terminal, pre-filled; Ctrl-C ends the program."""
    if question.help:
        say(styled(f"  {question.help}", dim=True))
    if _is_dumb():
        return _ask_plainly(question)
    import questionary

    words = visible(question.prompt)
    if question.choices:
        default = question.default if question.default in question.choices else None
        choices = [questionary.Choice(one_line(name), value=name) for name in question.choices]
        prompt = questionary.select(words, choices, default=default)
    else:
        prompt = questionary.text(
            words,
            default=one_line(question.default),  # what is seen is what is taken
            validate=lambda text: _complaint(question, text),
        )
    return str(prompt.unsafe_ask())


def _ask_plainly(question: Question) -> str:
    """One question where the cursor cannot be moved: a line out, a line in."""
    choices = f" ({', '.join(map(one_line, question.choices))})" if question.choices else ""
    words = f"{visible(question.prompt)}{choices} [{one_line(question.default)}]"
    while True:
        answer = str(click.prompt(words, default=question.default, show_default=False))
        complaint = _complaint(question, answer)
        if complaint is True:
            return answer
        say(str(complaint))


def is_interactive() -> bool:
    """Whether somebody sits at both ends."""
    return sys.stdin.isatty() and sys.stdout.isatty()


def _complaint(question: Question, text: str) -> bool | str:
    from scaffold.rendering import check_answer

    if complaint := question.complaint(text):
        return one_line(complaint)
    try:
        check_answer(question, text)
    except AnswerRefused as refusal:
        return one_line(refusal.message)
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
    line = one_line(" ".join(redacted(text).split()))
    return line if len(line) <= columns else line[: max(columns - 1, 0)] + "…"
