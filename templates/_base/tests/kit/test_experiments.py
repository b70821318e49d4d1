import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from project_package import train
from project_package.kit import commands, experiments, journal, report
from project_package.kit.experiments import attempt, keep, repeat
from project_package.kit.holdout import TEST
from project_package.kit.journal import best_of, read_log
from project_package.kit.statistics import MEASURES, Predictions, truth_of
from project_package.kit.workspace import (
    ManifestError,
    ProjectError,
    Workspace,
    read_settings,
)

from ideas import World, describe_data, world

__all__ = ["world"]  # a fixture


@pytest.fixture
def log(world: World) -> Path:
    """Three attempts after the start."""
    for strength in (0.6, 0.4, 0.7):
        attempt(world.set(strength=strength), f"strength {strength}")
    return journal.folder(world.workspace) / journal.LOG


def lines_of(log: Path) -> list[str]:
    return log.read_text(encoding="utf-8").splitlines()


def write_lines(log: Path, lines: list[str]) -> None:
    log.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8", newline="\n")


def test_attempt_0_is_where_the_project_started(world: World) -> None:
    entry = attempt(world.set(strength=0.6), "  know\n more ")
    start, logged = read_log(world.workspace)
    assert (start["number"], start["why"], start["set"]) == (0, experiments.START, {})
    assert start["frozen"]["baseline"]["name"] == "a rule"
    assert logged == entry
    assert (entry["number"], entry["why"]) == (1, "know more")
    assert entry["set"] == {"model.strength": 0.6}
    assert entry["settings"]["model.strength"] == 0.6
    assert (entry["by"], entry["best"]["number"], entry["verdict"]) == ("author", 0, "better")


def test_a_difference_is_in_pairs_on_the_same_draws_of_groups(world: World) -> None:
    """Two models that err on the same rows: the difference is known far better than either."""
    entry = attempt(world.set(strength=0.51), "a little more")
    start = read_log(world.workspace)[0]
    assert entry["best"]["difference"] == pytest.approx(entry["value"] - start["value"])
    low, high = entry["best"]["ci"]
    assert low <= entry["best"]["difference"] <= high
    assert high - low < (entry["ci"][1] - entry["ci"][0]) / 10
    assert entry["baseline"]["difference"] == pytest.approx(
        entry["value"] - start["frozen"]["baseline"]["value"]
    )


def test_a_difference_whose_interval_holds_zero_is_no_clear_one(world: World) -> None:
    entry = attempt(world.set(kind="odd"), "as much known, and other luck")
    low, high = entry["best"]["ci"]
    assert low < 0 < high
    assert entry["best"]["difference"] != 0
    assert entry["verdict"] == "no clear difference"


def test_whole_groups_are_drawn(world: World) -> None:
    first = attempt(world.set(strength=0.6), "alone")
    shutil.rmtree(journal.folder(world.workspace))
    world.rows["group"] = np.arange(len(world.rows)) // 20
    assert attempt(world.set(strength=0.6), "together")["ci"] != first["ci"]


@pytest.mark.parametrize(("metric", "higher"), [("pearson_r", True), ("median_ape", False)])
def test_the_best_so_far_is_the_best_in_the_direction_of_the_metric(
    world: World, metric: str, higher: bool
) -> None:
    world.metric, world.higher_is_better = metric, higher
    verdicts = [
        attempt(world.set(strength=strength), "try")["verdict"] for strength in (0.8, 0.2, 0.7)
    ]
    assert verdicts == ["better", "worse", "worse"]
    entries = read_log(world.workspace)
    assert [entry["best"]["number"] for entry in entries[1:]] == [0, 1, 1]
    assert best_of(entries)["number"] == 1
    assert "The best is number 1" in journal.account(entries)


@pytest.mark.parametrize("settings", [{"seed": 4}, {"train.folds": 3}])
def test_another_seed_and_other_folds_are_refused_before_anything_is_fitted(
    world: World, log: Path, settings: dict
) -> None:
    before, calls = log.read_bytes(), world.calls
    with pytest.raises(ProjectError, match="than attempt 0 was made with"):
        attempt(Workspace(world.workspace.root, settings), "other folds")
    assert (log.read_bytes(), world.calls) == (before, calls)


