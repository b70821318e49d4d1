"""A number drawn for each new project, and kept by it."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from scaffold import catalogue as catalogue_module
from scaffold import rendering
from scaffold.commands import new
from scaffold.commands.update import update
from scaffold.engines import Question
from scaffold.errors import AnswerRefused
from scaffold.project import Project
from tests.factories import git, make_catalogue, make_project, write_files

TOLD = """\
    title = "Drawn"
    summary = "One number."
    """
ASKS = """\
    [[questions]]
    name = "author"
    prompt = "Your name"
    [[questions]]
    name = "seed"
    prompt = "Seed of every random choice"
    draw = [10, 12]
    former = 7
    """


@pytest.fixture
def drawing(catalogue: Path) -> Path:
    return make_catalogue(
        catalogue,
        {
            "drawn/template.toml": TOLD + ASKS,
            "drawn/config.toml.jinja": "seed = {{ seed }}\n",
        },
    )


def seed(root: Path) -> int:
    return int(tomllib.loads((root / "config.toml").read_text(encoding="utf-8"))["seed"])


def test_a_seed_lies_between_its_ends_and_every_one_comes_up() -> None:
    assert {rendering.drawn((10, 12)) for _ in range(200)} == {"10", "11", "12"}


def test_a_new_project_draws_its_seed_and_remembers_it(drawing: Path, here: Path) -> None:
    make_project("drawn", here / "mine")
    assert seed(here / "mine") in {10, 11, 12}
    assert Project.read(here / "mine").answers["seed"] == str(seed(here / "mine"))


def test_nobody_is_asked_for_a_seed(drawing: Path, here: Path) -> None:
    asked: list[str] = []

    def answer(question: Question) -> str:
        asked.append(question.name)
        return question.default

    new.create(new.plan("drawn", here / "mine"), ask=answer)
    assert "author" in asked
    assert "seed" not in asked


def test_a_given_seed_is_taken_as_it_is(drawing: Path, here: Path) -> None:
    make_project("drawn", here / "mine", seed="4711")
    assert seed(here / "mine") == 4711


@pytest.mark.parametrize("answer", ["seven", "-1", "1.5", ""])
def test_a_seed_is_a_whole_number(drawing: Path, here: Path, answer: str) -> None:
    with pytest.raises(AnswerRefused, match="a whole number is needed"):
        make_project("drawn", here / "mine", seed=answer)


def test_an_update_keeps_the_seed(drawing: Path, here: Path, identity: None) -> None:
    root = make_project("drawn", here / "mine", seed="4711").root
    write_files(drawing, {"drawn/config.toml.jinja": "seed = {{ seed }}\nfolds = 5\n"})
    assert update(root).status == "updated"
    assert seed(root) == 4711


def test_a_project_made_before_seeds_were_drawn_keeps_the_old_one(
    drawing: Path, here: Path, identity: None
) -> None:
    write_files(drawing, {"drawn/template.toml": TOLD, "drawn/config.toml.jinja": "seed = 7\n"})
    root = make_project("drawn", here / "mine").root
    write_files(
        drawing,
        {
            "drawn/template.toml": TOLD + ASKS,
            "drawn/config.toml.jinja": "seed = {{ seed }}\nfolds = 5\n",
        },
    )
    catalogue_module._metadata.cache_clear()
    assert update(root).status == "updated"
    assert seed(root) == 7
    assert Project.read(root).answers["seed"] == "7"
    assert git(root, "status", "--porcelain") == ""
