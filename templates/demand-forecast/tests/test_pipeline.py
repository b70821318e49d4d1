import numpy as np
import pandas as pd

from project_package import data, explore, model, train
from project_package.kit.workspace import Workspace, read_json


def test_twenty_worst_days_are_kept(trained: Workspace) -> None:
    rows = (trained.reports / "errors.csv").read_text(encoding="utf-8").splitlines()
    assert rows[0].startswith("id,kind,demand,forecast,error")
    assert len(rows) == 21


def test_an_attempt_is_scored_on_the_last_days_of_the_training_set(
    without_test: Workspace,
) -> None:
    """With no test set in reach; model and baseline on the same half-hours."""
    rows = train.held_out(without_test).rows
    known = pd.read_csv(without_test.processed / "train.csv", dtype={"id": str})
    last = without_test.config["train"]["origins"] * model.SLOTS
    assert list(rows.id) == list(known.id.tail(last))
    assert rows.groupby("group").fold.nunique().max() == 1
    baseline = train.held_out_baseline(without_test)
    by_chance = model.mape(rows.truth, np.random.default_rng(0).permutation(rows.truth))
    for said in (rows.model, baseline):
        assert model.mape(rows.truth, said) < by_chance / 1.5


def test_only_the_training_set_is_explored(without_test: Workspace) -> None:
    explore.run(without_test)
    found = read_json(without_test.reports / "exploration.json", made_by="explore")
    days = pd.read_csv(without_test.processed / "train.csv").date.nunique()
    assert f"The {days} days of the training set" in found["notes"]["target"]
    assert sum(row[1] for row in found["tables"]["kinds"]["rows"]) == days
    for name in found["figures"]:
        assert (without_test.figures / f"{name}.svg").stat().st_size > 1_000


def test_the_profiles_of_the_page_are_middle_values_of_the_last_days(trained: Workspace) -> None:
    told = read_json(trained.models / "training.json", made_by="train")["profiles"]
    series, _ = data.series(data.load(trained, "train", reader="train"))
    days = train.origins(series, trained.config)
    working = [day for day in days if series.kind[day] == model.WORKING]
    assert len(working) > 10
    assert np.allclose(told["demand"][0], np.median(series.demand[working], axis=0), atol=1e-4)


def test_an_attempt_is_forecast_as_the_days_came(without_test: Workspace) -> None:
    series, _ = data.series(data.load(without_test, "train", reader="train"))
    days = train.origins(series, without_test.config)
    said = model.roll(series, days, without_test.config)
    assert np.array_equal(train.held_out(without_test).rows.model, said.ravel())
