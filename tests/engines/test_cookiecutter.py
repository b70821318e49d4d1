from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from scaffold.commands import new
from scaffold.engines import Question
from scaffold.errors import AnswerRefused, TemplateError
from scaffold.project import Project
from tests.conftest import Called
from tests.engines.conftest import make
from tests.factories import Files, make_template_repo

CONTEXT = {
    "name": "Ada",
    "slug": "{{ cookiecutter.name | lower }}",
    "colour": ["blue", "red"],
    "fast": False,
    "more": {"deep": "1"},
    "must": None,
    "_copy_without_render": ["raw.txt"],
    "__shout": "{{ cookiecutter.name | upper }}",
    "__prompts__": {
        "name": "What is it called?",
        "colour": {"__prompt__": "Which colour?", "blue": "The blue one"},
    },
}
FILES: Files = {
    "cookiecutter.json": json.dumps(CONTEXT),
    "{{cookiecutter.slug}}/all.txt": "{{ cookiecutter.name }} {{ cookiecutter.colour }} "
    "{{ cookiecutter.fast }} {{ cookiecutter.more.deep }} {{ cookiecutter.__shout }} "
    "{{ cookiecutter.must }}\n",
    "{{cookiecutter.slug}}/from.txt": "{{ cookiecutter._template }}\n",
    "{{cookiecutter.slug}}/raw.txt": "{{ raw }}\n",
    "{{cookiecutter.slug}}/{{cookiecutter.colour}}/a.txt": "a\n",
}


@pytest.fixture
def files() -> Files:
    return FILES


def test_cookiecutter_itself_renders(repository: Path, here: Path) -> None:
    project = make(repository, here / "app", must="x")
    root = here / "app"
    assert (root / "all.txt").read_text(encoding="utf-8") == "Ada blue False 1 ADA x\n"
    assert (root / "from.txt").read_text(encoding="utf-8") == f"{repository}\n"
    assert (root / "raw.txt").read_text(encoding="utf-8") == "{{ raw }}\n"
    assert (root / "blue" / "a.txt").is_file()
    assert project.answers == {
        "name": "Ada", "slug": "ada", "colour": "blue", "fast": "no", "more": '{"deep": "1"}',
        "must": "x",
    }  # fmt: skip


def test_a_template_without_code_reaches_no_python_either(here: Path) -> None:
    files = {
        "cookiecutter.json": '{"name": "Ada"}',
        "{{cookiecutter.name}}/a.txt": "{{ cookiecutter.name.__class__.__mro__ }}\n",
    }
    repository = make_template_repo(here / "reaching", {"v1": files})
    with pytest.raises(TemplateError, match="unsafe"):
        make(repository, here / "app")
    assert not (here / "app").exists()


def test_defaults_are_made_from_variables_that_nobody_is_asked_for(here: Path) -> None:
    context = {
        "name": "Ada",
        "__low": "{{ cookiecutter.name | lower }}",
        "_tail": "-b",
        "slug": "{{ cookiecutter.__low }}{{ cookiecutter._tail }}",
    }
    files = {"cookiecutter.json": json.dumps(context), "{{cookiecutter.name}}/a.txt": "a\n"}
    repository = make_template_repo(here / "hidden", {"v1": files})
    assert make(repository, here / "app").answers == {"name": "Ada", "slug": "ada-b"}


@pytest.mark.parametrize(
    ("given", "text"),
    [({}, "3.7 Ada-x\n"), ({"python": "3.10"}, "3.10 Ada-x\n"), ({"name": "Bo"}, "3.7 Bo-x\n")],
)
def test_choices_may_be_numbers_and_follow_earlier_answers(
    given: dict[str, str], text: str, here: Path
) -> None:
    context = {"name": "Ada", "python": [3.7, "3.10"], "kind": ["{{ cookiecutter.name }}-x", "b"]}
    files = {
        "cookiecutter.json": json.dumps(context),
        "{{cookiecutter.name}}/a.txt": "{{ cookiecutter.python }} {{ cookiecutter.kind }}\n",
    }
    repository = make_template_repo(here / "choices", {"v1": files})
    new.create(new.plan(str(repository), here / "app"), given)
    assert (here / "app" / "a.txt").read_text(encoding="utf-8") == text


def test_extensions_that_a_trusted_template_brings_are_those_of_each_version(
    here: Path, identity: None, scaffold: Callable[..., Called]
) -> None:
    def version(word: str) -> Files:
        return {
            "cookiecutter.json": '{"slug": "{{ 1 | loud }}", "_extensions": ["own_words.loud"]}',
            "own_words.py": "from cookiecutter.utils import simple_filter\n\n\n"
            f"@simple_filter\ndef loud(value):\n    return f'{word}{{value}}'\n",
            "{{cookiecutter.slug}}/a.txt": "{{ 2 | loud }}\n",
        }

    repository = make_template_repo(here / "own", {"v1": version("a"), "v2": version("b")})
    assert scaffold("new", repository, "app", "--ref", "v1", "--yes", "--trust").code == 0
    assert (here / "app" / "a.txt").read_text(encoding="utf-8") == "a2\n"
    assert scaffold("update", "app", "--ref", "v2", "--yes", "--trust").code == 0
    assert (here / "app" / "a.txt").read_text(encoding="utf-8") == "b2\n"
    assert "own_words" not in sys.modules


