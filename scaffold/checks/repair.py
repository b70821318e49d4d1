"""What `check --fix` can put right: only what cannot change what the program does.

Each repair shows its diff and does nothing until it is applied.
"""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any

from scaffold.checks.checkout import Checkout

IGNORE = ".gitignore"
CODE = {
    ".py", ".ipynb", ".sh", ".toml", ".yml", ".yaml", ".cfg", ".ini", ".json", ".js", ".ts", ".r",
    ".jl", ".rs", ".go", ".java", ".cpp",
}  # fmt: skip
CODE_NAMES = re.compile(r"^(makefile|dockerfile.*|procfile|justfile|jenkinsfile)$", re.IGNORECASE)


@dataclass(frozen=True)
class Repair:
    """One change: what was done, as a sentence for afterwards; its diff; how to do it."""

    sentence: str
    diff: str
    apply: Callable[[], None] = field(repr=False)


def rewriting(
    checkout: Checkout, path: str, before: bytes, after: bytes, sentence: str
) -> Repair | None:
    """A file with another content, unless it has been changed meanwhile."""

    def apply() -> None:
        place = checkout.file(path) or checkout.root / path
        if (place.read_bytes() if place.exists() else b"") == before:
            place.write_bytes(after)

    if before and checkout.file(path) is None:
        return None
    return Repair(sentence, _diff(path, before, after), apply)


def untrack_settings(checkout: Checkout, paths: Sequence[str]) -> list[Repair]:
    """Take `.env` files out of git, not off the disk; those that a program reads stay."""
    quiet = [path for path in paths if not _is_read(checkout, path)]
    if not quiet or checkout.repository is None:
        return []
    place = checkout.file(IGNORE)
    before = place.read_bytes() if place else b""
    text = before.decode("utf-8", errors="surrogateescape")
    patterns = sorted({f"/{path}" for path in quiet} - set(text.splitlines()))
    end = "" if not text or text.endswith("\n") else "\n"
    more = "".join(f"{line}\n" for line in patterns)
    after = (text + end + more).encode(errors="surrogateescape")
    ignoring = rewriting(checkout, IGNORE, before, after, f"{IGNORE} names {', '.join(quiet)}")
    if ignoring is None:
        return []

    def apply() -> None:
        from scaffold.git import Repository

        Repository.open(checkout.root).untrack(quiet)
        ignoring.apply()

    commands = "".join(f"git rm --cached {path}\n" for path in quiet)
    names = ", ".join(quiet)
    done = f"git no longer tracks {names}; on disk it stays"
    return [Repair(done, commands + ignoring.diff, apply)]


def bound_dependencies(checkout: Checkout) -> list[Repair]:
    """Give each unbounded requirement of pyproject.toml the range of the version last run with."""
    place = checkout.file("pyproject.toml")
    packages = (checkout.metrics or {}).get("run", {}).get("packages", {})
    if place is None or not isinstance(packages, dict):
        return []
    before = place.read_bytes()
    text = before.decode("utf-8", errors="replace")
    done = []
    for requirement in checkout.pyproject.get("project", {}).get("dependencies", []):
        bounded = _bounded(requirement, packages)
        changed = bounded and _replaced(text, requirement, bounded)
        if changed:
            text = changed
            done.append(f"{requirement} is now {bounded}")
    if not done:
        return []
    sentence = f"pyproject.toml: {', '.join(done)}"
    repair = rewriting(checkout, "pyproject.toml", before, text.encode(), sentence)
    return [repair] if repair else []


def _bounded(requirement: str, versions: dict[str, Any]) -> str:
    """A bare name with the range of the version that ran; empty where that cannot be said."""
    from packaging.requirements import InvalidRequirement, Requirement

    try:
        parsed = Requirement(requirement)
    except InvalidRequirement:
        return ""
    version = versions.get(parsed.name)
    if parsed.specifier or parsed.url or parsed.marker or not isinstance(version, str):
        return ""
    numbers = re.match(r"(\d+)(?:\.(\d+))?", version)
    if numbers is None:
        return ""
    major, minor = int(numbers[1]), int(numbers[2] or 0)
    # Before 1.0 a minor release may break.
    upper = f"{major + 1}" if major else f"0.{minor + 1}"
    return f"{requirement.strip()}>={major}.{minor},<{upper}"


def _replaced(text: str, requirement: str, bounded: str) -> str:
    """The text with that one dependency changed and nothing else; empty where it is not found."""
    table = tomllib.loads(text)
    listed = table["project"]["dependencies"]
    table["project"]["dependencies"] = [bounded if e == requirement else e for e in listed]
    for match in re.finditer(rf"""(["']){re.escape(requirement)}\1""", text):
        mark = match[1]
        candidate = f"{text[: match.start()]}{mark}{bounded}{mark}{text[match.end() :]}"
        if tomllib.loads(candidate) == table:
            return candidate
    return ""


def _is_read(checkout: Checkout, path: str) -> bool:
    """Whether any program or setting here names the file, or loads `.env` files at all."""
    name = re.escape(PurePosixPath(path).name)
    words = re.compile(rf"{name}|dotenv|env_file|BaseSettings|environs|decouple")
    return any(
        words.search(checkout.text(other) or "")
        for other in checkout.tracked
        if other != path and _is_code(PurePosixPath(other))
    )


def _is_code(path: PurePosixPath) -> bool:
    return path.suffix.lower() in CODE or bool(CODE_NAMES.match(path.name))


def _diff(path: str, before: bytes, after: bytes) -> str:
    old, new = (
        text.decode("utf-8", errors="replace").splitlines(keepends=True) for text in (before, after)
    )
    lines = difflib.unified_diff(old, new, fromfile=f"a/{path}", tofile=f"b/{path}")
    return "".join(line if line.endswith("\n") else f"{line}\n" for line in lines)
