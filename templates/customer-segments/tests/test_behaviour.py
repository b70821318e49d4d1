"""What a shopkeeper expects of any forecast (Ribeiro et al., CheckList, 2020)."""

import math
from datetime import date

import pytest

from project_package.kit.workspace import ProjectError, Workspace
from project_package.model import TERMS
from project_package.predict import Forecast, Forecaster, describe_customer

TODAY = date(1997, 9, 30)
ONCE = [(date(1997, 2, 1), 20.0)]
OFTEN = [(date(1997, month, 3), 20.0) for month in range(2, 10)]


@pytest.fixture(scope="module")
def forecaster(trained: Workspace) -> Forecaster:
    return Forecaster.load(trained)


def asked(forecaster: Forecaster, orders, today: date = TODAY) -> Forecast:
    return forecaster.forecast(describe_customer(orders, today))


def test_who_came_often_comes_again(forecaster: Forecaster) -> None:
    once, often = asked(forecaster, ONCE), asked(forecaster, OFTEN)
    assert often.orders > 2 * once.orders
    assert often.spend > 2 * once.spend
    assert often.segment < once.segment


def test_who_spent_more_spends_more(forecaster: Forecaster) -> None:
    dear = [(day, 5 * amount) for day, amount in ONCE]
    assert asked(forecaster, dear).spend > 1.2 * asked(forecaster, ONCE).spend


def test_the_order_of_the_lines_does_not_matter(forecaster: Forecaster) -> None:
    assert asked(forecaster, OFTEN[::-1]) == asked(forecaster, OFTEN)


def test_two_orders_of_one_day_are_one(forecaster: Forecaster) -> None:
    parted = [(ONCE[0][0], 12.0), (ONCE[0][0], 8.0)]
    assert asked(forecaster, parted) == asked(forecaster, ONCE)


def test_what_lies_after_the_day_is_not_seen(forecaster: Forecaster) -> None:
    later = [*ONCE, (date(1997, 10, 1), 900.0)]
    assert asked(forecaster, later) == asked(forecaster, ONCE)


def test_the_reasons_multiply_to_the_answer(forecaster: Forecaster) -> None:
    typical = [
        found.spend / math.prod(1 + share for _, share in found.effects)
        for found in (asked(forecaster, orders) for orders in (ONCE, OFTEN, [*OFTEN, (TODAY, 0.0)]))
    ]
    assert typical == pytest.approx([typical[0]] * 3), "the same customer to compare with"
    assert sorted(name for name, _ in asked(forecaster, ONCE).effects) == sorted(TERMS)


def test_a_letter_pays_only_where_enough_is_expected(forecaster: Forecaster) -> None:
    letter = forecaster.letter
    for orders in (ONCE, OFTEN):
        found = asked(forecaster, orders)
        assert found.letter == pytest.approx(
            found.spend * letter["lift"] * letter["margin"] - letter["cost"]
        )


def test_a_customer_without_an_order_is_refused(forecaster: Forecaster) -> None:
    with pytest.raises(ProjectError, match="at least one order"):
        asked(forecaster, ONCE, date(1997, 1, 1))
