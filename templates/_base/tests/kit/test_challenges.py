import json
import shutil

import pytest

from project_package.kit import challenges, journal
from project_package.kit.challenges import (
    FILE,
    LEVELS,
    functions_of,
    load,
    look,
    standings,
)
from project_package.kit.workspace import (
    PROJECT_ROOT,
    ProjectError,
    Workspace,
    write_json,
)

PUBLISHED = PROJECT_ROOT / FILE
BEGUN = (PROJECT_ROOT / "reports" / "metrics.json").exists()
as_generated = pytest.mark.skipif(
    BEGUN or not PUBLISHED.exists(), reason="once the author has begun, goals are there to reach"
)
METRICS = {
    "metrics": {"accuracy": {"label": "accuracy", "value": 0.9}},
    "tables": {
        "slices": {"columns": ["mails", "n", "error"], "rows": [["short", 1200, "0.125 [0, 1]"]]},
    },
    "data": {"sample": False},
}  # fmt: skip
START = {"number": 0, "set": {}, "verdict": "start", "code": "a", "settings": {"model.c": 1.0}}
START["files"] = {"src/a/model.py": "1", "src/a/data.py": "2"}


def made(workspace: Workspace, level: str = "adjust", name: str = "one", /, **goal: object) -> str:
    """A challenge with this goal, as TOML."""
    words = ", ".join(f"{key} = {json.dumps(value)}" for key, value in goal.items())
    fields = "".join(f'{key} = "x"\n' for key in ("title", "learn", "where", "hint"))
    text = (
        f'[[challenges]]\nid = "{name}"\nlevel = "{level}"\n{fields}goal = ' + "{" + words + "}\n"
    )
    path = workspace.root / FILE
    path.write_text((path.read_text("utf-8") if path.exists() else "") + text, "utf-8")
    return text


@pytest.fixture
def world(tmp_path) -> Workspace:
    """A project with one setting, one prompt, and nothing run."""
    (tmp_path / "config.toml").write_text("seed = 1\n[model]\nc = 1.0\n")
    (tmp_path / "README.md").write_text("# A\n\n> **Yours to write — meaning:** what?\n", "utf-8")
    return Workspace(tmp_path)


def measured(workspace: Workspace, sample: bool = False) -> None:
    write_json(workspace.reports / "metrics.json", {**METRICS, "data": {"sample": sample}})


def recorded(workspace: Workspace, *lines: dict) -> None:
    """Attempt 0 and these."""
    journal.folder(workspace).mkdir(exist_ok=True)
    for name in (journal.LOG, journal.HEAD):
        (journal.folder(workspace) / name).unlink(missing_ok=True)
    for number, line in enumerate([{}, *lines]):
        journal.append(workspace, {**START, "number": number, **line}, [])


def only(workspace: Workspace) -> challenges.Standing:
    [(_, standing)] = standings(workspace)
    return standing


def test_a_project_without_challenges_still_says_what_comes_before_publishing(world) -> None:
    seen = look(world)
    assert (seen["challenges"], seen["now"]) == ([], None)
    assert seen["prompts"] == [{"name": "meaning", "file": "README.md"}]
    assert [step["done"] for step in seen["publishing"]] == [False] * 4
    assert "Open prompts: meaning (README.md)" in seen["text"]


def test_an_attempt_counts_when_it_changed_such_a_setting(world) -> None:
    made(world, kind="attempt", verdict="tried", touches="model.*")
    assert not only(world).reached
    recorded(world, {"set": {"train.folds": 3}, "verdict": "better"})
    assert not only(world).reached
    recorded(world, {"set": {"model.c": 3.0}, "verdict": "worse"})
    assert only(world) == challenges.Standing(True, "attempt 1: worse", begun=True)


def test_an_attempt_counts_too_when_the_setting_was_changed_in_the_file(world) -> None:
    made(world, kind="attempt", verdict="tried", touches="model.c")
    recorded(world, {"settings": {"model.c": 2.0}, "verdict": "no clear difference"})
    assert only(world).told == "attempt 1: no clear difference"


@pytest.mark.parametrize("verdict", ["worse", "no clear difference", "better"])
def test_better_is_asked_for_and_nothing_less(world, verdict: str) -> None:
    made(world, kind="attempt", verdict="better", touches="model.*")
    recorded(world, {"set": {"model.c": 3.0}, "verdict": verdict})
    found = only(world)
    assert (found.reached, found.begun) == (verdict == "better", True)


def test_a_changed_program_is_an_attempt_of_its_own_kind(world) -> None:
    made(world, kind="attempt", verdict="tried", touches="code")
    recorded(world, {"set": {"model.c": 3.0}, "verdict": "better"})
    assert not only(world).reached
    recorded(world, {"code": "b", "verdict": "worse"})
    assert only(world).reached


