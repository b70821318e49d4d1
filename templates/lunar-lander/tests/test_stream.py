"""Wind comes up: the monitor sees it after that, and nothing before."""

import pytest

from project_package import data, stream
from project_package.flights import Heuristic
from project_package.kit.monitoring import first_alarm
from project_package.kit.replay import Stream, judge_stream
from project_package.kit.workspace import Workspace
from project_package.watch import WATCH

from conftest import require_none_without_change

SIZE = 40
LANDINGS = 120


@pytest.fixture(scope="module")
def replayed(closed: Workspace) -> Stream:
    """The heuristic flies in place of a pilot whose training is too short to land."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(stream, "LANDINGS", LANDINGS)
        patch.setattr(stream, "Trained", lambda _: Heuristic())
        patch.setattr(stream, "WIND", {**stream.WIND, "wind_power": 20.0, "turbulence_power": 2.0})
        return stream.replay(closed)


def test_the_alarm_is_raised_after_the_wind_came_up(replayed: Stream, closed: Workspace) -> None:
    """By truths or by what is seen, whichever is first."""
    found = judge_stream(closed, WATCH, replayed, late=7, size=SIZE)
    alarms = [
        first_alarm([each.violates for each in looks]) for looks in (found.windows, found.qualities)
    ]
    raised = [window for window in alarms if window is not None]
    assert raised
    assert replayed.begins < (min(raised) + 1) * SIZE


def test_in_still_air_there_is_no_alarm(replayed: Stream, closed: Workspace) -> None:
    require_none_without_change(closed, replayed, SIZE)


def test_wind_costs_points(replayed: Stream) -> None:
    before, after = (replayed.later_truths[:LANDINGS], replayed.later_truths[LANDINGS:])
    assert sum(after) < sum(before)
    assert len(before) == len(after) == len(replayed.past) == replayed.begins
    assert "invented" in replayed.title


def test_each_landing_is_new_and_gives_one_row(closed: Workspace, monkeypatch) -> None:
    flown: list[list[int]] = []

    def note(pilot, seeds, conditions):
        flown.append(list(seeds))
        return [(stream.Seen(0.0, {"height": 0.0}), 1.0) for _ in seeds]

    monkeypatch.setattr(stream, "LANDINGS", 10)
    monkeypatch.setattr(stream, "watch_flights", note)
    replayed = stream.replay(closed)
    seeds = [seed for part in flown for seed in part]
    assert len(set(seeds)) == 30
    assert min(seeds) >= data.SEEDS
    assert len(replayed.later) == len(replayed.times) == 20
