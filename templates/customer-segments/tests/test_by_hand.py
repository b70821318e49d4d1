"""The central functions alone, against numbers that anybody can work out on paper."""

import numpy as np
import pandas as pd
import pytest

from project_package import data, lifetime, model, predict, segments
from project_package.kit.statistics import MEASURES

CUTOFF = pd.Timestamp("1997-03-31")


@pytest.fixture
def orders() -> pd.DataFrame:
    """Ann came three times, the last time after the cut-off; Bob once; Cid only after it."""
    rows = [
        ("ann", "1997-01-01", 10.0), ("ann", "1997-03-01", 30.0), ("ann", "1997-04-02", 500.0),
        ("bob", "1997-03-31", 20.0), ("cid", "1997-04-01", 1.0),
    ]  # fmt: skip
    table = pd.DataFrame(rows, columns=["customer", "date", "amount"])
    return table.assign(date=pd.to_datetime(table.date))


def test_orders_of_one_day_are_one_and_their_dollars_are_added() -> None:
    listed = pd.DataFrame(
        {
            "customer": ["b", "a", "a", "a"],
            "date": pd.to_datetime(["1997-01-05", "1997-01-07", "1997-01-05", "1997-01-07"]),
            "cds": [1, 1, 1, 1],
            "amount": [5.0, 1.0, 2.0, 4.0],
        }
    )
    days = data.clean(listed)
    assert list(days.customer) == ["a", "a", "b"]
    assert list(days.amount) == [2.0, 5.0, 5.0]
    assert list(days.index) == [0, 1, 2]


def test_a_customer_is_described_by_what_came_up_to_the_cutoff(orders: pd.DataFrame) -> None:
    found = data.describe(orders, CUTOFF)
    assert list(found.index) == ["ann", "bob"], "Cid is not known yet"
    assert found.loc["ann"].to_dict() == {"recency": 30, "age": 89, "frequency": 2, "money": 40}
    assert found.loc["bob"].to_dict() == {"recency": 0, "age": 0, "frequency": 1, "money": 20}


def test_each_customer_may_have_a_cutoff_of_their_own(orders: pd.DataFrame) -> None:
    days = {"ann": "1997-02-01", "bob": "1997-04-10", "cid": "1997-04-01"}
    found = data.describe(orders, orders.customer.map(days).astype("datetime64[ns]"))
    assert found.recency.to_dict() == {"ann": 31, "bob": 10, "cid": 0}
    assert found.frequency.to_dict() == {"ann": 1, "bob": 1, "cid": 1}


def test_what_came_is_counted_after_the_cutoff_and_up_to_the_end(orders: pd.DataFrame) -> None:
    after = data.outcome(orders, pd.Index(["bob", "ann"]), CUTOFF, pd.Timestamp("1997-04-02"))
    assert list(after.index) == ["bob", "ann"]
    assert after.spend.to_dict() == {"bob": 0, "ann": 500}
    assert after.orders.to_dict() == {"bob": 0, "ann": 1}
    earlier = data.outcome(orders, pd.Index(["ann"]), CUTOFF, pd.Timestamp("1997-04-01"))
    assert earlier.spend.to_dict() == {"ann": 0}


def test_an_order_is_as_good_as_the_spend_it_finds_first() -> None:
    spend = [0.0, 0.0, 10.0, 30.0]
    assert model.normalised_gini(spend, spend) == pytest.approx(1)
    assert model.normalised_gini(spend, [4, 3, 2, 1]) == pytest.approx(-1)
    # places 1 to 4 less their mean: spend 10 at −1.5 and 30 at +.5, over 10 at +.5 and 30 at 1.5
    assert model.normalised_gini(spend, [2, 4, 1, 3]) == pytest.approx(0 / 50)
    assert model.normalised_gini(spend, [1, 4, 2, 3]) == pytest.approx(10 / 50)


def test_those_who_are_said_to_be_alike_share_their_places() -> None:
    spend = [0.0, 0.0, 10.0, 30.0]
    assert model.normalised_gini(spend, [1, 1, 1, 1]) == pytest.approx(0)
    assert model.normalised_gini(spend, [1, 1, 2, 2]) == pytest.approx(40 / 50)
    assert model.normalised_gini(spend, [1, 2, 2, 1]) == pytest.approx(-20 / 50)
    assert np.isnan(model.normalised_gini([5.0, 5.0], [1, 2])), "nothing to find"


def test_the_kit_measures_as_the_model_does() -> None:
    random = np.random.default_rng(0)
    for _ in range(20):
        spend = random.exponential(1, 50) * random.integers(0, 2, 50)
        said = random.integers(0, 9, 50).astype(float)
        found = MEASURES["normalised_gini"](spend, said)
        assert found == pytest.approx(model.normalised_gini(spend, said))


