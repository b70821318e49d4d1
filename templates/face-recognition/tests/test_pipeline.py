import numpy as np
import pandas as pd

from project_package.kit.results import read_results
from project_package.kit.statistics import tar_at_far_1
from project_package.kit.workspace import Workspace
from project_package.model import PIXELS, SIMPLE


def test_the_headline_is_measured_beside_every_simple_method(trained: Workspace) -> None:
    results = read_results(trained)
    assert results["primary"]["name"] == "tar_at_far_1"
    assert {row["name"] for row in results["baselines"]} == set(SIMPLE)
    roles = {row["name"]: row["role"] for row in results["baselines"]}
    assert next(iter(roles.values())) == "strongest simple"
    assert roles[PIXELS] in ("naive", "strongest simple")


def test_every_pair_of_the_test_people_is_scored_by_all(trained: Workspace) -> None:
    rows = pd.read_csv(trained.reports / "predictions.csv")
    pictures = {name for pair in rows.id for name in pair.split(" ")}
    assert len(rows) == len(pictures) * (len(pictures) - 1) // 2
    assert not rows.isna().any().any()
    likeness = rows.drop(columns=["id", "group", "truth"])
    assert likeness.abs().to_numpy().max() <= 1 + 1e-6


def test_twenty_worst_pairs_are_kept_farthest_first(trained: Workspace) -> None:
    kept = pd.read_csv(trained.reports / "errors.csv")
    assert len(kept) == 20
    assert kept.error.is_monotonic_decreasing
    assert set(kept.shows) <= {"one person", "two people"}
    assert ((kept.truth == 1) == (kept.shows == "one person")).all()


def test_the_service_is_measured_at_the_threshold_that_was_settled_before(
    trained: Workspace,
) -> None:
    results = read_results(trained)
    rows = pd.read_csv(trained.reports / "predictions.csv")
    assert set(results["metrics"]) == {
        "tar_at_far_1", "eer", "auc", "accepted", "false_accepts", "closed_set",
    }  # fmt: skip
    at_one_percent = tar_at_far_1(rows.truth.to_numpy(), rows.model.to_numpy())
    assert results["primary"]["value"] == at_one_percent
    assert results["metrics"]["accepted"]["baseline"] is None


def test_intervals_are_wider_than_if_pairs_were_drawn(trained: Workspace) -> None:
    """People are few: a person's pairs stand or fall together."""
    rows = pd.read_csv(trained.reports / "predictions.csv")
    low, high = read_results(trained)["primary"]["ci"]
    random, draws = np.random.default_rng(0), []
    for _ in range(100):
        drawn = random.integers(0, len(rows), len(rows))
        draws.append(tar_at_far_1(rows.truth.to_numpy()[drawn], rows.model.to_numpy()[drawn]))
    assert high - low > 1.2 * np.subtract(*np.percentile(draws, [97.5, 2.5]))


def test_no_face_is_shown_in_any_report(trained: Workspace) -> None:
    figures = {path.stem for path in trained.figures.glob("*.svg")}
    assert figures <= {"trade", "explored-faces", "explored-pairs"}
