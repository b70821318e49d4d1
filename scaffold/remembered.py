"""Where this user's machine remembers things: small TOML files, a line each, and caches.

Several runs may add a line at one instant: each reads and writes while it holds a lock.
"""

from __future__ import annotations

import os
import tempfile
import time
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from scaffold.errors import ScaffoldError
from scaffold.lock import hold

_PATIENCE = 5.0  # seconds; somebody who holds the lock for longer is stuck, and a line is waiting


def store(name: str) -> Path:
    """A file of this name where this platform keeps settings."""
    from platformdirs import user_config_path

    return user_config_path("scaffold", appauthor=False) / name


def cache(kind: str) -> Path:
    """A folder where this platform keeps what can be made again; it need not be there yet."""
    from platformdirs import user_cache_path

    return user_cache_path("scaffold", appauthor=False) / kind


def read(path: Path, table: str) -> dict[str, Any]:
    """The lines of a table; none where there is no such file yet."""
    try:
        return dict(tomllib.loads(path.read_text(encoding="utf-8")).get(table, {}))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise ScaffoldError(f"{path} cannot be read: {error}", "Repair it or delete it.") from error


def add(path: Path, table: str, key: str, value: object, *, header: str) -> None:
    """Write one line more, or in place of the one with its key; whole, or not at all."""
    import tomli_w

    path.parent.mkdir(parents=True, exist_ok=True)
    with _held(path.with_suffix(".lock")):
        lines = read(path, table) | {key: value}
        handle, part = tempfile.mkstemp(prefix=path.stem, suffix=".part", dir=path.parent)
        try:
            with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as stream:
                stream.write(header + tomli_w.dumps({table: lines}))
            Path(part).replace(path)
        except BaseException:
            Path(part).unlink(missing_ok=True)
            raise


@contextmanager
def _held(path: Path) -> Iterator[None]:
    with path.open("a") as lock:
        deadline = time.monotonic() + _PATIENCE
        while not hold(lock) and time.monotonic() < deadline:
            time.sleep(0.01)
        yield
