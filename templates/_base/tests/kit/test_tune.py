import sys

import pytest

from project_package.kit import journal
from project_package.kit import tune as tuning
from project_package.kit.experiments import attempt
from project_package.kit.journal import best_of, read_log
from project_package.kit.tune import TRIALS, read_ranges, tune
from project_package.kit.workspace import (
    PROJECT_ROOT,
    ProjectError,
    Workspace,
    setting_names,
)

from ideas import World, world

__all__ = ["world"]  # a fixture

optuna = pytest.importorskip("optuna")
pytestmark = pytest.mark.filterwarnings("ignore")


def study_of(world: World) -> "optuna.Study":
    storage = f"sqlite:///{journal.folder(world.workspace) / TRIALS}"
    name = optuna.get_all_study_names(storage)[-1]
    return optuna.load_study(study_name=name, storage=storage)


def trials_of(world: World) -> list[dict]:
    return [trial.params for trial in study_of(world).trials]


def change_config(world: World, old: str, new: str) -> None:
    path = world.workspace.root / "config.toml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


@pytest.mark.parametrize(("metric", "higher"), [("pearson_r", True), ("median_ape", False)])
def test_the_best_trial_becomes_an_attempt(world: World, metric: str, higher: bool) -> None:
    world.metric, world.higher_is_better = metric, higher
    entry, stopped = tune(world.workspace, trials=8)
    start, logged = read_log(world.workspace)
    assert (logged, stopped) == (entry, False)
    assert entry["by"] == "tune"
    assert entry["why"] == "the best of 8 trials"
    assert set(entry["set"]) == {"model.strength", "model.kind"}
    assert best_of([start, entry])["number"] == 1
    tried = trials_of(world)
    assert tried[0] == {"model.strength": 0.5, "model.kind": "plain"}, "the settings come first"
    assert entry["set"]["model.strength"] == max(trial["model.strength"] for trial in tried)
    assert study_of(world).best_value == entry["value"], "a trial is scored as an attempt is"


def test_a_search_that_goes_on_tries_what_one_in_a_piece_tries(world: World, monkeypatch) -> None:
    tune(world.workspace, trials=13)
    in_a_piece = trials_of(world)
    (journal.folder(world.workspace) / TRIALS).unlink()
    for _ in range(2):
        tune(world.workspace, trials=6)
    tune(world.workspace, trials=1)
    assert trials_of(world) == in_a_piece
    assert len({trial["model.strength"] for trial in in_a_piece}) == 13


def test_what_is_on_record_already_is_not_put_there_again(world: World) -> None:
    entry, _ = tune(world.workspace, trials=5)
    (journal.folder(world.workspace) / TRIALS).unlink()
    again, _ = tune(world.workspace, trials=5)
    assert (entry["number"], again) == (1, None)
    assert len(read_log(world.workspace)) == 2


def test_ctrl_c_keeps_what_was_found(world: World) -> None:
    world.stop_at = 5  # the start, then three trials, then this one
    entry, stopped = tune(world.workspace, trials=40)
    assert stopped
    assert entry["why"] == "the best of 3 trials"
    assert len(read_log(world.workspace)) == 2


def test_time_ends_a_search(world: World) -> None:
    world.pause = 0.05
    entry, _ = tune(world.workspace, trials=10_000, minutes=0.01)
    assert entry is None or entry["number"] == 1
    assert world.calls < 200


def test_settings_that_cannot_be_fitted_do_not_end_a_search(world: World) -> None:
    change_config(world, "high = 1.0", "high = 4.0")
    entry, _ = tune(world.workspace, trials=8)
    assert entry["set"]["model.strength"] <= 2


def test_the_weight_of_each_number_goes_into_the_write_up(world: World) -> None:
    assert journal.table_of_importance(world.workspace) is None
    tune(world.workspace, trials=12)
    table = journal.table_of_importance(world.workspace)
    assert "12 trials" in table["caption"]
    shares = dict(table["rows"])
    assert set(shares) == {"model.strength", "model.kind"}
    assert shares["model.strength"] > shares["model.kind"]


def test_a_number_keeps_its_own_weight_wherever_it_stands_among_the_ranges(world: World) -> None:
    path = world.workspace.root / "config.toml"
    head, _, ranges = path.read_text(encoding="utf-8").partition("[ranges]\n")
    turned = "".join(reversed(ranges.splitlines(keepends=True)))
    path.write_text(f"{head}[ranges]\n{turned}", encoding="utf-8")
    tune(world.workspace, trials=12)
    shares = dict(journal.table_of_importance(world.workspace)["rows"])
    assert shares["model.strength"] > shares["model.kind"]


def test_trials_of_other_settings_are_not_gone_on_with(world: World) -> None:
    tune(world.workspace, trials=3)
    change_config(world, "high = 1.0", "high = 0.9")
    tune(world.workspace, trials=2)
    storage = f"sqlite:///{journal.folder(world.workspace) / TRIALS}"
    assert len(optuna.get_all_study_names(storage)) == 2


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('"model.strength" =', '"model.strenght" =', "which config.toml does not"),
        ("low = 0.0", 'low = "none"', "of the type of 0.5"),
        ("low = 0.0", "low = 1.0", "low must be below high"),
        (", high = 1.0", "", "wants low and high"),
        ('"model.strength" = {', '"seed" = { low = 1, high = 9 }\n"model.strength" = {', "no luck"),
        ('["plain", "odd"]', "[1, 2]", "of the type of 'plain'"),
    ],
)
def test_a_range_that_is_none_is_refused(world: World, old: str, new: str, told: str) -> None:
    change_config(world, old, new)
    with pytest.raises(ProjectError, match=told):
        tune(world.workspace, trials=1)


def test_a_project_without_ranges_says_so(world: World) -> None:
    path = world.workspace.root / "config.toml"
    path.write_text(path.read_text(encoding="utf-8").split("[ranges]")[0], encoding="utf-8")
    with pytest.raises(ProjectError, match=r"no \[ranges\]"):
        tune(world.workspace, trials=1)


def test_without_optuna_it_says_how_to_get_it(world: World, monkeypatch) -> None:
    monkeypatch.setitem(sys.modules, "optuna", None)
    with pytest.raises(ProjectError, match=r'pip install -e "\.\[tune\]"'):
        tune(world.workspace, trials=1)


@pytest.mark.parametrize(
    ("storage", "told"),
    [
        ("mysql+nodriver://nowhere/none", "the storage cannot be used"),
        ("sqlite:////nowhere/at/all.db", "the storage cannot be used"),
        ("no address", "the storage cannot be used"),
        ("mssql+pymssql://nowhere/none", "needs a driver"),
    ],
)
def test_a_storage_that_cannot_be_used_says_so(
    world: World, monkeypatch: pytest.MonkeyPatch, storage: str, told: str
) -> None:
    monkeypatch.setattr(tuning, "PAUSE", 0.0)
    with pytest.raises(ProjectError, match=told):
        tune(world.workspace, trials=1, storage=storage)


def test_an_attempt_of_the_author_stands_beside_those_of_a_search(world: World) -> None:
    tune(world.workspace, trials=4)
    assert attempt(world.set(strength=0.99), "by hand")["best"]["number"] == 1


def test_the_ranges_of_this_project_hold_its_settings() -> None:
    workspace = Workspace(PROJECT_ROOT)
    if "ranges" not in workspace.config_file:
        pytest.skip("nothing is tuned here")
    known = setting_names(workspace.config)
    for name, given in read_ranges(workspace).items():
        if "choices" in given:
            assert known[name] in given["choices"], name
        else:
            assert given["low"] <= known[name] <= given["high"], name
