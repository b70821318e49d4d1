"""What a practice project asks of its author: functions in order, and how far each is written."""

from __future__ import annotations

import ast
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from scaffold import schema
from scaffold.engines.layers import PRACTICE_FILE, PRACTICE_KINDS
from scaffold.errors import PracticeError, UnknownName

_Definition = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Function:
    """One function that the author writes; `function` is its name in the file, dots for a class."""

    name: str
    file: str
    function: str
    asked: str
    tests: tuple[str, ...]
    hints: tuple[str, ...]

    @property
    def place(self) -> str:
        return f"{self.file}: {self.function}"


def functions(root: Path) -> tuple[Function, ...]:
    """The functions of a practice project, or of a rendering for practice, in order."""
    table = schema.read(root / PRACTICE_FILE, PRACTICE_KINDS, PracticeError).table
    return tuple(
        Function(**{**entry, "tests": tuple(entry["tests"]), "hints": tuple(entry["hints"])})
        for entry in table["functions"]
    )


def named(known: Sequence[Function], name: str) -> Function:
    """A function by its name, or by what it is called in its file."""
    for function in known:
        if name in {function.name, function.function}:
            return function
    raise UnknownName("function to practise", name, [function.name for function in known])


def is_written(root: Path, function: Function) -> bool:
    """Whether something else stands there than the error that waits for its author.

    PracticeError where the file or the function is missing, or the file is not Python.
    """
    statements = _after_docstring(_definition(_read(root, function), function))
    return not all(map(_is_missing, statements))


def is_body(root: Path, function: Function, body: str) -> bool:
    """Whether the function's statements are those of a body, comments and layout aside."""
    try:
        written = _after_docstring(_definition(_read(root, function), function))
    except PracticeError:
        return False
    wanted = ast.parse(f"def wanted():\n{body}").body[0]
    assert isinstance(wanted, ast.FunctionDef)  # noqa: S101 - parsed from the line above
    return [ast.dump(one) for one in written] == [ast.dump(one) for one in wanted.body]


def put_body(root: Path, function: Function, body: str) -> str:
    """Write a body below the function's docstring; returns what stood there."""
    text = _read(root, function)
    definition = _definition(text, function)
    statements = _after_docstring(definition)
    first = statements[0].lineno if statements else (definition.end_lineno or 0) + 1
    if ast.get_docstring(definition, clean=False) is not None:
        first = (definition.body[0].end_lineno or 0) + 1
    if first <= definition.lineno:
        raise PracticeError(
            f"{function.place} stands on one line.", "Put its body on lines of its own."
        )
    lines = text.splitlines(keepends=True)
    before = "".join(lines[first - 1 : definition.end_lineno])
    indentation = " " * (definition.col_offset + 4)
    same = body.startswith(indentation) and not body.startswith(f"{indentation} ")
    indented = body if same else textwrap.indent(textwrap.dedent(body), indentation)
    path = root / function.file
    text = "".join([*lines[: first - 1], indented, *lines[definition.end_lineno or 0 :]])
    path.write_text(text, encoding="utf-8", newline="\n")
    return before


def _read(root: Path, function: Function) -> str:
    path = root / function.file
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not in UTF-8"
        raise PracticeError(
            f"{function.file} cannot be read: {why}.",
            f"Put it back as it was: git checkout HEAD -- {function.file}",
        ) from error


def _definition(text: str, function: Function) -> _Definition:
    """The last definition of a function, as Python takes the last one."""
    try:
        body: Sequence[ast.stmt] = ast.parse(text).body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        line = f":{error.lineno}" if isinstance(error, SyntaxError) and error.lineno else ""
        said = error.msg if isinstance(error, SyntaxError) else str(error)
        raise PracticeError(
            f"{function.file}{line} is not Python: {said}.", "Mend that line first."
        ) from error
    *outer, name = function.function.split(".")
    for part in outer:
        inside = [one for one in body if isinstance(one, ast.ClassDef) and one.name == part]
        body = inside[-1].body if inside else []
    found = [one for one in body if isinstance(one, _Definition) and one.name == name]
    if not found:
        raise PracticeError(
            f"{function.file} has no function called {function.function}.",
            "Its tests call it by that name: put it back.",
        )
    return found[-1]


def _after_docstring(definition: _Definition) -> list[ast.stmt]:
    has_one = ast.get_docstring(definition, clean=False) is not None
    return definition.body[1:] if has_one else definition.body


def _is_missing(statement: ast.stmt) -> bool:
    """`raise NotImplementedError(...)`, `pass` or `...`: nobody has written anything yet."""
    if isinstance(statement, ast.Pass):
        return True
    if isinstance(statement, ast.Expr):
        return isinstance(statement.value, ast.Constant) and statement.value.value is ...
    if not isinstance(statement, ast.Raise):
        return False
    raised = statement.exc.func if isinstance(statement.exc, ast.Call) else statement.exc
    return isinstance(raised, ast.Name) and raised.id == "NotImplementedError"
