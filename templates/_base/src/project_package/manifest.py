"""The split manifest: which row is in which part, from which data, and who read the test set.

`data` writes it once; every later run must meet the same data. The test set opens for
`evaluate` alone, for a model trained under the settings at hand, and every opening is logged in
data/access.jsonl, each line with the hash of the line before it.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from .download import hash_files
from .errors import HoldOutError, ManifestError
from .ledger import Ledger
from .provenance import model_files, require_trained_here
from .workspace import Workspace, read_json, write_json

MOST_IDS = 10_000  # a part's ids are listed up to this many; the hash stands for any number
TEST = "test"
TEST_READER = "evaluate"


def seal(
    workspace: Workspace,
    parts: Mapping[str, tuple[Path, Sequence[str]]],
    *,
    source: str,
    sha256: str,
    sample: bool,
    counts: Mapping[str, Any],
    ledger: Ledger,
) -> None:
    """Record the parts (name → file, row ids) of the data whose content hashes to `sha256`.

    `ledger` counts from the raw file to the parts. Raises ManifestError when a manifest of other
    data, seed or rows is there already, ProjectError when the ledger does not close.
    """
    ledger.require(sum(len(ids) for _, ids in parts.values()), "the split")
    manifest = {
        "source": source,
        "sha256": sha256,
        "sample": sample,
        "seed": workspace.seed,
        "rows": sum(len(ids) for _, ids in parts.values()),
        "counts": dict(counts),
        "ledger": ledger.entries,
        "parts": {
            name: {
                "file": path.name,
                "sha256": hash_files([path]),
                "rows": len(ids),
                "ids_sha256": hash_ids(ids),
                "ids": list(ids) if len(ids) <= MOST_IDS else [],
            }
            for name, (path, ids) in parts.items()
        },
    }
    require_same_data(workspace, sha256, sample)
    if workspace.manifest.exists():
        _require_same_rows(read_manifest(workspace), manifest)
    write_json(workspace.manifest, manifest)


def require_same_data(workspace: Workspace, sha256: str, sample: bool) -> None:
    """Raise ManifestError when the manifest at hand describes other data than these."""
    if not workspace.manifest.exists():
        return
    known = read_manifest(workspace)
    if known["sample"]:
        return  # whatever comes after a sample may replace it
    if sample:
        raise ManifestError(
            "this project has results on the real data, and a sample would overwrite them; "
            "delete data/manifest.json first if that is what you want"
        )
    if known["sha256"] != sha256:
        raise ManifestError(
            f"the data have changed: manifest {known['sha256'][:12]}, here {sha256[:12]}; "
            "delete data/manifest.json to start over with these data"
        )


def _require_same_rows(known: Mapping[str, Any], new: Mapping[str, Any]) -> None:
    if known["sample"]:
        return
    for name, part in new["parts"].items():
        if known["parts"].get(name, {}).get("ids_sha256") != part["ids_sha256"]:
            raise ManifestError(
                f"the {name} part would hold other rows than the manifest says (seed "
                f"{known['seed']} there, {new['seed']} here); delete data/manifest.json to "
                "split anew, and say so in REPORT.md"
            )


def read_manifest(workspace: Workspace) -> dict[str, Any]:
    """The manifest as `data` wrote it."""
    manifest: dict[str, Any] = read_json(workspace.manifest, made_by="data")
    return manifest


def open_part(workspace: Workspace, name: str, reader: str) -> Path:
    """The file of one part, checked against the manifest; a read of the test set is logged.

    Raises HoldOutError when any reader but `evaluate` wants the test set, ManifestError when
    the file is missing or is not the one that was sealed, ProjectError when the test set is
    wanted for a model that was trained under other settings.
    """
    if name == TEST and reader != TEST_READER:
        raise HoldOutError(f"{reader} asked for the test set, which only {TEST_READER} may read")
    part = read_manifest(workspace)["parts"][name]
    path = workspace.processed / part["file"]
    if not path.exists():
        raise ManifestError(f"{path.name} is missing: run `python -m {__package__} data` first")
    if hash_files([path]) != part["sha256"]:
        raise ManifestError(
            f"{path.name} was changed after the split: run `python -m {__package__} data` again"
        )
    if name == TEST:
        require_trained_here(workspace)
        _log_read(workspace, reader)
    return path


def read_access(workspace: Workspace) -> tuple[int, str]:
    """How many times the test set has been read in this project, and the hash of the last line.

    Raises ManifestError when a line was taken out of the log or changed.
    """
    lines = []
    if workspace.access_log.exists():
        lines = workspace.access_log.read_text(encoding="utf-8").splitlines()
    head = ""
    for number, line in enumerate(lines, start=1):
        if json.loads(line).get("previous", head) != head:
            raise ManifestError(f"data/access.jsonl was changed before line {number}")
        head = hashlib.sha256(line.encode()).hexdigest()
    return len(lines), head


def hash_ids(ids: Iterable[str]) -> str:
    """SHA-256 of the ids in order."""
    return hashlib.sha256("\n".join(ids).encode()).hexdigest()


def _log_read(workspace: Workspace, reader: str) -> None:
    entry = {
        "part": TEST,
        "reader": reader,
        "manifest": hash_files([workspace.manifest])[:16],
        "model": hash_files(model_files(workspace))[:16],
        "previous": read_access(workspace)[1],
    }
    with workspace.access_log.open("a", encoding="utf-8", newline="\n") as log:
        log.write(json.dumps(entry) + "\n")
