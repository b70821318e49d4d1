"""Recorded answers that a newer version of the template no longer accepts."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from scaffold.commands import new
from scaffold.commands.update import update
from scaffold.errors import AnswerRefused
from scaffold.project import Project
from scaffold.updating.plan import Options
from tests.conftest import Called
from tests.factories import Files, make_template_repo

LAYERS = """\
title = "T"

[[questions]]
name = "colour"
prompt = "Colour"
choices = [{choices}]
default = "{default}"
"""
TOP = "{{cookiecutter.slug}}"


def version(kind: str, *choices: str) -> Files:
    """A template that asks for one of some colours, the first by default."""
    if kind == "copier":
        question = {"type": "str", "choices": list(choices), "default": choices[0]}
        return {"copier.yml": json.dumps({"colour": question}), "c.txt.jinja": "{{ colour }}\n"}
    if kind == "cookiecutter":
        context = json.dumps({"slug": "p", "colour": list(choices)})
        return {"cookiecutter.json": context, f"{TOP}/c.txt": "{{ cookiecutter.colour }}\n"}
    names = ", ".join(f'"{choice}"' for choice in choices)
    toml = LAYERS.format(choices=names, default=choices[0])
    return {"t/template.toml": toml, "t/c.txt.jinja": "{{ colour }}\n"}


@pytest.fixture(params=["copier", "cookiecutter", "layers"])
def root(request: pytest.FixtureRequest, tmp_path: Path, identity: None) -> Path:
    """A red project, whose template then knows green and blue alone."""
    kind = str(request.param)
    versions = {"v1": version(kind, "green", "red"), "v2": version(kind, "blue", "green")}
    template = make_template_repo(tmp_path / "template", versions)
    made = new.create(new.plan(str(template), tmp_path / "app", ref="v1"), {"colour": "red"})
    return made.project.root


def test_the_new_default_is_taken_and_told(root: Path, scaffold: Callable[..., Called]) -> None:
    shown = scaffold("diff", root, "--yes")
    assert (shown.code, "'red' to 'colour' is no longer allowed" in shown.err) == (0, True)
    called = scaffold("update", root, "--yes")
    assert (called.code, called.err.count("Error")) == (0, 0)
    assert "The recorded answer 'red' to 'colour' is no longer allowed" in called.out
    assert "now 'blue'" in called.out
    assert (root / "c.txt").read_text() == "blue\n"
    assert Project.read(root).answers["colour"] == "blue"


def test_whoever_is_there_is_asked(root: Path) -> None:
    outcome = update(root, ask=lambda question: "green" if question.name == "colour" else "p")
    assert (root / "c.txt").read_text() == "green\n"
    assert "now 'green'" in outcome.notes[0]


def test_an_answer_given_now_must_be_right(root: Path) -> None:
    with pytest.raises(AnswerRefused):
        update(root, Options(answers={"colour": "red"}))
    assert update(root, Options(answers={"colour": "green"})).notes == ()
    assert (root / "c.txt").read_text() == "green\n"
