"""A repository's Python, scripts and notebooks alike: trees whose lines lead back to a file."""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

MAGIC = re.compile(r"^\s*([%!?]|.*\?\s*$)")
CELL_OF_ANOTHER_LANGUAGE = re.compile(r"^\s*%%(?!time\b|timeit\b|capture\b|prun\b)")
COPY = re.compile(r"(^|/)\.ipynb_checkpoints/")
TESTS = re.compile(r"(^|/)(tests?/|test_[^/]*\.py$|[^/]*_test\.py$|conftest\.py$)")
PYTHON_2 = re.compile(r"^\s*(print\s+[\"'\w]|except\s+\w+\s*,\s*\w+\s*:)", re.MULTILINE)


@dataclass(frozen=True, order=True)
class Place:
    """A line that a person can open."""

    path: str
    line: int
    cell: int | None = None

    def __str__(self) -> str:
        if self.cell is None:
            return f"{self.path}:{self.line}"
        return f"{self.path}, cell {self.cell}, line {self.line}"


@dataclass(frozen=True)
class Source:
    """A script or notebook: its tree, and where each line of the tree stands.

    `lines` holds the text as it was parsed, `cells` for a notebook the (cell, line) of each line,
    cells counted from 1 as Jupyter's execution order on a clean run counts code cells.
    """

    path: str
    tree: ast.Module
    lines: tuple[str, ...]
    cells: tuple[tuple[int, int], ...] = ()

    def place(self, line: int) -> Place:
        if not self.cells:
            return Place(self.path, line)
        cell, within = self.cells[min(line, len(self.cells)) - 1]
        return Place(self.path, within, cell)

    @property
    def tests(self) -> bool:
        """Whether it tests the code: its numbers are examples."""
        return bool(TESTS.search(self.path)) and any(
            isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
            and node.name.startswith("test_")
            for node in ast.walk(self.tree)
        )

    @property
    def is_program(self) -> bool:
        """Whether it is to be followed: no test, and no copy that Jupyter keeps of a notebook."""
        return not self.tests and not COPY.search(self.path)

    @property
    def module(self) -> str:
        """The dotted name under which the rest of the repository may import it."""
        path = PurePosixPath(self.path).with_suffix("")
        return ".".join(path.parts[:-1] if path.name == "__init__" else path.parts)


@dataclass(frozen=True)
class Unreadable:
    """A file that could not be read as Python 3, and why."""

    path: str
    why: str


def parse_script(
    path: str, text: str, cells: tuple[tuple[int, int], ...] = ()
) -> Source | Unreadable:
    """A `.py` file, or what the `cells` of a notebook come to."""
    text = text.removeprefix("\ufeff")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", SyntaxWarning)
            warnings.simplefilter("ignore", DeprecationWarning)
            tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        why = "Python 2" if PYTHON_2.search(text) else "not valid Python"
        return Unreadable(path, why)
    return Source(path, tree, tuple(text.splitlines()), cells)


def parse_notebook(path: str, text: str) -> Source | Unreadable:
    """A `.ipynb` file: its code cells in order, magics and shell lines left blank."""
    import nbformat

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            notebook = nbformat.reads(text, as_version=4)  # type: ignore[no-untyped-call]
        language = str(notebook.metadata.get("kernelspec", {}).get("language", "python")).lower()
    except Exception as error:  # noqa: BLE001 (a stranger's file: nbformat raises what it likes)
        return Unreadable(path, f"no valid notebook ({type(error).__name__})")
    if language not in {"python", "python3", ""}:
        return Unreadable(path, f"a notebook in {language}")
    lines: list[str] = []
    cells: list[tuple[int, int]] = []
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    for number, cell in enumerate(code, 1):
        for within, line in enumerate(_plain(str(cell.source)), 1):
            lines.append(line)
            cells.append((number, within))
    return parse_script(path, "\n".join(lines), tuple(cells))


def modules(sources: Mapping[str, Source]) -> dict[str, Source]:
    """Every name by which one file of the repository may import another: full, and by its tail."""
    found: dict[str, Source] = {}
    for source in sources.values():
        if source.cells:
            continue
        parts = source.module.split(".")
        for start in range(len(parts)):
            found.setdefault(".".join(parts[start:]), source)
    return found


def _plain(text: str) -> list[str]:
    """A cell's lines; those that IPython would read otherwise become blank, and keep their line."""
    lines = text.replace("\r\n", "\n").split("\n")
    if lines and CELL_OF_ANOTHER_LANGUAGE.match(lines[0]):
        return [""] * len(lines)
    plain = [_without_magic(line) for line in lines]
    try:
        ast.parse("\n".join(plain))
    except (SyntaxError, ValueError, RecursionError):
        return [""] * len(lines)  # one broken cell does not lose the notebook
    return plain


def _without_magic(line: str) -> str:
    if not MAGIC.match(line):
        return line
    indent = line[: len(line) - len(line.lstrip())]
    return f"{indent}pass" if indent else ""
