"""What this project uses of its engines that they have not promised: a new release that changes it
fails here, by name, before it fails in somebody's project.
"""

from __future__ import annotations

import inspect
from dataclasses import fields
from functools import cached_property

import pytest
from cookiecutter import generate, utils
from copier._main import Worker, as_operation
from copier._settings import SettingsModel
from copier._template import Task, Template
from copier._types import MISSING, Phase
from copier._user_data import AnswersMap, Question

from scaffold.engines.copier import _Worker


def parameters(function: object) -> list[str]:
    assert callable(function)
    return list(inspect.signature(function).parameters)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("_ask", ["self"]),
        ("_print_message", ["self", "message"]),
        ("_render_path", ["self", "relpath"]),
        ("_check_unsafe", ["self", "mode"]),
        ("_sync_git_index_executable_bit", ["self", "dst_relpath", "src_mode"]),
    ],
)
def test_what_is_replaced_of_copiers_worker_is_still_there(name: str, expected: list[str]) -> None:
    assert parameters(getattr(Worker, name)) == expected
    assert parameters(vars(_Worker)[name]) == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("_execute_tasks", ["self", "tasks"]),
        ("_external_data", ["self"]),
        ("_render_context", ["self"]),
        ("_render_value", ["self", "value", "extra_context"]),
        ("run_copy", ["self"]),
    ],
)
def test_what_is_called_of_copiers_worker_is_still_there(name: str, expected: list[str]) -> None:
    assert parameters(getattr(Worker, name)) == expected


def test_copiers_worker_still_takes_what_it_is_given() -> None:
    known = {field.name for field in fields(Worker) if field.init}
    assert known >= {
        "src_path", "dst_path", "vcs_ref", "data", "settings", "defaults", "overwrite", "quiet",
        "cleanup_on_error", "unsafe", "skip_tasks",
    }  # fmt: skip
    for name in (
        "template",
        "subproject",
        "jinja_env",
        "match_skip",
        "match_exclude",
        "template_copy_root",
    ):
        assert isinstance(vars(Worker)[name], cached_property), name


def test_copiers_template_still_keeps_what_is_put_there() -> None:
    for name in ("local_abspath", "vcs", "commit", "version"):
        assert isinstance(vars(Template)[name], cached_property), name
    for name in ("questions_data", "config_data", "jinja_extensions", "tasks", "secret_questions"):
        assert hasattr(Template, name), name
    assert parameters(Template.migration_tasks) == ["self", "stage", "from_template"]
    assert {field.name for field in fields(Task)} >= {"cmd", "condition", "extra_vars"}


def test_copiers_questions_and_answers_are_as_they_were() -> None:
    assert {"user", "init", "last", "metadata", "external"} <= set(parameters(AnswersMap))
    for name in ("hide", "hidden", "combined"):
        assert hasattr(AnswersMap, name) or name in {field.name for field in fields(AnswersMap)}
    for name in (
        "get_ask", "get_default", "get_message", "get_when", "parse_answer", "validate_answer",
        "_formatted_choices",
    ):  # fmt: skip
        assert hasattr(Question, name), name
    assert {"MIGRATE", "RENDER", "TASKS"} <= {phase.name for phase in Phase}
    assert MISSING is not None
    assert SettingsModel() is not None


def test_an_operation_that_is_set_outside_holds_inside() -> None:
    @as_operation("copy")
    def inner() -> str:
        from copier._main import _operation

        return _operation.get()

    assert (as_operation("update")(inner)(), inner()) == ("update", "copy")


def test_cookiecutter_still_asks_for_the_top_folder_where_it_is_answered() -> None:
    assert parameters(generate.render_and_create_dir)[:3] == ["dirname", "context", "output_dir"]
    assert "render_and_create_dir" in inspect.getsource(generate.generate_files)
    assert "StrictEnvironment" in inspect.getsource(utils.create_env_with_context)