@pytest.mark.parametrize("column", ["id", "group", "fold", "truth"])
def test_rows_and_folds_that_change_unasked_are_refused(
    world: World, log: Path, column: str
) -> None:
    before = log.read_bytes()
    world.rows[column] = world.rows[column].to_numpy()[::-1]
    with pytest.raises(ProjectError, match="other rows, folds or metric"):
        attempt(world.set(strength=0.9), "the same")
    assert log.read_bytes() == before


def test_other_data_are_refused(world: World, log: Path) -> None:
    describe_data(world.workspace, sha256="b")
    with pytest.raises(ProjectError, match="other data"):
        attempt(world.set(strength=0.9), "newer data")


def test_what_was_tried_on_the_sample_makes_room_for_the_data(world: World) -> None:
    describe_data(world.workspace, sha256="b", sample=True)
    attempt(world.set(strength=0.6), "on the sample")
    describe_data(world.workspace)
    attempt(world.set(strength=0.6), "on the data")
    assert [entry["why"] for entry in read_log(world.workspace)][1:] == ["on the data"]
    assert "on the sample" in (journal.folder(world.workspace) / "sample-log.jsonl").read_text()


def without(number: int):
    return lambda lines: lines[:number] + lines[number + 1 :]


def edited(number: int):
    return lambda lines: [
        json.dumps(json.loads(line) | {"value": 0.99}) if n == number else line
        for n, line in enumerate(lines)
    ]


@pytest.mark.parametrize(
    "change",
    [
        *(pytest.param(without(number), id=f"{number} deleted") for number in range(4)),
        *(pytest.param(edited(number), id=f"{number} edited") for number in range(4)),
        pytest.param(lambda lines: [lines[0], lines[2], lines[1], lines[3]], id="reordered"),
        pytest.param(lambda lines: [*lines[:3], "half a li"], id="half a line"),
        pytest.param(lambda _: [], id="emptied"),
    ],
)
def test_a_log_that_was_changed_is_refused(world: World, log: Path, change) -> None:
    write_lines(log, change(lines_of(log)))
    for use in (
        lambda: attempt(world.set(strength=0.9), "go on"),
        lambda: repeat(world.workspace, 1),
        lambda: keep(world.workspace, 1),
        lambda: report.run_on_attempts(world.workspace),
    ):
        with pytest.raises(ManifestError, match=r"log\.jsonl was changed"):
            use()


def test_a_crash_between_log_and_head_is_no_change(world: World, log: Path) -> None:
    head = log.with_name(journal.HEAD)
    before = head.read_bytes()
    attempt(world.set(strength=0.9), "one more")
    head.write_bytes(before)
    assert attempt(world.set(strength=0.95), "and another")["number"] == 5


@pytest.mark.parametrize("why", ["", " \n\t"])
def test_an_attempt_without_a_reason_is_refused(world: World, why: str) -> None:
    with pytest.raises(ProjectError, match="say why"):
        attempt(world.set(strength=0.9), why)
    assert not journal.folder(world.workspace).exists()


@pytest.mark.parametrize("settings", [{"strength": "much"}, {"strength": True}, {"kind": 3}])
def test_a_value_of_another_type_is_refused(world: World, settings: dict) -> None:
    with pytest.raises(ProjectError, match="is no"):
        attempt(world.set(**settings), "a typing mistake")
    assert world.calls == 0


def test_an_unknown_setting_is_refused_with_those_that_look_like_it(world: World) -> None:
    with pytest.raises(ProjectError, match=r"model\.strength"):
        attempt(world.set(strenght=0.6), "a typing mistake")


def test_the_same_settings_and_code_are_no_new_attempt(world: World, log: Path) -> None:
    with pytest.raises(ProjectError, match="that is attempt 2 again"):
        attempt(world.set(strength=0.4), "again")
    assert len(lines_of(log)) == 4


def test_whoever_changed_the_code_before_the_first_attempt_is_told_the_way_back(
    world: World,
) -> None:
    with pytest.raises(ProjectError, match=r"as attempt 0, the start.*git stash"):
        attempt(world.workspace, "another algorithm, written before anything was tried")
    assert [entry["number"] for entry in read_log(world.workspace)] == [0]


