from __future__ import annotations

import pytest

from scaffold import errors


def test_a_near_miss_is_answered_with_the_nearest_names() -> None:
    error = errors.UnknownName("template", "spam-detectr", ["spam-detector", "house-prices"])
    assert error.message == "There is no template called 'spam-detectr'."
    assert error.hint == "Did you mean spam-detector?"


def test_a_far_miss_is_answered_with_all_names() -> None:
    assert errors.UnknownName("step", "zzz", ["train", "data"]).hint == "Known: data, train."


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        (errors.NameRefused, 1),
        (errors.StepFailed, 1),
        (errors.UsageError, 2),
        (errors.ChecksFailed, 3),
        (errors.ConflictsLeft, 4),
    ],
)
def test_each_kind_has_its_exit_code(kind: type[errors.ScaffoldError], code: int) -> None:
    assert kind("happened", "do this").exit_code == code


def test_every_kind_stands_in_the_tree_of_the_docstring() -> None:
    kinds = {
        name
        for name, value in vars(errors).items()
        if isinstance(value, type) and issubclass(value, errors.ScaffoldError)
    }
    assert errors.__doc__ is not None
    assert {name for name in kinds if name not in errors.__doc__} == set()
