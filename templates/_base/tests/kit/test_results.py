"""From predictions to metrics.json: which baseline is compared with, and what may be missing."""

import numpy as np
import pandas as pd
import pytest

from project_package.kit.holdout import Ledger, read_manifest
from project_package.kit.results import (
    METRICS,
    Results,
    Score,
    Study,
    Table,
    read_results,
    write_results,
)
from project_package.kit.statistics import (
    NAIVE,
    SIMPLE,
    STRONGEST,
    Interval,
    Predictions,
)
from project_package.kit.workspace import ProjectError, Workspace

ROLES = {"near": STRONGEST, "far": SIMPLE, "further": NAIVE}


def results_of(
    workspace: Workspace, shift: float = 0.0, rows: int | None = None, **more
) -> Results:
    """The model is .01 above the strongest method, and `shift` above it besides."""
    count = read_manifest(workspace)["parts"]["test"]["rows"] if rows is None else rows
    level = np.random.default_rng(0).uniform(0.4, 0.6, count)
    ids = [f"r{number}" for number in range(count)]
    table = pd.DataFrame({"id": ids, "group": ids, "model": level + shift})
    columns = {"near": level, "far": level - 0.1, "further": level + 0.3}
    predictions = Predictions(table.assign(**columns), "mean", True, ROLES)
    return Results("score", "score", predictions, **more)


@pytest.mark.parametrize(
    ("shift", "verdict"), [(0.01, "better"), (-0.01, "worse"), (0.0, "no clear difference")]
)
def test_the_headline_compares_with_the_first_baseline_near_or_far(
    copy: Workspace, shift: float, verdict: str
) -> None:
    write_results(copy, results_of(copy, shift), 1.0)
    written = read_results(copy)
    strongest = written["baselines"][0]
    assert strongest["role"] == STRONGEST
    assert [row["name"] for row in written["baselines"]] == list(ROLES)
    found = written["comparison"]
    assert (found["baseline"], found["verdict"]) == ("near", verdict)
    assert (found["difference"], found["ci"]) == (
        strongest["difference"],
        strongest["difference_ci"],
    )
    assert found["difference"] == pytest.approx(shift)
    assert written["primary"]["baseline_name"] == "near"
    assert written["primary"]["baseline"] == strongest["value"]
    assert written["metrics"]["score"]["baseline"] == strongest["value"]
    shown = {row[0]: row[-1] for row in written["tables"]["baselines"]["rows"]}
    assert shown == {"model": "–"} | {row["name"]: row["verdict"] for row in written["baselines"]}


def test_a_row_that_nobody_entered_is_missed_and_nothing_is_written(copy: Workspace) -> None:
    rows, before = (
        read_manifest(copy)["parts"]["test"]["rows"],
        (copy.reports / METRICS).read_bytes(),
    )
    for scored in (rows - 1, rows + 1):
        with pytest.raises(ProjectError, match="enter every drop"):
            write_results(copy, results_of(copy, rows=scored), 1.0)
    ledger = Ledger(rows)
    ledger.drop("choice", rows - 2, "a reason")
    with pytest.raises(ProjectError, match="enter every drop"):
        write_results(copy, results_of(copy, rows=rows - 3, ledger=ledger), 1.0)
    assert (copy.reports / METRICS).read_bytes() == before
    write_results(copy, results_of(copy, rows=rows - 2, ledger=ledger), 1.0)
    assert read_results(copy)["ledger"][-1] == {
        "step": "choice", "unit": "rows", "rows_in": rows, "dropped": 2, "reason": "a reason",
    }  # fmt: skip
    assert read_results(copy)["ledger"][:-1] == read_manifest(copy)["ledger"]


def test_scores_and_tables_are_written_as_they_are(copy: Workspace) -> None:
    score = Score("Other", Interval(0.5, 0.4, 0.7), 0.3, higher_is_better=False)
    table = Table("Caption.", ["a", "b"], [["x", 0.25], ["y", Interval(0.5, 0.4, 0.7)]])
    more = {"scores": {"other": score}, "tables": {"own": table}, "notes": {"n": "Text."}}
    write_results(copy, results_of(copy, **more), 1.0)
    written = read_results(copy)
    assert written["metrics"]["other"] == {
        "label": "Other", "value": 0.5, "ci": [0.4, 0.7], "baseline": 0.3,
        "higher_is_better": False,
    }  # fmt: skip
    assert written["tables"]["own"]["rows"] == [["x", 0.25], ["y", "0.500 [0.400, 0.700]"]]
    assert written["notes"] == {"n": "Text."}
    assert written["run"]["seed"] == copy.seed
    described = read_manifest(copy)
    for key in ("source", "rows", "sha256", "sample"):
        assert written["data"][key] == described[key]


def test_the_predictions_file_holds_what_was_said_column_by_column(copy: Workspace) -> None:
    results = results_of(copy, 0.02)
    write_results(copy, results, 1.0)
    read = pd.read_csv(copy.reports / "predictions.csv")
    assert list(read) == ["id", "group", "model", "near", "far", "further"]
    pd.testing.assert_frame_equal(read, results.predictions.rows[list(read)])


def test_what_a_study_brought_stands_with_the_rest_under_its_own_names(copy: Workspace) -> None:
    table = Table("Of a study.", ["n"], [[1]])
    study = Study("Later", "Asked.", {"later": table}, notes={"later": "Found."})
    write_results(copy, results_of(copy, studies={"time": study}), 1.0)
    written = read_results(copy)
    assert written["studies"]["time"] == {
        "title": "Later", "text": "Asked.", "tables": ["later"], "notes": ["later"], "figures": [],
    }  # fmt: skip
    assert written["tables"]["later"]["rows"] == [[1]]
    assert written["notes"]["later"] == "Found."


def test_two_studies_cannot_have_tables_of_one_name(copy: Workspace) -> None:
    study = Study("Later", "Asked.", {"ledger": Table("Of a study.", ["n"], [[1]])})
    with pytest.raises(ValueError, match="Later: ledger is taken"):
        write_results(copy, results_of(copy, studies={"time": study}), 1.0)
