"""Which files a repository answers for: all but those that its own pyproject.toml leaves out.

    [tool.scaffold.check]
    exclude = ["tests/specimens/", "vendor/"]

Patterns are those of .gitignore. What is left out is not judged, and the review says so. It is
published all the same: keys and passwords are looked for in it, and its size is taken.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from scaffold import schema
from scaffold.errors import ScaffoldError

SECTION = ("tool", "scaffold", "check")
_KEYS = schema.Table({"exclude": schema.TEXTS})


@dataclass(frozen=True)
class Scope:
    """The patterns of what is left out, or why they cannot be used."""

    patterns: tuple[str, ...] = ()
    fault: str = ""

    def judged(self, files: Iterable[str]) -> frozenset[str]:
        """Of some files, those that are not left out."""
        if not self.patterns:
            return frozenset(files)
        from pathspec import GitIgnoreSpec

        spec = GitIgnoreSpec.from_lines(self.patterns)
        return frozenset(path for path in files if not spec.match_file(path))


def read(path: Path) -> Scope:
    """What a pyproject.toml says."""
    try:
        document = schema.read(path, schema.Table(), ScaffoldError, strict=False)
        document = dataclasses.replace(document, path=Path(path.name))  # as its author calls it
        table = document.section(SECTION, _KEYS)
        return Scope(tuple(_usable(document, table.get("exclude", []))))
    except ScaffoldError as error:
        return Scope(fault=f"{error.message} {error.hint}".strip())


def _usable(document: schema.Document, patterns: list[str]) -> Iterable[str]:
    from pathspec import GitIgnoreSpec

    for number, pattern in enumerate(patterns):
        try:
            GitIgnoreSpec.from_lines([pattern])
        except ValueError as error:
            at = (*SECTION, "exclude", number)
            raise document.fault(at, f"is no pattern of .gitignore: {pattern}") from error
        yield pattern
