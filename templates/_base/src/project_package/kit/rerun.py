"""Whether a run gives again what was committed: the same metric, in pairs where rows allow."""

import json
import math
import subprocess
from collections.abc import Mapping
from io import StringIO
from typing import Any

import pandas as pd

from .provenance import METRICS
from .results import require_unedited
from .statistics import (
    HEADLINE_ROUNDS,
    MEASURES,
    PREDICTIONS,
    WORSE,
    Interval,
    paired_difference,
    read_column,
    read_predictions,
    truth_of,
    verdict,
)
from .workspace import ProjectError, Workspace

SAME = 1e-4  # relative: what the rounding of another processor can do


def compare_with(workspace: Workspace, commit: str) -> tuple[bool, str]:
    """Whether the results at hand are no worse than those of `commit`, and that in a sentence.

    Raises ProjectError when there is nothing to compare with.
    """
    now, before = require_unedited(workspace), json.loads(_committed(workspace, commit, METRICS))
    _require_comparable(now, before, commit)
    new, old = now["primary"], before["primary"]
    told = f"{new['label']} {_shown(new)} here, {_shown(old)} in {commit}"
    if math.isclose(new["value"], old["value"], rel_tol=SAME):
        return True, f"{told}: the same number"
    rows = read_predictions(workspace)
    text = StringIO(_committed(workspace, commit, PREDICTIONS))
    others = pd.read_csv(text, dtype={"id": str, "group": str})
    if not _of_same_rows(rows, others):
        low, high = old["ci"]
        inside = bool(low <= new["value"] <= high)
        ahead = (new["value"] > old["value"]) == new["higher_is_better"]
        where = "inside" if inside else "outside"
        return inside or ahead, f"{told}; measured on other rows, {where} the committed interval"
    metric = now["predictions"]["metric"]
    difference = paired_difference(
        MEASURES[metric],
        truth_of(rows),
        read_column(rows, "model", metric),
        read_column(others, "model", metric),
        groups=rows["group"],
        seed=workspace.seed,
        rounds=HEADLINE_ROUNDS,
    )
    found = verdict(difference, new["higher_is_better"])
    pairs = f"here minus committed, in pairs on {len(rows):,} rows: {difference.signed}"
    return found != WORSE, f"{told}; {pairs}: {found}"


def _require_comparable(now: Mapping[str, Any], before: Mapping[str, Any], commit: str) -> None:
    for what, mine, theirs in (
        ("the metric", now["primary"]["name"], before["primary"]["name"]),
        ("the sample", now["data"]["sample"], before["data"]["sample"]),
        ("the measure", now["predictions"]["metric"], before["predictions"]["metric"]),
    ):
        if mine != theirs:
            raise ProjectError(
                f"{what} differs, {mine!r} here and {theirs!r} in {commit}: commit the results "
                "of the present settings first"
            )


def _of_same_rows(rows: pd.DataFrame, others: pd.DataFrame) -> bool:
    """Whether both are of the same rows in the same order, with the same truths."""
    if not rows["id"].equals(others["id"]):
        return False
    return "truth" not in rows or ("truth" in others and rows["truth"].equals(others["truth"]))


def _committed(workspace: Workspace, commit: str, name: str) -> str:
    """A file of reports/ as it stands in a commit."""
    command = ["git", "show", f"{commit}:./reports/{name}"]
    try:
        done = subprocess.run(
            command, cwd=workspace.root, capture_output=True, check=True, encoding="utf-8"
        )
    except (OSError, subprocess.CalledProcessError):
        raise ProjectError(
            f"{commit} holds no reports/{name}: run everything, and commit what it wrote"
        ) from None
    return done.stdout


def _shown(primary: Mapping[str, Any]) -> str:
    return str(Interval(primary["value"], *primary["ci"]))
