"""What an expression is, as far as the statements before it tell."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

from scaffold.checks.validity import columns, library
from scaffold.checks.validity.events import Chosen
from scaffold.checks.validity.parts import Parts
from scaffold.checks.validity.syntax import by_loop, column_of, file_at_end, texts_together, turns
from scaffold.checks.validity.values import (
    NOTHING,
    TEST,
    TRAIN,
    Cut,
    Function,
    Value,
    either,
    merge,
    names_in,
    replace,
)

DEEPEST_EXPRESSION = 100
MOST_STEPS = 60_000  # expressions in one file, so that no repository takes for ever


class Expressions(Parts):
    """Every kind of expression but calls."""

    def value(self, node: ast.expr | None) -> Value:
        """What an expression is; nothing is known of one that is nested beyond reading."""
        self.steps += 1
        if node is None or self.steps > MOST_STEPS or self.nested >= DEEPEST_EXPRESSION:
            return NOTHING
        self.nested += 1
        found = self._expression(node)
        self.nested -= 1
        return found

    def _expression(self, node: ast.expr) -> Value:  # noqa: C901 (one case a kind of expression)
        match node:
            case ast.Constant():
                return Value(constant=node.value, known=True)
            case ast.Name():
                return self._name(node)
            case ast.Attribute():
                return self._attribute_of(self.value(node.value), node)
            case ast.Call():
                return self.call(node)
            case ast.Subscript():
                return self._subscript(node)
            case ast.Tuple() | ast.List() | ast.Set():
                items = tuple(self._elements(node.elts))
                return replace(merge(items), items=items)
            case ast.Dict():
                return self._dict(node)
            case ast.BinOp():
                return self._operation(node)
            case ast.Compare():
                return self._comparison(node)
            case ast.BoolOp():
                return merge(map(self.value, node.values))
            case ast.Yield() | ast.YieldFrom():
                self.returned.append(self.value(node.value))
                return NOTHING
            case ast.UnaryOp():
                return self._signed(node)
            case ast.IfExp():
                self.value(node.test)
                self._better_of(node.test, self.targets)
                return either(self.value(node.body), self.value(node.orelse))
            case ast.ListComp() | ast.SetComp() | ast.GeneratorExp() | ast.DictComp():
                return self._comprehension(node)
            case ast.Lambda():
                return Value(function=Function(node, self.source, self.scope))
            case ast.JoinedStr():
                return self._text(node)
            case ast.Starred() | ast.Await():
                return self.value(node.value)
            case ast.NamedExpr():
                value = self.value(node.value)
                self.assign(node.target, value, node)
                return value
            case _:
                return NOTHING

    def _name(self, node: ast.Name) -> Value:
        found = self.scope.get(node.id)
        if found is not None:
            return found
        part = library.part_by_name(node.id)
        return Value(part=part) if part and len(node.id) > 1 else Value(dotted=node.id)

    def _signed(self, node: ast.UnaryOp) -> Value:
        value = self.value(node.operand)
        if (
            value.known
            and isinstance(node.op, ast.USub)
            and isinstance(value.constant, int | float)
        ):
            return Value(constant=-value.constant, known=True)
        if isinstance(node.op, ast.Invert) and value.cut is not None and not value.table:
            return replace(value, part=TEST)  # `df[~mask]`
        return replace(value, known=False)

    def _elements(self, nodes: Sequence[ast.expr]) -> Iterator[Value]:
        for node in nodes:
            value = self.value(node)
            if isinstance(node, ast.Starred) and value.items is not None:
                yield from value.items
            else:
                yield value

    def _text(self, node: ast.JoinedStr) -> Value:
        parts = [
            self.value(part.value if isinstance(part, ast.FormattedValue) else part)
            for part in node.values
        ]
        if all(part.known for part in parts):
            return Value(constant="".join(str(part.constant) for part in parts), known=True)
        if parts and (file := file_at_end(parts[-1], needs_folder=True)):
            return file
        return merge(part for part in parts if not part.known)

    def _comparison(self, node: ast.Compare) -> Value:
        left, *others = (self.value(node.left), *map(self.value, node.comparators))
        made = merge((left, *others))
        if left.generated and not left.rows and isinstance(node.left, ast.Call) and node.left.args:
            cut = Cut(self.place(node), "a random mask", seeded=False, shuffled=True)
            return Value(part=TRAIN, cut=cut)
        if left.labels:
            names = names_in(others[0]) if isinstance(node.ops[0], ast.NotEq) else None
            return columns.without(left, names)
        both = [value for value in (left, *others) if value.rows]
        beside = len(both) > 1 and any(value.predicted for value in both)
        limits = frozenset().union(*(other.loops for other in others if not other.rows))
        return replace(made, mask=made.rows, column=None, statistic=0,
                       limits=limits if left.predicted else made.limits,
                       compared=made.compared or beside)  # fmt: skip

    def _dict(self, node: ast.Dict) -> Value:
        entries: dict[str, Value] = {}
        values = []
        for key, item in zip(node.keys, node.values, strict=True):
            value = self.value(item)
            values.append(value)
            name = self.value(key) if key is not None else NOTHING
            if name.known and isinstance(name.constant, str):
                entries[name.constant] = value
        return replace(merge(values), items=tuple(values), entries=entries)

    def _comprehension(
        self, node: ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp
    ) -> Value:
        before = dict(self.scope)
        loops = self.loops
        for generator in node.generators:
            over = self.value(generator.iter)
            number = id(generator)
            self.loops += (number,)
            if len(node.generators) == 1 and (made := self._by_names(node, generator, over)):
                self.loops = loops
                return made
            element = merge(over.items) if over.items else replace(over, known=False)
            self.assign(generator.target, by_loop(element, number), node)
            for test in generator.ifs:
                self.value(test)
        if isinstance(node, ast.DictComp):
            made = merge((self.value(node.key), self.value(node.value)))
        else:
            made = self.value(node.elt)
        self.loops = loops
        self.scope.clear()
        self.scope.update(before)
        return replace(made, known=False, column=None)

    def _by_names(
        self, node: ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp,
        generator: ast.comprehension, over: Value,
    ) -> Value | None:  # fmt: skip
        """A comprehension over a frame's columns, or over names that are written out."""
        target, inner = generator.target, getattr(node, "elt", None)
        if not isinstance(target, ast.Name):
            return None
        if over.labels:
            if isinstance(inner, ast.Name) and inner.id == target.id:
                return columns.filtered(over, target.id, generator.ifs, self.value)
            return Value(labels=True, table=over.table, selected=columns.UNKNOWN)
        if inner is None or not turns(over) or generator.ifs:
            return None
        before, made = self.scope.get(target.id), []
        for item in over.items or ():
            self.scope[target.id] = item
            made.append(self.value(inner))
        self.scope[target.id] = before or NOTHING
        return replace(merge(made), items=tuple(made))

    def _operation(self, node: ast.BinOp) -> Value:
        left, right = self.value(node.left), self.value(node.right)
        if isinstance(node.op, ast.Add) and (text := texts_together(left, right)) is not None:
            return Value(constant=text, known=True)
        if left.labels:
            return self._of_labels(node.op, left, right)
        path = isinstance(node.op, ast.Add | ast.Div) and not left.rows
        if path and (file := file_at_end(right, needs_folder=isinstance(node.op, ast.Add))):
            return file
        made = merge((left, right))
        made = self._beside(node, left, right, made)
        made = self._scaled(node, left, right, made)
        if isinstance(node.op, ast.Add) and left.items is not None and right.items is not None:
            return replace(made, items=left.items + right.items)
        keeps = not left.rows or not right.rows or bool(made.statistic and not left.rows)
        return replace(made, column=None, statistic=made.statistic if keeps else 0,
                       mask=left.mask and right.mask)  # fmt: skip

    def _scaled(self, node: ast.BinOp, left: Value, right: Value, made: Value) -> Value:
        """`(X - X.mean()) / X.std()`, `(X - X.min()) / (X.max() - X.min())`."""
        if left.statistic and left.statistic == right.statistic and not left.rows:
            return replace(made, statistic=left.statistic, part=left.part)
        if not left.table or right.statistic != left.table:
            return replace(made, centred=0)
        if isinstance(node.op, ast.Sub):
            return replace(made, centred=left.table)
        if not isinstance(node.op, ast.Div) or not left.centred:
            return replace(made, centred=0)
        what = "scaling by its own mean or range"
        return replace(self.library.learned(self.place(node), what, left, right, made), centred=0)

    def _of_labels(self, operator: ast.operator, left: Value, right: Value) -> Value:
        """`set(df.columns) - {"y"}`, `[c for c in …] + ["weekday"]`."""
        if isinstance(operator, ast.Sub):
            return columns.without(left, names_in(right))
        more = names_in(right)
        if more is None or not isinstance(operator, ast.Add):
            return replace(left, selected=columns.UNKNOWN, items=None)
        selected = None if left.selected is None else left.selected | set(more)
        return replace(left, selected=selected, dropped=left.dropped - set(more), items=None)

    def _beside(self, node: ast.BinOp, left: Value, right: Value, made: Value) -> Value:
        """Predictions, a rule, or noise beside rows."""
        if not isinstance(node.op, ast.Sub | ast.Add):
            return made
        rows = bool(left.rows and right.rows)
        if left.generated != right.generated and (left.loaded or right.loaded):
            return replace(made, augmented=True)
        if left.predicted or right.predicted:
            return replace(made, compared=made.compared or rows)
        simple = right.statistic or (rows and right.part == TEST and right.of != left.of)
        if left.part == TEST and left.rows and isinstance(node.op, ast.Sub) and simple:
            self.story.rule = True
        return made

    def _better_of(self, test: ast.expr, targets: Sequence[str]) -> None:
        """`best = forest if forest_score > tree_score else tree`."""
        if not isinstance(test, ast.Compare) or not any(map(library.BEST.search, targets)):
            return
        scores = [self.value(side).score for side in (test.left, *test.comparators)]
        if all(scores) and scores[0] and {score.part for score in scores if score} == {TEST}:
            how = "the better one is taken"
            self.emit(Chosen(self.place(test), TEST, scores[0].place, how))

    def _attribute_of(self, owner: Value, node: ast.Attribute) -> Value:
        if owner.attributes is not None and node.attr in owner.attributes:
            return owner.attributes[node.attr]
        if owner.klass is not None or owner.attributes is not None:
            method = self._method(owner, node.attr)
            if method is not None:
                return method
        if owner.dotted and not owner.rows:
            return Value(dotted=f"{owner.dotted}.{node.attr}")
        if owner.attributes is not None:
            part = library.part_by_name(node.attr)
            return Value(part=part) if part else NOTHING
        if owner.estimator:
            if node.attr in library.CHOICES:
                return self.library.choice(owner.estimator)
            inside = node.attr in {"best_estimator_", "named_steps", "estimator"}
            return owner if inside else NOTHING
        if owner.ranked and node.attr in {"iloc", "index", "values"}:
            return owner
        if owner.statistic and node.attr in {"values", "item"}:
            return owner
        return self._of_rows(owner, node) if owner.rows else NOTHING

    def _of_rows(self, owner: Value, node: ast.Attribute) -> Value:
        """`df.values`, `df.shape`, and `df.price`, which is a column."""
        name = node.attr
        if name == "columns" and not owner.column and not self.library.chosen_by(owner):
            return replace(owner, dotted="", items=None, labels=True)
        if name in {"values", "T", "iloc", "loc", "data", "str", "dt", "at", "iat", "columns"}:
            return replace(owner, dotted="", items=None)
        if name in {"index", "columns"} and (chosen := self.library.chosen_by(owner)):
            return Value(marks=chosen)
        if name == "index":
            cut = Cut(self.place(node), "index") if owner.part in {TRAIN, TEST} else None
            return replace(
                NOTHING, loops=owner.loops, part=owner.part if cut else "", cut=cut,
                ranked=owner.ranked, score=owner.score,
            )  # fmt: skip
        if name in {"shape", "size", "dtypes", "ndim", "empty"}:
            return Value(loops=owner.loops)
        if owner.column is not None or not owner.table:
            return replace(owner, items=None, known=False)
        if name in {"train", "test"}:
            return replace(owner, part=name, items=None)
        self.story.columns.setdefault(name, self.place(node))
        return column_of(owner, name)

    def _method(self, owner: Value, name: str) -> Value | None:
        klass = owner.klass or (owner.attributes or {}).get("__class__", NOTHING).klass
        if klass is None:
            return None
        node, source = klass
        for item in node.body:
            if isinstance(item, ast.FunctionDef) and item.name == name:
                scope = self.walked.get(source.path, self.scope)
                static = any(
                    isinstance(mark, ast.Name) and mark.id == "staticmethod"
                    for mark in item.decorator_list
                )
                return Value(function=Function(item, source, scope, None if static else owner))
        return None
