from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import yaml  # type: ignore[import-untyped, unused-ignore]

from scaffold.engines import Question
from scaffold.errors import AnswerRefused, TemplateError, UnknownName
from tests.conftest import Called
from tests.engines.conftest import make
from tests.factories import Files, make_template_repo

QUESTIONS = """\
_skip_if_exists: [NOTES.md]
name:
  type: str
  help: What is it called?
  validator: "{% if ' ' in name %}No spaces, please.{% endif %}"
slug:
  type: str
  default: "{{ name | lower }}"
colour:
  type: str
  choices: {The red one: red, The blue one: blue}
  default: blue
count:
  type: int
  default: 3
fast:
  type: bool
  default: false
speed:
  type: int
  default: 9
  when: "{{ fast }}"
tags:
  type: str
  multiselect: true
  choices: [a, b, c]
  default: [a, c]
more:
  default: {deep: [1, 2]}
token:
  type: str
  secret: true
  default: none
"""
FILES: Files = {
    "copier.yml": QUESTIONS,
    "{{ _copier_conf.answers_file }}.jinja": "{{ _copier_answers|to_nice_yaml }}",
    "NOTES.md": "Notes\n",
    "all.txt.jinja": "{{ name }} {{ slug }} {{ colour }} {{ count + 1 }} {{ fast }} {{ speed }} "
    "{{ tags | join('+') }} {{ more.deep[1] }} {{ token }} {{ _folder_name }}\n",
}


@pytest.fixture
def files() -> Files:
    return FILES


def test_copier_itself_renders(repository: Path, here: Path) -> None:
    project = make(repository, here / "app", name="Ada")
    assert (here / "app" / "all.txt").read_text(encoding="utf-8") == (
        "Ada ada blue 4 False 9 a+c 2 none app\n"
    )
    assert project.seeded == ("NOTES.md",)
    assert project.answers == {
        "name": "Ada", "slug": "ada", "colour": "blue", "count": "3", "fast": "false",
        "tags": '["a", "c"]', "more": '{"deep": [1, 2]}',
    }  # fmt: skip


def test_its_answers_file_is_as_copier_makes_it(repository: Path, here: Path) -> None:
    make(repository, here / "app", name="Ada")
    text = (here / "app" / ".copier-answers.yml").read_text(encoding="utf-8")
    answers = yaml.safe_load(text)
    assert (answers["_src_path"], answers["_commit"]) == (str(repository), "v1")
    assert (answers["count"], answers["tags"], "token" in answers) == (3, ["a", "c"], False)


def test_given_answers_are_of_the_questions_type(repository: Path, here: Path) -> None:
    make(
        repository, here / "app", name="Ada", slug="x", colour="The red one", count="7",
        fast="true", speed="5", tags="b, c", more="{deep: [8, 9]}", token="t",
    )  # fmt: skip
    assert (here / "app" / "all.txt").read_text(encoding="utf-8") == (
        "Ada x red 8 True 5 b+c 9 t app\n"
    )
    assert "t app" not in (here / "app" / ".scaffold.toml").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({}, "'name' has no default"),
        ({"name": "a b"}, "No spaces, please"),
        ({"name": "a", "colour": "green"}, "no answer to 'colour'"),
        ({"name": "a", "count": "many"}, "no answer to 'count'"),
    ],
)
def test_an_answer_that_will_not_do_is_named_before_anything_is_written(
    given: dict[str, str], said: str, repository: Path, here: Path
) -> None:
    with pytest.raises(AnswerRefused, match=said):
        make(repository, here / "app", None, **given)
    assert list(here.iterdir()) == []


def test_the_folders_name_may_be_a_default(tmp_path: Path, here: Path, identity: None) -> None:
    questions = "name:\n  type: str\n  default: '{{ _folder_name }}'\n"
    source = make_template_repo(tmp_path / "t", {"v1": {"copier.yml": questions, "a.txt": ""}})
    assert make(source, here / "my-app").answers == {"name": "my-app"}


