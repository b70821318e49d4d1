"""Walks a repository's statements in order and writes down what happens to which rows.

An abstract interpreter (Cousot and Cousot, 1977) of the small part of Python in which people write
experiments: assignments, calls, functions and modules of the repository, loops, branches. What it
does not understand it passes over; it never runs anything.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from scaffold.checks.validity import library
from scaffold.checks.validity.calls import Call, Library
from scaffold.checks.validity.events import Chosen, Event, Split, Story, Typed
from scaffold.checks.validity.sources import Place, Source, modules
from scaffold.checks.validity.values import (
    NOTHING,
    TEST,
    TRAIN,
    WHOLE,
    Function,
    Mark,
    Value,
    either,
    merge,
    names_in,
)
from scaffold.checks.validity.words import METRIC_LIST

DEEPEST_CALL = 8
FEWEST_ROWS = 20  # a cut with fewer rows is no split
MOST_STEPS = 60_000  # expressions in one file, so that no repository takes for ever


def read(sources: Mapping[str, Source]) -> Story:
    """The story of all files; those that others import are walked where they are imported."""
    story = Story()
    known = modules(sources)
    walked: dict[str, dict[str, Value]] = {}
    imported = {name for source in sources.values() for name in _imports(source, known)}
    order = sorted(sources.values(), key=lambda source: (source.path in imported, source.path))
    for source in order:
        if source.path not in walked:
            Walker(source, story, known, walked).module()
    story.events = list(dict.fromkeys(story.events))
    return story


def _imports(source: Source, known: Mapping[str, Source]) -> Iterator[str]:
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [node.module or "", *(f"{node.module}.{alias.name}" for alias in node.names)]
        else:
            continue
        for name in names:
            found = known.get(name.lstrip("."))
            if found is not None and found is not source:
                yield found.path


class Walker:
    """Walks one file. Calls of functions of the repository are walked inside it."""

    def __init__(
        self,
        source: Source,
        story: Story,
        known: Mapping[str, Source],
        walked: dict[str, dict[str, Value]],
    ) -> None:
        self.source = source
        self.story = story
        self.known = known
        self.walked = walked
        self.scope: dict[str, Value] = {}
        self.loops: tuple[int, ...] = ()
        self.depth = 0
        self.steps = 0
        self.called: set[ast.AST] = set()
        self.returned: list[Value] = []
        self.library = Library(story, self.rename)

    # -- statements ---------------------------------------------------------------------------

    def module(self) -> dict[str, Value]:
        """Walk the file, then the functions that nothing called."""
        self.walked[self.source.path] = self.scope
        self.block(self.source.tree.body)
        for value in list(self.scope.values()):
            function = value.function
            if function and function.source is self.source and function.node not in self.called:
                self.enter(function, [], {})
            if value.klass and value.klass[1] is self.source:
                self._uncalled_methods(*value.klass)
        return self.scope

    def _uncalled_methods(self, node: ast.ClassDef, source: Source) -> None:
        methods = [item for item in node.body if isinstance(item, ast.FunctionDef)]
        if any(method in self.called for method in methods):
            return
        instance = Value(attributes={})
        for method in methods:
            self.enter(Function(method, source, self.scope, instance), [], {})

    def block(self, statements: Sequence[ast.stmt]) -> None:
        for statement in statements:
            self.steps += 1
            if self.steps < MOST_STEPS:
                self.statement(statement)

    def statement(self, node: ast.stmt) -> None:  # noqa: C901 (one case a kind)
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                self.scope[node.name] = Value(function=Function(node, self.source, self.scope))
            case ast.ClassDef():
                self.scope[node.name] = Value(klass=(node, self.source))
            case ast.Import() | ast.ImportFrom():
                self.imports(node)
            case ast.Assign():
                value = self.value(node.value)
                self._typed_in(node)
                for target in node.targets:
                    self.assign(target, value, node)
            case ast.AnnAssign(value=ast.expr() as given):
                self.assign(node.target, self.value(given), node)
            case ast.AugAssign():
                both = merge((self.value(node.target), self.value(node.value)))
                self.assign(node.target, both, node)
            case ast.Expr():
                self.value(node.value)
            case ast.Return():
                self.returned.append(self.value(node.value) if node.value else NOTHING)
            case ast.If():
                self.branch(node)
            case ast.For() | ast.AsyncFor():
                self.loop(node)
            case ast.While():
                self.value(node.test)
                self.block(node.body)
            case ast.With() | ast.AsyncWith():
                for item in node.items:
                    value = self.value(item.context_expr)
                    if item.optional_vars is not None:
                        self.assign(item.optional_vars, value, node)
                self.block(node.body)
            case ast.Try():
                for body in (node.body, *(handler.body for handler in node.handlers)):
                    self.block(body)
                self.block(node.orelse)
                self.block(node.finalbody)
            case ast.Delete():
                for target in node.targets:
                    self._delete(target)
            case ast.Assert():
                self.value(node.test)
            case _:
                pass

    def _delete(self, target: ast.expr) -> None:
        if isinstance(target, ast.Subscript) and isinstance(target.value, ast.Name):
            key = self.value(target.slice)
            frame = self.scope.get(target.value.id, NOTHING)
            if key.known and isinstance(key.constant, str):
                gone = frame.dropped | {key.constant}
                self.scope[target.value.id] = replace(frame, dropped=gone)

    def branch(self, node: ast.If) -> None:
        self.value(node.test)
        self._best_of(node)
        if _is_main(node.test):
            self.block(node.body)
            return
        before = dict(self.scope)
        self.block(node.body)
        after = dict(self.scope)
        self.scope.clear()
        self.scope.update(before)
        self.block(node.orelse)
        for name in {*after, *self.scope}:
            self.scope[name] = either(after.get(name, NOTHING), self.scope.get(name, NOTHING))

    def _best_of(self, node: ast.If) -> None:
        """`if score > best: best = score`."""
        if not isinstance(node.test, ast.Compare) or not self.loops:
            return
        score = next(
            (found.score for part in (node.test.left, *node.test.comparators)
             if (found := self.value(part)).score), None,
        )  # fmt: skip
        kept = any(isinstance(child, ast.Assign) for child in node.body)
        names = " ".join(ast.unparse(part) for part in (node.test.left, *node.test.comparators))
        if score and kept and any(word in names.lower() for word in ("best", "max", "min", "top")):
            self.emit(Chosen(self.place(node), score.part, score.place, "the best of them is kept"))

    def loop(self, node: ast.For | ast.AsyncFor) -> None:
        over = self.value(node.iter)
        number = id(node)
        self.loops += (number,)
        element = self._element(over, node)
        self.assign(node.target, _varied(element, number), node)
        self.block(node.body)
        self.loops = self.loops[:-1]
        self.block(node.orelse)

    def _element(self, over: Value, node: ast.For | ast.AsyncFor) -> Value:
        """One turn's value: folds of a splitter are a training and a held-out part."""
        if over.predicted is None and over.items is not None:
            estimators = [item.estimator for item in over.items if item.estimator]
            if estimators:
                return replace(over.items[0], loops=over.loops)
            if over.items and all(item.items for item in over.items):
                return over.items[0]
            return merge(over.items)
        return replace(over, known=False, constant=None)

    def imports(self, node: ast.Import | ast.ImportFrom) -> None:
        if isinstance(node, ast.Import):
            for alias in node.names:
                local = alias.asname or alias.name.split(".")[0]
                dotted = alias.name if alias.asname else local
                module = self._module(dotted)
                self.scope[local] = module if module is not None else Value(dotted=dotted)
            return
        base = node.module or ""
        inside = self._module(base)
        for alias in node.names:
            if alias.name == "*":
                if inside is not None and inside.attributes:
                    self.scope.update(inside.attributes)
                continue
            found = (inside.attributes or {}).get(alias.name) if inside is not None else None
            found = found or self._module(f"{base}.{alias.name}".lstrip("."))
            self.scope[alias.asname or alias.name] = found or Value(dotted=f"{base}.{alias.name}")
            self.story.names.add(alias.name)

    def _module(self, name: str) -> Value | None:
        source = self.known.get(name)
        if source is None or source is self.source:
            return None
        if source.path not in self.walked:
            inner = Walker(source, self.story, self.known, self.walked)
            inner.depth = self.depth + 1
            if inner.depth < DEEPEST_CALL:
                inner.block_of_definitions()
        return Value(attributes=self.walked.get(source.path, {}))

    def block_of_definitions(self) -> None:
        """Walk an imported file: its functions are walked where they are called."""
        self.walked[self.source.path] = self.scope
        body = [node for node in self.source.tree.body if not _is_main_block(node)]
        self.block(body)

    def assign(self, target: ast.expr, value: Value, node: ast.AST) -> None:
        match target:
            case ast.Name(id=name):
                self.scope[name] = self._named(name, value, node)
            case ast.Tuple(elts=elements) | ast.List(elts=elements):
                items = value.items
                for index, element in enumerate(elements):
                    known = items is not None and index < len(items)
                    each = items[index] if known and items else replace(value, items=None)
                    self.assign(element, each, node)
            case ast.Attribute(value=owner, attr=attribute):
                holder = self.value(owner)
                if holder.attributes is not None:
                    holder.attributes[attribute] = self._named(attribute, value, node)
            case ast.Subscript():
                self._assign_part(target, value)
            case ast.Starred(value=inner):
                self.assign(inner, value, node)

    def _named(self, name: str, value: Value, node: ast.AST) -> Value:
        """`X_train = X[:800]` parts rows: people's names say which part is which."""
        part = library.part_by_name(name)
        if part and value.rows and value.part in {"", WHOLE} and not value.estimator:
            sliced = isinstance(node, ast.Assign) and _is_slicing(node.value)
            if sliced and value.part == WHOLE and not value.score:
                self.emit(Split(self.place(node), (value,), "slicing"))
                return replace(value, part=part)
            if value.part == "":
                return replace(value, part=part)
        return value

    def _assign_part(self, target: ast.Subscript, value: Value) -> None:
        """`df["x"] = …`, `results["acc"] = …`."""
        if not isinstance(target.value, ast.Name | ast.Attribute):
            return
        frame = self.value(target.value)
        key = self.value(target.slice)
        if frame.estimator or not (frame.rows or frame.entries is not None or frame.items):
            if isinstance(target.value, ast.Name) and value.score:
                self.scope[target.value.id] = replace(frame, score=value.score)
            return
        changed = replace(
            frame,
            marks=frame.marks | value.marks,
            ordered=frame.ordered or value.ordered,
            dates=frame.dates or value.dates,
        )
        if key.known and isinstance(key.constant, str) and changed.selected is not None:
            changed = replace(changed, selected=changed.selected | {key.constant})
        if isinstance(target.value, ast.Name):
            self.scope[target.value.id] = changed

    # -- expressions --------------------------------------------------------------------------

    def value(self, node: ast.expr | None) -> Value:  # noqa: C901 (one case a kind of expression)
        self.steps += 1
        if node is None or self.steps > MOST_STEPS:
            return NOTHING
        match node:
            case ast.Constant():
                return Value(constant=node.value, known=True)
            case ast.Name():
                return self._name(node)
            case ast.Attribute():
                return self._attribute(node)
            case ast.Call():
                return self.call(node)
            case ast.Subscript():
                return self._subscript(node)
            case ast.Tuple() | ast.List() | ast.Set():
                items = tuple(self.value(item) for item in node.elts)
                return replace(merge(items), items=items)
            case ast.Dict():
                return self._dict(node)
            case ast.BinOp():
                return self._operation(node)
            case ast.Compare():
                return merge((self.value(node.left), *map(self.value, node.comparators)))
            case ast.BoolOp():
                return merge(map(self.value, node.values))
            case ast.UnaryOp():
                return self._signed(node)
            case ast.IfExp():
                self.value(node.test)
                return either(self.value(node.body), self.value(node.orelse))
            case ast.ListComp() | ast.SetComp() | ast.GeneratorExp() | ast.DictComp():
                return self._comprehension(node)
            case ast.Lambda():
                return Value(function=Function(node, self.source, self.scope))
            case ast.JoinedStr():
                return merge(
                    self.value(part.value) for part in node.values
                    if isinstance(part, ast.FormattedValue)
                )  # fmt: skip
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
        return replace(value, known=False)

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
            element = merge(over.items) if over.items else replace(over, known=False)
            self.assign(generator.target, _varied(element, number), node)
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

    def _operation(self, node: ast.BinOp) -> Value:
        left, right = self.value(node.left), self.value(node.right)
        made = merge((left, right))
        if left.rows and left.table and right.statistic == left.table and left.part in {"", WHOLE}:
            what = "its own mean and deviation"
            made = replace(made, marks=made.marks | {Mark("fitted", what, self.place(node))})
        if isinstance(node.op, ast.Sub | ast.Add) and left.selected and right.selected:
            if isinstance(node.op, ast.Sub):
                return replace(made, selected=left.selected - right.selected)
            return replace(made, selected=left.selected | right.selected)
        if isinstance(node.op, ast.Add) and left.items is not None and right.items is not None:
            return replace(made, items=left.items + right.items)
        return replace(made, column=left.column if left.column == right.column else None,
                       statistic=0)  # fmt: skip

    def _attribute(self, node: ast.Attribute) -> Value:
        owner = self.value(node.value)
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
            inside = node.attr in {"best_estimator_", "named_steps", "estimator"}
            return owner if inside else NOTHING
        return self._of_rows(owner, node) if owner.rows else NOTHING

    def _of_rows(self, owner: Value, node: ast.Attribute) -> Value:
        """`df.values`, `df.shape`, and `df.price`, which is a column."""
        name = node.attr
        if name in {"values", "T", "iloc", "loc", "data", "str", "dt", "at", "iat", "columns"}:
            return replace(owner, dotted="", items=None)
        if name in {"shape", "size", "index", "dtypes", "ndim", "empty"}:
            return Value(loops=owner.loops)
        if owner.column is not None or not owner.table:
            return replace(owner, items=None, known=False)
        if name in {"train", "test"}:
            return replace(owner, part=name, items=None)
        self.story.columns.setdefault(name, self.place(node))
        return replace(owner, column=name, selected=frozenset({name}), items=None)

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

    def _subscript(self, node: ast.Subscript) -> Value:
        owner = self.value(node.value)
        key = self.value(node.slice)
        if owner.entries is not None and key.known and key.constant in owner.entries:
            return owner.entries[str(key.constant)]
        items, at = owner.items or (), key.constant
        if key.known and isinstance(at, int) and -len(items) <= at < len(items):
            return items[at]
        if not owner.rows:
            return replace(owner, items=None, entries=None, known=False)
        return replace(self._rows_or_columns(owner, key, node), known=False)

    def _rows_or_columns(self, owner: Value, key: Value, node: ast.Subscript) -> Value:
        """`df["a"]`, `df[["a", "b"]]`, `df.iloc[:, 3]`, `X[train_rows]`, `X[:800]`."""
        owner = replace(owner, items=None, entries=None)
        if isinstance(node.slice, ast.Tuple):
            return self._cells(owner, node.slice) if len(node.slice.elts) == 2 else owner
        if isinstance(node.slice, ast.Slice):
            return self._cut(owner, node.slice)
        names = names_in(key)
        if names is not None and isinstance(key.constant, str):
            self.story.columns.setdefault(key.constant, self.place(node))
            dates = owner.dates or bool(library.DATES.match(key.constant))
            column = key.constant
            return replace(owner, column=column, selected=frozenset({column}), dates=dates)
        if names is not None:
            return replace(owner, selected=frozenset(names))
        if key.part and key.part != owner.part and not key.table:
            return replace(owner, part=key.part)
        if key.selected is not None and key.column is None and isinstance(node.slice, ast.Name):
            return replace(owner, selected=key.selected)
        return owner

    def _cut(self, owner: Value, rows: ast.Slice) -> Value:
        """`X[:n]` and `X[n:]` part rows; a handful of rows is a look at them."""
        ends = [end for end in (rows.lower, rows.upper) if end is not None]
        if len(ends) != 1 or owner.part != WHOLE or rows.step is not None or owner.score:
            return owner
        at = self.value(ends[0])
        if at.known and not (isinstance(at.constant, int) and abs(at.constant) >= FEWEST_ROWS):
            return owner
        self.emit(Split(self.place(rows.lower or rows.upper or rows), (owner,), "slicing"))
        return replace(owner, part=TRAIN if rows.lower is None else TEST)

    def _cells(self, owner: Value, both: ast.Tuple) -> Value:
        """`df.iloc[:, 0:5]`, `df.iloc[:, -1]`, `df.loc[:, "a"]`."""
        rows = self.value(both.elts[0])
        if isinstance(both.elts[0], ast.Slice):
            owner = self._cut(owner, both.elts[0])
        if rows.part and not rows.table:
            owner = replace(owner, part=rows.part)
        columns = both.elts[1]
        if isinstance(columns, ast.Slice):
            low = self.value(columns.lower).constant if columns.lower else None
            high = self.value(columns.upper).constant if columns.upper else None
            whole = all(end is None or isinstance(end, int) for end in (low, high))
            known = all(
                end is None or self.value(end).known for end in (columns.lower, columns.upper)
            )
            if whole and known and columns.step is None:
                return replace(owner, positions=(low, high), items=None)  # type: ignore[arg-type]
            return replace(owner, items=None, selected=frozenset())
        key = self.value(columns)
        if key.known and isinstance(key.constant, int | str):
            return replace(owner, column=key.constant, items=None)
        names = names_in(key)
        if names is not None:
            return replace(owner, selected=frozenset(names), items=None)
        return replace(owner, items=None, selected=frozenset())

    def call(self, node: ast.Call) -> Value:
        arguments = tuple(self.value(argument) for argument in node.args)
        keywords = {word.arg: self.value(word.value) for word in node.keywords if word.arg}
        callee = self._callee(node.func)
        if callee.function is not None:
            return self.enter(callee.function, arguments, keywords)
        if callee.klass is not None:
            return self._instance(callee, arguments, keywords)
        place, loops = self.place(node), frozenset(self.loops)
        dotted = callee.dotted
        if isinstance(node.func, ast.Attribute):
            owner = self.value(node.func.value)
            self.story.names.add(node.func.attr)
            if not owner.dotted or owner.rows or owner.estimator:
                called = Call(node, node.func.attr, place, loops, arguments, keywords, owner=owner)
                return self.library.method(called, node.func.value)
            dotted = f"{owner.dotted}.{node.func.attr}"
        if not dotted:
            return merge((*arguments, *keywords.values()))
        name = dotted.rsplit(".", 1)[-1]
        self.story.names.add(name)
        return self.library.function(Call(node, name, place, loops, arguments, keywords, dotted))

    def _callee(self, node: ast.expr) -> Value:
        if isinstance(node, ast.Name):
            return self.scope.get(node.id, Value(dotted=node.id))
        return self._attribute(node) if isinstance(node, ast.Attribute) else self.value(node)

    def _instance(
        self, klass: Value, arguments: Sequence[Value], keywords: Mapping[str, Value]
    ) -> Value:
        instance = Value(attributes={"__class__": klass})
        begin = self._method(instance, "__init__")
        if begin is not None and begin.function is not None:
            self.enter(begin.function, arguments, keywords)
        return instance

    def enter(
        self, function: Function, arguments: Sequence[Value], keywords: Mapping[str, Value]
    ) -> Value:
        """Walk a function of the repository with what it is given; returns what it returns."""
        node = function.node
        self.called.add(node)
        if self.depth >= DEEPEST_CALL or self.steps > MOST_STEPS:
            return merge((*arguments, *keywords.values()))
        outer = (self.scope, self.returned, self.source)
        self.scope = {**function.scope, **self._bound(function, arguments, keywords)}
        self.returned, self.source = [], function.source
        self.depth += 1
        if isinstance(node, ast.Lambda):
            self.returned = [self.value(node.body)]
        else:
            self.block(node.body)
        made = self.returned
        self.depth -= 1
        self.scope, self.returned, self.source = outer
        result = made[0] if made else NOTHING
        for other in made[1:]:
            result = either(result, other)
        name = getattr(node, "name", "")
        if "augment" in name.lower() and result.rows:
            result = replace(result, augmented=True)
        return result

    def _bound(
        self, function: Function, arguments: Sequence[Value], keywords: Mapping[str, Value]
    ) -> dict[str, Value]:
        spec = function.node.args
        names = [argument.arg for argument in (*spec.posonlyargs, *spec.args)]
        bound: dict[str, Value] = {}
        for name, default in zip(reversed(names), reversed(spec.defaults), strict=False):
            bound[name] = self.value(default)
        if function.owner is not None and names:
            bound[names.pop(0)] = function.owner
        bound.update(zip(names, arguments, strict=False))
        bound.update(keywords)
        every = [*names, *(argument.arg for argument in spec.kwonlyargs)]
        for name in every:
            if name not in bound:
                part = library.part_by_name(name)
                bound[name] = Value(part=part) if part else NOTHING
        return bound

    def _typed_in(self, node: ast.Assign) -> None:
        name = node.targets[0].id if isinstance(node.targets[0], ast.Name) else ""
        numbers = [
            item.value
            for item in getattr(node.value, "elts", [])
            if isinstance(item, ast.Constant) and isinstance(item.value, float)
        ]
        scores = len(numbers) >= 3 and all(0 < number <= 100 for number in numbers)
        if scores and METRIC_LIST.search(name) and len(numbers) == len(node.value.elts):  # type: ignore[attr-defined]
            self.emit(Typed(self.place(node), f"{name} = {ast.unparse(node.value)[:60]}"))

    def rename(self, target: ast.expr, value: Value) -> None:
        """A variable that a method has changed in place."""
        if isinstance(target, ast.Name):
            self.scope[target.id] = value

    def emit(self, event: Event) -> None:
        self.story.events.append(event)

    def place(self, node: ast.AST) -> Place:
        return self.source.place(getattr(node, "lineno", 1))


def _varied(value: Value, loop: int) -> Value:
    """A loop's variable, and what is inside it, depends on the loop."""
    items = value.items and tuple(_varied(item, loop) for item in value.items)
    if value.estimator:
        value.estimator.varied_in |= {loop}
    return replace(value, loops=value.loops | {loop}, known=False, items=items)


def _is_slicing(node: ast.expr) -> bool:
    return isinstance(node, ast.Subscript) and (
        isinstance(node.slice, ast.Slice)
        or (isinstance(node.slice, ast.Tuple) and isinstance(node.slice.elts[0], ast.Slice)
            and node.slice.elts[0].upper != node.slice.elts[0].lower)
    )  # fmt: skip


def _is_main(test: ast.expr) -> bool:
    return "__name__" in ast.unparse(test)


def _is_main_block(node: ast.stmt) -> bool:
    return isinstance(node, ast.If) and _is_main(node.test)
