"""What is read from files and folders, and what their names say."""

from __future__ import annotations

import re
from collections.abc import Sequence

from scaffold.checks.validity import library
from scaffold.checks.validity.call import Call
from scaffold.checks.validity.values import NOTHING, TEST, TRAIN, WHOLE, Value, replace


def file_name(value: Value) -> str:
    """The name of the file that a text leads to."""
    text = value.constant if value.known and isinstance(value.constant, str) else ""
    name = re.split(r"[/\\]", text)[-1]
    return name if library.FILE.match(name) else ""


def part_of_file(given: Sequence[Value]) -> str:
    """What the name of a file says of its rows."""
    texts = [value.constant for value in given if isinstance(value.constant, str)]
    file = re.split(r"[/\\]", texts[0])[-1].rsplit(".", 1)[0] if texts else ""
    return library.part_by_name(file.lower())


def loaded(call: Call) -> Value:
    """Rows from a file; its name may say that it holds the test rows only."""
    part = part_of_file(call.arguments) or WHOLE
    table = hash(call.place) or 1
    named = part != WHOLE and not library.PARTED_FILE.match(file_name(call.first))
    value = Value(part=part, table=table, loaded=True, dates="parse_dates" in call.keywords,
                  named=named)  # fmt: skip
    if call.name == "load_data":  # Keras: ((x_train, y_train), (x_test, y_test))
        pair = [replace(value, part=each) for each in (TRAIN, TEST)]
        return replace(value, items=tuple(replace(each, items=(each, each)) for each in pair))
    if call.says("return_X_y", True):
        return replace(value, items=(value, replace(value, column="target")))
    return value


def pictures(call: Call) -> Value:
    """Keras's `generator.flow_from_directory("data/test")`."""
    folder = call.keywords.get("directory", call.first)
    subset = call.keywords.get("subset", NOTHING).constant
    said = library.part_by_name(subset) if isinstance(subset, str) else part_of_file((folder,))
    return Value(part=said, table=hash(call.place) or 1, loaded=True, named=bool(said))


def torchvision(call: Call) -> Value:
    """`datasets.CIFAR10(root, train=True)`."""
    part = TRAIN if call.says("train", True) else TEST if call.says("train", False) else WHOLE
    split = call.keywords.get("split", NOTHING).constant
    part = library.part_by_name(split) or part if isinstance(split, str) else part
    return Value(part=part, table=hash(call.place) or 1, loaded=True)
