"""The model file: skops, which stores no code, in place of pickle, which runs it."""

from collections.abc import Collection
from pathlib import Path
from typing import Any

import skops.io

from .errors import ProjectError
from .workspace import Workspace

MODEL = "model.skops"


def save_model(workspace: Workspace, model: Any, name: str = MODEL) -> Path:
    """Write models/`name`, beside first and then moved into place."""
    path = workspace.models / name
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{name}.partial")
    skops.io.dump(model, beside)
    beside.replace(path)
    return path


def load_model(workspace: Workspace, allowed: Collection[str], name: str = MODEL) -> Any:
    """Read the model; `allowed` names the only types beyond skops's own that it may hold.

    Raises ProjectError when there is no model yet, or when the file wants any other type.
    """
    path = workspace.models / name
    if not path.exists():
        raise ProjectError(f"{name} is missing: run `python -m {__package__} train` first")
    wanted = set(skops.io.get_untrusted_types(file=path))
    if surplus := wanted - set(allowed):
        raise ProjectError(f"{name} wants types that it should not need: {sorted(surplus)}")
    return skops.io.load(path, trusted=sorted(wanted))
