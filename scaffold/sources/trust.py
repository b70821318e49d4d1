"""Whose code may run here: templates from elsewhere, by their address."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

from scaffold import remembered
from scaffold.engines import Source
from scaffold.plain import listed, one_line
from scaffold.reporter import Reporter

_TABLE = "trusted"
_HEADER = """\
# Templates whose own code (tasks, hooks, extensions) scaffold may run on this machine.
# Written by `--trust`. To withdraw it, delete the line.

"""


def store() -> Path:
    """The file that remembers, where this platform keeps settings."""
    return remembered.store("trusted.toml")


def is_trusted(location: str) -> bool:
    """Whether `--trust` was given for this address before."""
    return _key(location) in remembered.read(store(), _TABLE)


def remember(location: str) -> Path:
    """Trust an address from now on; returns the file that says so."""
    path = store()
    remembered.add(path, _TABLE, _key(location), datetime.now(UTC).date(), header=_HEADER)
    return path


def announce(source: Source, reporter: Reporter) -> None:
    """Say which code of a template runs or is left out."""
    lines = listed(source.code)
    if source.runs_code:
        reporter.message(f"The template's own code runs:{lines}")
    elif source.code and not source.trusted:
        reporter.message(
            f"The template's own code does not run, since it is not trusted:{lines}\n"
            "If you trust its authors, add --trust."
        )


def keep(source: Source, reporter: Reporter) -> None:
    """Remember trust that was given, once what it was given for has come to a good end."""
    if source.trusted and (source.code or source.migrates) and not is_trusted(source.location):
        where = one_line(source.location)
        reporter.message(f"{where} is trusted from now on ({remember(source.location)}).")


def _key(location: str) -> str:
    """The same repository is the same, with or without `.git` or a slash at its end."""
    return re.sub(r"(\.git)?/*$", "", location)