def test_nothing_is_left_in_the_home_folder(repository: Path, here: Path, isolated: Path) -> None:
    make(repository, here / "app", must="x")
    assert not [path.name for path in isolated.iterdir() if path.name.startswith(".cookiecutter")]


def test_given_answers_are_of_the_variables_type(repository: Path, here: Path) -> None:
    make(
        repository,
        here / "app",
        name="Bo",
        colour="red",
        fast="yes",
        more='{"deep": "2"}',
        must="y",
    )
    text = (here / "app" / "all.txt").read_text(encoding="utf-8")
    assert text == "Bo red True 2 BO y\n"


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({}, "'must' has no default"),
        ({"must": "x", "colour": "green"}, "choose one of blue, red"),
        ({"must": "x", "fast": "perhaps"}, "say yes or no"),
        ({"must": "x", "more": "[1]"}, "not a JSON object"),
    ],
)
def test_an_answer_that_will_not_do_is_named_before_anything_is_written(
    given: dict[str, str], said: str, repository: Path, here: Path
) -> None:
    with pytest.raises(AnswerRefused, match=said):
        make(repository, here / "app", None, **given)
    assert list(here.iterdir()) == []


def test_questions_are_asked_in_order_with_their_own_words(repository: Path, here: Path) -> None:
    asked: list[Question] = []

    def ask(question: Question) -> str:
        asked.append(question)
        return {"name": "Bo", "must": "x"}.get(question.name, question.default)

    make(repository, here / "app", ask)
    by_name = {question.name: question for question in asked}
    assert list(by_name) == ["name", "slug", "colour", "fast", "more", "must"]
    assert by_name["name"].prompt == "What is it called?"
    assert by_name["slug"].default == "bo"
    assert (by_name["colour"].prompt, by_name["colour"].choices) == (
        "Which colour?",
        ("blue", "red"),
    )
    assert by_name["must"].required


def test_several_templates_in_one_are_named(tmp_path: Path, here: Path) -> None:
    several = {"templates": {"one": {"path": "./one"}, "two": {"path": "./two"}}}
    folder = make_template_repo(
        tmp_path / "t", {"v1": {"cookiecutter.json": json.dumps(several), "one/a": "", "two/a": ""}}
    )
    with pytest.raises(TemplateError, match="several") as refusal:
        new.plan(str(folder), here / "app")
    assert f"{folder}#one, {folder}#two" in refusal.value.hint


def test_a_faulty_template_is_an_error_without_traceback(tmp_path: Path, here: Path) -> None:
    top = "{{cookiecutter.slug}}"
    for name, files in {
        "broken": {"cookiecutter.json": '{"slug": "p"}', f"{top}/a.txt": "{{ nope( }}"},
        "unknown": {"cookiecutter.json": '{"slug": "p"}', f"{top}/a.txt": "{{ cookiecutter.x }}"},
        "empty": {"cookiecutter.json": '{"slug": "p"}'},
        "invalid": {"cookiecutter.json": "{"},
    }.items():
        folder = make_template_repo(tmp_path / name, {"v1": files})
        with pytest.raises(TemplateError, match=f"cookiecutter could not use {name} v1"):
            make(folder, here / "app")
    assert list(here.iterdir()) == []


def test_without_a_destination_it_is_the_templates_top_folder(
    repository: Path, here: Path, scaffold: Callable[..., Called]
) -> None:
    call = ("new", repository, "--yes", "--set", "must=x", "--set", "name=Bo")
    assert scaffold(*call).code == 0
    assert (here / "bo" / "all.txt").is_file()
    assert Project.read(here / "bo").name == "bo"
    again = scaffold(*call)
    assert (again.code, "bo exists and is not empty; nothing was written" in again.err) == (1, True)


def test_a_top_folder_outside_is_refused(
    tmp_path: Path, here: Path, scaffold: Callable[..., Called]
) -> None:
    files = {"cookiecutter.json": '{"slug": "../up"}', "{{cookiecutter.slug}}/a.txt": "a\n"}
    folder = make_template_repo(tmp_path / "t", {"v1": files})
    called = scaffold("new", folder, "--yes")
    assert (called.code, "'../up' cannot name" in called.err) == (2, True)
    assert not (tmp_path / "up").exists()
    assert list(here.iterdir()) == []


def test_a_hook_that_fails_is_told_without_a_traceback(
    tmp_path: Path, here: Path, identity: None, scaffold: Callable[..., Called]
) -> None:
    files = {
        "cookiecutter.json": '{"slug": "p"}',
        "{{cookiecutter.slug}}/a.txt": "a\n",
        "hooks/post_gen_project.py": "import sys\n\nprint('no way')\nsys.exit(4)\n",
    }
    folder = make_template_repo(tmp_path / "t", {"v1": files})
    called = scaffold("new", folder, "--yes", "--trust")
    assert (called.code, "no way" in called.err, "Traceback" in called.err) == (1, True, False)
    assert list(here.iterdir()) == []
