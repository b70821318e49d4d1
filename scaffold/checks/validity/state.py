"""What is known while one file is walked."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence

from scaffold.checks.validity.calls import Library
from scaffold.checks.validity.events import Event, Story
from scaffold.checks.validity.sources import Place, Source
from scaffold.checks.validity.values import Function, Value


class State:
    """Variables, loops, and the functions that are being walked."""

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

    def emit(self, event: Event) -> None:
        self.story.events.append(event)

    def place(self, node: ast.AST) -> Place:
        return self.source.place(getattr(node, "lineno", 1))

    # What the classes on top of this one add.

    def value(self, node: ast.expr | None) -> Value:
        """What an expression is."""
        raise NotImplementedError

    def call(self, node: ast.Call) -> Value:
        """What a call gives."""
        raise NotImplementedError

    def enter(
        self, function: Function, arguments: Sequence[Value], keywords: Mapping[str, Value]
    ) -> Value:
        """Walk a function of the repository."""
        raise NotImplementedError

    def assign(self, target: ast.expr, value: Value, node: ast.AST) -> None:
        """Give a target a value."""
        raise NotImplementedError

    def rename(self, target: ast.expr, value: Value) -> None:
        """A variable that a method has changed in place."""
        raise NotImplementedError

    def block(self, statements: Sequence[ast.stmt]) -> None:
        """Walk statements."""
        raise NotImplementedError
