"""What `check --fix` can put right without a person; each function says what it did."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Sequence

from scaffold import environment
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
    python = environment.python_of(checkout.root)
    if checkout.project is None or not python.exists():
        return []
    ran = subprocess.run(
        [python, "-m", checkout.project.package, step],
        cwd=checkout.root, env=environment.variables(checkout.root), capture_output=True,
        check=False,
    )  # fmt: skip
    return (
        [f"`{step}` wrote the last run's numbers into the write-up"] if ran.returncode == 0 else []
    )
