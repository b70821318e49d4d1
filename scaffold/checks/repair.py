"""What `check --fix` can put right without a person; each function says what it did."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Sequence
from pathlib import Path

from scaffold.checks.checkout import Checkout


def untrack(checkout: Checkout, paths: Sequence[str]) -> list[str]:
    """Take files out of git, not off the disk, and ignore them from now on."""
    if not paths or checkout.repository is None:
        return []
    checkout.repository.untrack(paths)
    ignore = checkout.root / ".gitignore"
    text = ignore.read_text(encoding="utf-8") if ignore.exists() else ""
    patterns = sorted({f"/{path}" for path in paths} - set(text.splitlines()))
    lines = [text.rstrip("\n"), *patterns] if text else patterns
    ignore.write_text("\n".join(lines) + "\n", encoding="utf-8", newline="\n")
    return [f"git no longer tracks {path}; the file stays" for path in paths]


def bound_dependencies(checkout: Checkout) -> list[str]:
    """Give each unbounded requirement of pyproject.toml the range of the version last run with."""
    from packaging.requirements import Requirement

    versions: dict[str, str] = (checkout.metrics or {}).get("run", {}).get("packages", {})
    text = checkout.text("pyproject.toml") or ""
    done = []
    for requirement in checkout.pyproject.get("project", {}).get("dependencies", []):
        parsed = Requirement(requirement)
        version = versions.get(parsed.name)
        if parsed.specifier or parsed.url or version is None:
            continue
        major, minor = (int(part) for part in re.findall(r"\d+", f"{version}.0")[:2])
        # Before 1.0 a minor release may break.
        upper = f"{major + 1}" if major else f"0.{minor + 1}"
        bounded = f"{requirement}>={major}.{minor},<{upper}"
        text = re.sub(rf"""(["']){re.escape(requirement)}\1""", rf"\1{bounded}\1", text, count=1)
        done.append(f"pyproject.toml: {requirement} is now {bounded}")
    if done:
        (checkout.root / "pyproject.toml").write_text(text, encoding="utf-8", newline="\n")
    return done


def run_step(checkout: Checkout, step: str) -> list[str]:
    """Run one step of a generated project in its own environment."""
    python = project_python(checkout.root)
    if checkout.project is None or python is None:
        return []
    command: list[str | Path] = [python, "-m", checkout.project.package, step]
    ran = subprocess.run(command, cwd=checkout.root, capture_output=True, check=False)
    return (
        [f"`{step}` wrote the last run's numbers into the write-up"] if ran.returncode == 0 else []
    )


def project_python(root: Path) -> Path | None:
    """The interpreter of a project's own environment."""
    folder = root.resolve() / ".venv"
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    return python if python.exists() else None
