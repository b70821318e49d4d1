"""The split manifest: which row is in which part, from which data, and who read the test set.

`data` writes it once; every later run must meet the same data. The test set opens for
`evaluate` alone, for a model trained under the settings at hand, and every opening is logged in
data/access.jsonl, each line with the hash of the line before it.
The ledger counts every row between the raw file and the score; `connect` finds the rows that no
split may part.
"""

import hashlib
import json
import os
import time
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from .provenance import model_files, require_trained_here
from .workspace import (
    COMMAND,
    HoldOutError,
    ManifestError,
    ProjectError,
    Workspace,
    hash_files,
    read_json,
    write_json,
)

MOST_IDS = 10_000  # a part's ids are listed up to this many; the hash stands for any number
FINGERPRINT = 12  # hexadecimal digits: two of ten thousand inputs share theirs once in millions
TEST = "test"
TEST_READER = "evaluate"


@dataclass
class Ledger:
    """Counts `rows` of `unit` down, step by step; what is not entered here does not close."""

    rows: int
    unit: str = "rows"
    entries: list[dict[str, Any]] = field(default_factory=list)

    def drop(self, step: str, left: int, reason: str) -> None:
        """`left` rows remain after `step`; `reason` says what the dropped ones were."""
        dropped = self.rows - int(left)
        if dropped < 0:
            raise ProjectError(f"{step}: {left:,} rows cannot be left of {self.rows:,}")
        self._enter(step, dropped, reason)
        self.rows = int(left)

    def count_as(self, unit: str, rows: int) -> None:
        """From here on each `unit` counts, not each row of it: ratings as people, say."""
        self._enter(f"counted as {unit}", 0, "")
        self.rows, self.unit = int(rows), unit

    def require(self, rows: int, where: str) -> None:
        """Raise ProjectError when rows went missing that no entry speaks of."""
        if rows != self.rows:
            raise ProjectError(
                f"{where} has {rows:,} {self.unit}, and the ledger knows of {self.rows:,}: "
                "enter every drop with its reason"
            )

    def _enter(self, step: str, dropped: int, reason: str) -> None:
        self.entries.append(
            {
                "step": step,
                "unit": self.unit,
                "rows_in": self.rows,
                "dropped": dropped,
                "reason": reason,
            }
        )


def ledger_rows(entries: Sequence[Mapping[str, Any]]) -> list[list[str | int]]:
    """The ledger as rows of a table."""
    return [
        [entry["step"], entry["unit"], entry["rows_in"], entry["dropped"], entry["reason"] or "–"]
        for entry in entries
    ]


