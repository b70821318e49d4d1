from collections.abc import Iterator

import numpy as np
import pandas as pd
import pytest
from sklearn.cluster import KMeans
from sklearn.linear_model import TweedieRegressor

from project_package import data, evaluate, feedback, model, segments, train
from project_package.kit.results import read_results
from project_package.kit.statistics import read_predictions
from project_package.kit.workspace import Workspace, read_json
from project_package.lifetime import BgNbd
from project_package.predict import Forecaster, describe_customer
from project_package.studies import groups, letters, textbook
from project_package.watch import WATCH

from conftest import reseal


@pytest.fixture
def rows(trained: Workspace) -> pd.DataFrame:
    return data.load(trained, "train", reader="train")


def change_test_spend(workspace: Workspace, change) -> None:
    path = workspace.processed / "test.csv"
    table = pd.read_csv(path, dtype={"id": str})
    table.assign(spend=change(table.spend)).to_csv(path, index=False, lineterminator="\n")
    reseal(workspace, "test")


def pairs_of(rows: pd.DataFrame, target: str) -> Iterator[tuple[float, float]]:
    return zip(rows.money, rows[target] / rows.window, strict=True)


def reversed_order(spend: pd.Series) -> np.ndarray:
    return (spend.max() - spend).to_numpy()


def test_the_regression_finds_the_product_that_made_the_spend(trained: Workspace, rows) -> None:
    customers = rows[data.FEATURES].reset_index(drop=True)
    slopes = np.array([0.6, 0.4, -1.0, -0.3])
    made = customers.assign(window=50, spend=50 * np.exp(model.terms(customers) @ slopes - 3))
    fitted = model.fit(trained.config, made, "spend")
    assert fitted.predict(customers) * 50 == pytest.approx(made.spend.to_numpy(), rel=0.02)
    typical = customers.median().to_dict()
    effects = model.effects(fitted, customers.head(5), typical)
    at_typical = fitted.predict(pd.DataFrame([typical]))[0]
    assert np.prod(1 + effects, axis=1) * at_typical == pytest.approx(
        fitted.predict(customers.head(5)), rel=1e-9
    )


def test_a_longer_window_is_no_larger_rate(trained: Workspace, rows: pd.DataFrame) -> None:
    twice = rows.assign(spend=2 * rows.spend, window=2 * rows.window)
    one, other = (model.fit(trained.config, each, "spend") for each in (rows, twice))
    assert one.predict(rows[data.FEATURES]) == pytest.approx(other.predict(rows[data.FEATURES]))


def test_shuffled_spend_teaches_nothing(trained: Workspace, rows: pd.DataFrame) -> None:
    random, found = np.random.default_rng(0), []
    for _ in range(5):
        shuffled = rows.assign(spend=random.permutation(rows.spend))
        fitted = model.fit(trained.config, shuffled, "spend")
        found.append(model.normalised_gini(rows.spend, fitted.predict(rows[data.FEATURES])))
    assert abs(np.mean(found)) < 0.25


def test_nothing_is_fitted_outside_what_may_be_learned_from(copy: Workspace, monkeypatch) -> None:
    """Every fit of a regression: rates of the training part, and rows of one asked cut-off."""
    train_rows = data.load(copy, "train", reader="train")
    known = {
        (round(money, 6), round(rate, 9))
        for target in ("spend", "orders")
        for money, rate in pairs_of(train_rows, target)
    }
    asked: list[int] = []
    original = model.fit

    def spy(config, rows, target):
        pairs = {(round(money, 6), round(rate, 9)) for money, rate in pairs_of(rows, target)}
        assert pairs <= known
        assert rows.asked.nunique() == 1
        asked.append(rows.asked.iloc[0])
        return original(config, rows, target)

    monkeypatch.setattr(model, "fit", spy)
    train.run(copy)
    last, folds = copy.config["data"]["last"], copy.config["train"]["folds"]
    assert sorted(asked) == sorted([min(asked)] * folds + [last] * 2)


def test_the_model_that_judges_knows_neither_later_days_nor_the_customers_it_is_asked_for(
    trained: Workspace, rows: pd.DataFrame, monkeypatch
) -> None:
    judged = train.judged_rows(rows, trained.config)
    fitted: list[pd.DataFrame] = []
    original, predict = model.fit, TweedieRegressor.predict

    def spy(config, learned, target):
        fitted.append(learned)
        return original(config, learned, target)

    asked: list[int] = []

    def counted(self, points):
        asked.append(len(points))
        return predict(self, points)

    monkeypatch.setattr(model, "fit", spy)
    monkeypatch.setattr(TweedieRegressor, "predict", counted)
    train.out_of_fold(rows, judged, trained.config)
    cutoff = judged.cutoff.iloc[0]
    assert sum(asked) == len(judged)
    for number, learned in enumerate(fitted):
        ends = pd.to_datetime(learned.cutoff) + pd.to_timedelta(learned.window, unit="D")
        assert ends.max() <= pd.Timestamp(cutoff)
        held = set(judged[judged.fold == number].customer)
        assert held
        assert not held & set(learned.customer)
    assert judged.groupby("customer").fold.nunique().max() == 1


