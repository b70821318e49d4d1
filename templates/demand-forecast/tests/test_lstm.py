"""The small network of the study; what needs PyTorch is left out where it is not installed."""

import numpy as np
import pytest

from project_package import data
from project_package.evaluate import Evaluated
from project_package.kit.statistics import Interval
from project_package.kit.workspace import Workspace
from project_package.model import NOON, Series
from project_package.studies import lstm


@pytest.fixture(scope="module")
def series(trained: Workspace) -> Series:
    return data.series(data.load(trained, "train", reader="train"))[0]


def test_the_words_follow_from_the_interval() -> None:
    assert lstm.verdict(Interval(0.5, 0.1, 0.9)).startswith("It loses")
    assert lstm.verdict(Interval(-0.5, -0.9, -0.1)).startswith("It wins")
    assert lstm.verdict(Interval(0.1, -0.9, 0.9)).startswith("Neither")


def test_without_pytorch_the_study_says_what_is_missing(trained: Workspace, monkeypatch) -> None:
    monkeypatch.setattr(lstm, "installed", lambda: False)
    found = lstm.study(trained, Evaluated)
    assert "pip install --group lstm" in found.text
    assert not found.tables


def test_a_sequence_ends_at_noon_before(series: Series) -> None:
    plain = lstm.sequence(series, 80)
    for start, same in ((NOON, True), (NOON - 1, False)):
        other = Series(
            series.demand.copy(), series.temperature.copy(), series.weekday, series.working,
            series.learn,
        )  # fmt: skip
        other.demand[79, start:] *= 2
        other.temperature[79, start:] += 5
        other.demand[80:] *= 2
        assert np.array_equal(lstm.sequence(other, 80), plain) == same


def test_a_network_learns_and_gives_the_same_again(series: Series, monkeypatch) -> None:
    pytest.importorskip("torch")
    days = list(range(60, 70))
    said = lstm.fit_and_say(series, days, days, seed=1)
    assert np.array_equal(said, lstm.fit_and_say(series, days, days, seed=1))
    change = [
        np.log(series.demand[day]) - lstm.model.base_of(series, day, lstm.BASE) for day in days
    ]
    assert np.abs(said - change).mean() < 0.8 * np.abs(change).mean()
