"""A project's demo: the folder that its own `demo` verb makes, and whether others may see it."""

from __future__ import annotations

import json
import re
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scaffold.results import Results

FOLDER = "demo"
FACTS = "demo.json"
PAGE = "index.html"
LARGEST = 50_000_000  # bytes of the whole folder: nobody waits for more
PLAIN = re.compile(r"\w[\w.-]*(/\w[\w.-]*)*", re.ASCII)  # neither hidden nor odd


@dataclass(frozen=True)
class Demo:
    """What runs a model in the visitor's browser; `withheld` says why it stays where it is."""

    files: Mapping[str, Path]  # by their paths in the folder
    size: int = 0
    withheld: str = ""


def read(root: Path, results: Results | None) -> Demo | None:
    """The demo in a project's folder, judged beside its results; None where there is none."""
    folder = root / FOLDER
    if not (folder / FACTS).is_file():
        return None
    found = [path for path in sorted(folder.rglob("*")) if path.is_symlink() or not path.is_dir()]
    files = {path.relative_to(folder).as_posix(): path for path in found}
    for name, path in files.items():
        plain = PLAIN.fullmatch(name) and stat.S_ISREG(path.lstat().st_mode)
        if folder.is_symlink() or not plain:
            return Demo({}, withheld=f"{FOLDER}/{name} is no plain file of a page")
    if PAGE not in files:
        return Demo({}, withheld=f"{FOLDER}/{PAGE} is missing: {_again(root)}")
    size = sum(path.stat().st_size for path in found)
    if size > LARGEST:
        return Demo(files, size, f"it takes {size:,} bytes, and nobody waits for so many")
    facts = files[FACTS].read_text(encoding="utf-8", errors="replace")
    return Demo(files, size, refusal(facts, results, _again(root)))


def refusal(facts: str, results: Results | None, again: str) -> str:
    """Why a demo with this demo.json is not for others to see; empty where it is."""
    try:
        told: Any = json.loads(facts)
    except ValueError:
        told = None
    if not isinstance(told, dict) or not isinstance(told.get("publish"), bool):
        return f"{FOLDER}/{FACTS} does not say whether it may be published: {again}"
    if not told["publish"]:
        return str(told.get("why") or "its own demo.json says so")
    if results is None:
        return "no results are committed that its model could be held to"
    if results.from_sample:
        return "its model learned from the sample only"
    if not results.model or told.get("model_sha256") != results.model:
        return f"it runs another model than the one that was measured: {again}"
    return ""


def maker(root: Path) -> str:
    """The project's own command that makes a demo; empty where it has none."""
    packages = [path.parents[1].name for path in sorted(root.glob("src/*/kit/demo.py"))]
    return f"`python -m {packages[0]} demo`" if packages else ""


def _again(root: Path) -> str:
    return f"run {maker(root) or 'what made it'} again"
