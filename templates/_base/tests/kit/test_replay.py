"""Later data as traffic: when would the monitor have noticed, and what of it rests on what?"""

import numpy as np
import pytest

from project_package.kit.monitoring import WINDOW
from project_package.kit.replay import Stream, first_alarm, simulate
from project_package.kit.served import Seen, Watch
from project_package.kit.workspace import ProjectError, Workspace

WATCH = Watch(truth=float, metric="accuracy")


def rows(right: float, mean: float, count: int, seed: int) -> tuple[list[Seen], list[float]]:
    """Predictions of ones, so many of them right, with normal scores about a mean."""
    random = np.random.default_rng(seed)
    truths = (random.random(count) < right).astype(float)
    return [Seen(score, said=1.0) for score in random.normal(mean, 1, count)], truths.tolist()


def stream(right: float, mean: float, after: int = 5) -> Stream:
    """Five ordinary windows, then some with other scores and other truths."""
    (past, past_truths), (same, truths) = rows(0.9, 0, 1_000, 1), rows(0.9, 0, 5 * WINDOW, 2)
    other, later_truths = rows(right, mean, after * WINDOW, 3)
    days = [f"2020-01-{1 + number // WINDOW:02}" for number in range((5 + after) * WINDOW)]
    return Stream("any", past, past_truths, same + other, truths + later_truths, days)


def played(workspace: Workspace, given: Stream, capsys) -> str:
    simulate(workspace, WATCH, given, late=7, page=workspace.root / "logs" / "page.html")
    return capsys.readouterr().out


def test_scores_that_moved_raise_the_alarm_before_any_truth(prepared: Workspace, capsys) -> None:
    told = played(prepared, stream(right=0.9, mean=1), capsys)
    assert "scores and inputs: alarm on 2020-01-07 after 700 predictions" in told
    assert "truths, 7 days late: no alarm" in told


def test_a_model_that_only_got_worse_is_found_by_its_late_truths(
    prepared: Workspace, capsys
) -> None:
    told = played(prepared, stream(right=0.5, mean=0), capsys)
    assert "scores and inputs: no alarm" in told
    assert "truths, 7 days late: alarm on 2020-01-14 after 700 truths" in told


def test_what_was_lost_after_the_alarm_is_measured(prepared: Workspace, capsys) -> None:
    told = played(prepared, stream(right=0.5, mean=1), capsys)
    assert "who had not looked had accuracy 0.4" in told or "had accuracy 0.5" in told


def test_the_first_alarm_stays_the_first() -> None:
    assert first_alarm([True, False, True, True, False]) == 2
    assert first_alarm([True, False, False]) is None


def test_too_little_to_replay_is_said(prepared: Workspace, tmp_path) -> None:
    few = stream(right=0.9, mean=0, after=0)
    short = Stream("any", few.past, few.past_truths, few.later[:50], few.later_truths[:50], [])
    with pytest.raises(ProjectError, match="50 later rows"):
        simulate(prepared, WATCH, short, late=7, page=tmp_path / "page.html")
