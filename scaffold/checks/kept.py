"""What a check found out of a repository, kept for the next call while nothing has changed."""

from __future__ import annotations

import hashlib
import json
import os
from contextlib import suppress
from pathlib import Path
from typing import Any

from scaffold import remembered


class Kept:
    """A file of JSON in the user's cache; what it holds counts for one `of`, a digest, alone."""

    def __init__(self, root: Path, kind: str, of: str) -> None:
        name = hashlib.sha256(str(root.resolve()).encode()).hexdigest()[:16]
        self._file = remembered.cache(kind) / f"{name}.json"
        self._of = of

    def load(self) -> Any:
        """What was saved; None where nothing was, or of something else."""
        try:
            kept = json.loads(self._file.read_text(encoding="utf-8"))
            return kept["what"] if kept["of"] == self._of else None
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def save(self, what: Any) -> None:
        beside = self._file.with_suffix(f".{os.getpid()}.partial")
        with suppress(OSError):  # without a place for caches, everything is found out every time
            self._file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            beside.write_text(json.dumps({"of": self._of, "what": what}), encoding="utf-8")
            beside.replace(self._file)
