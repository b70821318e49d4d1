"""Is a shift noticed, and an ordinary day left alone? Windows, exit codes, what is looked at."""

from collections.abc import Sequence

import numpy as np
import pytest

from project_package.kit import monitoring
from project_package.kit.commands import main
from project_package.kit.monitoring import WINDOW, alarm, judge, monitor
from project_package.kit.provenance import TRAINING
from project_package.kit.served import SCORES, SUMMARIES, Seen, Served, Watch
from project_package.kit.statistics import read_predictions
from project_package.kit.workspace import (
    ProjectError,
    Workspace,
    read_json,
    write_json,
)
from project_package.watch import WATCH

# A truth that makes the model wrong, by the metric.
SPOILT = {
    "accuracy": lambda truth: (truth + 1) % 10,
    "average_precision": lambda truth: 1 - truth,
    "mape": lambda truth: 3 * truth,
    "median_ape": lambda truth: 3 * truth,
    "normalised_gini": lambda truth: 0.0 if truth else 50.0,
}


def usual(workspace: Workspace, rows: int, seed: int = 0) -> list[Seen]:
    """Predictions drawn from the reference, each with the summaries of its row."""
    training = read_json(workspace.models / TRAINING, made_by="train")
    tables, scores = training.get(SUMMARIES, {}), training[SCORES]
    drawn = np.random.default_rng(seed).integers(0, len(scores), rows)
    return [
        Seen(scores[row], {name: values[row] for name, values in tables.items()}) for row in drawn
    ]


def serve(workspace: Workspace, seen: Sequence[Seen]) -> list[str]:
    return Served.of(workspace).predicted(*seen)


def highest(workspace: Workspace, rows: int) -> list[Seen]:
    """Ordinary inputs, each with the largest score of all."""
    largest = max(read_json(workspace.models / TRAINING, made_by="train")[SCORES])
    return [Seen(largest, each.summaries) for each in usual(workspace, rows)]


def retrain(workspace: Workspace) -> None:
    """Another model file, with another reference."""
    training = read_json(workspace.models / TRAINING, made_by="train")
    training[SCORES] = [score + 1 for score in training[SCORES]]
    write_json(workspace.models / TRAINING, training)
    (workspace.models / "model.more").write_bytes(b"learned again")


def test_a_retrained_model_is_not_judged_by_what_another_predicted(copy: Workspace) -> None:
    serve(copy, usual(copy, 400))
    retrain(copy)
    serve(copy, usual(copy, 2 * WINDOW, seed=1))
    found = monitoring.examine(copy, Watch())
    assert (found.predictions, found.of_others) == (2 * WINDOW, 400)
    assert found.code == monitoring.STABLE


def test_a_shift_after_many_good_predictions_is_noticed(copy: Workspace) -> None:
    serve(copy, usual(copy, 5_000))
    assert monitor(copy, Watch()) == monitoring.STABLE
    serve(copy, highest(copy, 500))
    assert monitor(copy, Watch()) == monitoring.SHIFTED


def test_a_shift_that_is_over_raises_no_alarm(copy: Workspace) -> None:
    serve(copy, [*highest(copy, 2 * WINDOW), *usual(copy, WINDOW)])
    found = monitoring.examine(copy, Watch())
    assert [window.violates for window in found.windows] == [True, True, False]
    assert found.code == monitoring.STABLE


@pytest.mark.parametrize(
    ("windows", "expected"),
    [("", False), ("x", False), ("xx", True), ("x...x", True), ("x....x", False), ("xx.", False)],
)
def test_two_of_the_last_five_and_the_last_raise_the_alarm(windows: str, expected: bool) -> None:
    assert alarm([each == "x" for each in windows]) is expected