def test_the_first_customers_are_counted_in_part_where_they_are_alike() -> None:
    spend = [10.0, 20.0, 30.0, 40.0]
    assert model.found_in_top(spend, [1, 2, 3, 4], 0.5) == pytest.approx(0.7)
    assert model.found_in_top(spend, [4, 3, 2, 1], 0.25) == pytest.approx(0.1)
    assert model.found_in_top(spend, [1, 1, 1, 1], 0.5) == pytest.approx(0.5)
    assert model.found_in_top(spend, [1, 2, 3, 4], 1.0) == pytest.approx(1)


def test_a_score_adds_up_cells_and_a_recent_order_counts_for_more() -> None:
    customers = pd.DataFrame(
        {"recency": [0, 10, 20, 30], "frequency": [1, 2, 3, 4], "money": [9.0, 1.0, 2.0, 3.0]}
    )
    assert model.rfm_score(customers, 2, [1, 0, 0]).tolist() == [2, 2, 1, 1]
    assert model.rfm_score(customers, 4, [0, 0, 1]).tolist() == [4, 1, 2, 3]
    assert model.rfm_score(customers, 4, [1, 1, 2]).tolist() == [13, 7, 9, 11]


def test_the_terms_of_a_customer() -> None:
    customer = pd.DataFrame({"recency": [30.0], "age": [90.0], "frequency": [3.0], "money": [99.0]})
    assert model.terms(customer)[0] == pytest.approx([np.log(100), np.log(3), 1 / 3, np.log(90)])
    new = customer.assign(recency=0.0, age=0.0, frequency=1.0)
    assert model.terms(new)[0] == pytest.approx([np.log(100), 0, 0, 0])


def test_segments_are_worth_what_others_in_them_spent() -> None:
    labels, spend = [0, 0, 1, 1], [0.0, 100.0, 10.0, 20.0]
    fold = [0, 1, 0, 1]
    # 100 and 20 are told of the first and third, 0 and 10 of the others
    assert segments.value(labels, spend, fold) == pytest.approx(
        model.normalised_gini(spend, [100, 0, 20, 10])
    )


def test_segments_that_never_move_are_stable_and_those_by_chance_are_not() -> None:
    customers = pd.DataFrame({"money": np.arange(400.0)})

    class Halves:
        def fit(self, drawn: pd.DataFrame) -> "Halves":
            return self

        def predict(self, asked: pd.DataFrame) -> np.ndarray:
            return (asked.money >= 200).to_numpy(dtype=int)

    class Luck(Halves):
        random = np.random.default_rng(0)

        def predict(self, asked: pd.DataFrame) -> np.ndarray:
            return self.random.integers(0, 2, len(asked))

    assert segments.stability(customers, Halves(), 3, seed=1) == pytest.approx(1)
    assert abs(segments.stability(customers, Luck(), 3, seed=1)) < 0.1


@pytest.mark.parametrize(
    ("stable", "values", "chosen"),
    [
        ((True, True, True), (0.30, 0.50, 0.505), 3),
        ((True, True, True), (0.30, 0.50, 0.52), 4),
        ((True, True, False), (0.30, 0.50, 0.60), 3),
        ((False, False, False), (0.30, 0.50, 0.60), 4),
    ],
)
def test_the_fewest_stable_segments_that_find_enough(stable, values, chosen: int) -> None:
    tried = [
        {"segments": count, "stays": stays, "value": value}
        for count, stays, value in zip((2, 3, 4), stable, values, strict=True)
    ]
    assert segments.choose(tried, worth=0.01) == chosen


def test_a_letter_earns_what_it_brings_less_its_cost() -> None:
    letter = {"cost": 0.5, "margin": 0.3, "lift": 0.1}
    assert predict.earned(100.0, letter) == pytest.approx(2.5)
    assert predict.earned(0.0, letter) == pytest.approx(-0.5)


def test_the_published_parameters_give_the_published_expectation() -> None:
    """Fader, Hardie and Lee (2005): 39 weeks for somebody with 2 repeats, the last at 30.43."""
    published = lifetime.BgNbd(r=0.243, alpha=4.414, a=0.793, b=2.426)
    days = {"frequency": 3.0, "age": 38.86 * 7, "recency": (38.86 - 30.43) * 7, "money": 0.0}
    assert published.expect(pd.DataFrame([days]), 39 * 7)[0] == pytest.approx(1.226, abs=0.002)


def test_the_models_of_the_textbooks_find_their_own_parameters_again() -> None:
    random = np.random.default_rng(1)
    count = random.integers(1, 12, 4_000)
    nu = random.gamma(4.0, 1 / 15.0, 4_000)
    money = random.gamma(6.0 * count) / nu
    found = lifetime.GammaGamma.fit(
        pd.DataFrame({"frequency": count.astype(float), "money": money})
    )
    assert found.p == pytest.approx(6, rel=0.15)
    assert found.p * found.v / (found.q - 1) == pytest.approx(6 * 15 / 3, rel=0.05)
    few, many = (pd.DataFrame({"frequency": [n], "money": [100.0 * n]}) for n in (1.0, 50.0))
    assert found.expect(few)[0] < found.expect(many)[0] < 100
