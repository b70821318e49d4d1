"""The file that an unexpected error leaves, so that the terminal stays free of tracebacks."""

from __future__ import annotations

import platform
import sys
import tempfile
import traceback
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from scaffold import __version__


def write_report(error: BaseException, arguments: Sequence[str]) -> Path:
    """Write what is needed to find the fault into the user's cache; returns the file."""
    now = datetime.now(UTC)
    lines = [
        f"scaffold {__version__}, Python {platform.python_version()}, {platform.platform()}",
        f"{now:%Y-%m-%d %H:%M:%S} UTC",
        f"called as: {' '.join(arguments)}",
        f"interpreter: {sys.executable}",
        "",
        *traceback.format_exception(error),
    ]
    path = _folder() / f"error-{now:%Y%m%d-%H%M%S-%f}.txt"
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def _folder() -> Path:
    """The user's cache for this tool, or a temporary folder where that cannot be written."""
    from platformdirs import user_cache_path

    try:
        folder = user_cache_path("scaffold", appauthor=False) / "errors"
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return Path(tempfile.mkdtemp(prefix="scaffold-error-"))
    return folder
