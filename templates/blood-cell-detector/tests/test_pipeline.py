import numpy as np
import pandas as pd
import pytest

from project_package.kit.results import read_results
from project_package.kit.workspace import Workspace
from project_package.model import NEAREST, SVM


def test_the_headline_is_measured_beside_every_simple_method(trained: Workspace) -> None:
    results = read_results(trained)
    assert results["primary"]["name"] == "accuracy_new_speaker"
    roles = {row["name"]: row["role"] for row in results["baselines"]}
    assert roles == {SVM: "strongest simple", NEAREST: "naive"}


def test_the_mean_over_speakers_is_the_headline(trained: Workspace) -> None:
    rows = pd.read_csv(trained.reports / "predictions.csv")
    by_speaker = (rows.truth == rows.model).groupby(rows.group).mean()
    assert rows.group.value_counts().nunique() == 1
    assert read_results(trained)["primary"]["value"] == pytest.approx(by_speaker.mean())
    assert read_results(trained)["metrics"]["worst_speaker"]["value"] == pytest.approx(
        by_speaker.min()
    )


def test_the_bootstrap_draws_speakers(trained: Workspace) -> None:
    rows = pd.read_csv(trained.reports / "predictions.csv")
    by_speaker = (rows.truth == rows.model).groupby(rows.group).mean().to_numpy()
    random = np.random.default_rng(0)
    draws = [random.choice(by_speaker, len(by_speaker)).mean() for _ in range(4000)]
    low, high = read_results(trained)["primary"]["ci"]
    assert np.percentile(draws, [2.5, 97.5]) == pytest.approx([low, high], abs=0.02)


def test_twenty_surest_errors_are_kept_surest_first(trained: Workspace) -> None:
    kept = pd.read_csv(trained.reports / "errors.csv")
    assert len(kept) == 20
    assert kept.error.is_monotonic_decreasing
    wrong = kept[kept.error > 0]
    assert (wrong.said != wrong.heard).all()


def test_every_study_has_its_place_in_the_report(trained: Workspace) -> None:
    text = (trained.root / "REPORT.md").read_text(encoding="utf-8")
    for title in (
        "Heard before, or new?",
        "What is no digit",
        "What does it gain to enrol?",
        "luck",
    ):
        assert title in text


def test_the_write_up_says_that_the_data_are_a_sample(trained: Workspace) -> None:
    assert read_results(trained)["data"]["sample"]
    assert "sample" in (trained.root / "README.md").read_text(encoding="utf-8")
