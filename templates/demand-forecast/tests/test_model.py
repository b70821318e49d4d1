import numpy as np
import pandas as pd
import pytest
from sklearn.compose import TransformedTargetRegressor
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.linear_model import Ridge

from project_package import data, evaluate, model, train
from project_package.kit.results import read_results
from project_package.kit.workspace import Workspace, read_json
from project_package.predict import Appraiser
from project_package.studies import later_sales, spatial

from conftest import reseal


@pytest.fixture
def sales(trained: Workspace) -> pd.DataFrame:
    return data.load(trained, "train", reader="train")


def change_test_prices(workspace: Workspace, factor: float) -> None:
    path = workspace.processed / "test.csv"
    table = pd.read_csv(path)
    table.assign(price=table.price * factor).to_csv(path, index=False, lineterminator="\n")
    reseal(workspace, "test")


def build_with(workspace: Workspace, seed: int = 0, **settings) -> TransformedTargetRegressor:
    """The model of config.toml with other values of its table."""
    config = workspace.config
    return model.build({**config, "seed": seed, "model": {**config["model"], **settings}})


def test_boosting_can_learn_one_batch_by_heart(trained: Workspace, sales: pd.DataFrame) -> None:
    batch = sales.head(200)
    boosting = build_with(trained, loss="squared_error", trees=500)
    fitted = boosting.fit(batch[data.FEATURES], batch.price)
    assert model.median_ape(batch.price, fitted.predict(batch[data.FEATURES])) < 0.03


def test_shuffled_prices_teach_nothing(trained: Workspace, sales: pd.DataFrame) -> None:
    unseen = data.load(trained, "validation", reader="train")
    shuffled = np.random.default_rng(0).permutation(sales.price)
    fitted = build_with(trained, trees=50).fit(sales[data.FEATURES], shuffled)
    by_chance = model.median_price().fit(sales[data.FEATURES], sales.price)
    error, naive = (
        model.median_ape(unseen.price, regressor.predict(unseen[data.FEATURES]))
        for regressor in (fitted, by_chance)
    )
    assert error > 0.8 * naive


def test_nothing_is_fitted_outside_the_training_part(copy: Workspace, monkeypatch) -> None:
    known = {round(price, 6) for price in np.log(data.load(copy, "train", reader="train").price)}
    fitted_on: list[int] = []

    def spy_on(kind: type) -> None:
        original = kind.fit

        def fit(self, features, target, *args, **kwargs):
            prices = {round(float(price), 6) for price in np.ravel(target)}
            assert prices <= known, "fitted on rows outside the training set"
            fitted_on.append(len(target))
            return original(self, features, target, *args, **kwargs)

        monkeypatch.setattr(kind, "fit", fit)

    spy_on(Ridge)
    spy_on(HistGradientBoostingRegressor)
    train.run(copy)
    assert len(fitted_on) >= 10


def test_the_model_does_not_depend_on_the_test_part(copy: Workspace, sales: pd.DataFrame) -> None:
    before = Appraiser.load(copy)
    change_test_prices(copy, 3)
    train.run(copy)
    after = Appraiser.load(copy)
    assert after.margin == before.margin
    assert np.array_equal(before.prices(sales), after.prices(sales))


def test_neither_prices_nor_intervals_know_the_test_part(copy: Workspace) -> None:
    """With every price of it tripled, two thirds are missing and hardly an interval holds."""
    change_test_prices(copy, 3)
    evaluate.run(copy)
    results = read_results(copy)
    assert results["primary"]["value"] == pytest.approx(2 / 3, abs=0.1)
    assert results["metrics"]["coverage"]["value"] < 0.3


def test_the_margin_gives_the_coverage_that_was_asked_for() -> None:
    random = np.random.default_rng(0)
    price, unseen = random.normal(size=(2, 4_000))
    ends = np.full(4_000, -0.5), np.full(4_000, 0.5)
    margin = model.conformal_margin(price, *ends, coverage=0.9)
    assert np.mean(np.abs(unseen) <= 0.5 + margin) == pytest.approx(0.9, abs=0.02)