def test_a_change_of_another_module_is_not_the_one_that_was_asked_for(world) -> None:
    made(world, kind="attempt", verdict="tried", touches="code.model")
    files = {"src/a/model.py": "1", "src/a/data.py": "2"}
    recorded(world, {"code": "b", "verdict": "worse", "files": files | {"src/a/data.py": "3"}})
    assert not only(world).reached
    recorded(world, {"code": "b", "verdict": "worse", "files": files | {"src/a/model.py": "3"}})
    assert only(world).reached


@pytest.mark.parametrize(
    ("bound", "reached"),
    [({"at_most": 0.125}, True), ({"at_most": 0.12}, False), ({"at_least": 0.13}, False)],
)
def test_a_number_of_a_table_is_held_against_its_bound(world, bound, reached: bool) -> None:
    made(world, kind="slice", table="slices", row="short", column="error", **bound)
    assert only(world).told == "nothing is evaluated yet"
    measured(world)
    assert only(world).reached is reached


def test_thousands_are_read_as_such_and_a_row_may_still_be_missing(world) -> None:
    made(world, kind="slice", table="slices", row="short", column="n", at_least=1200)
    made(world, "adjust", "two", kind="slice", table="slices", row="long", column="n", at_least=1)
    measured(world)
    (_, there), (_, missing) = standings(world)
    assert there.reached
    assert missing == challenges.Standing(False, "the table 'slices' has no row 'long' yet")


def test_a_metric_is_held_against_its_bound_and_a_sample_says_so(world) -> None:
    made(world, kind="metric", name="accuracy", at_least=0.9)
    measured(world, sample=True)
    assert only(world) == challenges.Standing(True, "accuracy: 0.9, on the sample")


def test_a_prompt_that_is_gone_counts_as_answered(world) -> None:
    made(world, kind="answered", prompt="meaning")
    assert not only(world).reached
    (world.root / "README.md").write_text("# A\n\nThat it can be used.\n", "utf-8")
    assert only(world).reached


def test_an_answer_that_was_only_deleted_is_still_asked_for(world) -> None:
    made(world, kind="answered", prompt="meaning")
    frame = "<!-- yours:meaning -->\n{}<!-- /yours:meaning -->\n"
    (world.root / "README.md").write_text(frame.format("\n"), "utf-8")
    assert not only(world).reached
    (world.root / "README.md").write_text(frame.format("That it can be used.\n"), "utf-8")
    assert only(world).reached


@pytest.mark.parametrize("passes", [True, False])
def test_a_test_is_run_with_all_of_its_parameters(world, monkeypatch, passes: bool) -> None:
    monkeypatch.setattr(challenges, "PROJECT_ROOT", world.root)
    monkeypatch.setattr(challenges, "REMEMBERED", world.root / "goals.json")
    test = f"def test_a(n):\n    assert n < {3 if passes else 2}\n"
    head = "import pytest\n\n\n@pytest.mark.parametrize('n', [1, 2])\n"
    (world.root / "test_goal.py").write_text(head + test)
    made(world, kind="test", id="test_goal.py::test_a")
    [(_, unseen)] = standings(world, quick=True)
    assert not unseen.reached
    assert only(world).reached is passes
    [(_, remembered)] = standings(world, quick=True)
    assert remembered.reached is passes


def test_what_a_test_said_is_forgotten_when_the_program_changes(world, monkeypatch) -> None:
    monkeypatch.setattr(challenges, "PROJECT_ROOT", world.root)
    monkeypatch.setattr(challenges, "REMEMBERED", world.root / "goals.json")
    (world.root / "tests").mkdir()
    for said, reached in (("True", True), ("False", False)):
        goal = f"def test_a():\n    assert {said}\n"
        (world.root / "tests" / "test_goal.py").write_text(goal)
        (world.root / FILE).unlink(missing_ok=True)
        made(world, kind="test", id="tests/test_goal.py::test_a")
        assert only(world).reached is reached


@pytest.mark.parametrize("name", ["answers.toml", "page.js"])
def test_and_when_a_file_changes_that_the_program_reads(world, monkeypatch, name: str) -> None:
    monkeypatch.setattr(challenges, "PROJECT_ROOT", world.root)
    monkeypatch.setattr(challenges, "REMEMBERED", world.root / "goals.json")
    (world.root / "tests").mkdir()
    (world.root / "src").mkdir()
    goal = (
        f"from pathlib import Path\n\n\ndef test_a():\n    assert Path('src/{name}').read_text()\n"
    )
    (world.root / "tests" / "test_goal.py").write_text(goal)
    made(world, kind="test", id="tests/test_goal.py::test_a")
    for text in ("", "hello = 1\n"):
        (world.root / "src" / name).write_text(text)
        assert only(world).reached is bool(text)


