"""Later data as traffic: when would the monitor have noticed, and what of it rests on what?"""

from dataclasses import replace

import numpy as np
import pytest

from project_package.kit.monitoring import WINDOW, first_alarm
from project_package.kit.replay import Stream, invented_days, simulate
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


def played(workspace: Workspace, given: Stream, capsys, watch: Watch = WATCH) -> str:
    simulate(workspace, watch, given, late=7, page=workspace.root / "logs" / "page.html")
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


def test_what_came_before_an_alarm_of_truths_counts_as_served_unnoticed(
    prepared: Workspace, capsys
) -> None:
    told = played(prepared, stream(right=0.5, mean=0, after=15), capsys)
    assert "alarm on 2020-01-14 after 700 truths" in told, "1,400 predictions were made by then"
    assert "on the 600 predictions after the first alarm" in told


def test_a_change_made_on_purpose_is_what_the_alarm_is_counted_from(
    prepared: Workspace, capsys
) -> None:
    given = stream(right=0.5, mean=1)
    told = played(prepared, replace(given, begins=5 * WINDOW), capsys)
    assert "the change begins after 500 of them, on 2020-01-06" in told
    assert "after 700 predictions, 200 of them changed" in told
    assert "accuracy before the change: 0.9" in told or "accuracy before the change: 0.8" in told
    told = played(prepared, replace(given, begins=8 * WINDOW), capsys)
    assert "after 700 predictions (a false one: nothing had changed yet)" in told


def test_truths_that_give_no_metric_are_kept_and_scores_still_judged(
    prepared: Workspace, capsys
) -> None:
    told = played(prepared, stream(right=0.9, mean=1), capsys, watch=Watch())
    assert "scores and inputs: alarm on 2020-01-07 after 700 predictions" in told
    assert "truths: kept, and not judged" in told
    assert "None" not in told


def test_a_stream_may_bring_a_metric_that_single_truths_of_the_service_do_not_give(
    prepared: Workspace, capsys
) -> None:
    own = Watch(metric="mean_of_truths", label="mean score")
    told = played(prepared, replace(stream(0.5, 0), watch=own), capsys, watch=Watch())
    assert "truths, 7 days late: alarm on 2020-01-14 after 700 truths" in told
    assert "mean score on held-out rows of the past: 0.9" in told or "past: 0.8" in told


def test_the_page_marks_the_change_and_the_first_alarm(prepared: Workspace, capsys) -> None:
    played(prepared, replace(stream(right=0.9, mean=1), begins=5 * WINDOW), capsys)
    page = (prepared.root / "logs" / "page.html").read_text(encoding="utf-8")
    score, accuracy = page.split("<svg")[1:]
    assert 'class="begins"' in score
    assert 'class="alarm"' in score
    assert 'class="alarm"' not in accuracy, "the truths raised none"


def test_invented_days_hold_so_many_rows_each() -> None:
    assert invented_days(5, 2) == ["2001-01-01"] * 2 + ["2001-01-02"] * 2 + ["2001-01-03"]


def test_the_first_alarm_stays_the_first() -> None:
    assert first_alarm([True, False, True, True, False]) == 2
    assert first_alarm([True, False, False]) is None


def test_too_little_to_replay_is_said(prepared: Workspace, tmp_path) -> None:
    few = stream(right=0.9, mean=0, after=0)
    short = Stream("any", few.past, few.past_truths, few.later[:50], few.later_truths[:50], [])
    with pytest.raises(ProjectError, match="50 later rows"):
        simulate(prepared, WATCH, short, late=7, page=tmp_path / "page.html")
