"""How much a template that nobody has trusted may take: time, memory, files and their size."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from scaffold.errors import LimitReached, UsageError

SECONDS = "SCAFFOLD_TEMPLATE_SECONDS"
FILES = "SCAFFOLD_TEMPLATE_FILES"
MEGABYTES = "SCAFFOLD_TEMPLATE_MEGABYTES"
MEMORY = "SCAFFOLD_TEMPLATE_MEMORY"

_MEGABYTE = 1_000_000
_LIMITS = {  # by variable: the field, and what is said where it is reached
    SECONDS: ("seconds", "took more than {:,} seconds"),
    FILES: ("files", "has more than {:,} files"),
    MEGABYTES: ("megabytes", "has more than {:,} MB of files"),
    MEMORY: ("memory", "needed more than {:,} MB of memory"),
}


@dataclass(frozen=True)
class Limits:
    """What one step of a template (its questions, a rendering) may take."""

    seconds: int = 60
    files: int = 10_000
    megabytes: int = 200
    memory: int = 2_000  # megabytes; held where the system can (not on macOS and Windows)

    @classmethod
    def read(cls) -> Limits:
        """The defaults, or what the environment says instead."""
        fields = {field: name for name, (field, _) in _LIMITS.items()}
        return cls(**{field: _number(name, vars(cls)[field]) for field, name in fields.items()})

    @property
    def bytes(self) -> int:
        return self.megabytes * _MEGABYTE

    def exceeded(self, template: str, name: str) -> LimitReached:
        """What to say when a limit, named by its variable, is reached."""
        field, words = _LIMITS[name]
        return LimitReached(
            f"{template} {words.format(getattr(self, field))}; nothing was written.",
            f"Templates that are not trusted have limits. To allow more: {name}=NUMBER",
        )

    def check(self, template: str, sizes: Iterable[int]) -> None:
        """Refuse files that are too many or too large together; stops counting there."""
        total = 0
        for count, size in enumerate(sizes, 1):
            total += size
            if count > self.files:
                raise self.exceeded(template, FILES)
            if total > self.bytes:
                raise self.exceeded(template, MEGABYTES)


def sizes(folder: Path) -> Iterable[int]:
    """The sizes of everything in a folder, folders too; git's own are left out."""
    waiting = [str(folder)]
    while waiting:
        try:
            with os.scandir(waiting.pop()) as entries:
                for entry in entries:
                    if entry.is_dir(follow_symlinks=False):
                        if entry.name != ".git":
                            waiting.append(entry.path)
                        yield 0
                    else:
                        yield entry.stat(follow_symlinks=False).st_size
        except FileNotFoundError:
            continue  # removed while we looked


def _number(name: str, default: int) -> int:
    text = os.environ.get(name, "").strip()
    if not text:
        return default
    if not text.isascii() or not text.isdigit() or not int(text):
        raise UsageError(f"{name}={text!r} is no limit.", f"Give a whole number, like {default}.")
    return int(text)
