"""What a number comes from: code, configuration, data, model, each by its SHA-256.

`train` seals its model with these digests; the test set does not open for a model that was
trained under others.
"""

import ast
import hashlib
import json
import platform
import re
import subprocess
from collections.abc import Mapping
from contextlib import suppress
from importlib import metadata
from pathlib import Path
from typing import Any

from .workspace import (
    COMMAND,
    VERSIONS,
    ProjectError,
    Workspace,
    hash_files,
    read_json,
    write_json,
)

PACKAGE = Path(__file__).parents[1]
TRAINING, TIMING, METRICS = "training.json", "timing.json", "metrics.json"
REGISTRY = "registry.json"
DISTRIBUTION = re.compile(r"[A-Za-z0-9._-]+")  # at the start of a requirement


def write_training(workspace: Workspace, training: Mapping[str, Any], seconds: float) -> None:
    """Write models/training.json, sealed with the digests of all that the model comes from.

    Call it last, when the model's files are there; `seconds` go to a file of their own, so that
    the same seed gives the same training.json.
    """
    plain = json.loads(json.dumps(training))
    digests = describe(workspace) | {"training": hash_value(plain)}
    write_json(workspace.models / TRAINING, {**plain, "digests": digests})
    write_json(workspace.models / TIMING, {"train": round(seconds, 1)})


def require_trained_here(workspace: Workspace) -> dict[str, str]:
    """The digests of the model at hand; raises ProjectError unless it is that of these settings.

    Code, configuration, data and the model's own files must be those that `train` sealed.
    """
    training = read_json(workspace.models / TRAINING, made_by="train")
    sealed = training.pop("digests", {})
    found = describe(workspace) | {"training": hash_value(training)}
    changed = [name for name in found if found[name] != sealed.get(name)]
    if changed:
        raise ProjectError(
            f"the model was trained with other {', '.join(changed)} than there is now: "
            f"run `{COMMAND} train` again, and evaluate with the same options"
        )
    return found


def read_results(workspace: Workspace) -> dict[str, Any]:
    """reports/metrics.json as written; raises ProjectError before the first evaluation."""
    results: dict[str, Any] = read_json(workspace.reports / METRICS, made_by="evaluate")
    return results


def describe(workspace: Workspace) -> dict[str, str]:
    """Digests of configuration in effect, code and data of training, and the model's files."""
    return {
        "model": hash_files(model_files(workspace)),
        "configuration": hash_value(workspace.config),
        "code": hash_value(digests_of_code("data", "train")),
        "data": hash_files([workspace.manifest]),
    }


def model_files(workspace: Workspace) -> list[Path]:
    """What training left in models/, but for its notes, unfinished work and other versions."""
    found = (path for path in workspace.models.rglob("*") if path.is_file())
    notes = {TRAINING, TIMING, REGISTRY}
    return sorted(
        path
        for path in found
        if path.name not in notes
        and not path.name.startswith(".")
        and not {"unfinished", VERSIONS} & set(path.relative_to(workspace.models).parts)
    )


def hash_inputs(workspace: Workspace) -> dict[str, str]:
    """SHA-256 of each file that the results come from, by its path in the project."""
    studies = [f"studies/{path.stem}" for path in study_files()]
    found = digests_of_code("data", "train", "evaluate", *studies)
    for path in (workspace.root / "config.toml", workspace.manifest):
        found[path.relative_to(workspace.root).as_posix()] = hash_files([path])
    return found


def study_files() -> list[Path]:
    """The modules of studies/."""
    return [path for path in sorted(PACKAGE.glob("studies/*.py")) if path.stem != "__init__"]


def code_of(*modules: str) -> list[Path]:
    """The files of these modules and of every module of this package that they import."""
    found: set[Path] = set()
    waiting = [PACKAGE / f"{name}.py" for name in modules]
    while waiting:
        path = waiting.pop()
        if path.is_file() and path not in found:
            found.add(path)
            waiting += _imported(path)
    return sorted(found)


def digests_of_code(*modules: str) -> dict[str, str]:
    """SHA-256 of each file that these modules are made of, by its place."""
    return {place_of(path): hash_files([path]) for path in code_of(*modules)}


def place_of(path: Path) -> str:
    """Where a module stands in the project: src/package/kit/module.py."""
    return f"src/{path.relative_to(PACKAGE.parent).as_posix()}"


def hash_value(value: object) -> str:
    """SHA-256 of a JSON value, whatever the order of its keys."""
    text = json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def current_commit(root: Path) -> str | None:
    """The commit that is checked out; None without git."""
    try:
        answer = subprocess.run(
            ["git", "rev-parse", "HEAD"], cwd=root, capture_output=True, text=True, check=True
        )
    except (OSError, subprocess.CalledProcessError):
        return None
    return answer.stdout.strip()


def uncommitted(root: Path) -> str | None:
    """Digest of what was changed since the commit; None when nothing was, or without git."""
    command = ["git", "diff", "--binary", "HEAD", "--", "src", "config.toml"]
    try:
        found = subprocess.run(command, cwd=root, capture_output=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        return None
    return hashlib.sha256(found).hexdigest() if found else None


def software() -> dict[str, Any]:
    """Python's version, and those of what the project requires at run time, as installed."""
    try:
        required = metadata.requires("project_package") or []
    except metadata.PackageNotFoundError as error:
        raise ProjectError("the project is not installed: run `pip install -e .` first") from error
    names = {DISTRIBUTION.match(line).group() for line in required if "extra ==" not in line}
    installed = {}
    for name in sorted(names):
        with suppress(metadata.PackageNotFoundError):  # not needed on this platform
            installed[name] = metadata.version(name)
    return {"python": platform.python_version(), "packages": installed}


def _imported(path: Path) -> list[Path]:
    """Where the modules are that a module takes from this package; not every path exists."""
    found = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.level:
            base = path.parents[node.level - 1]
            taken = base.joinpath(*(node.module or "").split("."))
            found += [taken.with_suffix(".py")] if node.module else []
            found += [taken / f"{alias.name}.py" for alias in node.names]
    return found
