"""What an evaluation found, and how it is written to reports/metrics.json.

The layout of metrics.json is the same in every project of this kind, so that other programs
(a portfolio page, a check before publishing) can read it.
"""

import platform
import re
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from importlib import metadata
from pathlib import Path
from typing import Any

from .download import hash_files
from .errors import ProjectError
from .intervals import Interval
from .manifest import count_test_reads, read_manifest
from .workspace import Workspace, read_json, write_json

METRICS = "metrics.json"
DISTRIBUTION = re.compile(r"[A-Za-z0-9._-]+")  # at the start of a requirement
NOT_PART_OF_THE_RESULT = {"__main__.py", "predict.py", "report.py", "serve.py", "service.py"}


@dataclass(frozen=True)
class Score:
    """One metric on the test part: the model with its interval, the baseline beside it."""

    label: str
    model: Interval
    baseline: float | None = None
    higher_is_better: bool = True


@dataclass(frozen=True)
class Table:
    """A table of the write-up; numbers in `rows` are written with three decimals."""

    caption: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str | int | float | Interval]]


@dataclass(frozen=True)
class Picture:
    """A figure of the write-up: reports/figures/NAME.svg, in words for those who cannot see it."""

    caption: str
    alt: str


@dataclass(frozen=True)
class Results:
    """All that `evaluate` hands on. `scores[primary]` is the headline.

    `difference` is the paired interval of model minus `baseline_name` in the primary metric.
    `measured_on` says in a few words what the headline was measured on.
    `notes` are sentences of the write-up whose numbers come from this run.
    """

    primary: str
    baseline_name: str
    scores: Mapping[str, Score]
    difference: Interval
    tables: Mapping[str, Table] = field(default_factory=dict)
    figures: Mapping[str, Picture] = field(default_factory=dict)
    notes: Mapping[str, str] = field(default_factory=dict)
    measured_on: str = "rows no model had seen"


def write_results(workspace: Workspace, results: Results, seconds: float) -> None:
    """Write reports/metrics.json; `seconds` is what the evaluation took."""
    manifest = read_manifest(workspace)
    training = read_json(workspace.models / "training.json", made_by="train")
    headline = results.scores[results.primary]
    write_json(
        workspace.reports / METRICS,
        {
            "primary": {
                "name": results.primary,
                **_score_as_json(headline),
                "baseline_name": results.baseline_name,
                "measured_on": results.measured_on,
            },
            "metrics": {name: _score_as_json(score) for name, score in results.scores.items()},
            "comparison": {
                "difference": results.difference.value,
                "ci": [results.difference.low, results.difference.high],
            },
            "data": {key: manifest[key] for key in ("source", "rows", "sha256", "sample")},
            "run": {
                "seconds": round(training["seconds"] + seconds, 1),
                "seed": workspace.seed,
                "commit": _current_commit(workspace.root),
                "python": platform.python_version(),
                "packages": _package_versions(),
                "test_reads": count_test_reads(workspace),
            },
            "inputs": hash_inputs(workspace),
            "tables": {name: _table_as_json(table) for name, table in results.tables.items()},
            "figures": {name: asdict(picture) for name, picture in results.figures.items()},
            "notes": dict(results.notes),
        },
    )


def read_results(workspace: Workspace) -> dict[str, Any]:
    """reports/metrics.json as written; raises ProjectError before the first evaluation."""
    results: dict[str, Any] = read_json(workspace.reports / METRICS, made_by="evaluate")
    return results


def hash_inputs(workspace: Workspace) -> dict[str, str]:
    """SHA-256 of all that the numbers come from: code, configuration and data manifest."""
    package = Path(__file__).parent
    code = sorted(set(package.glob("*.py")) - {package / name for name in NOT_PART_OF_THE_RESULT})
    hashes = {f"src/{package.name}/{path.name}": hash_files([path]) for path in code}
    for path in (workspace.root / "config.toml", workspace.manifest):
        hashes[path.relative_to(workspace.root).as_posix()] = hash_files([path])
    return hashes


def _score_as_json(score: Score) -> dict[str, Any]:
    return {
        "label": score.label,
        "value": score.model.value,
        "ci": [score.model.low, score.model.high],
        "baseline": score.baseline,
        "higher_is_better": score.higher_is_better,
    }


def _table_as_json(table: Table) -> dict[str, Any]:
    rows = [
        [str(cell) if isinstance(cell, Interval) else cell for cell in row] for row in table.rows
    ]
    return {"caption": table.caption, "columns": list(table.columns), "rows": rows}


def _current_commit(root: Path) -> str | None:
    try:
        answer = subprocess.run(
            ["git", "rev-parse", "HEAD"], cwd=root, capture_output=True, text=True, check=True
        )
    except (OSError, subprocess.CalledProcessError):
        return None
    return answer.stdout.strip()


def _package_versions() -> dict[str, str]:
    """Versions of what the project requires at run time, as installed."""
    try:
        required = metadata.requires("project_package") or []
    except metadata.PackageNotFoundError as error:
        raise ProjectError("the project is not installed: run `pip install -e .` first") from error
    names = {DISTRIBUTION.match(line).group() for line in required if "extra ==" not in line}
    installed = {}
    for name in sorted(names):
        with suppress(metadata.PackageNotFoundError):  # not needed on this platform
            installed[name] = metadata.version(name)
    return installed
