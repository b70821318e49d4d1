"""What a step depends on, as a hash: the code it imports, its settings, what earlier steps made."""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Iterable, Iterator
from pathlib import Path

_CHUNK = 1 << 20


def digest(root: Path, paths: Iterable[str], *facts: str) -> str:
    """One hash of facts and of all files at or below some paths of a project."""
    total = hashlib.blake2b(digest_size=16)
    for fact in facts:
        total.update(f"{fact}\n".encode())
    for file in sorted(_files(root, paths)):
        total.update(f"{file.relative_to(root).as_posix()}\n".encode())
        with file.open("rb") as stream:
            while chunk := stream.read(_CHUNK):
                total.update(chunk)
        total.update(b"\n")
    return total.hexdigest()


def import_closure(package: Path, module: str) -> list[Path]:
    """The files of a package that a module of it imports, directly or not; itself first."""
    found: list[Path] = []
    waiting = _module_files(package, [module])
    while waiting:
        file = waiting.pop(0)
        if file not in found:
            found.append(file)
            waiting += _module_files(package, _imports(file, package))
    return found


def _imports(file: Path, package: Path) -> Iterator[str]:
    """Dotted names, relative to the package, of what a file may import from it."""
    here = file.relative_to(package).parent.parts
    try:
        tree = ast.parse(file.read_bytes(), filename=str(file))
    except (SyntaxError, ValueError):  # half written, say: its step says so, in Python's words
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                top, _, rest = alias.name.partition(".")
                if top == package.name:
                    yield rest
        elif isinstance(node, ast.ImportFrom):
            module = node.module or ""
            if node.level:
                parts = (*here[: len(here) - node.level + 1], *module.split("."))
                base = ".".join(parts).strip(".")
            elif module.split(".")[0] == package.name:
                base = module.partition(".")[2]
            else:
                continue
            yield base
            for alias in node.names:
                yield f"{base}.{alias.name}".strip(".")


def _module_files(package: Path, names: Iterable[str]) -> list[Path]:
    """The files behind dotted names; a name that is no module (a function, say) has none."""
    files: list[Path] = []
    for name in names:
        place = package.joinpath(*name.split(".")) if name else package
        candidates = (place.with_suffix(".py"), place / "__init__.py")
        files += [file for file in candidates if file.is_file() and package in file.parents]
    return files


def _files(root: Path, paths: Iterable[str]) -> Iterator[Path]:
    for path in set(paths):
        place = root / path
        if place.is_dir():
            yield from (
                file
                for file in place.rglob("*")
                if file.is_file() and "__pycache__" not in file.parts
            )
        elif place.is_file():
            yield place