def test_nothing_that_is_trained_depends_on_the_test_part(copy: Workspace, rows) -> None:
    before, told = Forecaster.load(copy), read_json(copy.models / "training.json", made_by="train")
    change_test_spend(copy, reversed_order)
    train.run(copy)
    after, again = Forecaster.load(copy), read_json(copy.models / "training.json", made_by="train")
    assert np.array_equal(before.expect(rows), after.expect(rows))
    assert np.array_equal(before.segment(rows), after.segment(rows))
    for name in ("tuned", "sizes", "segments", "candidates", "typical"):
        assert told[name] == again[name], name


def test_neither_order_nor_level_knows_the_test_part(copy: Workspace) -> None:
    """With the spend turned round, whoever was first is last, and the same is said of everybody."""
    before = read_predictions(copy)
    change_test_spend(copy, reversed_order)
    evaluate.run(copy)
    methods = [name for name in before if name not in ("id", "group", "truth")]
    pd.testing.assert_frame_equal(read_predictions(copy)[methods], before[methods])
    results = read_results(copy)
    assert results["primary"]["value"] < 0
    assert results["metrics"]["spend_off"]["value"] > 0.5


def test_the_strongest_simple_method_is_the_best_at_the_earlier_cutoff(trained: Workspace) -> None:
    training = read_json(trained.models / "training.json", made_by="train")
    scores = training["candidates"]
    found = {name: scores[f"{name}, {setting}"] for name, setting in training["tuned"].items()}
    assert training["simple"][0] == max(found, key=found.get)
    assert read_results(trained)["comparison"]["baseline"] == training["simple"][0]
    for name, value in found.items():
        others = [score for entry, score in scores.items() if entry.startswith(f"{name}, ")]
        assert value == max(others)
    assert len([entry for entry in scores if entry.startswith("weighted RFM score")]) >= 20


def test_more_of_the_spend_found_is_better_wherever_it_is_compared(trained: Workspace) -> None:
    assert read_results(trained)["primary"]["higher_is_better"] is True
    assert train.held_out(trained).higher_is_better is True
    assert feedback.HIGHER_IS_BETTER is True
    assert WATCH.higher_is_better is True
    assert feedback.METRIC == WATCH.metric == train.held_out(trained).metric


def test_the_model_is_that_of_the_configuration(trained: Workspace, rows: pd.DataFrame) -> None:
    fitted = Forecaster.load(trained)
    learned = rows[rows.asked == trained.config["data"]["last"]]
    for target in ("spend", "orders"):
        expected = model.fit(trained.config, learned, target)
        days = trained.config["data"]["horizon"]
        said = expected.predict(rows[data.FEATURES]) * days
        assert fitted.expect(rows, target) == pytest.approx(said)
    steeper = {**trained.config, "model": {**trained.config["model"], "penalty": 10.0}}
    flat = model.fit(steeper, learned, "spend").predict(rows[data.FEATURES])
    assert np.std(np.log(flat)) < 0.5 * np.std(np.log(fitted.expect(rows)))


def test_segments_are_chosen_at_the_earlier_cutoff_and_made_of_todays_customers(
    copy: Workspace, monkeypatch
) -> None:
    """By all of them: of neither was a part left out, or anything but the past described."""
    fitted: list[np.ndarray] = []
    original = KMeans.fit

    def spy(self, points, *args, **kwargs):
        fitted.append(np.asarray(points))
        return original(self, points, *args, **kwargs)

    monkeypatch.setattr(KMeans, "fit", spy)
    train.run(copy)
    orders = data.load(copy, "orders", reader="train")
    now = data.describe(orders, pd.Timestamp(copy.config["data"]["last"]))
    scaler = Forecaster.load(copy).models["segments"][1]
    assert np.allclose(fitted[-1], scaler.transform(segments.scales(now)))
    rows = data.load(copy, "train", reader="train")
    judged = train.judged_rows(rows, copy.config)
    settings = copy.config["segments"]
    assert {len(points) for points in fitted[:-1]} == {len(judged)}
    assert len(fitted) == 1 + len(settings["sizes"]) * (2 + settings["draws"])


