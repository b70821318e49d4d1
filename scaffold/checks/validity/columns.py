"""Which columns a frame has, and what each was computed from."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable

from scaffold.checks.validity.values import NOTHING, Value, names_in, replace

UNKNOWN: frozenset[str | int] = frozenset()
OTHER_ROWS = "?"
# What is computed from a row alone; everything else may bring in other rows.
ELEMENTWISE = frozenset(
    {"abs", "apply", "applymap", "astype", "between", "clip", "contains", "copy", "eq", "fillna",
     "flatten", "float", "ge", "gt", "isin", "isna", "isnull", "le", "long", "lower", "lt", "map",
     "ne", "notna", "notnull", "ravel", "rename", "replace", "reshape", "round", "squeeze", "strip",
     "to_frame", "to_list", "to_numpy", "tolist", "unsqueeze", "upper", "dropna", "reset_index"}
)  # fmt: skip
TRUE_OR_FALSE = frozenset(
    {"between", "contains", "duplicated", "endswith", "eq", "ge", "gt", "isin", "isna", "isnull",
     "le", "lt", "match", "ne", "notna", "notnull", "startswith", "all", "any"}
)  # fmt: skip
SAME_LABELS = frozenset({"tolist", "to_list", "copy", "to_numpy", "sort_values"})
PART_KEY = re.compile(
    r"^(x|y|images?|labels?)_?(train|test|val)$|^(train|test|val)_?(x|y|images?|labels?|data|features|"
    r"targets?)$|^(train|test|validation)$", re.IGNORECASE
)  # fmt: skip

Evaluate = Callable[[ast.expr | None], Value]


def chosen(frame: Value, key: Value) -> Value:
    """`df[names]`, where `names` are labels of a frame's columns."""
    return replace(
        frame,
        selected=key.selected,
        dropped=frame.dropped | key.dropped,
        column=None,
        labels=False,
        of=frozenset(),
    )


def without(labels: Value, names: list[str | int] | None) -> Value:
    """Labels without some of them; which are left is open where those are unknown."""
    if names is None:
        return replace(labels, selected=UNKNOWN, items=None)
    selected = None if labels.selected is None else labels.selected - set(names)
    return replace(labels, dropped=labels.dropped | set(names), selected=selected, items=None)


def filtered(labels: Value, variable: str, tests: list[ast.expr], value: Evaluate) -> Value:
    """`[c for c in df.columns if c != "y" and c not in IGNORED]`."""
    for test in tests:
        if isinstance(test, ast.BoolOp) and isinstance(test.op, ast.And):
            labels = filtered(labels, variable, test.values, value)
            continue
        labels = without(labels, _excluded(test, variable, value))
    return labels


def _excluded(test: ast.expr, variable: str, value: Evaluate) -> list[str | int] | None:
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        inner = test.operand
        if isinstance(inner, ast.Compare) and isinstance(inner.ops[0], ast.In | ast.Eq):
            return _compared(inner, variable, value)
    if isinstance(test, ast.Compare) and isinstance(test.ops[0], ast.NotIn | ast.NotEq):
        return _compared(test, variable, value)
    return None


def _compared(test: ast.Compare, variable: str, value: Evaluate) -> list[str | int] | None:
    if len(test.ops) != 1 or not isinstance(test.left, ast.Name) or test.left.id != variable:
        return None
    return names_in(value(test.comparators[0]))


def put(frame: Value, name: str, value: Value) -> Value:
    """A frame into which a column was put."""
    derived = frozenset(pair for pair in frame.derived if pair[0] != name)
    if value.of and name not in value.of:
        derived |= {(name, value.of)}
    selected = None if frame.selected is None else frame.selected | {name}
    return replace(frame, derived=derived, selected=selected, dropped=frame.dropped - {name})


def computed(made: Value, name: str) -> Value:
    """A column after a method: does a row still depend on itself alone?"""
    if name in TRUE_OR_FALSE:
        made = replace(made, mask=True, column=None)
    if made.of and name not in ELEMENTWISE:
        made = replace(made, of=made.of | {OTHER_ROWS}, column=None)
    return made


def renamed(frame: Value, names: Value) -> Value:
    """`df.rename(columns={"a": "b"})`."""
    if names == NOTHING:
        return frame
    if not names.entries:
        return replace(frame, selected=UNKNOWN)
    gone = frozenset(names.entries)
    new = {each.constant for each in names.entries.values() if isinstance(each.constant, str)}
    selected = None if frame.selected is None else (frame.selected - gone) | new
    return replace(frame, dropped=(frame.dropped | gone) - new, selected=selected)


def of_target(rows: Value, target: Value) -> str:
    """What among the features gives the target away; empty where nothing surely does."""
    own = target.of
    if not own or OTHER_ROWS in own:
        return ""
    sources = dict(sorted(rows.derived | target.derived, key=lambda pair: sorted(pair[1])))
    if all(holds(rows, name) for name in own):
        return f"{_words(own)}, its own target"
    if len(own) > 1:
        return ""
    (name,) = own
    roots = sources.get(name, frozenset())
    if roots and OTHER_ROWS not in roots and all(holds(rows, root) for root in roots):
        return f"{_words(roots)}, from which its target {name!r} is computed"
    for column, source in sorted(sources.items()):
        if column != name and name in source and OTHER_ROWS not in source and holds(rows, column):
            return f"{column!r}, which is computed from its target {name!r}"
    return ""


def holds(rows: Value, column: str | int) -> bool:
    """Whether a column is surely among these."""
    if isinstance(column, int):
        if rows.positions is None or column < 0:
            return False
        low, high = rows.positions
        return (low or 0) <= column and (high is None or 0 <= column < high)
    if rows.positions is not None or rows.column is not None or rows.of:
        return False
    if rows.selected is not None:
        return column in rows.selected
    return column not in rows.dropped and column != "target"


def _words(names: frozenset[str]) -> str:
    return " and ".join(repr(name) for name in sorted(names))
