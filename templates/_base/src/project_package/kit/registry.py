"""Which versions of the model there are, what each was measured by, and which of them is served.

models/registry.json is replaced as a whole, so whoever reads it sees one served version. The model
that `train` left and `evaluate` measured is a version like those that `retrain` puts into
models/versions/; whoever trains and evaluates anew serves that model from then on.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from filelock import FileLock

from .provenance import METRICS, REGISTRY, TRAINING, model_files, read_results
from .workspace import COMMAND, ProjectError, Workspace, hash_files, read_json, write_json

VERSION = 12  # digits of a model's SHA-256 that name its version
PROMOTED, REJECTED, ROLLED_BACK, TRAINED = "promoted", "rejected", "rolled back", "trained"
SHOWN = ("primary", "comparison", "data", "commit")


def read_registry(workspace: Workspace) -> dict[str, Any]:
    """The registry as it holds for the model of `train`; raises ProjectError when there is none."""
    trained = replace(workspace, version="")
    read_json(trained.models / TRAINING, made_by="train")
    sha256, path = hash_files(model_files(trained)), _file(workspace)
    registry: dict[str, Any] = {"trained": "", "versions": {}}
    if path.exists():
        registry = read_json(path, made_by="retrain")
    name = sha256[:VERSION]
    if registry["trained"] != name:
        registry |= {"trained": name, "served": name, "before": []}
        registry["versions"][name] = {"sha256": sha256, "status": TRAINED}
    return registry


def serving(workspace: Workspace) -> Workspace:
    """The same workspace with the model that is served."""
    registry = read_registry(workspace)
    return replace(workspace, version=_folder(registry, registry["served"]))


def enter(workspace: Workspace, name: str, entry: Mapping[str, Any]) -> None:
    """Put a version on record, and serve it if it was promoted."""
    with _changed(workspace) as registry:
        registry["versions"][name] = dict(entry)
        if entry["status"] == PROMOTED:
            registry["before"].append(registry["served"])
            registry["served"] = name


def rollback(workspace: Workspace) -> tuple[str, str]:
    """Serve what was served before; returns the version that is left and the one gone back to."""
    with _changed(workspace) as registry:
        left = registry["served"]
        if not registry["before"]:
            raise ProjectError(f"no other version was served before {left}")
        back = registry["before"].pop()
        describe_model(replace(workspace, version=_folder(registry, back)))
        registry["versions"][left]["status"] = ROLLED_BACK
        registry["served"] = back
    return left, back


def describe_model(workspace: Workspace) -> dict[str, Any]:
    """Which model this is, and how good it was: on the test set or, of `retrain`, on fresh rows.

    Raises ProjectError when its files are not those that were measured.
    """
    model = hash_files(model_files(workspace))
    if workspace.version:
        entry = read_registry(workspace)["versions"][workspace.version]
        if model != entry["sha256"]:
            raise ProjectError(f"the files of version {workspace.version} were changed")
        return {"model_sha256": model, **{name: entry[name] for name in SHOWN}}
    results = read_results(workspace)
    if model != results["digests"]["model"]:
        raise ProjectError(f"this model was not evaluated: run `{COMMAND} evaluate`")
    return {
        "model_sha256": model,
        "primary": results["primary"],
        "comparison": results["comparison"],
        "data": results["data"],
        "commit": results["run"]["commit"],
    }


def stamp(workspace: Workspace) -> tuple[int, ...]:
    """Changes whenever another model may have to be served."""
    files = _file(workspace), workspace.reports / METRICS
    return tuple(path.stat().st_mtime_ns if path.exists() else 0 for path in files)


def _folder(registry: Mapping[str, Any], name: str) -> str:
    """Where a version stands in models/versions/; that of `train` stands in models/ itself."""
    return "" if name == registry["trained"] else name


def _file(workspace: Workspace) -> Path:
    return workspace.root / "models" / REGISTRY


@contextmanager
def _changed(workspace: Workspace) -> Iterator[dict[str, Any]]:
    """The registry, written when the block ends well, by one process at a time."""
    with FileLock(_file(workspace).with_name(".registry.lock")):
        registry = read_registry(workspace)
        yield registry
        write_json(_file(workspace), registry)
