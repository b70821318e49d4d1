"""The lint check's tool: the ruff that came with scaffold, never one that the project brings.

Ruff executes nothing that it reads, so the project's own rules hold; it writes no cache, and it
neither fixes nor prints to a file whatever the settings say.
"""

from __future__ import annotations

import ast
import json
import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from scaffold.checks.checkout import Checkout
from scaffold.checks.repair import Repair, rewriting
from scaffold.checks.verdict import Verdict, listing

ERRORS = "E9,F63,F7,F82"
UNDEFINED = "F821"
MAGIC = re.compile(r'"\s*[%!][^"\n]*')  # in the JSON of a notebook
IMPORTS = re.compile(r"%(run|load|store|pylab|load_ext|autoload)\b")
KEPT = re.compile(r"_+\d*|_i+\d*|In|Out|exit|quit|__file__|spark|sc|dbutils|sqlContext")
AT_ONCE = 200  # files in one call: Windows allows 32,000 characters
PATIENCE = 120  # seconds for one call


class _Unreadable(Exception):
    """Ruff could not start on this repository; says why."""


def lint(checkout: Checkout) -> Verdict:
    """What ruff finds with the repository's own rules; None without Python or without ruff."""
    files = _files(checkout)
    if not files or _ruff() is None:
        return None
    try:
        return listing(
            f"{_relative(checkout, item)} line {item['location']['row']}: "
            f"{item['code']} {item['message']}"
            for item in _findings(checkout, files)
        )
    except _Unreadable as error:
        return str(error)


def repairs(checkout: Checkout) -> list[Repair]:
    """What ruff would correct, of that only what leaves the parsed program as it is."""
    files = _files(checkout)
    if not files or _ruff() is None:
        return []
    try:
        found = list(_findings(checkout, files))
    except _Unreadable:
        return []
    wanted = dict.fromkeys(_relative(checkout, item) for item in found if item.get("fix"))
    made = (_repair(checkout, path) for path in wanted)
    return [repair for repair in made if repair]


def _repair(checkout: Checkout, path: str) -> Repair | None:
    place = checkout.file(path)
    before = place.read_bytes() if place else b""
    options = ("--fix-only", "--quiet", "--stdin-filename", path, "-")
    after = _run(checkout.root, *options, given=before).stdout
    if not after or after == before or not _is_the_same_program(before, after):
        return None
    return rewriting(checkout, path, before, after, f"ruff tidied {path}")


def _is_the_same_program(before: bytes, after: bytes) -> bool:
    """Whether two texts are parsed into the same tree: then they do the same."""
    try:
        return ast.dump(ast.parse(before)) == ast.dump(ast.parse(after))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False


def _files(checkout: Checkout) -> list[str]:
    return [path for path in checkout.tracked if path.endswith(".py") and path in checkout.judged]


def _findings(checkout: Checkout, files: list[str]) -> Iterator[dict[str, Any]]:
    # Style is asked for where the repository itself asks for it; errors are asked for always.
    configured = any(checkout.text(name) for name in ("ruff.toml", ".ruff.toml")) or (
        "ruff" in checkout.pyproject.get("tool", {})
    )
    # Settings that are no TOML are another check's finding.
    trusted = configured and not checkout.described.faults
    own = () if trusted else ("--isolated", f"--select={ERRORS}")
    yield from _found(checkout, files, own)


def undefined(checkout: Checkout) -> dict[str, str]:
    """For each notebook, what is used there and nothing before it defines."""
    files = [path for path in checkout.code.cells if ".ipynb_checkpoints/" not in path]
    if not files or _ruff() is None:
        return {}
    found: dict[str, str] = {}
    try:
        for item in _found(checkout, files, ("--isolated", f"--select={UNDEFINED}")):
            path = _relative(checkout, item)
            name = item["message"].split("`")[1] if item["code"] == UNDEFINED else ""
            if name and path not in found and not _is_known_to_jupyter(checkout, path, name):
                found[path] = f"`{name}` is used, and nothing before it defines it"
    except _Unreadable:
        return {}
    return found


def _is_known_to_jupyter(checkout: Checkout, path: str, name: str) -> bool:
    """Names that Jupyter keeps, or that a line of its own language may bring."""
    magic = "\n".join(MAGIC.findall(checkout.text(path) or ""))
    return bool(KEPT.fullmatch(name) or IMPORTS.search(magic) or re.search(rf"\b{name}\b", magic))


def _found(checkout: Checkout, files: list[str], own: tuple[str, ...]) -> Iterator[dict[str, Any]]:
    for first in range(0, len(files), AT_ONCE):
        batch = [f"./{path}" for path in files[first : first + AT_ONCE]]
        answer = _run(checkout.root, *own, "--output-format=json", "--no-fix", "--", *batch)
        try:
            yield from json.loads(answer.stdout)
        except ValueError:
            words = answer.stderr.decode(errors="replace").strip().splitlines() or ["no answer"]
            raise _Unreadable(f"ruff cannot read its settings: {words[-1].strip()}") from None


def _relative(checkout: Checkout, item: dict[str, Any]) -> str:
    return Path(item["filename"]).relative_to(checkout.root.resolve()).as_posix()


def _ruff() -> str | None:
    """The ruff of scaffold's own environment."""
    try:
        from ruff.__main__ import find_ruff_bin  # where every version has it

        return str(find_ruff_bin())
    except (ImportError, FileNotFoundError):
        return None


def _run(root: Path, *arguments: str, given: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    environment = {name: text for name, text in os.environ.items() if not name.startswith("RUFF_")}
    command = [_ruff() or "", "check", "--no-cache", *arguments]
    try:
        return subprocess.run(
            command, cwd=root.resolve(), env=environment, input=given, capture_output=True,
            check=False, timeout=PATIENCE,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        raise _Unreadable(f"ruff did not finish within {PATIENCE} seconds") from None
