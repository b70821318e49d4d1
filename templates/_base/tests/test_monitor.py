import numpy as np
import pytest

from project_package import monitor
from project_package.errors import ProjectError
from project_package.workspace import Workspace, read_json


def test_the_same_distribution_is_stable_and_another_is_not() -> None:
    random = np.random.default_rng(0)
    reference = random.normal(size=2_000)
    same, other = random.normal(size=1_000), random.normal(1, size=1_000)
    assert monitor.population_stability_index(reference, same) < monitor.STABLE
    assert monitor.population_stability_index(reference, other) > monitor.SHIFTED


def test_the_exit_code_tells_of_a_shift(copy: Workspace) -> None:
    usual = read_json(copy.models / "training.json", made_by="train")["reference_scores"]
    for score in np.random.default_rng(0).choice(usual, 400):
        monitor.log_score(copy, score)
    assert monitor.run(copy) == 0
    for _ in range(2_000):
        monitor.log_score(copy, max(usual))
    assert monitor.run(copy) == 1


def test_too_few_predictions_are_not_judged(copy: Workspace) -> None:
    monitor.log_score(copy, 0.5)
    with pytest.raises(ProjectError, match="are needed to judge"):
        monitor.run(copy)
