"""The rows of a split as they lie in data/processed, compared by what they say."""

from __future__ import annotations

import csv
import hashlib
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from scaffold.checks.checkout import Checkout

LARGEST = 20_000_000  # bytes of all parts together that a check without --deep reads
NAMES = {"id", "row", "part", "split", "group"}  # columns that tell rows apart, not what they say


def contents(checkout: Checkout, parts: Mapping[str, Any]) -> dict[str, set[bytes]]:
    """A digest of every row of each part; empty where the parts are not here as CSV or JSON lines.

    Upper and lower case, and runs of white space, count as the same.
    """
    files = {
        name: checkout.file(f"data/processed/{part.get('file', '')}")
        for name, part in parts.items()
    }
    readable = {name: path for name, path in files.items() if path and path.suffix in _READERS}
    sizes = [path.stat().st_size for path in readable.values()]
    if len(sizes) != len(parts) or (sum(sizes) > LARGEST and not checkout.deep):
        return {}
    return {name: set(map(_digest, _READERS[p.suffix](p))) for name, p in readable.items()}


def _digest(row: str) -> bytes:
    return hashlib.blake2b(" ".join(row.casefold().split()).encode(), digest_size=16).digest()


def _json_lines(path: Path) -> Iterator[str]:
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            yield json.dumps([value for key, value in row.items() if key not in NAMES])


def _table(path: Path) -> Iterator[str]:
    with path.open(encoding="utf-8", newline="") as file:
        rows = csv.reader(file)
        names = {number for number, name in enumerate(next(rows, [])) if name in NAMES}
        for row in rows:
            if row:
                yield "\0".join(cell for number, cell in enumerate(row) if number not in names)


_READERS = {".csv": _table, ".jsonl": _json_lines}
