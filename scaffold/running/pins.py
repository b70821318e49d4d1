"""requirements.lock: the exact version of every package of a project's environment.

It is asked of the package index alone and for every system at once: a folder of wheels on this
machine says nothing of another. It holds names, versions and hashes, and no address.
"""

from __future__ import annotations

import hashlib
import re
import tempfile
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path

from scaffold.running.process import follow
from scaffold.staging import write_whole

FILE = "requirements.lock"
HEAD = "# Exact versions, written by `scaffold run`"
NOTE = """\
# Exact versions, written by `scaffold run` from pyproject.toml ({digest}) for every system.
# Continuous integration, Dockerfile and `scaffold run` install these. Newer ones: delete this file.
"""
# Which build of PyTorch is right depends on the machine, so pyproject.toml itself pins it.
BY_MACHINE = re.compile(r"torch(vision|audio)?\b", re.IGNORECASE)
TORCH = (
    "# PyTorch is left out: its build depends on the machine; pyproject.toml says which version.\n"
)


def bring_up_to_date(
    uv: str, root: Path, log: Path, index: Sequence[str], environment: Mapping[str, str]
) -> str:
    """Write the file unless it is that of this pyproject.toml; returns why it could not be.

    Versions that it holds already stay as long as they fit. A file of that name that somebody
    else wrote is left alone.
    """
    path, project = root / FILE, _project(root)
    wanted = _wanted(project)
    note = NOTE.format(digest=_digest(wanted, project))
    before = path.read_text(encoding="utf-8") if path.exists() else ""
    if before.startswith(note) or (before and not before.startswith(HEAD)):
        return ""
    with tempfile.TemporaryDirectory() as folder:
        asked, made = Path(folder, "requirements.in"), Path(folder, FILE)
        pinned = [line for line in wanted if not BY_MACHINE.match(line)]
        asked.write_text("\n".join(pinned), encoding="utf-8")
        made.write_text(before, encoding="utf-8")
        command = [uv, "pip", "compile", str(asked), "--output-file", str(made), "--universal"]
        command += ["--generate-hashes", "--no-header", "--no-annotate", "--quiet"]
        command += [*_oldest_python(project), *index]
        done = follow(command, folder=root, log=log, environment=environment)
        if done.code:
            return done.last_line or f"exit code {done.code}"
        note += "" if pinned == wanted else TORCH
        write_whole(path, note + made.read_text(encoding="utf-8"))
    return ""


def options(root: Path) -> list[str]:
    """What makes uv install these versions; nothing where the file is not up to date."""
    path, project = root / FILE, _project(root)
    note = NOTE.format(digest=_digest(_wanted(project), project))
    held = path.exists() and path.read_text(encoding="utf-8").startswith(note)
    return ["--constraint", FILE] if held else []


def _project(root: Path) -> Mapping[str, object]:
    text = (root / "pyproject.toml").read_text(encoding="utf-8")
    project: Mapping[str, object] = tomllib.loads(text).get("project", {})
    return project


def _wanted(project: Mapping[str, object]) -> list[str]:
    """What the project needs to run and to be tested."""
    extras = project.get("optional-dependencies")
    dev = extras.get("dev", []) if isinstance(extras, dict) else []
    needed = project.get("dependencies")
    return [*map(str, needed if isinstance(needed, list) else []), *map(str, dev)]


def _digest(wanted: Sequence[str], project: Mapping[str, object]) -> str:
    text = "\n".join([*wanted, str(project.get("requires-python", ""))])
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def _oldest_python(project: Mapping[str, object]) -> list[str]:
    """The versions must do for every Python that the project allows."""
    found = re.search(r">=\s*(\d+\.\d+)", str(project.get("requires-python", "")))
    return ["--python-version", found[1]] if found else []
