"""Writes into wheel and sdist from which commit they were built; `scaffold --version` says it."""

from __future__ import annotations

import subprocess
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

FILE = "scaffold/commit.txt"  # the sdist has it already: no repository is needed to build from that


class CommitHook(BuildHookInterface[Any]):
    """Brings the commit along, where there is a repository."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        commit = "" if version == "editable" else _commit(Path(self.root))
        if commit:
            self._folder = tempfile.TemporaryDirectory()
            file = Path(self._folder.name, "commit.txt")
            file.write_text(f"{commit}\n", encoding="utf-8", newline="\n")
            build_data["force_include"][str(file)] = FILE


def _commit(root: Path) -> str:
    """The commit of a repository's own top, `-dirty` where files differ; "" elsewhere."""
    if not (root / ".git").exists():
        return ""
    command = ["git", "describe", "--always", "--dirty", "--abbrev=40", "--exclude=*"]
    try:
        done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""
