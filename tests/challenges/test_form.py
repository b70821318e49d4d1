"""What can be seen without running anything: each challenge leads somewhere and can be solved."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from scaffold import catalogue
from scaffold.engines.layers import layers_of
from tests.challenges.solutions import FOLDER, challenges, solution, templates

LEVELS = {"adjust", "extend", "rethink"}
KEYS = {"id", "level", "title", "learn", "where", "hint", "goal"}
PAIRS = [(name, each["id"]) for name in templates() for each in challenges(name)]


@pytest.mark.parametrize("name", templates())
def test_there_are_eight_challenges_on_three_levels(name: str) -> None:
    found = challenges(name)
    assert len(found) >= 8
    assert {each["level"] for each in found} == LEVELS
    assert len({each["id"] for each in found}) == len(found)
    for each in found:
        assert set(each) == KEYS, each["id"]
        assert all(each[key] for key in KEYS), each["id"]


@pytest.mark.parametrize("name", templates())
def test_each_begins_at_a_function_that_is_there(name: str) -> None:
    for each in challenges(name):
        path, _, function = each["where"].partition(": ")
        assert function in _functions(_file(name, path)), each["id"]


@pytest.mark.parametrize("name", templates())
def test_goals_name_tests_and_prompts_that_are_there(name: str) -> None:
    pages = [_file(name, page) for page in ("README.md.jinja", "REPORT.md.jinja")]
    pages += [catalogue.root() / "_base" / page.name for page in pages]
    texts = "".join(page.read_text(encoding="utf-8") for page in pages)
    prompts = set(re.findall(r"Yours to write — ([a-z0-9-]+):", texts))
    for each in challenges(name):
        goal = each["goal"]
        if goal["kind"] == "test":
            path, _, function = goal["id"].partition("::")
            assert function in _functions(_file(name, path)), each["id"]
        if goal["kind"] == "answered":
            assert goal["prompt"] in prompts, each["id"]


@pytest.mark.parametrize(("name", "challenge"), PAIRS)
def test_each_has_a_solution_that_does_something(name: str, challenge: str) -> None:
    found = solution(name, challenge)
    assert found.path.is_file()
    assert found.commands or found.answers or found.patch("app")


@pytest.mark.parametrize(("name", "challenge"), PAIRS)
def test_what_changes_the_program_alone_is_compared_with_an_attempt_before(
    name: str, challenge: str
) -> None:
    """The first attempt of all is the start: a program that is new by then has no other."""
    found = solution(name, challenge)
    by_code = any(words[0] == "try" and "--set" not in words for words in found.commands)
    assert found.before or not by_code


def test_no_solution_is_left_of_a_challenge_that_is_gone() -> None:
    kept = {(path.parent.name, path.stem) for path in FOLDER.glob("*/*.patch")}
    assert kept == set(PAIRS)


def _file(template: str, path: str) -> Path:
    """A file of the project as it stands in the last layer that has it."""
    layers = layers_of(catalogue.root() / template, (catalogue.root(),))
    found = [layer / path for layer in layers if (layer / path).is_file()]
    assert found, f"{template} has no {path}"
    return found[-1]


def _functions(path: Path) -> set[str]:
    """The functions and classes of a file, those inside classes as `Class.name`."""
    found: set[str] = set()
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            found.add(node.name)
        if isinstance(node, ast.ClassDef):
            inside = (each for each in node.body if isinstance(each, ast.FunctionDef))
            found |= {f"{node.name}.{each.name}" for each in inside}
    return found
