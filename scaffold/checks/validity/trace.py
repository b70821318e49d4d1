"""Walks a repository's statements in order and writes down what happens to which rows.

An abstract interpreter (Cousot and Cousot, 1977) of the small part of Python in which people write
experiments: assignments, calls, functions and modules of the repository, loops, branches. What it
does not understand it passes over; it never runs anything.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace

from scaffold.checks.validity import columns, library
from scaffold.checks.validity.call import Call
from scaffold.checks.validity.calls import Library
from scaffold.checks.validity.events import Chosen, Event, Fit, Invented, Split, Story, Typed
from scaffold.checks.validity.files import part_of_file
from scaffold.checks.validity.sources import Place, Source, modules
from scaffold.checks.validity.values import (
    NOTHING,
    TEST,
    TRAIN,
    VALIDATION,
    WHOLE,
    Cut,
    Estimator,
    Function,
    Mark,
    Prediction,
    Score,
    Value,
    either,
    merge,
    names_in,
)
from scaffold.checks.validity.words import METRIC_LIST, MODEL_NAME, NOT_A_RESULT

DEEPEST_CALL = 8
FEWEST_ROWS = 20  # a cut with fewer rows is no split
DEEPEST_EXPRESSION = 100
MOST_TURNS = 8
STEP_IN = "random numbers step in where no file is found"
SPOKEN = {"print", "warn", "warning", "info", "error", "critical", "log", "echo", "exit"}
MOST_STEPS = 60_000  # expressions in one file, so that no repository takes for ever


def read(sources: Mapping[str, Source]) -> Story:
    """The story of all files; what one writes to disk and another reads is followed as well."""
    story = _walked(sources, {})
    if story.asked & story.written.keys():  # the reader may have been walked before the writer
        story = _walked(sources, story.written)
    learns = "backward" in story.names and not story.reads
    if learns and len(story.drawn) > 1 and not story.of(Fit):
        name, place = min(story.drawn.items(), key=lambda pair: pair[1])
        story.events.append(Invented(place, f"a network is trained on {name!r}, random numbers"))
    story.events = list(dict.fromkeys(story.events))
    return story


def _walked(sources: Mapping[str, Source], written: Mapping[str, Value]) -> Story:
    """One walk through all files; those that others import are walked where they are imported."""
    story = Story(written=dict(written))
    known = modules(sources)
    walked: dict[str, dict[str, Value]] = {}
    imported = {name for source in sources.values() for name in _imports(source, known)}
    programs = [source for source in sources.values() if not source.tests and not source.copy]
    order = sorted(programs, key=lambda source: (source.path in imported, source.path))
    imported_walkers: dict[str, Walker] = {}
    for source in order:
        if source.path not in walked:
            with suppress(RecursionError):  # what was understood before it stays
                Walker(source, story, known, walked, imported_walkers).module()
    for path in sorted(imported_walkers):
        with suppress(RecursionError):
            imported_walkers[path].rest()
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
        imported: dict[str, Walker],
    ) -> None:
        self.imported = imported
        self.source = source
        self.story = story
        self.known = known
        self.walked = walked
        self.scope: dict[str, Value] = {}
        self.loops: tuple[int, ...] = ()
        self.depth = 0
        self.nested = 0
        self.steps = 0
        self.called = story.called
        self.rebound: set[str] = set()  # names that the present function has set anew
        self.changed: dict[str, Value] = {}  # arguments that the last function has changed in place
        self.targets: list[str] = []  # names that the present statement sets
        self.lists: dict[str, ast.expr] = {}  # what was last written behind a name's `=`
        self.cuts: dict[str, dict[str, set[str]]] = {}  # file: what is sliced, on which sides
        self.inner: list[Function] = []  # functions that stand inside functions
        self.returned: list[Value] = []
        self.chain: list[str] = [source.path]  # files whose functions are being walked
        self.callers: list[tuple[Place, set[int]]] = []  # the calls that led there
        self.library = Library(story, self.rename, self.enter, self.chain, self.callers)

    # -- statements ---------------------------------------------------------------------------

    def module(self) -> dict[str, Value]:
        """Walk the file, then the functions that nothing called."""
        self.walked[self.source.path] = self.scope
        self.block(self.source.tree.body)
        self._uncalled()
        return self.scope

    def rest(self) -> None:
        """Of an imported file: what it does as a program, and what nothing has called."""
        self.depth = 0
        self.block([node for node in self.source.tree.body if _is_main_block(node)])
        self._uncalled()

    def _uncalled(self) -> None:
        for value in list(self.scope.values()):
            function = value.function
            if function and function.source is self.source and function.node not in self.called:
                self.enter(function, [], {})
            if value.klass and value.klass[1] is self.source:
                self._uncalled_methods(*value.klass)
        for function in self.inner:
            if function.node not in self.called:
                self.enter(function, [], {})

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
                function = Function(node, self.source, self.scope)
                self.scope[node.name] = Value(function=function)
                if self.depth:
                    self.inner.append(function)
            case ast.ClassDef():
                self.scope[node.name] = Value(klass=(node, self.source))
            case ast.Import() | ast.ImportFrom():
                self.imports(node)
            case ast.Assign():
                self.targets = [each.id for target in node.targets for each in ast.walk(target)
                                if isinstance(each, ast.Name)]  # fmt: skip
                value = self.value(node.value)
                self.targets = []
                self._typed_in(node)
                for target in node.targets:
                    if isinstance(target, ast.Name):
                        self.lists[target.id] = node.value
                for target in node.targets:
                    self.assign(target, value, node)
            case ast.AnnAssign(value=ast.expr() as given):
                self.assign(node.target, self.value(given), node)
            case ast.AugAssign():
                whole = ast.BinOp(node.target, node.op, node.value)
                self.assign(node.target, self.value(ast.copy_location(whole, node)), node)
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
                self._tried(node)
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
                gone = columns.without(frame, [key.constant])
                self.scope[target.value.id] = gone

    def _tried(self, node: ast.Try) -> None:
        self.block(node.body)
        before = dict(self.scope)
        for handler in node.handlers:
            self.block(handler.body)
            self._invented(before, self.scope, handler.body)
            for name, value in before.items():
                self.scope[name] = either(value, self.scope.get(name, NOTHING))
        self.block(node.orelse)

    def _invented(
        self, one: Mapping[str, Value], other: Mapping[str, Value], body: Sequence[ast.stmt]
    ) -> None:
        """A variable that holds rows of a file, or else random numbers, and nobody is told."""
        swapped = any(
            value.generated and not value.loaded and one.get(name, NOTHING).loaded
            for name, value in other.items()
        )
        if swapped and body and not _speaks(body):
            self.emit(Invented(self.place(body[0]), STEP_IN))

    def branch(self, node: ast.If) -> None:
        test = self.value(node.test)
        self._best_of(node)
        taken = True if _is_main(node.test) else self._taken(node.test, test)
        if taken is not None:
            self.block(node.body if taken else node.orelse)
            return
        before = dict(self.scope)
        self.block(node.body)
        after = dict(self.scope)
        self.scope.clear()
        self.scope.update(before)
        self.block(node.orelse)
        self._invented(after, self.scope, node.orelse)
        self._invented(self.scope, after, node.body)
        for name in {*after, *self.scope}:
            self.scope[name] = either(after.get(name, NOTHING), self.scope.get(name, NOTHING))

    def _taken(self, node: ast.expr, test: Value) -> bool | None:
        """Which way a branch goes, where an argument of a call decides it."""
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
            inner = self._taken(node.operand, self.value(node.operand))
            return None if inner is None else not inner
        if isinstance(node, ast.Compare) and isinstance(node.ops[0], ast.Is | ast.IsNot):
            left, right = self.value(node.left), self.value(node.comparators[0])
            if not right.known or right.constant is not None:
                return None
            if left.estimator or left.rows:
                return isinstance(node.ops[0], ast.IsNot)
            if left.known:
                return (left.constant is None) == isinstance(node.ops[0], ast.Is)
            return None
        simple = self.depth > 0 and isinstance(node, ast.Name) and test.known
        return test.constant if simple and isinstance(test.constant, bool) else None

    def _best_of(self, node: ast.If) -> None:
        """`if score > best: best = score`."""
        if not isinstance(node.test, ast.Compare):
            return
        targets = [each for child in node.body if isinstance(child, ast.Assign)
                   for each in child.targets]  # fmt: skip
        self._better_of(node.test, [each.id for each in targets if isinstance(each, ast.Name)])
        if not self.loops:
            return
        score = next(
            (found.score for part in (node.test.left, *node.test.comparators)
             if (found := self.value(part)).score), None,
        )  # fmt: skip
        kept = any(isinstance(child, ast.Assign) for child in node.body)
        names = " ".join(ast.unparse(part) for part in (node.test.left, *node.test.comparators))
        if score and kept and any(word in names.lower() for word in ("best", "max", "min", "top")):
            self.emit(Chosen(self.place(node), score.part, score.place, "the best of them is kept"))

    def _better_of(self, test: ast.expr, targets: Sequence[str]) -> None:
        """`best = forest if forest_score > tree_score else tree`."""
        if not isinstance(test, ast.Compare) or not any(map(library.BEST.search, targets)):
            return
        scores = [self.value(side).score for side in (test.left, *test.comparators)]
        if all(scores) and scores[0] and {score.part for score in scores if score} == {TEST}:
            how = "the better one is taken"
            self.emit(Chosen(self.place(test), TEST, scores[0].place, how))

    def loop(self, node: ast.For | ast.AsyncFor) -> None:
        over = self.value(node.iter)
        number = id(node)
        self.loops += (number,)
        for turn, element in enumerate(_turns(over) or (self._element(over),)):
            varied = _varied(element, number)
            named = element.known and isinstance(element.constant, str)
            varied = replace(varied, known=named) if named else varied
            self.assign(node.target, varied, node)
            begun = self._begun(node.target)
            self.block(node.body)
            self._kept(node, turn, begun)
        self.loops = self.loops[:-1]
        self.block(node.orelse)

    def _begun(self, target: ast.expr) -> Value | None:
        """A turn's variable as the turn begins."""
        if not isinstance(target, ast.Name):
            return None
        self.rebound.discard(target.id)
        return self.scope.get(target.id)

    def _kept(self, node: ast.For | ast.AsyncFor, turn: int, begun: Value | None) -> None:
        """`for frame in [train, test]: frame["age"] = …` changes train and test."""
        over = self.lists.get(node.iter.id) if isinstance(node.iter, ast.Name) else node.iter
        if begun is None or not isinstance(over, ast.List | ast.Tuple) or turn >= len(over.elts):
            return
        member, target = over.elts[turn], node.target
        if isinstance(member, ast.Name) and isinstance(target, ast.Name):
            changed = self.scope.get(target.id, NOTHING)
            if changed is not begun and target.id not in self.rebound and changed.table:
                self.scope[member.id] = replace(changed, loops=changed.loops - set(self.loops[-1:]))

    def _element(self, over: Value) -> Value:
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

    def _module(self, name: str) -> Value | None:
        source = self.known.get(name)
        if source is None or source is self.source:
            return None
        if source.path not in self.walked:
            inner = Walker(source, self.story, self.known, self.walked, self.imported)
            self.imported[source.path] = inner
            inner.depth = self.depth + 1
            if inner.depth < DEEPEST_CALL:
                inner.block_of_definitions()
        for path, which in tuple(self.story.seeded):
            if path == source.path:
                self.story.seeded.add((self.source.path, which))
        return Value(attributes=self.walked.get(source.path, {}))

    def block_of_definitions(self) -> None:
        """Walk an imported file: its functions are walked where they are called."""
        self.walked[self.source.path] = self.scope
        body = [node for node in self.source.tree.body if not _is_main_block(node)]
        self.block(body)

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
                    each = self._held_out(element, each) if known else _as_named(element, each)
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
        how = self._parts(taken) if taken is not None and not _parted_already(taken) else ""
        if how and value.part == WHOLE:
            self._sliced(self.place(node), value, how)
            return replace(value, part=part, lottery="")
        return value

    def _sliced(self, place: Place, rows: Value, how: str = "slicing") -> None:
        """Rows are parted where they stand, after a shuffle perhaps."""
        generator = rows.lottery or "numpy"
        self.emit(
            Split(place, (rows,), how, not rows.lottery, rows.shuffled, generator=generator)
        )  # fmt: skip

    def _parts(self, node: ast.expr) -> str:
        """How an expression takes some of the rows: `X[:n]`, `df.sample(frac=0.8)`; or not."""
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            share = next((word.value for word in node.keywords if word.arg == "frac"), None)
            taken = self.value(share).constant if node.func.attr == "sample" else None
            return "sample()" if isinstance(taken, float) and taken < 1 else ""
        return "slicing" if _is_slicing(node) else ""

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
        changed = self.with_column(frame, key, value)
        self.rename(holder, changed)

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

    # -- expressions --------------------------------------------------------------------------

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
                return self._attribute(node)
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
        if parts and (file := _file(parts[-1], needs_folder=True)):
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
        if inner is None or not _turns(over) or generator.ifs:
            return None
        before, made = self.scope.get(target.id), []
        for item in over.items or ():
            self.scope[target.id] = item
            made.append(self.value(inner))
        self.scope[target.id] = before or NOTHING
        return replace(merge(made), items=tuple(made))

    def _operation(self, node: ast.BinOp) -> Value:
        left, right = self.value(node.left), self.value(node.right)
        if isinstance(node.op, ast.Add) and (text := _texts(left, right)) is not None:
            return Value(constant=text, known=True)
        if left.labels:
            return self._of_labels(node.op, left, right)
        path = isinstance(node.op, ast.Add | ast.Div) and not left.rows
        if path and (file := _file(right, needs_folder=isinstance(node.op, ast.Add))):
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

    def _attribute(self, node: ast.Attribute) -> Value:
        return self._attribute_of(self.value(node.value), node)

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
        return _column(owner, name)

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
        if owner.ranked and owner.score and at in {0, -1}:
            how = "the first of them, sorted by it, is taken"
            self.emit(Chosen(self.place(node), owner.score.part, owner.score.place, how))
            return replace(owner, ranked=False)
        if owner.cut is not None and not owner.table:
            return self._part_of_cut(owner, node.slice, node.value)
        if owner.correlation and key.known and isinstance(at, str):
            return Value(marks=frozenset({Mark("selected", f"a correlation with {at!r}",
                                               self.place(node))}))  # fmt: skip
        if owner.correlation and (chosen := self.library.chosen_by(key)):
            return Value(marks=chosen)
        if not owner.rows:
            return replace(owner, items=None, entries=None, known=False)
        return replace(self._rows_or_columns(owner, key, node), known=False)

    def _rows_or_columns(self, owner: Value, key: Value, node: ast.Subscript) -> Value:
        """`df["a"]`, `df[["a", "b"]]`, `df.iloc[:, 3]`, `X[train_rows]`, `X[:800]`."""
        owner = replace(owner, items=None, entries=None)
        if owner.labels:
            chosen = self.library.chosen_by(key)
            return Value(marks=chosen) if chosen else replace(owner, selected=columns.UNKNOWN)
        if isinstance(node.slice, ast.Tuple):
            if any(map(_backwards, node.slice.elts[1:])):
                owner = replace(owner, augmented=True)
            return (
                self._cells(owner, node.slice, node.value) if len(node.slice.elts) == 2 else owner
            )
        if isinstance(node.slice, ast.Slice):
            return self._cut(owner, node.slice, node.value)
        if key.known and isinstance(key.constant, str):
            return self._one_column(owner, key.constant, self.place(node))
        if key.cut is not None and key.part:
            return self._parted(owner, key, key.cut)
        if key.part and key.part != owner.part and not key.table:
            return replace(owner, part=key.part)
        if key.mask or key.cut is not None:
            return replace(owner, joined=None)  # `both[both.price.notna()]` may be the old parts
        return self._some_columns(owner, key)

    def _one_column(self, owner: Value, name: str, place: Place) -> Value:
        self.story.columns.setdefault(name, place)
        part = library.part_by_name(name.lower())
        if owner.part == WHOLE and part and columns.PART_KEY.match(name):
            return replace(owner, part=part)
        dates = owner.dates or bool(library.DATES.match(name))
        return replace(_column(owner, name), dates=dates)

    def _some_columns(self, owner: Value, key: Value) -> Value:
        names = names_in(key)
        chosen = self.library.chosen_by(key)
        if chosen:
            return replace(owner, marks=owner.marks | chosen, selected=columns.UNKNOWN, column=None)
        if names is not None and (names or not owner.of):
            return replace(owner, selected=frozenset(names), column=None, of=frozenset())
        if key.labels:
            return columns.chosen(owner, key)
        if owner.column is not None or owner.of:
            return owner
        return replace(owner, selected=columns.UNKNOWN)

    def _parted(self, owner: Value, key: Value, cut: Cut) -> Value:
        """`X[train_rows]`, where those are part of a permutation, or a fold."""
        if owner.part in {"", WHOLE} and cut.how != "index" and (owner.table or owner.marks):
            self.emit(Split(rows=(owner,), **vars(cut)))
        return replace(owner, part=key.part)

    def _part_of_cut(self, order: Value, key: ast.expr, node: ast.expr) -> Value:
        """`order[:n]` and `order[n:]`."""
        if not isinstance(key, ast.Slice) or (key.lower and key.upper) or order.part:
            return order
        both = len(self._sides(node)) > 1 or any(map(library.part_by_name, self.targets))
        if both and order.cut is not None and not order.cut.folds:
            self.emit(Split(rows=(), **vars(order.cut)))
        return replace(order, part=TEST if key.lower else TRAIN)

    def _cut(self, owner: Value, rows: ast.Slice, node: ast.expr) -> Value:
        """`X[:n]` and `X[n:]` part rows; one of them alone, or a handful of rows, is a look."""
        end, side = _one_sided(rows)
        if end is None or owner.part != WHOLE or owner.score or owner.mask:
            return owner
        if library.part_by_name(_base(node)):  # `X_train[:whole_batches]`
            return owner
        at = self.value(end)
        if at.known and not (isinstance(at.constant, int) and abs(at.constant) >= FEWEST_ROWS):
            return owner
        if len(self._sides(node)) < 2 and not any(map(library.part_by_name, self.targets)):
            return owner
        self._sliced(self.place(end), owner)
        return replace(owner, part=self._side(side, end), lottery="")

    def _side(self, side: str, end: ast.expr) -> str:
        """Which part `[:n]` is: the training rows, unless names say otherwise."""
        named = {library.part_by_name(name) for name in self.targets} - {""}
        if len(named) == 1:
            return named.pop()
        first = TEST if library.part_by_name(ast.unparse(end)) == TEST else TRAIN
        return first if side == "upper" else ({TRAIN, TEST} - {first}).pop()

    def _sides(self, node: ast.expr) -> set[str]:
        """On which sides an expression is cut anywhere in the file."""
        if self.source.path not in self.cuts:
            found: dict[str, set[str]] = {}
            for each in ast.walk(self.source.tree):
                rows = each.slice if isinstance(each, ast.Subscript) else None
                rows = rows.elts[0] if isinstance(rows, ast.Tuple) and rows.elts else rows
                if isinstance(each, ast.Subscript) and isinstance(rows, ast.Slice):
                    found.setdefault(_base(each.value), set()).add(_one_sided(rows)[1])
            self.cuts[self.source.path] = found
        return self.cuts[self.source.path].get(_base(node), set()) - {""}

    def _cells(self, owner: Value, both: ast.Tuple, node: ast.expr) -> Value:
        """`df.iloc[:, 0:5]`, `df.iloc[:, -1]`, `df.loc[:, "a"]`."""
        rows = self.value(both.elts[0])
        if isinstance(both.elts[0], ast.Slice):
            owner = self._cut(owner, both.elts[0], node)
        if rows.part and not rows.table:
            owner = (
                self._parted(owner, rows, rows.cut) if rows.cut else replace(owner, part=rows.part)
            )
        return self._across(owner, both.elts[1])

    def _across(self, owner: Value, across: ast.expr) -> Value:
        """The columns of `df.iloc[rows, columns]`."""
        if isinstance(across, ast.Constant) and (across.value is None or across.value is ...):
            return owner
        if isinstance(across, ast.Slice):
            low = self.value(across.lower).constant if across.lower else None
            high = self.value(across.upper).constant if across.upper else None
            whole = all(end is None or isinstance(end, int) for end in (low, high))
            known = all(
                end is None or self.value(end).known for end in (across.lower, across.upper)
            )
            if whole and known and across.step is None:
                return replace(owner, positions=(low, high), items=None)  # type: ignore[arg-type]
            return replace(owner, items=None, selected=frozenset())
        key = self.value(across)
        if chosen := self.library.chosen_by(key):
            return replace(owner, marks=owner.marks | chosen, selected=columns.UNKNOWN, items=None)
        if key.known and isinstance(key.constant, int | str):
            if isinstance(key.constant, str):
                return _column(owner, key.constant)
            return replace(owner, column=key.constant, items=None)
        names = names_in(key)
        if names is not None:
            return replace(owner, selected=frozenset(names), items=None)
        if key.labels:
            return columns.chosen(owner, key)
        return replace(owner, items=None, selected=frozenset())

    def call(self, node: ast.Call) -> Value:
        arguments = tuple(self._elements(node.args))
        keywords = {word.arg: self.value(word.value) for word in node.keywords if word.arg}
        owner, callee = self._callee(node.func)
        if callee.function is not None:
            handed_on = {value.table for value in (*arguments, *keywords.values())}
            self.callers.append((self.place(node), handed_on))
            result = self.enter(callee.function, arguments, keywords)
            self.callers.pop()
            self._given_back(node, callee.function)
            return self._judged(node, (*arguments, *keywords.values()), result)
        if callee.klass is not None:
            return self._instance(node, callee, arguments, keywords)
        place, loops = self.place(node), frozenset(self.loops)
        dotted = callee.dotted
        if (answer := self._network(node, place, arguments)) is not None:
            return answer
        if isinstance(node.func, ast.Attribute):
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

    def _network(self, node: ast.Call, place: Place, arguments: Sequence[Value]) -> Value | None:
        """`model(images)`, `criterion(outputs, labels)` in a loop written out."""
        name = getattr(node.func, "attr", getattr(node.func, "id", ""))
        given = merge(arguments)
        if not given.rows or given.estimator:
            return None
        if library.NETWORK.search(name):
            said = Prediction(Estimator(name, place), given)
            return replace(given, predicted=said, items=None, column=None)
        if given.predicted and library.LOSS.search(name):
            return Value(score=Score(name, given.predicted.rows.part, place))
        return None

    def _callee(self, node: ast.expr) -> tuple[Value, Value]:
        """What stands before the dot, evaluated once, and what is called."""
        if isinstance(node, ast.Name):
            return NOTHING, self.scope.get(node.id, Value(dotted=node.id))
        if isinstance(node, ast.Attribute):
            owner = self.value(node.value)
            return owner, self._attribute_of(owner, node)
        return NOTHING, self.value(node)

    def _instance(
        self,
        call: ast.Call,
        klass: Value,
        arguments: Sequence[Value],
        keywords: Mapping[str, Value],
    ) -> Value:
        instance = Value(attributes={"__class__": klass})
        node = klass.klass[0] if klass.klass else None
        if node is not None and any("Dataset" in ast.unparse(base) for base in node.bases):
            table = hash((self.place(call), call.col_offset)) or 1
            part = part_of_file((*arguments, *keywords.values())) or WHOLE
            instance = replace(instance, table=table, loaded=True, part=part)
        self._fields(instance, node, arguments, keywords)
        for name, given in (("__init__", True), ("__post_init__", False)):
            begin = self._method(instance, name)
            if begin is not None and begin.function is not None:
                self.enter(
                    begin.function, arguments if given else (), keywords if given else {}
                )  # fmt: skip
        return instance

    def _fields(
        self, instance: Value, node: ast.ClassDef | None, arguments: Sequence[Value],
        keywords: Mapping[str, Value],
    ) -> None:  # fmt: skip
        """What stands in a class's body, and the arguments of a dataclass."""
        if node is None or instance.attributes is None:
            return
        fields = [item for item in node.body if isinstance(item, ast.AnnAssign)]
        names = [item.target.id for item in fields if isinstance(item.target, ast.Name)]
        for item in node.body:
            if isinstance(item, ast.Assign) and isinstance(item.targets[0], ast.Name):
                instance.attributes[item.targets[0].id] = self.value(item.value)
            elif isinstance(item, ast.AnnAssign) and isinstance(item.target, ast.Name):
                instance.attributes[item.target.id] = self.value(item.value)
        if any("dataclass" in ast.unparse(mark) for mark in node.decorator_list):
            instance.attributes.update(zip(names, arguments, strict=False))
            instance.attributes.update({k: v for k, v in keywords.items() if k in names})

    def _judged(self, node: ast.Call, given: Sequence[Value], result: Value) -> Value:
        """`accuracy = evaluate(model, test_loader)`: what an evaluating function returns."""
        name = getattr(node.func, "id", getattr(node.func, "attr", ""))
        parts = {value.part for value in given if value.part} or self._looked_at(node)
        if result.score or not library.EVALUATES.match(name) or len(parts) != 1:
            return result
        score = Score(name, parts.pop(), self.place(node))
        if result.items:
            items = (item if item.rows or item.score else replace(item, score=score)
                     for item in result.items)  # fmt: skip
            return replace(result, items=tuple(items))
        return replace(result, score=score)

    def _looked_at(self, node: ast.Call) -> set[str]:
        """The parts that a function without arguments takes from outside: `test_loader`."""
        function = self._callee(node.func)[1].function
        names = (each.id for each in ast.walk(function.node) if isinstance(each, ast.Name)
                 ) if function else ()  # fmt: skip
        found = {library.part_by_name(name) for name in names if library.HOLDS_ROWS.search(name)}
        return found - {""}

    def enter(
        self, function: Function, arguments: Sequence[Value], keywords: Mapping[str, Value]
    ) -> Value:
        """Walk a function of the repository with what it is given; returns what it returns."""
        node = function.node
        self.called.add(node)
        if self.depth >= DEEPEST_CALL or self.steps > MOST_STEPS:
            return merge((*arguments, *keywords.values()))
        outer = (self.scope, self.returned, self.source, self.rebound)
        bound = self._bound(function, arguments, keywords)
        self.scope = {**function.scope, **bound}
        self.returned, self.source, self.rebound = [], function.source, set()
        self.depth += 1
        self.chain.append(function.source.path)
        if isinstance(node, ast.Lambda):
            self.returned = [self.value(node.body)]
        else:
            self.block(node.body)
        made = self.returned
        self._returns_either(node, made)
        self.depth -= 1
        self.chain.pop()
        self.changed = {
            name: self.scope[name]
            for name, value in bound.items()
            if name not in self.rebound and self.scope.get(name) is not value
        }
        self.scope, self.returned, self.source, self.rebound = outer
        result = made[0] if made else NOTHING
        for other in made[1:]:
            result = either(result, other)
        name = getattr(node, "name", "")
        if "augment" in name.lower() and result.rows:
            result = replace(result, augmented=True)
        return result

    def _given_back(self, node: ast.Call, function: Function) -> None:
        """A frame that a function has changed in place is changed for its caller too."""
        spec = function.node.args
        names = [argument.arg for argument in (*spec.posonlyargs, *spec.args)]
        names = names[1:] if function.owner is not None else names
        pairs = [*zip(names, node.args, strict=False),
                 *((word.arg, word.value) for word in node.keywords)]  # fmt: skip
        for name, given in pairs:
            if name in self.changed and isinstance(given, ast.Name):
                self.scope[given.id] = self.changed[name]

    def _returns_either(self, node: ast.AST, made: Sequence[Value]) -> None:
        """Rows of a file from one return, random numbers from another."""
        read = any(_any(value, lambda each: each.loaded) for value in made)
        last = next((v for v in made if _any(v, lambda each: each.generated)
                     and not _any(v, lambda each: each.loaded)), None)  # fmt: skip
        body = getattr(node, "body", None)
        if read and last is not None and isinstance(body, list) and not _speaks(body):
            self.emit(Invented(self.place(node), STEP_IN))

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


