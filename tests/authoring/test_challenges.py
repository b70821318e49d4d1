"""What can be wrong with challenges and their solutions, each by itself."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest
import tomli_w

from scaffold.authoring.challenges import LEVELS, Solution, faults_of_form, faults_of_solutions
from scaffold.authoring.subject import Subject
from tests.factories import write_files

GOAL = {"kind": "attempt", "verdict": "tried", "touches": "model.leaves"}
FIT = "src/project_package/model.py: fit"


@pytest.fixture
def tiny(catalogue: Path) -> Path:
    """A template with eight challenges that are in order, and a solution of each."""
    challenges = [
        {
            "id": f"c{number}", "level": sorted(LEVELS)[number % 3], "title": "t", "learn": "l",
            "where": FIT, "hint": "h", "goal": GOAL,
        }
        for number in range(8)
    ]  # fmt: skip
    write(catalogue / "tiny", challenges)
    solutions = {f"tests/challenges/tiny/c{n}.patch": "Run: try 'x' --set a=1\n" for n in range(8)}
    write_files(catalogue.parent, solutions)
    return catalogue / "tiny"


def write(template: Path, challenges: list[dict[str, Any]]) -> None:
    text = tomli_w.dumps({"challenges": challenges})
    (template / "challenges.toml").write_text(text, encoding="utf-8")


def change(template: Path, **values: Any) -> list[str]:
    """The faults, once the first challenge has other values."""
    found = tomllib.loads((template / "challenges.toml").read_text("utf-8"))["challenges"]
    write(template, [found[0] | values, *found[1:]])
    return list(faults_of_form(Subject.at(template)))


def test_eight_in_order_have_no_fault(tiny: Path) -> None:
    assert list(faults_of_form(Subject.at(tiny))) == []
    assert list(faults_of_solutions(Subject.at(tiny))) == []


def test_a_place_in_a_file_that_is_no_program_is_named(tiny: Path) -> None:
    write_files(tiny, {"rules.toml": "[rule\n"})
    assert change(tiny, where="rules.toml: rule") == ["c0: rules.toml has no rule"]


def test_seven_are_too_few_and_two_levels_too(tiny: Path) -> None:
    found = tomllib.loads((tiny / "challenges.toml").read_text("utf-8"))["challenges"]
    write(tiny, found[:7])
    assert list(faults_of_form(Subject.at(tiny))) == ["7 of 8"]
    write(tiny, [each | {"level": "adjust"} for each in found])
    faults = list(faults_of_form(Subject.at(tiny)))
    assert sorted(faults) == ["none on the level extend", "none on the level rethink"]


@pytest.mark.parametrize(
    ("values", "fault"),
    [
        ({"id": "c1"}, "c1 stands twice"),
        ({"hint": ""}, "c0: hint"),
        ({"more": "x"}, "c0: no key more"),
        (
            {"where": "src/project_package/model.py: nothing"},
            "c0: src/project_package/model.py has",
        ),
        (
            {"goal": {"kind": "test", "id": "tests/test_model.py::test_none"}},
            "c0: tests/test_model.py has no test_none",
        ),
        ({"goal": {"kind": "answered", "prompt": "none"}}, "c0: nothing asks none"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_challenge_that_leads_nowhere_is_named(
    tiny: Path, values: dict[str, Any], fault: str
) -> None:
    found = change(tiny, **values)
    assert len(found) == 1
    assert found[0].startswith(fault)


def test_goals_that_are_there_are_found(tiny: Path) -> None:
    test = {"kind": "test", "id": "tests/test_model.py::test_it_adds"}
    assert change(tiny, goal=test) == []
    readme = tiny.parent / "_base" / "README.md.jinja"
    readme.write_text("> **Yours to write — why:** why?\n", encoding="utf-8")
    assert change(tiny, goal={"kind": "answered", "prompt": "why"}) == []


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", "c0: does nothing"),
        ("Run: try 'x'\n", "c0: nothing is tried before"),
        ("Before: try 'x' --set a=1\nRun: try 'x'\n", None),
        ("Answer: why: because\n", None),
    ],
)
def test_a_solution_does_something_and_is_compared(
    tiny: Path, text: str, fault: str | None
) -> None:
    file = Subject.at(tiny).papers.solutions / "c0.patch"
    file.write_text(text, encoding="utf-8")
    found = list(faults_of_solutions(Subject.at(tiny)))
    assert len(found) == (fault is not None)
    assert not fault or found[0].startswith(fault)


def test_a_solution_names_the_package_of_the_project(tmp_path: Path) -> None:
    file = tmp_path / "a.patch"
    file.write_text('Run: try "why so"\n\ndiff --git a/src/project_package/m.py\n', "utf-8")
    assert Solution(file).patch("mine") == "diff --git a/src/mine/m.py\n"
    assert Solution(file).commands == [["try", "why so"]]
