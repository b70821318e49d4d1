"""What anybody expects of a controller, however well it flies."""

import numpy as np
import pytest

from project_package import flights
from project_package.data import describe
from project_package.flights import (
    CRASHED,
    HEURISTIC,
    LANDED,
    LEFT,
    LEFT_VIEW,
    MAIN,
    OUT_OF_TIME,
    RIGHT,
    Chance,
    Heuristic,
    Linear,
    Trained,
    engines,
    fly,
    make,
    observed,
    one_flight,
)
from project_package.kit.workspace import Workspace
from project_package.predict import Lander
from project_package.studies.robustness import USUAL, conditions


class Always:
    """One engine, or none, whatever is seen."""

    def __init__(self, action: int) -> None:
        self.action = action

    def begin(self, seed: int) -> None:
        """It remembers nothing."""

    def choose(self, seen: np.ndarray) -> int:
        return self.action


@pytest.fixture(scope="module")
def landings():
    return describe([101, 102, 103, 104, 105, 106, 107, 108])


def test_who_does_nothing_falls_and_crashes(landings) -> None:
    flown = fly(Always(0), landings)
    assert set(flown.end) <= {CRASHED, LEFT_VIEW}
    assert (flown.total < 0).all()
    assert not flown.main.any()
    assert not flown.side.any()


def test_who_burns_without_end_flies_off_or_runs_out_of_time(landings) -> None:
    flown = fly(Always(MAIN), landings)
    assert LANDED not in set(flown.end)
    assert (flown.main == flown.steps).all()


def test_side_engines_turn_the_craft_to_opposite_sides() -> None:
    turned = [one_flight(Always(action), make(), 5)[0][20][4] for action in (LEFT, 0, RIGHT)]
    assert turned[0] > turned[1] > turned[2]


def test_the_heuristic_lands_and_chance_does_not(landings) -> None:
    rule, luck = fly(Heuristic(), landings), fly(Chance(), landings)
    assert (rule.end == LANDED).sum() >= 6
    assert rule.total.mean() > 200
    assert luck.total.mean() < 0


@pytest.mark.parametrize("controller", [Heuristic(), Chance(), Linear(np.eye(4, 9))])
def test_the_same_landing_can_be_flown_again(landings, controller) -> None:
    """In whatever order: nothing of one landing reaches the next."""
    there = fly(controller, landings)
    back = fly(controller, landings[::-1])
    assert there.total.tolist() == back.total.tolist()[::-1]


def test_every_controller_meets_the_same_landing(landings) -> None:
    first = {
        name: one_flight(controller, make(), int(landings.seed[0]))[0][0].tolist()
        for name, controller in ((HEURISTIC, Heuristic()), ("other", Always(2)))
    }
    assert first[HEURISTIC] == first["other"]


def test_the_trained_pilot_takes_the_likeliest_action(trained: Workspace, landings) -> None:
    lander = Lander.load(trained)
    for seen in observed(Heuristic(), landings[:2], 7):
        advice = lander.advise(seen)
        assert Trained(lander.pilot).choose(seen) == advice.action
        assert advice.odds[advice.engine] == max(advice.odds.values())
        assert sum(advice.odds.values()) == pytest.approx(1)


def test_weak_engines_push_less_and_are_strong_again_afterwards() -> None:
    def climbed() -> float:
        return one_flight(Always(MAIN), make(), 7)[0][30][1]

    usual = climbed()
    with engines(0.5):
        weak = climbed()
    assert weak < usual
    assert climbed() == usual
    with pytest.raises(ZeroDivisionError), engines(0.5):
        _ = 1 / 0
    assert climbed() == usual


def test_less_gravity_lets_it_fall_longer_and_wind_moves_it(landings) -> None:
    usual = fly(Always(0), landings)
    light = fly(Always(0), landings, {"gravity": -4.0})
    windy = fly(Always(0), landings, {"enable_wind": True, "wind_power": 20.0})
    assert (light.steps >= usual.steps).all()
    assert light.steps.sum() > usual.steps.sum()
    assert np.abs(windy.x - usual.x).max() > 0.05


def test_conditions_change_one_thing_each() -> None:
    made = conditions({"wind": [5.0], "gravity": [-7.0], "power": [0.8]})
    assert made[USUAL] == {"conditions": None, "power": 1.0}
    assert made["wind of power 5"]["conditions"]["wind_power"] == 5.0
    assert made["wind of power 5"]["conditions"]["enable_wind"] is True
    assert made["gravity -7"] == {"conditions": {"gravity": -7.0}, "power": 1.0}
    assert made["engines at 80%"] == {"conditions": None, "power": 0.8}


def test_a_flight_ends_when_the_time_is_up(monkeypatch) -> None:
    """The clock is Gymnasium's own, of a thousand steps."""

    class Hover(Heuristic):
        def choose(self, seen):
            lifted = seen.copy()
            lifted[1] -= 0.8
            return super().choose(lifted)

    flown = fly(Hover(), describe([101]))
    assert flown.steps[0] == 1000
    assert flown.end[0] == OUT_OF_TIME
    assert flights.ENVIRONMENT == "LunarLander-v3"
