"""A project with what one of its extras needs, for tests that go beyond a run."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path


def house_prices(here: Path, *packages: str, extras: str) -> Path:
    """House prices of seed 8 with its environment and these extras, nothing of it run."""
    for words in (
        ["new", "house-prices", "--yes", "--set", "seed=8"],
        ["run", "house-prices", "environment"],
    ):
        subprocess.run([sys.executable, "-m", "scaffold", *words], cwd=here, check=True)
    made = here / "house-prices"
    install(program(made, "python"), *packages, f"--editable={made}[{extras}]")
    return made


def install(python: str | Path, *packages: str) -> None:
    command = [sys.executable, "-m", "uv", "pip", "install", "--quiet", "--python", str(python)]
    subprocess.run([*command, *packages], check=True)


def program(project: Path, name: str) -> str:
    """A program of the project's environment."""
    folder, end = ("Scripts", ".exe") if os.name == "nt" else ("bin", "")
    return str(project / ".venv" / folder / f"{name}{end}")


def command(project: Path, *words: str) -> list[str]:
    """A step of house prices."""
    return [program(project, "python"), "-m", "house_prices", *words]
