import shutil
import subprocess

import pandas as pd
import pytest

from project_package.kit import rerun
from project_package.kit.statistics import PREDICTIONS
from project_package.kit.workspace import (
    ProjectError,
    Workspace,
    read_json,
    write_json,
)


def git(workspace: Workspace, *words: str) -> None:
    who = ["-c", "user.name=a", "-c", "user.email=a@example.com", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", *who, *words], cwd=workspace.root, check=True, capture_output=True)


@pytest.fixture
def committed(copy: Workspace) -> Workspace:
    """The results at hand, committed."""
    if shutil.which("git") is None:
        pytest.skip("needs git")
    git(copy, "init")
    git(copy, "add", "--force", "reports")
    git(copy, "commit", "-m", "results")
    return copy


def commit_others(workspace: Workspace, rows: pd.DataFrame, **primary: float) -> None:
    """Commit other predictions and another headline, and put the real ones back."""
    keep = {
        path: path.read_bytes()
        for path in (workspace.reports / PREDICTIONS, workspace.reports / "metrics.json")
    }
    rows.to_csv(workspace.reports / PREDICTIONS, index=False)
    results = read_json(workspace.reports / "metrics.json", made_by="evaluate")
    results["primary"] |= primary
    write_json(workspace.reports / "metrics.json", results)
    git(workspace, "add", "--force", "reports")
    git(workspace, "commit", "-m", "others")
    for path, content in keep.items():
        path.write_bytes(content)


def test_the_same_results_are_the_same_number(committed: Workspace) -> None:
    as_good, told = rerun.compare_with(committed, "HEAD")
    assert as_good
    assert told.endswith("the same number")


def test_other_answers_on_the_same_rows_are_compared_in_pairs(committed: Workspace) -> None:
    """Committed is what a baseline said; which of the two is ahead, the sample may decide."""
    rows = pd.read_csv(committed.reports / PREDICTIONS, dtype={"id": str, "group": str})
    results = read_json(committed.reports / "metrics.json", made_by="evaluate")
    other = next(
        row
        for row in results["baselines"]
        if abs(row["value"] - results["primary"]["value"]) > 0.01
    )
    rows["model"] = rows[other["column"]]
    commit_others(committed, rows, value=other["value"], ci=other["ci"])
    as_good, told = rerun.compare_with(committed, "HEAD")
    assert f"in pairs on {len(rows):,} rows" in told
    assert told.endswith(other["verdict"])
    assert as_good is (other["verdict"] != "worse")


def test_on_other_rows_the_committed_interval_decides(committed: Workspace) -> None:
    rows = pd.read_csv(committed.reports / PREDICTIONS, dtype={"id": str, "group": str})
    primary = read_json(committed.reports / "metrics.json", made_by="evaluate")["primary"]
    value, step = primary["value"], 0.3 if primary["higher_is_better"] else -0.3
    rows["id"] = "x" + rows["id"]
    ends = {"ahead": value + step, "behind": value - step}
    for name, other in ends.items():
        commit_others(committed, rows, value=other, ci=[other - 0.1, other + 0.1])
        as_good, told = rerun.compare_with(committed, "HEAD")
        assert "measured on other rows, outside the committed interval" in told
        assert as_good is (name == "behind")


def test_results_of_the_sample_are_not_compared_with_those_of_the_data(
    committed: Workspace,
) -> None:
    results = read_json(committed.reports / "metrics.json", made_by="evaluate")
    results["data"]["sample"] = False
    content = (committed.reports / "metrics.json").read_bytes()
    write_json(committed.reports / "metrics.json", results)
    git(committed, "commit", "--all", "--message", "real")
    (committed.reports / "metrics.json").write_bytes(content)
    with pytest.raises(ProjectError, match="the sample differs, True here and False in HEAD"):
        rerun.compare_with(committed, "HEAD")


def test_nothing_committed_is_a_clear_error(copy: Workspace) -> None:
    with pytest.raises(ProjectError, match=r"holds no reports/metrics\.json"):
        rerun.compare_with(copy, "nowhere")
