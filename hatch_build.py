"""What wheel and sdist hold beside the files: the commit, and the papers of the templates."""

from __future__ import annotations

import subprocess
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

COMMIT = "scaffold/commit.txt"  # the sdist has it already: no repository is needed to build from it
PAPERS = ("challenges/*/*.patch", "planted/*.py", "rendering/facts/*.toml")


class AllThatGoesAlong(BuildHookInterface[Any]):
    """Told to hatch as it begins to build."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if version == "editable":
            return
        root, more = Path(self.root), build_data["force_include"]
        commit = _commit(root)
        if commit:
            self._folder = tempfile.TemporaryDirectory()
            file = Path(self._folder.name, "commit.txt")
            file.write_text(f"{commit}\n", encoding="utf-8", newline="\n")
            more[str(file)] = COMMIT
        if self.target_name == "wheel":
            for path in _papers(root / "tests", root / "templates"):
                more[str(path)] = f"scaffold/_papers/{path.relative_to(root / 'tests').as_posix()}"


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


def _papers(tests: Path, templates: Path) -> list[Path]:
    """Solutions, mistakes and facts of the templates: `scaffold template new` copies them."""
    packages = {path.parent.name.replace("-", "_") for path in templates.glob("*/template.toml")}
    found = [path for pattern in PAPERS for path in sorted(tests.glob(pattern))]
    return [path for path in found if path.parent.name != "planted" or path.stem in packages]
