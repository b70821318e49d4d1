from itertools import product

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from project_package.evaluate import BASELINES, PPO
from project_package.kit.results import read_results
from project_package.kit.workspace import Workspace, read_json


def test_the_headline_is_measured_beside_every_simple_controller(trained: Workspace) -> None:
    results = read_results(trained)
    assert results["primary"]["name"] == "mean_return"
    roles = {row["name"]: row["role"] for row in results["baselines"]}
    assert roles == BASELINES
    assert list(roles.values()) == ["strongest simple", "simple", "naive"]


def test_the_bootstrap_draws_runs(trained: Workspace) -> None:
    """So its ends are among the few means that whole runs can give, near the outermost."""
    rows = pd.read_csv(trained.reports / "predictions.csv")
    by_run = rows.groupby("group").model.mean()
    assert len(by_run) == trained.config["train"]["runs"]
    draws = product(by_run, repeat=len(by_run))
    possible = sorted({round(float(np.mean(drawn)), 6) for drawn in draws})
    low, high = read_results(trained)["primary"]["ci"]
    assert possible[0] - 1e-3 <= low <= possible[2]
    assert possible[-3] <= high <= possible[-1] + 1e-3


def test_all_controllers_flew_the_same_landings_once(trained: Workspace) -> None:
    flown = pd.read_csv(trained.reports / "flights.csv")
    assert set(flown.method) == {PPO, *BASELINES}
    ids = flown.groupby("method").id.agg(list)
    assert all(own == ids[PPO] for own in ids)
    assert len(set(ids[PPO])) == len(ids[PPO])
    rows = pd.read_csv(trained.reports / "predictions.csv")
    own = flown[flown.method == PPO]
    assert own.total.to_numpy() == pytest.approx(rows.model.to_numpy(), rel=1e-6)
    assert list(own.id) == list(rows.id)


def test_the_worst_landings_are_kept_worst_first(trained: Workspace) -> None:
    kept = pd.read_csv(trained.reports / "errors.csv")
    assert len(kept) == 20
    assert kept.total.is_monotonic_increasing


def test_the_film_shows_the_worst_landings_first_and_then_an_ordinary_one(
    trained: Workspace,
) -> None:
    rows = pd.DataFrame(read_results(trained)["tables"]["films"]["rows"])
    worst = pd.read_csv(trained.reports / "errors.csv").id.tolist()
    assert rows[0].tolist()[:-1] == worst[: len(rows) - 1]
    assert rows[1].tolist() == ["among the worst"] * (len(rows) - 1) + ["ordinary"]
    with Image.open(trained.figures / "flights.png") as film:
        assert film.n_frames > len(rows)
        assert film.size == (300, 200)
    assert "flights.png" in (trained.root / "README.md").read_text(encoding="utf-8")


def test_the_learning_curve_reaches_the_last_step(trained: Workspace) -> None:
    settings = trained.config["train"]
    a_round = settings["environments"] * settings["length"]
    for row in read_json(trained.models / "training.json", made_by="train")["runs"]:
        steps = [step for step, _ in row["curve"]]
        assert steps == sorted(set(steps))
        assert settings["steps"] - steps[-1] < 3 * a_round


def test_every_study_has_its_place_in_the_report(trained: Workspace) -> None:
    text = (trained.root / "REPORT.md").read_text(encoding="utf-8")
    for title in (
        "How fast does it learn",
        "How much of it is luck",
        "something is different",
        "Other tasks",
        "look like",
    ):
        assert title in text


def test_the_write_up_says_that_the_landings_are_a_sample(trained: Workspace) -> None:
    assert read_results(trained)["data"]["sample"]
    assert "sample" in (trained.root / "README.md").read_text(encoding="utf-8")