def test_the_coverage_that_is_asked_for_changes_the_intervals(copy: Workspace) -> None:
    """From the setting to the width, and to what the service says of it."""
    wide = Appraiser.load(copy)
    asked = Workspace(copy.root, overrides={"intervals.coverage": 0.5})
    train.run(asked)
    narrow = Appraiser.load(asked)
    test = data.load(asked, "validation", reader="train")
    width = {
        share: np.median(np.subtract(*appraiser.intervals(test)[::-1]) / appraiser.prices(test))
        for share, appraiser in ((0.9, wide), (0.5, narrow))
    }
    assert width[0.5] < 0.7 * width[0.9]
    assert (wide.coverage, narrow.coverage) == (0.9, 0.5)


def test_the_better_of_the_simple_methods_is_the_one_to_compare_with(trained: Workspace) -> None:
    training = read_json(trained.models / "training.json", made_by="train")
    found = {name: training["candidates"][entry] for name, entry in training["tuned"].items()}
    strongest = min(found, key=lambda name: found[name]["median_ape"])
    assert training["simple"][0] == strongest
    assert read_results(trained)["comparison"]["baseline"] == strongest
    for name, entry in training["tuned"].items():
        others = [row for known, row in training["candidates"].items() if known.startswith(name)]
        assert len(others) >= 3, "a baseline is tuned as the model is"
        assert training["candidates"][entry] == min(others, key=lambda row: row["median_ape"])


def test_the_months_after_are_not_learnt_from(trained: Workspace, monkeypatch) -> None:
    """Neither by the model that is asked for them nor by its intervals."""
    sales = pd.concat(pd.read_csv(trained.processed / f"{part}.csv") for part in data.PARTS)
    training = read_json(trained.models / "training.json", made_by="train")
    appraiser = Appraiser.load(trained)
    latest: list[int] = []
    original = HistGradientBoostingRegressor.fit

    def fit(self, features, *args, **kwargs):
        latest.append(int(features.month_of_sale.max()))
        return original(self, features, *args, **kwargs)

    monkeypatch.setattr(HistGradientBoostingRegressor, "fit", fit)
    later_sales.time_table(sales, appraiser, training["simple"][0], trained.config)
    assert latest == [14, 14, 14], "February 2015 is month 14"


def test_the_margin_of_the_months_after_is_asked_of_houses_sold_before(
    trained: Workspace, monkeypatch
) -> None:
    sales = pd.concat(pd.read_csv(trained.processed / f"{part}.csv") for part in data.PARTS)
    training = read_json(trained.models / "training.json", made_by="train")
    asked, original = [], model.interval_ends

    def spy(fit, held, *rest):
        asked.append(held)
        assert not set(fit.house) & set(held.house)
        return original(fit, held, *rest)

    monkeypatch.setattr(model, "interval_ends", spy)
    appraiser = Appraiser.load(trained)
    later_sales.time_table(sales, appraiser, training["simple"][0], trained.config)
    assert [held.month_of_sale.max() <= 14 for held in asked] == [True]


