"""Small finished projects to make a site of, written as plain files."""

from __future__ import annotations

import hashlib
import json
import struct
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.factories import git, write_files

STATE = """\
[source]
template = "elsewhere"
location = "https://example.com/template.git"
engine = "copier"

[project]
name = "{name}"
package = "package"
title = "{title}"
topics = ["calibration", "svm"]

[answers]
question = "{question}"
"""
README = """\
# {title}

**{question}**

![Two curves, one above the other.](reports/figures/curve.svg)
"""
REPORT = """\
# {title}: the write-up

## Problem

What a wrong answer costs, and who pays for it.

> **Yours to write — why:** why did you choose this problem?

## Results

<!-- result:metrics -->
| on the test part | rule | model |
| --- | ---: | ---: |
| PR-AUC | 0.655 | **0.912** |
<!-- /result:metrics -->

![Two curves, one above the other.](reports/figures/curve.svg)

*Precision and recall.*

See [the model](src/package/model.py), [a file that is not there](nowhere.py), [the first
section](#problem) and [the data's publisher](https://example.com/data).

## What I learned

> **Yours to write — learned:** what surprised you?
"""
SVG = """\
<svg xmlns="http://www.w3.org/2000/svg" width="360pt" height="180pt" viewBox="0 0 360 180">
<path d="M0 180 L360 0" stroke="#333"/></svg>
"""
MODEL = "C = 1.0\n"

Change = Callable[[dict[str, Any]], object]


def png(width: int, height: int) -> bytes:
    """A grey picture."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        checked = kind + data
        return struct.pack(">I", len(data)) + checked + struct.pack(">I", zlib.crc32(checked))

    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    rows = zlib.compress((b"\0" + b"\x80" * width) * height)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def metrics() -> dict[str, Any]:
    """What a run of the real data found."""
    return {
        "primary": {
            "name": "pr_auc",
            "label": "PR-AUC",
            "value": 0.9123,
            "ci": [0.8987, 0.9254],
            "baseline": 0.6549,
            "baseline_name": "keyword rule",
            "higher_is_better": True,
        },
        "comparison": {"difference": 0.2574, "ci": [0.21, 0.30]},
        "data": {"rows": 100, "sample": False},
        "inputs": {"src/package/model.py": hashlib.sha256(MODEL.encode()).hexdigest()},
    }


def finish(
    root: Path,
    title: str = "Spam detector",
    question: str = "How much spam can be caught?",
    report: str = REPORT,
    change: Change | None = None,
) -> Path:
    """A project with results, without git; `change` spoils what metrics.json holds."""
    measured = metrics()
    if change:
        change(measured)
    files: dict[str, str | bytes] = {
        ".scaffold.toml": STATE.format(name=root.name, title=title, question=question),
        "README.md": README.format(title=title, question=question),
        "REPORT.md": report.replace("{title}", title),
        "src/package/model.py": MODEL,
        "reports/metrics.json": json.dumps(measured),
        "reports/figures/curve.svg": SVG,
        "reports/figures/curve.png": png(12, 6),
    }
    return write_files(root, files)


def push(root: Path, address: str = "git@github.com:ada/spam-detector.git") -> Path:
    """Commit all of it, and leave it as it is after a push to an address."""
    git(root, "init", "--quiet", "--initial-branch=main")
    git(root, "add", "--all")
    git(root, "commit", "--quiet", "--message", "Measure", "--date", "2026-03-04T12:00:00+0000")
    git(root, "remote", "add", "origin", address)
    git(root, "update-ref", "refs/remotes/origin/main", "HEAD")
    return root
