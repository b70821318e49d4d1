"""What a variable, an attribute or a column is set to."""

from __future__ import annotations

import ast

from scaffold.checks.validity import columns, library
from scaffold.checks.validity.events import Typed
from scaffold.checks.validity.own_functions import OwnFunctions
from scaffold.checks.validity.syntax import as_named, is_slicing, parted_already
from scaffold.checks.validity.values import NOTHING, TEST, VALIDATION, WHOLE, Value, replace
from scaffold.checks.validity.words import METRIC_LIST, MODEL_NAME, NOT_A_RESULT


class Assignments(OwnFunctions):
    """Targets, and what their names say of rows."""

    def assign(self, target: ast.expr, value: Value, node: ast.AST) -> None:
        match target:
            case ast.Name(id=name):
                self.rebound.add(name)
                self.scope[name] = self._named(name, value, node)
            case ast.Tuple(elts=elements) | ast.List(elts=elements):
                items = value.items
                for index, element in enumerate(elements):
                    known = items is not None and index < len(items)
                    each = items[index] if known and items else replace(value, items=None)
                    each = self._held_out(element, each) if known else as_named(element, each)
                    self.assign(element, each, node)
            case ast.Attribute(value=owner, attr=attribute):
                holder = self.value(owner)
                if holder.attributes is not None:
                    holder.attributes[attribute] = self._named(attribute, value, node)
            case ast.Subscript():
                self._assign_part(target, value)
            case ast.Starred(value=inner):
                self.assign(inner, value, node)

    def _held_out(self, target: ast.expr, value: Value) -> Value:
        """Of two held-out parts, names say which is for choosing: `X_val, X_test = split(X_rest)`.

        `X_test_2` of training rows is for choosing where the real test rows stand beside it.
        """
        part = library.part_by_name(target.id) if isinstance(target, ast.Name) else ""
        if {part, value.part} != {TEST, VALIDATION} or value.estimator:
            return value
        others = [one for name, one in self.scope.items() if ast.unparse(target) != name]
        tested = any(one.part == TEST and one.table == value.table != 0 for one in others)
        return value if part == TEST and tested else replace(value, part=part)

    def _named(self, name: str, value: Value, node: ast.AST) -> Value:
        """`X_train = X[:800]` parts rows: people's names say which part is which."""
        if value.generated and library.DATA.match(name):
            self.story.drawn.setdefault(name, self.place(node))
        part = library.part_by_name(name)
        if part == VALIDATION and value.part == TEST and value.named:
            return replace(value, part=part)  # a folder called test, to choose by
        if not part or value.estimator or value.score or value.part not in {"", WHOLE}:
            return value
        stranger = replace(value, dotted="") == NOTHING
        if stranger and library.HOLDS_ROWS.search(name):
            return Value(part=part)
        if value.rows and value.part == "":
            return replace(value, part=part)
        if value.attributes is not None:  # a data set of the repository's own
            return replace(value, part=part) if value.rows else value
        taken = node.value if isinstance(node, ast.Assign) else None
        how = self._parts(taken) if taken is not None and not parted_already(taken) else ""
        if how and value.part == WHOLE:
            self._sliced(self.place(node), value, how)
            return replace(value, part=part, lottery="")
        return value

    def _parts(self, node: ast.expr) -> str:
        """How an expression takes some of the rows: `X[:n]`, `df.sample(frac=0.8)`; or not."""
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            share = next((word.value for word in node.keywords if word.arg == "frac"), None)
            taken = self.value(share).constant if node.func.attr == "sample" else None
            return "sample()" if isinstance(taken, float) and taken < 1 else ""
        return "slicing" if is_slicing(node) else ""

    def _assign_part(self, target: ast.Subscript, value: Value) -> None:
        """`df["x"] = …`, `results["acc"] = …`."""
        holder, some_rows = target.value, False
        if isinstance(holder, ast.Attribute) and holder.attr in {"loc", "iloc", "at"}:
            holder, some_rows = holder.value, isinstance(target.slice, ast.Tuple)
        if not isinstance(holder, ast.Name | ast.Attribute):
            return
        frame = self.value(holder)
        key = self.value(target.slice.elts[-1] if isinstance(target.slice, ast.Tuple) and some_rows
                         else target.slice)  # fmt: skip
        if frame.estimator or not (frame.rows or frame.entries is not None or frame.items):
            if value.rows and value.table and frame == NOTHING:  # the first column of a new frame
                frame = replace(value, selected=frozenset(), column=None, of=frozenset())
            elif value.score:
                self.rename(holder, replace(frame, score=value.score))
                return
            else:
                return
        if some_rows and frame.table and frame.table in {value.statistic, value.summary}:
            value = self.library.imputed(self.place(target), frame, value)
        self.rename(holder, self.with_column(frame, key, value))

    def with_column(self, frame: Value, key: Value, value: Value) -> Value:
        """A frame into which something was put under a key."""
        changed = replace(
            frame,
            marks=frame.marks | value.marks,
            ordered=frame.ordered or value.ordered,
            dates=frame.dates or value.dates,
            augmented=frame.augmented or value.augmented,
            score=value.score or frame.score,
        )
        if key.known and isinstance(key.constant, str):
            return columns.put(changed, key.constant, value)
        return changed

    def _typed_in(self, node: ast.Assign) -> None:
        name = node.targets[0].id if isinstance(node.targets[0], ast.Name) else ""
        match node.value:
            case ast.List(elts=items) | ast.Tuple(elts=items) | ast.Dict(values=items):
                pass
            case _:
                return
        numbers = [
            item.value
            for item in items
            if isinstance(item, ast.Constant) and isinstance(item.value, float)
        ]
        scores = len(numbers) >= 3 and all(0 < number <= 100 for number in numbers)
        named = METRIC_LIST.search(name) and not NOT_A_RESULT.search(name)
        if isinstance(node.value, ast.Dict) and len(numbers) > 1:
            keys = [key.value for key in node.value.keys if isinstance(key, ast.Constant)]
            models = len(keys) > 1 and all(MODEL_NAME.search(str(key)) for key in keys)
            percent = all(number > 20 for number in numbers)
            scores, named = scores or models, named or (models and percent)
        if scores and named and len(numbers) == len(items):
            self.emit(Typed(self.place(node), f"{name} = {ast.unparse(node.value)[:60]}"))

    def rename(self, target: ast.expr, value: Value) -> None:
        """A variable that a method has changed in place."""
        if isinstance(target, ast.Name):
            self.scope[target.id] = value
        elif isinstance(target, ast.Attribute):
            holder = self.value(target.value)
            if holder.attributes is not None:
                holder.attributes[target.attr] = value
            elif holder.rows and isinstance(target.value, ast.Name):  # df.age.fillna(inplace=True)
                key = Value(constant=target.attr, known=True)
                self.scope[target.value.id] = self.with_column(holder, key, value)
        elif isinstance(target, ast.Subscript):
            self._assign_part(target, value)

    def _delete(self, target: ast.expr) -> None:
        if isinstance(target, ast.Subscript) and isinstance(target.value, ast.Name):
            key = self.value(target.slice)
            frame = self.scope.get(target.value.id, NOTHING)
            if key.known and isinstance(key.constant, str):
                self.scope[target.value.id] = columns.without(frame, [key.constant])
