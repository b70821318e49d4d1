"""The model file: skops, which stores no code, in place of pickle, which runs it."""

import re
import zipfile
from collections.abc import Collection
from pathlib import Path
from typing import Any

import skops.io

from .workspace import COMMAND, ProjectError, Workspace

MODEL = "model.skops"
SCHEMA = "schema.json"
ADDRESS = re.compile(r'(?<="__id__": )\d+|(?<="file": ")[^".]+')  # of an object in memory
CACHED = re.compile(r'("_stop_words_id": \{[^{}]*"content": ")\d+')  # another, by a vectorizer
LONG_AGO = (1980, 1, 1, 0, 0, 0)


def save_model(workspace: Workspace, model: Any, name: str = MODEL) -> Path:
    """Write models/`name`, beside first and then moved into place; equal models, equal bytes."""
    path = workspace.models / name
    path.parent.mkdir(parents=True, exist_ok=True)
    beside, plain = path.with_name(f".{name}.partial"), path.with_name(f".{name}.plain")
    skops.io.dump(model, beside)
    _forget_time_and_place(beside, plain)
    plain.replace(path)
    beside.unlink()
    return path


def load_model(workspace: Workspace, allowed: Collection[str], name: str = MODEL) -> Any:
    """Read the model; `allowed` names the only types beyond skops's own that it may hold.

    Raises ProjectError when there is no model yet, or when the file wants any other type.
    """
    path = workspace.models / name
    if not path.exists():
        raise ProjectError(f"{name} is missing: run `{COMMAND} train` first")
    wanted = set(skops.io.get_untrusted_types(file=path))
    if surplus := wanted - set(allowed):
        raise ProjectError(f"{name} wants types that it should not need: {sorted(surplus)}")
    return skops.io.load(path, trusted=sorted(wanted))


def _forget_time_and_place(archive: Path, into: Path) -> None:
    """Copy a skops file with objects numbered as they come, in place of addresses and times."""
    numbers: dict[str, str] = {}

    def number(address: re.Match[str]) -> str:
        return numbers.setdefault(address.group(), str(len(numbers)))

    with zipfile.ZipFile(archive) as made, zipfile.ZipFile(into, "w") as plain:
        schema = ADDRESS.sub(number, CACHED.sub(r"\g<1>0", made.read(SCHEMA).decode()))
        plain.writestr(zipfile.ZipInfo(SCHEMA, LONG_AGO), schema)
        files = {Path(name): name for name in made.namelist() if name != SCHEMA}
        for path in sorted(files, key=lambda path: int(numbers[path.stem])):
            name = f"{numbers[path.stem]}{path.suffix}"
            plain.writestr(zipfile.ZipInfo(name, LONG_AGO), made.read(files[path]))
