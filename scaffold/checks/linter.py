"""The lint check's tool: ruff, the project's own if it has one."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

from scaffold.checks.checkout import Checkout
from scaffold.checks.verdict import Verdict, listing


def lint(checkout: Checkout) -> Verdict:
    """What ruff finds with the repository's own rules; None without Python or without ruff."""
    files = [path for path in checkout.tracked if path.endswith(".py")]
    ruff = _ruff(checkout.root)
    if not files or ruff is None:
        return None
    answer = _run(ruff, checkout.root, "check", "--output-format=json", "--no-fix", "--", *files)
    try:
        found = json.loads(answer.stdout)
    except ValueError:
        return f"ruff cannot read its settings: {answer.stderr.strip().splitlines()[-1]}"
    return listing(
        f"{Path(item['filename']).relative_to(checkout.root.resolve()).as_posix()} line "
        f"{item['location']['row']}: {item['code']} {item['message']}"
        for item in found
    )


def mend(checkout: Checkout) -> list[str]:
    """Let ruff correct what it safely can."""
    files = [path for path in checkout.tracked if path.endswith(".py")]
    ruff = _ruff(checkout.root)
    if not files or ruff is None:
        return []
    before = {path: checkout.sha256(path) for path in files}
    _run(ruff, checkout.root, "check", "--fix", "--exit-zero", "--quiet", "--", *files)
    changed = [path for path in files if checkout.sha256(path) != before[path]]
    return [f"ruff corrected {path}" for path in changed]


def _ruff(root: Path) -> Path | None:
    """The project's own ruff, the one beside this Python, or the one on PATH."""
    own = root / ".venv" / ("Scripts" if os.name == "nt" else "bin")
    for folder in (own, Path(sys.executable).parent):
        if found := shutil.which("ruff", path=folder):
            return Path(found)
    found = shutil.which("ruff")
    return Path(found) if found else None


def _run(ruff: Path, root: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [ruff, *arguments], cwd=root.resolve(), capture_output=True, encoding="utf-8", check=False
    )