def test_the_segments_are_tried_on_customers_drawn_anew(trained: Workspace, rows) -> None:
    """As many as there are, some of them several times, and other ones each time."""
    judged, drawn = train.judged_rows(rows, trained.config), []

    class Noted:
        def fit(self, customers: pd.DataFrame) -> "Noted":
            drawn.append(customers.customer.tolist())
            return self

        def predict(self, customers: pd.DataFrame) -> np.ndarray:
            assert len(customers) == len(judged), "both are compared on all customers"
            return np.zeros(len(customers))

    segments.stability(judged, Noted(), draws=3, seed=1)
    whole, *others = drawn
    assert whole == judged.customer.tolist()
    assert len(others) == 3
    for names in others:
        assert len(names) == len(judged)
        assert 0.5 < len(set(names)) / len(names) < 0.75
    assert len(set(map(tuple, others))) == 3


def test_the_first_segment_is_worth_most(trained: Workspace) -> None:
    forecaster = Forecaster.load(trained)
    profiles = forecaster.training["segments"]
    assert [row["expected_spend"] for row in profiles] == sorted(
        (row["expected_spend"] for row in profiles), reverse=True
    )
    orders = data.load(trained, "orders", reader="train")
    now = data.describe(orders, pd.Timestamp(trained.config["data"]["last"]))
    numbers = forecaster.segment(now)
    assert sorted(set(numbers)) == list(range(1, len(profiles) + 1))
    for number, row in enumerate(profiles, start=1):
        assert (numbers == number).sum() == row["customers"]
        assert now[numbers == number].money.median() == pytest.approx(row["money"])


def test_the_chosen_number_of_segments_follows_from_what_was_tried(trained: Workspace) -> None:
    training = read_json(trained.models / "training.json", made_by="train")
    settings = trained.config["segments"]
    assert [row["segments"] for row in training["sizes"]] == settings["sizes"]
    assert len(training["segments"]) == segments.choose(training["sizes"], settings["worth"])
    for row in training["sizes"]:
        assert row["stays"] == (row["stability"] >= settings["stable"])
    marked = [row[0] for row in read_results(trained)["tables"]["sizes"]["rows"]]
    assert f"**chosen:** {len(training['segments'])}" in marked


def test_a_customer_is_described_alone_as_among_all(trained: Workspace) -> None:
    orders = data.load(trained, "orders", reader="train")
    last = pd.Timestamp(trained.config["data"]["last"])
    everybody = data.describe(orders, last)
    for customer, own in list(orders.groupby("customer"))[:50]:
        pairs = [(day.date(), amount) for day, amount in zip(own.date, own.amount, strict=True)]
        alone = describe_customer(pairs, last.date())
        assert alone.iloc[0].to_dict() == pytest.approx(everybody.loc[customer].to_dict())


def test_the_textbook_models_see_nothing_after_the_last_cutoff(copy: Workspace) -> None:
    before = evaluate.measure(copy)
    change_test_spend(copy, reversed_order)
    after = evaluate.measure(copy)
    one, other = (textbook.boosted(each.learned, each.customers, 1) for each in (before, after))
    assert np.array_equal(one, other)
    fitted = (BgNbd.fit(each.customers[data.FEATURES]) for each in (before, after))
    assert next(fitted) == next(fitted)


def test_the_probability_model_is_near_the_invented_customers(copy: Workspace) -> None:
    """They are made as it assumes, so what it expects of all of them has to come about."""
    customers = evaluate.measure(copy).customers
    days = copy.config["data"]["horizon"]
    expected = BgNbd.fit(customers).expect(customers, days).sum()
    assert expected == pytest.approx(customers.orders.sum(), rel=0.25)


def test_plans_are_made_of_what_is_expected_and_paid_by_what_came(copy: Workspace) -> None:
    rows = {row[0]: row[1:] for row in read_results(copy)["tables"]["plans"]["rows"]}
    letter = copy.config["letter"]
    needed = letter["cost"] / letter["lift"] / letter["margin"]
    customers = evaluate.measure(copy).customers
    assert rows["customers of whom enough is expected"][0] == (customers.model >= needed).sum()
    as_many = next(row for name, row in rows.items() if name.startswith("as many"))
    assert as_many[0] == rows["customers of whom enough is expected"][0]
    assert rows["everybody"][0] == len(customers)
    found = letters.letters_table(customers, letter, needed)
    assert [row[1] for row in found.rows] == list(customers.groupby("segment").size())


def test_the_ways_to_make_segments_are_asked_for_the_same_number(trained: Workspace) -> None:
    count = len(read_json(trained.models / "training.json", made_by="train")["segments"])
    rows = read_results(trained)["tables"]["ways"]["rows"]
    assert [row[1] for row in rows[:3]] == [count] * 3
    cells = groups.Cells()
    customers = pd.DataFrame(
        {"recency": [0.0, 9.0, 99.0], "frequency": [1.0, 2.0, 3.0], "money": [9.0, 8.0, 1.0]}
    )
    assert len(set(cells.fit(customers).predict(customers))) == 3
