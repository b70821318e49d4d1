from __future__ import annotations

from pathlib import Path

import pytest

from scaffold.errors import NotAProject
from scaffold.project import STATE_FILE, Origin, Project

PROJECT = Project(
    root=Path(),
    origin=Origin("tiny", "catalogue", "layers", "0.1.0"),
    name="my-app",
    package="my_app",
    title='My "App"',
    topics=("a", "b"),
    seeded=("README.md",),
    target={"gate": 0.5},
    answers={"question": "Ünï?", "author": ""},
)


def test_what_is_written_is_read_again() -> None:
    assert Project.parse(PROJECT.dumps(), Path()) == PROJECT


def test_the_state_file_does_not_depend_on_the_order_of_the_answers() -> None:
    turned = dict(reversed(list(PROJECT.answers.items())))
    assert Project(**{**vars(PROJECT), "answers": turned}).dumps() == PROJECT.dumps()


def test_a_project_is_found_from_a_folder_inside_it(project: Path) -> None:
    inside = project / "src" / "one" / "two"
    inside.mkdir(parents=True)
    assert Project.find(inside).root == project


def test_a_folder_that_is_no_project_says_how_to_make_one(here: Path) -> None:
    with pytest.raises(NotAProject, match=r"has no \.scaffold\.toml") as caught:
        Project.find(here)
    assert "scaffold new" in caught.value.hint


@pytest.mark.parametrize("text", ["[source", "", "[source]\nx = 1\n[project]\nname = 'a'"])
def test_a_broken_state_file_says_how_to_get_it_back(tmp_path: Path, text: str) -> None:
    (tmp_path / STATE_FILE).write_text(text)
    with pytest.raises(NotAProject, match="cannot be understood") as caught:
        Project.find(tmp_path)
    assert "git checkout HEAD" in caught.value.hint


def test_an_engine_that_nobody_knows_is_named_as_the_fault() -> None:
    text = PROJECT.dumps().replace('engine = "layers"', 'engine = "levers"')
    with pytest.raises(NotAProject, match="engine is none of layers, copier, cookiecutter"):
        Project.parse(text, Path())


def test_the_engine_gets_the_answers_and_the_projects_names() -> None:
    assert PROJECT.values == {
        "question": "Ünï?",
        "author": "",
        "project_name": "my-app",
        "package": "my_app",
        "title": 'My "App"',
    }
