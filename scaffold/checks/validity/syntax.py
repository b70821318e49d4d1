"""Small questions about expressions and values."""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence

from scaffold.checks.validity import library
from scaffold.checks.validity.values import WHOLE, Value, replace

MOST_TURNS = 8
SPOKEN = {"print", "warn", "warning", "info", "error", "critical", "log", "echo", "exit"}


def by_loop(value: Value, loop: int) -> Value:
    """A loop's variable, and what is inside it, depends on the loop."""
    items = value.items and tuple(by_loop(item, loop) for item in value.items)
    if value.estimator:
        value.estimator.varied_in |= {loop}
    return replace(value, loops=value.loops | {loop}, known=False, items=items)


def turns(over: Value) -> tuple[Value, ...]:
    """Turns of a loop that differ in what is said of rows: parts, or names of columns."""
    items = over.items or ()
    if not 2 <= len(items) <= MOST_TURNS or any(item.estimator for item in items):
        return ()
    named = all(item.known and isinstance(item.constant, str) for item in items)
    parted = len({item.part for item in items if item.rows and not item.items}) > 1
    return items if named or parted else ()


def file_at_end(value: Value, *, needs_folder: bool) -> Value | None:
    """The end of a path, where it names a file whatever stands before it."""
    text = value.constant if value.known and isinstance(value.constant, str) else ""
    _, slash, name = text.replace("\\", "/").rpartition("/")
    if not library.FILE.match(name) or (needs_folder and not slash):
        return None
    return Value(constant=name, known=True)


def texts_together(left: Value, right: Value) -> str | None:
    one, other = left.constant, right.constant
    known = left.known and right.known and isinstance(one, str) and isinstance(other, str)
    return f"{one}{other}" if known else None


def column_of(owner: Value, name: str) -> Value:
    return replace(
        owner, column=name, selected=frozenset({name}), items=None, of=frozenset({name}),
        labels=False,
    )  # fmt: skip


def as_named(target: ast.expr, value: Value) -> Value:
    """One of several that something unknown returned: its name says which rows it holds."""
    part = library.part_by_name(target.id) if isinstance(target, ast.Name) else ""
    if part and value.rows and value.part in {"", WHOLE} and not value.estimator:
        return replace(value, part=part)
    return value


def speaks(body: Sequence[ast.stmt]) -> bool:
    """Whether a person is told: something is printed, logged or raised."""
    calls = (node for statement in body for node in ast.walk(statement))
    return any(
        isinstance(node, ast.Raise)
        or (isinstance(node, ast.Call)
            and getattr(node.func, "attr", getattr(node.func, "id", "")) in SPOKEN)
        for node in calls
    )  # fmt: skip


def any_of(value: Value, test: Callable[[Value], bool]) -> bool:
    return test(value) or any(any_of(item, test) for item in value.items or ())


def one_sided(rows: ast.Slice) -> tuple[ast.expr | None, str]:
    """The end of `[:n]` or `[n:]`, and which it is; `[0:n]` is `[:n]`."""
    lower = rows.lower
    if isinstance(lower, ast.Constant) and lower.value == 0:
        lower = None
    if rows.step is not None or (lower is None) == (rows.upper is None):
        return None, ""
    return (lower, "lower") if lower is not None else (rows.upper, "upper")


def sliced_from(node: ast.expr) -> str:
    """What is sliced: `df` in `df.iloc[:n]`."""
    while True:
        if isinstance(node, ast.Attribute) and node.attr in {"iloc", "loc", "values"}:
            node = node.value
        elif isinstance(node, ast.Subscript) and not isinstance(node.slice, ast.Slice | ast.Tuple):
            node = node.value  # some of its columns
        else:
            return ast.unparse(node)


def lagged(node: ast.AST) -> tuple[ast.expr, ...]:
    """Both sides of `x[24:] - x[:-24]`: what changed since a day before, and no split."""
    if not isinstance(node, ast.BinOp) or not isinstance(node.op, ast.Sub):
        return ()
    sides = [each for each in (node.left, node.right) if isinstance(each, ast.Subscript)]
    ends = [one_sided(each.slice)[1] for each in sides if isinstance(each.slice, ast.Slice)]
    alike = len({sliced_from(each.value) for each in sides}) == 1
    return (node.left, node.right) if alike and sorted(ends) == ["lower", "upper"] else ()


def parted_already(node: ast.expr) -> bool:
    """`X_train = X_train[:whole_batches]`."""
    return isinstance(node, ast.Subscript) and bool(library.part_by_name(sliced_from(node.value)))


def backwards(node: ast.expr) -> bool:
    """`::-1`."""
    step = node.step if isinstance(node, ast.Slice) else None
    return isinstance(step, ast.UnaryOp) and isinstance(step.op, ast.USub)


def is_slicing(node: ast.expr) -> bool:
    return isinstance(node, ast.Subscript) and (
        isinstance(node.slice, ast.Slice)
        or (isinstance(node.slice, ast.Tuple) and isinstance(node.slice.elts[0], ast.Slice)
            and node.slice.elts[0].upper != node.slice.elts[0].lower)
    )  # fmt: skip


def is_main(test: ast.expr) -> bool:
    return "__name__" in ast.unparse(test)


def is_main_block(node: ast.stmt) -> bool:
    return isinstance(node, ast.If) and is_main(node.test)