def test_the_folders_name_is_a_default_beside_given_answers_too(
    tmp_path: Path, here: Path, identity: None
) -> None:
    questions = "name:\n  type: str\n  default: '{{ _folder_name }}'\nby:\n  type: str\n"
    source = make_template_repo(tmp_path / "t", {"v1": {"copier.yml": questions, "a.txt": ""}})
    assert make(source, here / "my-app", by="Ada").answers == {"name": "my-app", "by": "Ada"}


def test_an_unknown_question_is_named(repository: Path, here: Path) -> None:
    with pytest.raises(UnknownName, match="nme"):
        make(repository, here / "app", nme="Ada")


def test_questions_are_asked_in_order_with_their_own_words(repository: Path, here: Path) -> None:
    asked: list[Question] = []
    complaints: list[str] = []

    def ask(question: Question) -> str:
        asked.append(question)
        if question.name == "name":
            complaints.extend(map(question.complaint, ("a b", "Ada", "")))
        return {"name": "Ada", "fast": "yes"}.get(question.name, question.default)

    make(repository, here / "app", ask, count="5")
    by_name = {question.name: question for question in asked}
    assert list(by_name) == ["name", "slug", "colour", "fast", "speed", "tags", "more", "token"]
    assert by_name["name"].prompt == "What is it called?"
    assert by_name["name"].required
    assert complaints == ["No spaces, please.", "", "An answer is needed."]
    assert by_name["slug"].default == "ada"
    assert by_name["colour"].choices == ("The red one", "The blue one")
    assert by_name["colour"].default == "The blue one"


def test_a_faulty_template_is_an_error_without_traceback(tmp_path: Path, here: Path) -> None:
    broken = make_template_repo(
        tmp_path / "broken", {"v1": {"copier.yml": "name: x\n", "a.txt.jinja": "{{ nope( }}"}}
    )
    with pytest.raises(TemplateError, match="copier could not use broken v1"):
        make(broken, here / "app")
    invalid = make_template_repo(tmp_path / "invalid", {"v1": {"copier.yml": "a: [\n"}})
    with pytest.raises(TemplateError, match="copier could not use invalid"):
        make(invalid, here / "app")
    assert list(here.iterdir()) == []


@pytest.mark.parametrize(
    ("question", "answer", "folder"),
    [
        ("project_slug", "my-app", "my-app"),
        ("repository_name", "my_app", "my_app"),
        ("project_name", "My app!", "My-app"),
        ("colour", "red", "template"),
    ],
)
def test_without_a_destination_the_answers_name_the_folder(
    question: str,
    answer: str,
    folder: str,
    tmp_path: Path,
    here: Path,
    identity: None,
    scaffold: Callable[..., Called],
) -> None:
    files = {"copier.yml": f"{question}:\n  type: str\n", "a.txt": "a\n"}
    source = make_template_repo(tmp_path / "template", {"v1": files})
    call = ("new", source, "--yes", "--set", f"{question}={answer}")
    assert scaffold(*call).code == 0
    assert (here / folder / "a.txt").is_file()
    again = scaffold(*call)
    assert (again.code, "not empty; nothing was written" in again.err) == (1, True)
    assert f"{folder} exists" in again.err


def test_a_given_answer_is_known_while_it_is_judged(
    tmp_path: Path, here: Path, identity: None
) -> None:
    rule = "{% if (_copier_conf.answers_file | string) != '.of-a.yml' %}Unknown.{% endif %}"
    settings = "_answers_file: '.of-{{ name }}.yml'\n"
    files = {"copier.yml": f'{settings}name:\n  type: str\n  validator: "{rule}"\n', "a": "a\n"}
    source = make_template_repo(tmp_path / "t", {"v1": files})
    assert make(source, here / "app", name="a").answers == {"name": "a"}