def _turns(over: Value) -> tuple[Value, ...]:
    """Turns of a loop that differ in what is said of rows: parts, or names of columns."""
    items = over.items or ()
    if not 2 <= len(items) <= MOST_TURNS or any(item.estimator for item in items):
        return ()
    named = all(item.known and isinstance(item.constant, str) for item in items)
    parted = len({item.part for item in items if item.rows and not item.items}) > 1
    return items if named or parted else ()


def _file(value: Value, *, needs_folder: bool) -> Value | None:
    """The end of a path, where it names a file whatever stands before it."""
    text = value.constant if value.known and isinstance(value.constant, str) else ""
    _, slash, name = text.replace("\\", "/").rpartition("/")
    if not library.FILE.match(name) or (needs_folder and not slash):
        return None
    return Value(constant=name, known=True)


def _texts(left: Value, right: Value) -> str | None:
    one, other = left.constant, right.constant
    known = left.known and right.known and isinstance(one, str) and isinstance(other, str)
    return f"{one}{other}" if known else None


def _column(owner: Value, name: str) -> Value:
    return replace(
        owner, column=name, selected=frozenset({name}), items=None, of=frozenset({name}),
        labels=False,
    )  # fmt: skip


def _as_named(target: ast.expr, value: Value) -> Value:
    """One of several that something unknown returned: its name says which rows it holds."""
    part = library.part_by_name(target.id) if isinstance(target, ast.Name) else ""
    if part and value.rows and value.part in {"", WHOLE} and not value.estimator:
        return replace(value, part=part)
    return value


