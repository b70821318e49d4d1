import math
from dataclasses import replace

import numpy as np
import pytest

from project_package import data, model, stream
from project_package.kit.workspace import Workspace
from project_package.watch import WATCH, watched


@pytest.fixture(scope="module")
def replayed(closed: Workspace):
    return stream.replay(closed)


def test_a_replay_reads_no_test_set_and_no_day_twice(closed: Workspace, replayed) -> None:
    series, _ = data.series(data.load(closed, "train", reader="simulate"))
    assert replayed.times == sorted(replayed.times)
    assert len(replayed.later) == len(replayed.later_truths) == len(replayed.times)
    assert len(replayed.past) == len(replayed.past_truths)
    told = [*replayed.past_truths, *replayed.later_truths]
    assert len(told) == len(set(told)) or len(told) <= series.demand.size
    base = np.log(series.demand[model.base_days(series, 60, 2)]).mean(axis=0)
    ours = replayed.later[:48]
    assert replayed.times[0] == "2014-03-02"
    assert [math.log(seen.said) - seen.score for seen in ours] == pytest.approx(base)


def test_the_heat_wave_is_of_january_as_it_was_measured(closed: Workspace, replayed) -> None:
    series, dates = data.series(data.load(closed, "train", reader="simulate"))
    begins = replayed.begins
    assert begins % 48 == 0
    assert replayed.times[begins].endswith("-01-09"), "the first day that has a week before it"
    first = dates.index("2014-01-09")
    wave = replayed.later_truths[begins:]
    assert wave == series.demand[first : first + len(wave) // 48].ravel().tolist()


def test_what_is_watched_was_known_at_noon(closed: Workspace) -> None:
    """Against days of its own kind, so that a level that stays is no change."""
    series, _ = data.series(data.load(closed, "train", reader="simulate"))
    said = series.demand[80]
    plain = [seen.summaries for seen in watched(series, 80, said)]
    other = replace(series, demand=series.demand.copy(), temperature=series.temperature.copy())
    other.demand[79, model.NOON :] *= 2
    other.temperature[79, model.NOON :] += 9
    assert [seen.summaries for seen in watched(other, 80, said)] == plain
    other.demand[79, : model.NOON] *= 2
    changed = [seen.summaries["change"] for seen in watched(other, 80, said)]
    before = [each["change"] for each in plain]
    assert changed[:24] == pytest.approx([each + math.log(2) for each in before[:24]])
    assert changed[24:] == before[24:]
    tripled = replace(series, demand=3 * series.demand)
    seen = watched(tripled, 80, 3 * said)
    assert [each.score for each in seen] == pytest.approx(
        [each.score for each in watched(series, 80, said)]
    )
    assert [each.summaries["change"] for each in seen] == pytest.approx(before)


def test_the_half_hours_of_a_day_are_judged_together() -> None:
    assert WATCH.together == model.SLOTS


def test_no_day_is_forecast_by_a_model_that_learned_from_it(closed: Workspace, monkeypatch) -> None:
    series, _ = data.series(data.load(closed, "train", reader="simulate"))
    days = list(range(59, len(series.demand)))
    learned, asked, original = [], [], stream.model.fit

    class Spied:
        def __init__(self, fitted, known) -> None:
            self.fitted, self.known = fitted, known

        def forecast(self, series, day):
            asked.append(day)
            assert day not in self.known
            return self.fitted.forecast(series, day)

    def spy(series, known, config):
        learned.append(set(known))
        return Spied(original(series, known, config), set(known))

    monkeypatch.setattr(stream.model, "fit", spy)
    said = stream.held_out(series, days, closed.config)
    assert len(said) == len(days)
    assert sorted(asked) == days
    assert len(learned) == 2
