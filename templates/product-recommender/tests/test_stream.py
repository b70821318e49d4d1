"""Later visits: nothing of a visit is known before it, and what changes is noticed after it did."""

from dataclasses import replace

import numpy as np
import pytest

from project_package import stream
from project_package.kit.replay import Stream
from project_package.kit.served import Seen
from project_package.kit.workspace import Workspace
from project_package.model import Interactions

from conftest import noticed, require_alarm_after_change

SIZE = 20


@pytest.fixture(scope="module")
def replayed(closed: Workspace) -> Stream:
    """The sample's visits."""
    return stream.replay(closed)


def again(replayed: Stream, less: float) -> Stream:
    """Ordinary visits: those of the past over and over, the second half with less known films."""
    rows, begins = [*replayed.past] * 4, 2 * len(replayed.past)
    later = [
        Seen(seen.score, {"fame": seen.summaries["fame"] - less * (row >= begins)})
        for row, seen in enumerate(rows)
    ]
    days = ["2020-01-01"] * len(rows)
    truths = [*replayed.past_truths] * 4
    return replace(replayed, later=later, later_truths=truths, times=days, begins=begins)


def test_the_alarm_is_raised_after_people_turned_to_less_known_films(
    replayed: Stream, closed: Workspace
) -> None:
    require_alarm_after_change(closed, again(replayed, less=2), SIZE)


def test_while_visits_stay_as_they_are_there_is_no_alarm(
    replayed: Stream, closed: Workspace
) -> None:
    assert noticed(closed, again(replayed, less=0), SIZE) is None


def test_a_replay_holds_visits_after_the_first_origin_in_their_order(replayed: Stream) -> None:
    assert replayed.times == sorted(replayed.times)
    assert len(replayed.later) == len(replayed.later_truths) == len(replayed.times)
    assert len(replayed.past) == len(replayed.past_truths) > 0
    assert 0 < np.mean(replayed.later_truths) < 1


def test_a_visit_is_served_by_what_its_person_met_on_days_before() -> None:
    days = np.array([1, 1, 2, 2, 2, 5]) * 86_400
    people, films = np.array([0, 0, 0, 0, 1, 1]), np.array([3, 1, 2, 0, 4, 0])
    everything = Interactions(people, films, days, np.zeros(6, int), (2, 5))
    visits = stream.find_visits(everything)
    assert visits[["person", "day"]].to_numpy().tolist() == [[0, 2], [1, 5]]
    history, chosen = stream.before_and_in(everything, visits)
    assert history.toarray().tolist() == [[0, 1, 0, 1, 0], [0, 0, 0, 0, 1]]
    assert chosen.toarray().tolist() == [[1, 0, 1, 0, 0], [1, 0, 0, 0, 0]]