def seal(
    workspace: Workspace,
    parts: Mapping[str, tuple[Path, Sequence[str]]],
    *,
    source: str,
    sha256: str,
    sample: bool,
    counts: Mapping[str, Any],
    ledger: Ledger,
    test_inputs: Iterable[str] = (),
) -> None:
    """Record the parts (name → file, row ids) of the data whose content hashes to `sha256`.

    `ledger` counts from the raw file to the parts. Of `test_inputs`, a text for what each row of
    the test set asks, hashes are kept: with them its rows are known in feedback while it is closed.
    Raises ManifestError when a manifest of other data, seed or rows is there already, ProjectError
    when the ledger does not close.
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
    if test_inputs:
        manifest["parts"][TEST]["inputs"] = " ".join(sorted(set(fingerprints(test_inputs))))
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
        raise ManifestError(f"{path.name} is missing: run `{COMMAND} data` first")
    if hash_files([path]) != part["sha256"]:
        raise ManifestError(f"{path.name} was changed after the split: run `{COMMAND} data` again")
    if name == TEST:
        require_trained_here(workspace)
        _log_read(workspace, reader)
    return path


def read_access(workspace: Workspace) -> dict[str, Any]:
    """How many times the test set has been read, when and why, and the hash of the last line.

    Raises ManifestError when a line was taken out of the log or changed.
    """
    reads, heads = _read_log(workspace)
    told = [{key: read.get(key, "not told") for key in ("date", "why")} for read in reads]
    return {"count": len(reads), "head": heads[-1], "reads": told}


def was_read_as(workspace: Workspace, told: Mapping[str, Any]) -> bool:
    """Whether the log begins with the reads that `read_access` told of; more may follow."""
    heads = _read_log(workspace)[1]
    return told["count"] < len(heads) and heads[told["count"]] == told["head"]


def _read_log(workspace: Workspace) -> tuple[list[dict[str, Any]], list[str]]:
    """The reads of the test set, and the hash of the last line before and after each of them."""
    lines = []
    if workspace.access_log.exists():
        lines = workspace.access_log.read_text(encoding="utf-8").splitlines()
    reads, heads = [], [""]
    for number, line in enumerate(lines, start=1):
        reads.append(json.loads(line))
        if reads[-1].get("previous", heads[-1]) != heads[-1]:
            raise ManifestError(f"data/access.jsonl was changed before line {number}")
        heads.append(hashlib.sha256(line.encode()).hexdigest())
    return reads, heads


def hash_ids(ids: Iterable[str]) -> str:
    """SHA-256 of the ids in order."""
    return hashlib.sha256("\n".join(ids).encode()).hexdigest()


def fingerprints(inputs: Iterable[str]) -> list[str]:
    """The first digits of each text's SHA-256."""
    return [hashlib.sha256(text.encode()).hexdigest()[:FINGERPRINT] for text in inputs]


def in_test_set(workspace: Workspace, found: Iterable[str]) -> list[bool]:
    """Which of these fingerprints are of inputs of the test set, which is not opened for it."""
    kept = read_manifest(workspace)["parts"][TEST].get("inputs")
    if kept is None:
        raise ManifestError(
            f"the manifest does not know the test set's inputs yet: run `{COMMAND} data`, then "
            "train and evaluate again"
        )
    known = set(kept.split())
    return [each in known for each in found]


def _log_read(workspace: Workspace, reader: str) -> None:
    """Raise HoldOutError for another model than those read for so far, unless a reason is given."""
    reads, heads = _read_log(workspace)
    model = hash_files(model_files(workspace))[:16]
    why = workspace.because or (
        "first reading" if not reads
        else "the same model again" if model in {read["model"] for read in reads}
        else "on the sample" if workspace.holds_sample else ""
    )  # fmt: skip
    if not why:
        raise HoldOutError(
            f"the test set has been read {len(reads)} times in this project, and never for this "
            "model: whoever looks again and again finds luck. Compare models on the training set. "
            f'To look once more, say why: `{COMMAND} evaluate --because "..."`; '
            "the report will show it"
        )
    now = int(os.environ.get("SOURCE_DATE_EPOCH", time.time()))
    entry = {
        "part": TEST,
        "reader": reader,
        "date": datetime.fromtimestamp(now, UTC).date().isoformat(),
        "why": why,
        "manifest": hash_files([workspace.manifest])[:16],
        "model": model,
        "previous": heads[-1],
    }
    with workspace.access_log.open("a", encoding="utf-8", newline="\n") as log:
        log.write(json.dumps(entry) + "\n")


def connect(*keys: Sequence[Hashable | None]) -> NDArray[np.int64]:
    """Group numbers, shape (n,): rows that agree in any one key share a group, and so on.

    Each key has one entry a row; None means that the key says nothing about the row.
    """
    # practice: connect
    rows = len(keys[0])
    starts: list[int] = []
    ends: list[int] = []
    for key in keys:
        first: dict[Hashable, int] = {}
        for row, value in enumerate(key):
            if value is not None:
                starts.append(first.setdefault(value, row))
                ends.append(row)
    links = coo_array((np.ones(len(starts)), (starts, ends)), shape=(rows, rows))
    _, labels = connected_components(links, directed=False)
    return labels.astype(np.int64)
    # practice: end
