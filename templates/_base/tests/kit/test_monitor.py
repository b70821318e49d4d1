import numpy as np
import pytest

from project_package.kit import web
from project_package.kit.workspace import ProjectError, Workspace, read_json


def test_the_same_distribution_is_stable_and_another_is_not() -> None:
    random = np.random.default_rng(0)
    reference = random.normal(size=2_000)
    same, other = random.normal(size=1_000), random.normal(1, size=1_000)
    assert web.population_stability_index(reference, same) < web.STABLE
    assert web.population_stability_index(reference, other) > web.SHIFTED


def test_the_exit_code_tells_of_a_shift(copy: Workspace) -> None:
    usual = read_json(copy.models / "training.json", made_by="train")["reference_scores"]
    for score in np.random.default_rng(0).choice(usual, 400):
        web.log_score(copy, score)
    assert web.monitor(copy) == 0
    for _ in range(2_000):
        web.log_score(copy, max(usual))
    assert web.monitor(copy) == 1


def test_too_few_predictions_are_not_judged(copy: Workspace) -> None:
    web.log_score(copy, 0.5)
    with pytest.raises(ProjectError, match="are needed to judge"):
        web.monitor(copy)