def test_two_that_try_the_same_at_once_leave_one_line(
    world: World, log: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    score, settings = experiments.score, world.set(strength=0.9)

    def overtaken(*given):
        monkeypatch.setattr(experiments, "score", score)
        attempt(settings, "first")
        return score(*given)

    monkeypatch.setattr(experiments, "score", overtaken)
    with pytest.raises(ProjectError, match="that is attempt 4 again"):
        attempt(settings, "second")
    assert [entry["why"] for entry in read_log(world.workspace)][4:] == ["first"]


def test_a_number_that_is_none_is_no_attempt(world: World) -> None:
    attempt(world.set(strength=0.6), "begin")
    world.rows["truth"] = np.nan
    shutil.rmtree(journal.folder(world.workspace))
    with pytest.raises(ProjectError, match="give no number"):
        attempt(world.set(strength=0.6), "without a truth")


@pytest.mark.parametrize("when", [1, 2])
def test_ctrl_c_leaves_no_line(world: World, when: int) -> None:
    world.stop_at = when
    with pytest.raises(KeyboardInterrupt):
        attempt(world.set(strength=0.6), "too slow")
    entries = read_log(world.workspace)
    assert len(entries) == when - 1  # the start, if that was finished
    assert attempt(world.set(strength=0.6), "patience")["number"] == 1


def test_a_crash_while_writing_leaves_no_half_a_line(
    world: World, log: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = log.read_bytes()
    original = Path.replace

    def no_space(self: Path, target: Path) -> Path:
        if Path(target).name == journal.LOG:
            raise OSError("no space left on device")
        return original(self, target)

    monkeypatch.setattr(Path, "replace", no_space)
    with pytest.raises(OSError, match="no space"):
        attempt(world.set(strength=0.9), "a full disk")
    monkeypatch.undo()
    assert log.read_bytes() == before
    assert len(read_log(world.workspace)) == 4


@pytest.mark.parametrize("name", ["3", "baseline"])
@pytest.mark.parametrize("how", ["gone", "changed"])
def test_answers_that_are_not_there_are_made_again(
    world: World, log: Path, name: str, how: str
) -> None:
    path = log.parent / "held_out" / f"{name}.csv"
    before = path.read_bytes()
    path.unlink() if how == "gone" else path.write_text("answer\n1\n", encoding="utf-8")
    assert attempt(world.set(strength=0.9), "in a fresh clone")["best"]["number"] == 3
    assert path.read_bytes() == before


@pytest.mark.parametrize(("name", "told"), [("3", "attempt 3 gave"), ("baseline", "a rule, gave")])
def test_answers_made_again_must_give_the_same_number(
    world: World, log: Path, name: str, told: str
) -> None:
    (log.parent / "held_out" / f"{name}.csv").unlink()
    before, world.noise = log.read_bytes(), 5
    with pytest.raises(ProjectError, match=told):
        attempt(world.set(strength=0.9), "not seeded")
    assert log.read_bytes() == before


def test_an_attempt_gives_its_number_again_whatever_the_settings_are_now(
    world: World, log: Path
) -> None:
    keep(world.workspace, 3)
    for number in range(4):
        assert repeat(world.workspace, number) == read_log(world.workspace)[number]
    world.noise = 5
    with pytest.raises(ProjectError, match="look for what is not seeded"):
        repeat(world.workspace, 1)


def test_a_number_that_differs_in_its_fourth_digit_is_another(
    world: World, log: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def shifted(workspace: Workspace) -> Predictions:
        said = world.held_out(workspace)
        answers = said.rows["model"] + 0.003 * (said.rows.index % 2)
        return replace(said, rows=said.rows.assign(model=answers))

    monkeypatch.setattr(train, "held_out", shifted)
    value = read_log(world.workspace)[1]["value"]
    now = experiments.score(world.set(strength=0.6), read_log(world.workspace)[0]).score.value
    assert 1e-5 < abs(now / value - 1) < 1e-2, "or this shows nothing"
    with pytest.raises(ProjectError, match="look for what is not seeded"):
        repeat(world.workspace, 1)


def test_keep_writes_the_values_and_leaves_the_comments(world: World, log: Path) -> None:
    path = world.workspace.root / "config.toml"
    before = path.read_text(encoding="utf-8")
    assert keep(world.workspace, 3) == {"model.strength": 0.7}
    assert path.read_text(encoding="utf-8") == before.replace("strength = 0.5 ", "strength = 0.7 ")
    assert keep(world.workspace, 3) == {}
    assert keep(world.workspace, 0) == {"model.strength": 0.5}
    assert path.read_text(encoding="utf-8") == before


def test_keep_on_the_sample_writes_where_the_value_takes_effect(world: World) -> None:
    describe_data(world.workspace, sample=True)
    attempt(world.set(kind="plain", strength=0.6), "on the sample")
    keep(world.workspace, 1)
    assert world.workspace.config["model"] == {"strength": 0.6, "kind": "plain"}
    assert world.workspace.config_file["sample"]["model"] == {"kind": "plain"}
    with pytest.raises(ProjectError, match="no attempt 2; on record: 0 to 1"):
        keep(world.workspace, 2)


def test_rows_of_the_test_set_are_refused_even_where_the_code_scores_them(world: World) -> None:
    world.rows.loc[5, "id"] = "sealed"
    with pytest.raises(ProjectError, match="rows of the test set"):
        attempt(world.set(strength=0.6), "peek")
    assert read_log(world.workspace) == []


def test_code_that_changed_makes_the_same_settings_a_new_attempt(
    world: World, log: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(experiments, "code", lambda: "other")
    entry = attempt(world.set(strength=0.6), "another algorithm")
    assert entry["code"] == "other"
    assert "code" in journal.table_of_attempts(read_log(world.workspace))["rows"][-1][2]


def test_the_write_ups_tell_of_attempts_and_keep_what_else_they_say(
    empty: Workspace, world: World
) -> None:
    assert empty.root == world.workspace.root

    def headline() -> str:
        return (
            (empty.root / "README.md").read_text(encoding="utf-8").split("result:headline -->")[1]
        )

    found = headline()
    report.run_on_attempts(empty)
    assert "No attempt yet" in (empty.root / "README.md").read_text(encoding="utf-8")
    for strength in (0.6, 0.4):
        attempt(Workspace(empty.root, {"model.strength": strength}), f"know {strength} of it")
    report.run_on_attempts(empty)
    told = {
        name: (empty.root / name).read_text(encoding="utf-8")
        for name in ("README.md", "REPORT.md", "EXPERIMENTS.md")
    }
    for name, text in told.items():
        assert "2 attempts after the start, 1 of them not better" in text, name
        assert "The best is number 1 (know 0.6 of it)" in text, name
    assert headline() == found, "what `evaluate` finds is not touched"
    assert "model.strength 0.6 → 0.4" in told["EXPERIMENTS.md"]
    assert "attempts.svg" in told["EXPERIMENTS.md"]
    assert (empty.figures / "attempts.svg").stat().st_size > 1_000


def test_the_command_line_tries_lists_keeps_and_repeats(
    world: World, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def here(options) -> Workspace:
        given = read_settings(getattr(options, "settings", None) or [], world.workspace.config)
        return Workspace(world.workspace.root, given)

    monkeypatch.setattr(commands, "_workspace", here)
    for words, code, told in (
        (["attempts"], 0, "No attempt yet"),
        (["try", "know more", "--set", "model.strength=0.6"], 0, "attempt 1: "),
        (["try", "know more", "--set", "model.strength=0.6"], 1, "that is attempt 1 again"),
        (["attempts"], 0, "attempt 0: "),
        (["keep", "1"], 0, "config.toml: model.strength = 0.6\nnow run `train`"),
        (["keep", "1"], 0, "has the values of attempt 1 already"),
        (["repeat", "0"], 0, "attempt 0 gave"),
        (["repeat", "7"], 1, "there is no attempt 7"),
    ):
        assert commands.main(words) == code, words
        said = capsys.readouterr()
        assert told in said.out + said.err, words
    assert world.workspace.config["model"]["strength"] == 0.6


def test_a_real_attempt_scores_the_training_set_and_never_opens_the_test_set(
    without_test: Workspace,
) -> None:
    """Twice, so that folds which are dealt anew each time would be refused."""
    start = experiments.begin(without_test)[0]
    again = experiments.score(without_test, start)
    assert again.score.value == start["value"]
    rows = train.held_out(without_test).rows
    parts = json.loads(without_test.manifest.read_bytes())["parts"]
    asked = set(rows.get("part_of", rows["id"]).astype(str))
    assert asked.isdisjoint(parts[TEST]["ids"])
    ours = [part["ids"] for name, part in parts.items() if name != TEST]
    if all(ours):
        assert asked <= set().union(*ours)
    answers = journal.read_answers(without_test, 0, start["held_out"])
    measured = MEASURES[start["frozen"]["metric"]](truth_of(rows), answers)
    assert start["value"] == pytest.approx(measured)
    assert not without_test.access_log.exists()
