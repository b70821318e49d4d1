import numpy as np
import pandas as pd
import pytest

from project_package.kit.results import read_results
from project_package.kit.statistics import MEASURES, truth_of
from project_package.kit.workspace import Workspace
from project_package.pictures import KINDS
from project_package.simple import HOUGH, REGIONS, WATERSHED


def test_the_headline_is_measured_beside_every_simple_method(trained: Workspace) -> None:
    results = read_results(trained)
    assert results["primary"]["name"] == "map_50"
    roles = {row["name"]: row["role"] for row in results["baselines"]}
    assert roles == {HOUGH: "strongest simple", WATERSHED: "simple", REGIONS: "naive"}


def test_the_headline_is_the_mean_over_the_kinds(trained: Workspace) -> None:
    results = read_results(trained)
    network = [row for row in results["tables"]["kinds"]["rows"] if row[0] == "network"]
    assert [row[1] for row in network] == list(KINDS)
    assert results["primary"]["value"] == pytest.approx(np.mean([row[2] for row in network]))
    whole = np.mean([row[4] for row in network])
    assert results["metrics"]["map_50_95"]["value"] == pytest.approx(whole)
    assert results["metrics"]["map_50_95"]["value"] < results["primary"]["value"]


def test_the_bootstrap_draws_fields(trained: Workspace) -> None:
    rows = pd.read_csv(trained.reports / "predictions.csv")
    pictures = rows.id.str.rsplit("/", n=1).str[0]
    assert pictures.groupby(rows.group).nunique().max() > 1, "the sample has shared fields"
    assert rows.group.groupby(pictures).nunique().max() == 1
    members = [found for _, found in sorted(rows.groupby("group").indices.items())]
    random, draws = np.random.default_rng(0), []
    for _ in range(300):
        chosen = random.integers(0, len(members), len(members))
        drawn = rows.iloc[np.concatenate([members[number] for number in chosen])]
        draws.append(MEASURES["map_50"](truth_of(drawn), drawn.model.to_numpy()))
    low, high = read_results(trained)["primary"]["ci"]
    assert np.percentile(draws, [2.5, 97.5]) == pytest.approx([low, high], abs=0.04)


def test_twenty_pictures_with_most_mistakes_are_kept_worst_first(trained: Workspace) -> None:
    kept = pd.read_csv(trained.reports / "errors.csv")
    assert len(kept) == min(20, read_results(trained)["predictions"]["rows"])
    assert kept.error.is_monotonic_decreasing
    assert (kept.error == kept.missed + kept.in_vain).all()
    assert (kept.boxed - kept.missed == kept.counted - kept.in_vain).all()


def test_every_study_has_its_place_in_the_report(trained: Workspace) -> None:
    text = (trained.root / "REPORT.md").read_text(encoding="utf-8")
    for title in ("What the leak is worth", "Labels that may be wrong", "Counting", "luck"):
        assert title in text


def test_the_write_up_says_what_it_is_not(trained: Workspace) -> None:
    for name in ("README.md", "REPORT.md", "MODEL_CARD.md"):
        text = (trained.root / name).read_text(encoding="utf-8").lower()
        assert "medical device" in text, name


def test_the_write_up_says_that_the_data_are_a_sample(trained: Workspace) -> None:
    assert read_results(trained)["data"]["sample"]
    assert "sample" in (trained.root / "README.md").read_text(encoding="utf-8")
