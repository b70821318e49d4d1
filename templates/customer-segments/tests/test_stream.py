import math

import pandas as pd
import pytest

from project_package import data, model, stream
from project_package.kit.workspace import Workspace


def test_a_replay_asks_each_customer_once_at_one_age_month_after_month(closed: Workspace) -> None:
    replayed = stream.replay(closed)
    orders = data.load(closed, "orders", reader="simulate")
    first = orders.groupby("customer").date.min()
    january = (first < pd.Timestamp("1997-02-01")).sum()
    assert len(replayed.past) == len(replayed.past_truths) == january
    assert len(replayed.later) == len(replayed.later_truths) == len(first) - january
    assert replayed.times == sorted(replayed.times)
    age = pd.Timedelta(days=stream.AGE)
    assert replayed.times[0] == f"{first[first >= pd.Timestamp('1997-02-01')].min() + age:%Y-%m-%d}"
    for seen in replayed.later:
        assert seen.score == pytest.approx(math.log1p(seen.said))


def test_nothing_is_known_that_came_after_the_age_at_which_is_asked(closed: Workspace) -> None:
    orders = data.load(closed, "orders", reader="simulate")
    asked = stream.at_one_age(orders, age=30, window=40).set_index("customer")
    assert set(asked.age) == {30}
    for customer, own in list(orders.groupby("customer"))[:100]:
        start = own.date.min()
        known = own[own.date <= start + pd.Timedelta(days=30)]
        days = (own.date - start).dt.days
        assert asked.money[customer] == pytest.approx(known.amount.sum())
        assert asked.spend[customer] == pytest.approx(own.amount[(days > 30) & (days <= 70)].sum())


def test_the_model_of_a_replay_learned_from_the_first_month_alone(
    closed: Workspace, monkeypatch
) -> None:
    fitted: list[pd.DataFrame] = []
    original = model.fit

    def spy(config, rows, target):
        fitted.append(rows)
        return original(config, rows, target)

    monkeypatch.setattr(model, "fit", spy)
    replayed = stream.replay(closed)
    assert max(len(rows) for rows in fitted) == len(replayed.past)
    assert len(fitted) == closed.config["train"]["folds"] + 1
    assert all((rows.first_order < pd.Timestamp("1997-02-01")).all() for rows in fitted)