def _speaks(body: Sequence[ast.stmt]) -> bool:
    """Whether a person is told: something is printed, logged or raised."""
    calls = (node for statement in body for node in ast.walk(statement))
    return any(
        isinstance(node, ast.Raise)
        or (isinstance(node, ast.Call)
            and getattr(node.func, "attr", getattr(node.func, "id", "")) in SPOKEN)
        for node in calls
    )  # fmt: skip


def _any(value: Value, test: Callable[[Value], bool]) -> bool:
    return test(value) or any(_any(item, test) for item in value.items or ())


def _one_sided(rows: ast.Slice) -> tuple[ast.expr | None, str]:
    """The end of `[:n]` or `[n:]`, and which it is; `[0:n]` is `[:n]`."""
    lower = rows.lower
    if isinstance(lower, ast.Constant) and lower.value == 0:
        lower = None
    if rows.step is not None or (lower is None) == (rows.upper is None):
        return None, ""
    return (lower, "lower") if lower is not None else (rows.upper, "upper")


def _base(node: ast.expr) -> str:
    """What is sliced: `df` in `df.iloc[:n]`."""
    while True:
        if isinstance(node, ast.Attribute) and node.attr in {"iloc", "loc", "values"}:
            node = node.value
        elif isinstance(node, ast.Subscript) and not isinstance(node.slice, ast.Slice | ast.Tuple):
            node = node.value  # some of its columns
        else:
            return ast.unparse(node)


def _parted_already(node: ast.expr) -> bool:
    """`X_train = X_train[:whole_batches]`."""
    return isinstance(node, ast.Subscript) and bool(library.part_by_name(_base(node.value)))


def _backwards(node: ast.expr) -> bool:
    """`::-1`."""
    step = node.step if isinstance(node, ast.Slice) else None
    return isinstance(step, ast.UnaryOp) and isinstance(step.op, ast.USub)


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
