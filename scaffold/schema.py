"""What a TOML file of ours may hold, key by key; a fault is told with file, line and key.

By hand, on the standard library: `scaffold list` reads ten such files, and importing a library for
this takes longer than all of that.
"""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from scaffold.errors import ScaffoldError

_BY_HAND = 1000  # lines
At = tuple[str | int, ...]  # the way to a value: ("questions", 2, "prompt")


@dataclass(frozen=True)
class Plain:
    """A single value, in the words of an error and the types of Python."""

    words: str
    types: tuple[type, ...]


@dataclass(frozen=True)
class ListOf:
    entry: Plain | Table


@dataclass(frozen=True)
class Table:
    """A table by its keys; or, with `others`, one whose keys have any name."""

    keys: Mapping[str, Kind] = field(default_factory=dict)
    required: tuple[str, ...] = ()
    others: Plain | None = None


Kind = Plain | ListOf | Table
TEXT = Plain("a text in quotes", (str,))
NUMBER = Plain("a number", (int, float))
WHOLE = Plain("a whole number", (int,))
FLAG = Plain("true or false", (bool,))
TEXTS = ListOf(TEXT)


@dataclass(frozen=True)
class Document:
    """A file that was read, and the kind of error that its faults are."""

    path: Path
    text: str
    table: dict[str, Any]
    kind: type[ScaffoldError]

    def fault(self, at: At, words: str, hint: str = "") -> ScaffoldError:
        """An error at one of its keys: `file:line: key words`."""
        line = _line_of(self.text, at)
        place = f"{self.path}:{line}:" if line else f"{self.path}:"
        return self.kind(" ".join(filter(None, (place, _shown(at), words))), hint)

    def section(self, at: tuple[str, ...], kinds: Table) -> dict[str, Any]:
        """One of its tables, whose keys are all known; empty where there is none."""
        value: Any = self.table
        for depth, key in enumerate(at):
            if not isinstance(value, dict):
                raise self.fault(at[:depth], "is not a table.")
            value = value.get(key, {})
        for place, words, hint in _faults(value, kinds, at, strict=True):
            raise self.fault(place, words, hint)
        return dict(value)


def read(path: Path, kinds: Table, error: type[ScaffoldError], *, strict: bool = True) -> Document:
    """A TOML file whose values are of their kinds; `strict`: and whose keys are all known."""
    document = _parsed(path, error)
    for at, words, hint in _faults(document.table, kinds, (), strict=strict):
        raise document.fault(at, words, hint)
    return document


def _parsed(path: Path, error: type[ScaffoldError]) -> Document:
    again = "Save it as UTF-8."
    try:
        data = path.read_bytes()
        text = data.decode("utf-8-sig")
        return Document(path, text, tomllib.loads(text), error)
    except OSError as reason:
        raise error(f"{path} cannot be read: {reason.strerror}.") from reason
    except UnicodeDecodeError as reason:
        line = data.count(b"\n", 0, reason.start) + 1
        utf16 = data[:2] in {b"\xff\xfe", b"\xfe\xff"}
        what = "text in UTF-16" if utf16 else "no text in UTF-8"
        raise error(f"{path}:{line} is not valid TOML: it is {what}.", again) from reason
    except tomllib.TOMLDecodeError as reason:
        if "\0" in text:
            raise error(f"{path}:1 is not valid TOML: it holds zero bytes.", again) from reason
        raise error(f"{path} is not valid TOML: {reason}.") from reason


def _faults(value: Any, kind: Kind, at: At, *, strict: bool) -> Iterator[tuple[At, str, str]]:
    """Where a value is not of its kind: the way there, what is wrong, what to do."""
    if isinstance(kind, Plain):
        wrong = not isinstance(value, kind.types)
        if wrong or (isinstance(value, bool) and bool not in kind.types):
            yield at, f"is not {kind.words}.", ""
    elif isinstance(kind, ListOf):
        if not isinstance(value, list):
            what = "texts" if kind.entry is TEXT else "tables"
            yield at, f"is not a list of {what}.", ""
            return
        for number, entry in enumerate(value):
            yield from _faults(entry, kind.entry, (*at, number), strict=strict)
    elif not isinstance(value, dict):
        yield at, "is not a table.", ""
    else:
        yield from _faults_of_table(value, kind, at, strict=strict)


def _faults_of_table(
    table: Mapping[str, Any], kind: Table, at: At, *, strict: bool
) -> Iterator[tuple[At, str, str]]:
    for key, value in table.items():
        inner = kind.keys.get(key, kind.others)
        if inner is not None:
            yield from _faults(value, inner, (*at, key), strict=strict)
        elif strict:
            nearest = difflib.get_close_matches(key.lower(), kind.keys, n=1, cutoff=0.5)
            hint = f"Did you mean {nearest[0]}?" if nearest else f"Known: {', '.join(kind.keys)}."
            yield (*at, key), "is no key that scaffold knows.", hint
    for key in kind.required:
        if key not in table:
            yield at, f"has no {key}.", ""


def _shown(at: At) -> str:
    """`questions[2].prompt`, counted from 1."""
    parts = (f"[{part + 1}]" if isinstance(part, int) else f".{part}" for part in at)
    return "".join(parts).removeprefix(".")


def _line_of(text: str, at: At) -> int:
    """The line on which a key or a table stands, by reading one statement more each time.

    So strings over several lines, dotted keys and inline tables are what TOML says they are. That
    takes its time: 0, which is none, for the top of a file and in one that nobody wrote by hand.
    """
    lines = text.splitlines(keepends=True)
    if not at or len(lines) > _BY_HAND:
        return 0
    begin = 1  # of the statement that is being read
    for number in range(1, len(lines) + 1):
        try:
            table = tomllib.loads("".join(lines[:number]))
        except tomllib.TOMLDecodeError:
            continue
        if _holds(table, at):
            return begin
        begin = number + 1
    return 0


def _holds(value: Any, at: At) -> bool:
    for part in at:
        try:
            value = value[part]
        except (KeyError, IndexError, TypeError):
            return False
    return True
