"""The repository's own functions and classes, walked where they are called."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence

from scaffold.checks.validity import library
from scaffold.checks.validity.call import Call
from scaffold.checks.validity.events import Invented
from scaffold.checks.validity.expressions import MOST_STEPS, Expressions
from scaffold.checks.validity.files import part_of_file
from scaffold.checks.validity.sources import Place
from scaffold.checks.validity.syntax import any_of, speaks
from scaffold.checks.validity.values import (
    NOTHING,
    WHOLE,
    Estimator,
    Function,
    Prediction,
    Score,
    Value,
    either,
    merge,
    replace,
)

DEEPEST_CALL = 8
STEP_IN = "random numbers step in where no file is found"


class OwnFunctions(Expressions):
    """Calls, whoever has written what is called."""

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
                self.enter(begin.function, arguments if given else (), keywords if given else {})
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
        if result.score or not library.EVALUATES.match(name):
            return result
        parts = {value.part for value in given if value.part} or self._looked_at(node)
        if len(parts) != 1:
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
        read = any(any_of(value, lambda each: each.loaded) for value in made)
        last = next((v for v in made if any_of(v, lambda each: each.generated)
                     and not any_of(v, lambda each: each.loaded)), None)  # fmt: skip
        body = getattr(node, "body", None)
        if read and last is not None and isinstance(body, list) and not speaks(body):
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
