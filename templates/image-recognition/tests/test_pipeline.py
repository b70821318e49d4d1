import numpy as np
import pytest

from project_package.evaluate import brier, calibration_error, in_top_two, log_loss
from project_package.kit.results import read_results
from project_package.kit.workspace import Workspace, read_json


def test_accuracy_is_measured_beside_a_support_vector_machine(trained: Workspace) -> None:
    results = read_results(trained)
    assert results["primary"]["name"] == "accuracy"
    assert [row["name"] for row in results["baselines"]] == ["HOG + SVM", "logistic regression"]


def test_the_repeats_are_other_networks_and_their_spread_is_shown(trained: Workspace) -> None:
    networks = read_json(trained.models / "training.json", made_by="train")["networks"]
    assert len({made["seed"] for made in networks.values()}) == len(networks) >= 3
    rows = read_results(trained)["tables"]["seeds"]["rows"]
    assert len(rows) == len(networks)
    assert "±" in read_results(trained)["notes"]["spread"]


def test_the_learning_curve_was_logged(trained: Workspace) -> None:
    networks = read_json(trained.models / "training.json", made_by="train")["networks"]
    curve = networks["model"]["curve"]
    assert len(curve) == 10
    assert [point["images"] for point in curve] == sorted(point["images"] for point in curve)
    assert curve[-1]["loss"] < curve[0]["loss"]


def test_twenty_worst_errors_are_kept_surest_first(trained: Workspace) -> None:
    rows = (trained.reports / "errors.csv").read_text(encoding="utf-8").splitlines()
    assert rows[0] == "row,id,truth,called,probability,probability_of_truth"
    assert len(rows) == 21
    sure = [float(row.split(",")[4]) for row in rows[1:]]
    assert sure == sorted(sure, reverse=True)


def test_nothing_unfinished_is_left(trained: Workspace) -> None:
    assert not (trained.models / "unfinished").exists()


def test_the_scores_are_the_textbooks() -> None:
    chances = np.array([[0.7, 0.2, 0.1], [0.1, 0.3, 0.6]])
    truth = np.array([0, 1])
    assert log_loss(chances, truth) == pytest.approx(-np.log([0.7, 0.3]))
    assert brier(chances, truth) == pytest.approx([0.14, 0.86])
    assert in_top_two(chances, truth).tolist() == [True, True]
    assert in_top_two(chances, np.array([2, 0])).tolist() == [False, False]
    stated = np.full(100, 0.8)
    assert calibration_error(stated, np.arange(100) < 80) == pytest.approx(0)
    assert calibration_error(stated, np.arange(100) < 50) == pytest.approx(0.3)