def test_no_sale_is_valued_by_a_model_that_was_fitted_to_its_house(
    trained: Workspace, monkeypatch
) -> None:
    """In every table that splits anew, row by row: neither a saved model nor a neighbour's."""
    parts = (pd.read_csv(trained.processed / f"{part}.csv") for part in data.PARTS)
    sales = pd.concat(parts, ignore_index=True)
    simple = read_json(trained.models / "training.json", made_by="train")["simple"][0]
    appraiser = Appraiser.load(trained)
    apart = sales.latitude.floordiv(0.05).astype(str) + sales.longitude.floordiv(0.05).astype(str)
    valued: list[int] = []
    learnt: dict[int, pd.Index] = {}
    fit, predict = TransformedTargetRegressor.fit, TransformedTargetRegressor.predict

    def spy_on_fit(self, features, target, *args, **kwargs):
        learnt[id(self)] = features.index
        assert np.array_equal(target, sales.price[features.index])
        return fit(self, features, target, *args, **kwargs)

    def spy_on_predict(self, features):
        assert id(self) in learnt, "a saved model knows these sales"
        known = sales.loc[learnt[id(self)]]
        assert not set(known.house) & set(sales.house[features.index])
        assert not set(apart[known.index]) & set(apart[features.index])
        valued.extend(features.index)
        return predict(self, features)

    monkeypatch.setattr(TransformedTargetRegressor, "fit", spy_on_fit)
    monkeypatch.setattr(TransformedTargetRegressor, "predict", spy_on_predict)
    everything = apart.copy()
    apart[:] = sales.house.astype(str)
    linear = model.linear_model(1.0, zip_code=False)
    train.compare(sales, {"linear": linear}, train.grouped_folds(sales, seed=1, folds=3))
    assert sorted(valued) == list(sales.index), "every sale once"
    valued.clear()
    apart[:] = everything
    spatial.spatial_table(sales, appraiser, simple, trained.config["evaluate"], seed=1)
    assert sorted(valued) == sorted([*sales.index] * 2), "by the model and by the simple method"
    valued.clear()
    apart[:] = (sales.month_of_sale > 14).astype(str)
    past, later = sales[sales.month_of_sale <= 14], sales[sales.month_of_sale > 14]
    sales["house"] = sales.index  # a house may be sold before and after
    later_sales.time_table(sales, appraiser, simple, trained.config)
    assert valued == [*later.index, *later.index], "by the model and by the simple method"
    assert {len(rows) for rows in list(learnt.values())[-2:]} == {len(past)}


def test_the_model_is_that_of_the_configuration_and_fitted_with_the_runs_seed(
    trained: Workspace, sales: pd.DataFrame
) -> None:
    fitted = Appraiser.load(trained).models["chosen"]
    expected = model.build(trained.config).fit(sales[data.FEATURES], sales.price)
    rows = sales[data.FEATURES]
    assert np.array_equal(fitted.predict(rows), expected.predict(rows))
    said = [
        build_with(trained, seed, loss="squared_error", trees=20)
        .fit(sales[data.FEATURES], sales.price)
        .predict(sales[data.FEATURES])
        for seed in (1, 2)
    ]
    assert not np.array_equal(*said)


def test_the_margin_is_what_the_validation_part_asks_for(trained: Workspace) -> None:
    """Sales that the ends were not fitted to, at the share that was asked for and no more."""
    held = data.load(trained, "validation", reader="train")
    appraiser = Appraiser.load(trained)
    low, high = (np.log(ends) for ends in appraiser.intervals(held))
    price, room = np.log(held.price), 1e-9
    inside = int(((price >= low - room) & (price <= high + room)).sum())
    asked = (len(held) + 1) * appraiser.coverage
    assert asked <= inside <= asked + 2


def test_choice_and_tuning_see_every_candidate_on_the_same_rows(
    copy: Workspace, monkeypatch
) -> None:
    """Model and baselines alike: as many rows in each fold, all of the training set at the end."""
    train_rows = len(data.load(copy, "train", reader="train"))
    fitted: dict[str, list[int]] = {}
    fit = TransformedTargetRegressor.fit

    def spy(self, features, *args, **kwargs):
        step = self.regressor[-1] if hasattr(self.regressor, "steps") else self.regressor
        fitted.setdefault(type(step).__name__, []).append(len(features))
        return fit(self, features, *args, **kwargs)

    monkeypatch.setattr(TransformedTargetRegressor, "fit", spy)
    train.run(copy)
    folds = copy.config["train"]["folds"]
    in_folds = {kind: set(rows) - {train_rows} for kind, rows in fitted.items()}
    tuned = {kind: rows for kind, rows in in_folds.items() if rows}
    assert set(tuned) == {"HistGradientBoostingRegressor", "Ridge", "KNeighborsRegressor"}
    assert len({frozenset(rows) for rows in tuned.values()}) == 1
    assert min(min(rows) for rows in tuned.values()) > train_rows * (folds - 1) / folds * 0.95
    assert all(train_rows in rows for rows in fitted.values())