BROKEN = [
    ({"kind": "wish"}, "no known kind"),
    ({}, "no known kind"),
    ({"kind": "attempt", "verdict": "tried"}, "touches"),
    ({"kind": "attempt", "verdict": "nice", "touches": "model.*"}, "nice"),
    ({"kind": "attempt", "verdict": "tried", "touches": "models.*"}, "models"),
    ({"kind": "slice", "table": "t", "row": "r", "column": "c"}, "at_most"),
    ({"kind": "slice", "table": "t", "row": "r", "column": "n", "at_most": 1}, "'t'"),
    ({"kind": "slice", "table": "slices", "row": "r", "column": "c", "at_most": 1}, "'c'"),
    ({"kind": "metric", "name": "charm", "at_least": 1}, "charm"),
    ({"kind": "metric", "name": "accuracy", "at_least": 1, "at_most": 2}, "one of"),
    ({"kind": "metric", "name": "accuracy", "at_least": 1, "row": "r"}, "row"),
    ({"kind": "test", "id": "tests/test_gone.py::test_a"}, "test_gone"),
]


@pytest.mark.parametrize(("goal", "named"), BROKEN)
def test_a_goal_that_nothing_can_tell_of_is_an_error_that_names_it(world, goal, named) -> None:
    measured(world)
    made(world, "adjust", "odd-one", **goal)
    with pytest.raises(ProjectError, match="odd-one") as caught:
        standings(world)
    assert named in str(caught.value)


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ('[[challenges]]\nid = "odd-one"\n', "odd-one"),
        ("[[challenges]]\n", "without an id"),
        ("[[challenges\n", "TOML"),
    ],
)
def test_a_file_that_is_not_as_it_should_be_is_told(world, text: str, named: str) -> None:
    (world.root / FILE).write_text(text)
    with pytest.raises(ProjectError, match=named):
        load(world)


def test_a_level_that_is_none_and_a_name_given_twice_are_told(world) -> None:
    text = made(world, kind="answered", prompt="meaning")
    (world.root / FILE).write_text(text + text)
    with pytest.raises(ProjectError, match="twice"):
        load(world)
    (world.root / FILE).write_text(text.replace("adjust", "easy"))
    with pytest.raises(ProjectError, match="level"):
        load(world)


def test_the_one_to_do_now_is_on_the_lowest_level_and_begun_if_any_is(world) -> None:
    made(world, "rethink", "three", kind="attempt", verdict="tried", touches="model.*")
    made(world, "adjust", "one", kind="metric", name="accuracy", at_least=1)
    made(world, "adjust", "two", kind="attempt", verdict="better", touches="model.*")
    assert look(world)["now"] == "one"
    recorded(world, {"set": {"model.c": 3.0}, "verdict": "worse"})
    seen = look(world)
    assert seen["now"] == "two"
    assert "you have begun it" in " ".join(seen["text"].split())
    assert [each["id"] for each in seen["challenges"]] == ["one", "two", "three"]
    assert [each["reached"] for each in seen["challenges"]] == [False, False, True]


def test_the_way_to_publishing_asks_for_real_data_and_for_three_attempts(world) -> None:
    measured(world, sample=True)
    recorded(world, *[{"set": {"model.c": float(n)}, "verdict": "worse"} for n in range(3)])
    assert [step["done"] for step in look(world)["publishing"]] == [False, True, False, False]
    measured(world)
    (world.root / "README.md").write_text("# A\n", "utf-8")
    assert [step["done"] for step in look(world)["publishing"]] == [True, True, True, False]


def test_looking_writes_nothing(copy: Workspace) -> None:
    if PUBLISHED.exists():
        shutil.copyfile(PUBLISHED, copy.root / FILE)
    before = {path: path.stat().st_mtime_ns for path in copy.root.rglob("*")}
    look(copy, quick=True)
    assert {path: path.stat().st_mtime_ns for path in copy.root.rglob("*")} == before


def test_every_goal_can_be_told_of_after_a_run_on_the_sample(copy: Workspace) -> None:
    if PUBLISHED.exists():
        shutil.copyfile(PUBLISHED, copy.root / FILE)
    for challenge, standing in standings(copy, quick=True):
        assert standing.told, challenge.id


@as_generated
def test_there_are_eight_challenges_on_three_levels_none_reached_by_the_sample(copy) -> None:
    """But for tests that are goals, which are not run here."""
    shutil.copyfile(PUBLISHED, copy.root / FILE)
    found = standings(copy, quick=True)
    assert len(found) >= 8
    assert {challenge.level for challenge, _ in found} == set(LEVELS)
    assert [
        (challenge.id, standing.told) for challenge, standing in found if standing.reached
    ] == []


@as_generated
def test_each_begins_at_a_function_that_is_there() -> None:
    for challenge in load(Workspace()):
        path, _, name = challenge.where.partition(": ")
        assert name in functions_of(PROJECT_ROOT / path), challenge.id


def test_what_is_said_fits_a_terminal_of_80_columns(world: Workspace) -> None:
    long = "a word and another and " * 12
    seen = challenges.look(world, quick=True)
    told = challenges.shown({**seen, "why": long}).splitlines()
    assert max(map(len, told)) <= 80
    assert " ".join(" ".join(told).split()).count(long.strip()) == 1