def test_the_exit_codes_tell_four_things_apart(
    copy: Workspace, monkeypatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("project_package.kit.commands.Workspace", lambda **_: copy)
    assert main(["monitor"]) == 2, "nothing was predicted"
    serve(copy, usual(copy, 2 * WINDOW))
    assert main(["monitor"]) == 0
    serve(copy, highest(copy, 2 * WINDOW))
    assert main(["monitor"]) == 3
    (copy.models / TRAINING).unlink()
    assert main(["monitor"]) == 1, "there is no model"
    assert "run `python -m project_package train` first" in capsys.readouterr().err


def test_inputs_that_changed_are_noticed_though_the_scores_did_not(copy: Workspace) -> None:
    rows = usual(copy, 3 * WINDOW)
    if not rows[0].summaries:
        pytest.skip("this project names no summaries of its inputs")
    for name in rows[0].summaries:
        other = max(row.summaries[name] for row in rows)
        changed = [Seen(row.score, {**row.summaries, name: other}) for row in rows]
        (copy.root / "logs" / "predictions.jsonl").unlink(missing_ok=True)
        serve(copy, changed)
        assert monitoring.examine(copy, Watch()).code == monitoring.SHIFTED, name


def test_a_quantity_more_to_look_at_asks_for_more_to_be_found() -> None:
    random = np.random.default_rng(0)
    reference, seen = random.normal(size=500), random.normal(0.4, size=WINDOW)
    one = monitoring.Window("", "", judge({"a": reference}, {"a": seen}))
    many = {name: random.normal(size=500) for name in "bcd"}
    ordinary = {name: random.normal(size=WINDOW) for name in "bcd"}
    four = monitoring.Window("", "", judge({"a": reference, **many}, {"a": seen, **ordinary}))
    assert four.p == pytest.approx(4 * one.p)


@pytest.mark.skipif(WATCH.metric is None, reason="truths do not give this project's metric")
def test_a_metric_that_fell_is_noticed_though_all_looks_as_it_did(copy: Workspace) -> None:
    rows = read_predictions(copy).sample(4 * WINDOW, replace=True, random_state=0)
    served = Served.of(copy)
    ids = served.predicted(
        *(
            Seen(each.score, each.summaries, said)
            for each, said in zip(usual(copy, len(rows)), rows["model"], strict=True)
        )
    )
    truths = rows["truth"].to_numpy(float)
    for name, truth in zip(ids[: 2 * WINDOW], truths, strict=False):
        served.learned(name, truth)
    assert monitoring.examine(copy, WATCH).code == monitoring.STABLE
    for name, truth in zip(ids[2 * WINDOW :], truths[2 * WINDOW :], strict=True):
        served.learned(name, SPOILT[WATCH.metric](truth))
    found = monitoring.examine(copy, WATCH)
    assert not any(window.violates for window in found.windows)
    assert [each.violates for each in found.qualities] == [False, False, True, True]
    assert found.code == monitoring.SHIFTED


def test_truths_of_one_class_are_no_sign_of_anything() -> None:
    usual = monitoring.Interval(0.9, 0.8, 1.0)
    pairs = [("2026", 0, 0.1)] * WINDOW
    found = monitoring.measure(pairs, Watch(metric="average_precision"), usual, seed=0)
    assert np.isnan(found.interval.value)
    assert not found.violates


def test_what_is_predicted_together_is_drawn_as_one() -> None:
    """Two answers, one right and one wrong: their hundred rows say no more than two."""
    usual = monitoring.Interval(10.0, 9.0, 11.0)
    pairs = [("2026", 1.0, 1.1 if row < WINDOW // 2 else 1.3) for row in range(WINDOW)]
    alone, both = (
        monitoring.measure(pairs, Watch(1, "mape", False, together=rows), usual, seed=0)
        for rows in (1, WINDOW // 2)
    )
    assert alone.violates
    assert not both.violates
    assert both.interval.low == pytest.approx(10)
    assert both.interval.high == pytest.approx(30)


def test_an_answer_that_two_windows_share_is_one_in_each() -> None:
    """Answers of 48: the second hundred begin with the last 44 of the third answer."""
    found = monitoring.answers(Watch(together=48), 100, first=100)
    assert np.bincount(found).tolist() == [0, 0, 44, 48, 8]
    assert monitoring.answers(Watch(), 100) is None


def test_a_page_shows_every_window_and_loads_nothing(copy: Workspace) -> None:
    serve(copy, [*usual(copy, WINDOW), *highest(copy, 2 * WINDOW)])
    page = copy.root / "logs" / "monitor.html"
    assert monitor(copy, Watch(), page=page) == monitoring.SHIFTED
    text = page.read_text(encoding="utf-8")
    assert "<h1>Shifted</h1>" in text
    assert text.count("class=violates") == 2
    assert "http" not in text


def test_a_window_that_says_nothing_is_refused(copy: Workspace) -> None:
    with pytest.raises(ProjectError, match="20 is the least"):
        monitor(copy, Watch(), size=5)
