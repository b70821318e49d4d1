"""What a control room expects of any forecast (Ribeiro et al., CheckList, 2020)."""

import numpy as np
import pytest

from project_package import data
from project_package.demo import as_body
from project_package.kit.workspace import Workspace
from project_package.predict import Forecast, Forecaster, as_series


@pytest.fixture(scope="module")
def forecaster(trained: Workspace) -> Forecaster:
    return Forecaster.load(trained)


@pytest.fixture(scope="module")
def body(trained: Workspace, forecaster: Forecaster) -> dict:
    """What was known at noon before the last working day of the training set."""
    series, dates = data.series(data.load(trained, "train", reader="train"))
    day = max(day for day in range(len(dates)) if series.working[day] and series.working[day - 1])
    return as_body(series, dates, day, forecaster.history)


def ask(forecaster: Forecaster, body: dict, **changes) -> Forecast:
    return forecaster.forecast(*as_series({**body, **changes}))


def test_a_town_that_uses_a_tenth_more_gets_about_a_tenth_more(
    forecaster: Forecaster, body: dict
) -> None:
    more = ask(forecaster, body, demand=[1.1 * value for value in body["demand"]])
    ratio = np.array(more.demand) / ask(forecaster, body).demand
    assert 1.05 < ratio.mean() < 1.15


def test_a_higher_morning_raises_tomorrow_and_a_lower_one_lowers_it(
    forecaster: Forecaster, body: dict
) -> None:
    means = []
    for factor in (0.95, 1.0, 1.05):
        demand = np.array(body["demand"])
        demand[-24:] *= factor
        means.append(np.mean(ask(forecaster, body, demand=demand.tolist()).demand))
    assert means[0] < means[1] < means[2]
    assert means[2] / means[0] < 1.1, "a morning's change is not passed on as a whole"


def test_a_holiday_is_like_a_day_off(forecaster: Forecaster, body: dict) -> None:
    holiday = ask(forecaster, body, holidays=[*body["holidays"], body["date"]])
    plain = ask(forecaster, body)
    assert np.mean(holiday.demand[14:20]) < np.mean(plain.demand[14:20])
    assert holiday.base != plain.base


def test_a_band_is_wider_the_more_it_is_meant_to_hold(forecaster: Forecaster, body: dict) -> None:
    found = ask(forecaster, body)
    widths = [
        np.mean(np.array(band["high"]) - np.array(band["low"])) for band in found.bands.values()
    ]
    assert 0 < widths[0] < widths[1]


def test_effects_come_largest_first_and_the_miss_of_the_morning_is_exact(
    forecaster: Forecaster, body: dict
) -> None:
    found = ask(forecaster, body)
    sizes = [abs(effect) for _, effect in found.effects]
    assert sizes == sorted(sizes, reverse=True)
    series, day, _ = as_series(body)
    ratio = np.array(found.demand) / np.exp(forecaster.fitted.raw(series, day))
    assert dict(found.effects)["miss of this morning"] == pytest.approx(ratio.mean() - 1)
