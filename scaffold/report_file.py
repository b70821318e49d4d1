"""The file that an unexpected error leaves, so that the terminal stays free of tracebacks."""

from __future__ import annotations

import json
import os
import platform
import re
import shlex
import sys
import tempfile
import traceback
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from scaffold import __version__, remembered
from scaffold.plain import redacted, visible

DISTRIBUTION = "portfolio-scaffold"

_SECRET_NAME = re.compile(r"TOKEN|SECRET|PASSW|API_?KEY|CREDENTIAL", re.IGNORECASE)
_SHORTEST_SECRET = 4  # a shorter one would take half of every word out with it


def write_report(error: BaseException, arguments: Sequence[str]) -> Path:
    """Write what is needed to find the fault, and nothing secret, into the user's cache."""
    now = datetime.now(UTC)
    lines = [
        f"scaffold {__version__}, Python {platform.python_version()}, {platform.platform()}",
        f"{now:%Y-%m-%d %H:%M:%S} UTC",
        f"called as: {shlex.join(_without_answers(arguments))}",
        f"interpreter: {sys.executable}",
        f"for: {place_for_reports()}",
        "",
        *traceback.format_exception(error),
    ]
    path = _folder() / f"error-{now:%Y%m%d-%H%M%S-%f}.txt"
    path.write_text(visible(_without_secrets("\n".join(lines), arguments)), encoding="utf-8")
    return path


def place_for_reports() -> str:
    """Where reports are read: as the package says, else the repository it was installed from.

    No address stands here: one that nobody has registered would be whoever's registers it.
    """
    with suppress(PackageNotFoundError, ValueError, KeyError):
        package = distribution(DISTRIBUTION)
        for entry in package.metadata.get_all("Project-URL") or ():
            label, _, address = str(entry).partition(",")
            if label.strip().lower() in {"issues", "bug tracker", "tracker"}:
                return address.strip()
        installed = json.loads(package.read_text("direct_url.json") or "{}")
        if "vcs_info" in installed:
            return redacted(str(installed["url"]))
    return "the people you have scaffold from"


def _without_answers(arguments: Sequence[str]) -> list[str]:
    """A command line that says which answers were given, not what they were."""
    shown = []
    for before, argument in zip(("", *arguments), arguments, strict=False):
        option = "--set=" if argument.startswith("--set=") else ""
        if option or before == "--set":
            name, equals, _ = argument.removeprefix(option).partition("=")
            argument = f"{option}{name if equals else ''}{equals}***"
        shown.append(argument)
    return shown


def _without_secrets(text: str, arguments: Sequence[str]) -> str:
    """Without the answers of the command line, tokens of the environment, passwords in URLs."""
    answers = zip(arguments, _without_answers(arguments), strict=True)
    values = [given.partition("--set=")[2] or given for given, shown in answers if given != shown]
    values = [value.partition("=")[2] or value for value in values]
    values += [value for name, value in os.environ.items() if _SECRET_NAME.search(name)]
    for value in sorted(values, key=len, reverse=True):
        if len(value) >= _SHORTEST_SECRET:
            text = text.replace(value, "***")
    home = str(Path.home())
    return redacted(text if len(home) < _SHORTEST_SECRET else text.replace(home, "~"))


def _folder() -> Path:
    """The user's cache for this tool, or a temporary folder where that cannot be written."""
    try:
        folder = remembered.cache("errors")
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return Path(tempfile.mkdtemp(prefix="scaffold-error-"))
    return folder
