"""How much a template that nobody has trusted may take: time, memory, files and their size."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from scaffold.errors import TemplateError, UsageError

SECONDS = "SCAFFOLD_TEMPLATE_SECONDS"
FILES = "SCAFFOLD_TEMPLATE_FILES"
MEGABYTES = "SCAFFOLD_TEMPLATE_MEGABYTES"
MEMORY = "SCAFFOLD_TEMPLATE_MEMORY"

_MEGABYTE = 1_000_000
_WORDS = {
    SECONDS: "took more than {} seconds",
    FILES: "has more than {} files",
    MEGABYTES: "has more than {} MB of files",
    MEMORY: "needed more than {} MB of memory",
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
        names = {"seconds": SECONDS, "files": FILES, "megabytes": MEGABYTES, "memory": MEMORY}
        return cls(**{field: _number(name, vars(cls)[field]) for field, name in names.items()})

    @property
    def bytes(self) -> int:
        return self.megabytes * _MEGABYTE

    def exceeded(self, template: str, name: str) -> TemplateError:
        """What to say when a limit, named by its variable, is reached."""
        values = {
            SECONDS: self.seconds, FILES: self.files, MEGABYTES: self.megabytes,
            MEMORY: self.memory,
        }  # fmt: skip
        return TemplateError(
            f"{template} {_WORDS[name].format(f'{values[name]:,}')}; nothing was written.",
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
