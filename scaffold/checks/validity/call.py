"""One call in the code that is read."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from scaffold.checks.validity.sources import Place
from scaffold.checks.validity.values import NOTHING, Function, Value, merge

Enter = Callable[[Function, Sequence[Value], Mapping[str, Value]], Value]


@dataclass(frozen=True)
class Call:
    """One call: what is called, on what, with what."""

    node: ast.Call
    name: str
    place: Place
    loops: frozenset[int]
    arguments: tuple[Value, ...]
    keywords: Mapping[str, Value]
    dotted: str = ""
    owner: Value = NOTHING

    @property
    def given(self) -> tuple[Value, ...]:
        return (*self.arguments, *self.keywords.values())

    @cached_property
    def everything(self) -> Value:
        return merge(self.given)

    @property
    def first(self) -> Value:
        return self.arguments[0] if self.arguments else next(iter(self.keywords.values()), NOTHING)

    @property
    def second(self) -> Value:
        return self.arguments[1] if len(self.arguments) > 1 else NOTHING

    @property
    def rows(self) -> Value:
        """X of a fit, transform or score."""
        given = self.keywords.get("X", self.keywords.get("x"))
        return given or (self.arguments[0] if self.arguments else NOTHING)

    @property
    def target(self) -> Value:
        return self.keywords.get("y", self.second)

    def says(self, keyword: str, value: object) -> bool:
        given = self.keywords.get(keyword, NOTHING)
        return given.known and given.constant == value


Answers = dict[str, Callable[[Call], Value]]
