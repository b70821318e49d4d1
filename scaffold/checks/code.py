"""The Python of a repository, scripts and notebooks alike: parsed, followed, never run."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import cached_property
from typing import TYPE_CHECKING, Any

from scaffold.checks.validity.sources import Source, Unreadable, parse_notebook

if TYPE_CHECKING:
    from scaffold.checks.checkout import Checkout
    from scaffold.checks.validity.events import Story

LARGEST_NOTEBOOK = 50_000_000  # bytes, pictures and all

OF_OTHERS = re.compile(r"(^|/)(\.?v?env|site-packages|node_modules)/")  # committed by mistake


class Code:
    """What the checks of validity and of stumbling blocks read; each part on first use."""

    def __init__(self, checkout: Checkout) -> None:
        self._checkout = checkout

    @cached_property
    def notebooks(self) -> tuple[str, ...]:
        """The paths of all notebooks."""
        return tuple(path for path in sorted(self._checkout.judged) if path.endswith(".ipynb"))

    @cached_property
    def _parsed(self) -> tuple[Source | Unreadable, ...]:
        """Everything but the tests, which may do what a study may not."""
        checkout, tests = self._checkout, set(self._checkout.test_files)
        scripts = [
            source
            for path in checkout.python_files
            if path not in tests
            and not OF_OTHERS.search(path)
            and (source := checkout.source(path)) is not None
        ]
        notebooks = [
            parse_notebook(path, text)
            for path in self.notebooks
            if (text := checkout.text(path, LARGEST_NOTEBOOK)) is not None
        ]
        return (*scripts, *notebooks)

    @cached_property
    def sources(self) -> dict[str, Source]:
        """Everything that could be read as Python 3, by path."""
        return {one.path: one for one in self._parsed if isinstance(one, Source)}

    @cached_property
    def unreadable(self) -> dict[str, str]:
        """What could not be read, and why."""
        return {one.path: one.why for one in self._parsed if isinstance(one, Unreadable)}

    @cached_property
    def story(self) -> Story | None:
        """What the code does with its rows; None where nothing is learned or measured."""
        from scaffold.checks.validity.trace import read

        story = read(self.sources)
        return story if story.events else None

    @cached_property
    def cells(self) -> dict[str, list[dict[str, Any]]]:
        """The cells of each notebook that can be read, as they lie in the file."""
        found: dict[str, list[dict[str, Any]]] = {}
        for path in self.notebooks:
            try:
                parsed = json.loads(self._checkout.text(path, LARGEST_NOTEBOOK) or "")
            except (ValueError, RecursionError):
                continue
            cells = parsed.get("cells") if isinstance(parsed, dict) else None
            listed = cells if isinstance(cells, list) else []
            found[path] = [cell for cell in listed if isinstance(cell, dict)]
        return found

    @cached_property
    def outputs(self) -> dict[str, str]:
        """What each notebook printed."""
        return {path: "\n".join(_printed(cells)) for path, cells in self.cells.items()}

    @cached_property
    def prose(self) -> tuple[str, ...]:
        """The texts between the cells of code."""
        every = (cell for cells in self.cells.values() for cell in cells)
        return tuple(
            _joined(cell.get("source")) for cell in every if cell.get("cell_type") == "markdown"
        )


def _printed(cells: list[dict[str, Any]]) -> Iterator[str]:
    for cell in cells:
        outputs = cell.get("outputs")
        for output in outputs if isinstance(outputs, list) else []:
            if isinstance(output, dict):
                data = output.get("data")
                yield _joined(output.get("text"))
                yield _joined(data.get("text/plain")) if isinstance(data, dict) else ""


def _joined(text: object) -> str:
    """Notebooks keep a text as one string or as a list of lines."""
    return "".join(map(str, text)) if isinstance(text, list) else str(text or "")
