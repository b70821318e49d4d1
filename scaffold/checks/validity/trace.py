"""Walks a repository's statements in order and writes down what happens to which rows.

An abstract interpreter (Cousot and Cousot, 1977) of the small part of Python in which people write
experiments: assignments, calls, functions and modules of the repository, loops, branches. What it
does not understand it passes over; it never runs anything.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress

from scaffold.checks.validity.assignments import Assignments
from scaffold.checks.validity.events import Chosen, Fit, Invented, Story
from scaffold.checks.validity.expressions import MOST_STEPS
from scaffold.checks.validity.own_functions import DEEPEST_CALL, STEP_IN
from scaffold.checks.validity.sources import Source, modules
from scaffold.checks.validity.syntax import by_loop, is_main, is_main_block, speaks, turns
from scaffold.checks.validity.values import NOTHING, Function, Value, either, merge, replace


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
    programs = [source for source in sources.values() if source.is_program]
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


class Walker(Assignments):
    """Walks one file, statement by statement."""

    def __init__(
        self,
        source: Source,
        story: Story,
        known: Mapping[str, Source],
        walked: dict[str, dict[str, Value]],
        imported: dict[str, Walker],
    ) -> None:
        super().__init__(source, story, known, walked)
        self.imported = imported

    def module(self) -> dict[str, Value]:
        """Walk the file, then the functions that nothing called."""
        self.walked[self.source.path] = self.scope
        self.block(self.source.tree.body)
        self._uncalled()
        return self.scope

    def rest(self) -> None:
        """Of an imported file: what it does as a program, and what nothing has called."""
        self.depth = 0
        self.block([node for node in self.source.tree.body if is_main_block(node)])
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
        if swapped and body and not speaks(body):
            self.emit(Invented(self.place(body[0]), STEP_IN))

    def branch(self, node: ast.If) -> None:
        test = self.value(node.test)
        self._best_of(node)
        taken = True if is_main(node.test) else self._taken(node.test, test)
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
        sides = (node.test.left, *node.test.comparators)
        score = next((found.score for part in sides if (found := self.value(part)).score), None)
        kept = any(isinstance(child, ast.Assign) for child in node.body)
        names = " ".join(map(ast.unparse, sides))
        if score and kept and any(word in names.lower() for word in ("best", "max", "min", "top")):
            self.emit(Chosen(self.place(node), score.part, score.place, "the best of them is kept"))

    def loop(self, node: ast.For | ast.AsyncFor) -> None:
        over = self.value(node.iter)
        number = id(node)
        self.loops += (number,)
        for turn, element in enumerate(turns(over) or (self._element(over),)):
            varied = by_loop(element, number)
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
        self.block([node for node in self.source.tree.body if not is_main_block(node)])
