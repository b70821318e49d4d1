"""What happened to rows, in order: the story that `trace` writes and `faults` reads."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from typing import TypeVar

from scaffold.checks.validity.sources import Place
from scaffold.checks.validity.values import Estimator, Value


@dataclass(frozen=True)
class Split:
    """Rows are parted."""

    place: Place
    rows: tuple[Value, ...]
    how: str  # the function's name, "slicing", or the splitter's class
    seeded: bool = True
    shuffled: bool = False
    grouped: bool = False
    folds: bool = False
    generator: str = "numpy"  # the library that draws it


@dataclass(frozen=True)
class Fit:
    """A model or transformer learns."""

    place: Place
    estimator: Estimator = field(hash=False)
    rows: Value
    target: Value
    loops: frozenset[int]


@dataclass(frozen=True)
class CrossValidation:
    """Folds are made of rows, and a model is fitted on each."""

    place: Place
    estimator: Estimator | None = field(hash=False)
    rows: Value
    how: str


@dataclass(frozen=True)
class Measured:
    """A metric is computed."""

    place: Place
    metric: str
    part: str
    model: Estimator | None = field(hash=False)
    rows: Value
    loops: frozenset[int]
    varied: frozenset[int]  # loops whose variable decides the model
    fitted: Value | None = field(default=None, hash=False)  # what the model had learned from
    fit_place: Place | None = None


@dataclass(frozen=True)
class Chosen:
    """A score decides something: the best of many is taken, or training stops by it."""

    place: Place
    part: str
    measured: Place
    how: str


@dataclass(frozen=True)
class Peeked:
    """Training rows are transformed with what was learned from all rows."""

    place: Place
    what: str
    rows: Value


@dataclass(frozen=True)
class Learned:
    """A statistic of rows is put into those rows, by hand or by a function that keeps nothing."""

    place: Place
    what: str
    rows: Value


@dataclass(frozen=True)
class Typed:
    """A number with a metric's name beside it stands in the code."""

    place: Place
    text: str


@dataclass(frozen=True)
class Fed:
    """A network's training draws its batches from these rows."""

    place: Place
    rows: Value


@dataclass(frozen=True)
class Invented:
    """Random numbers stand where rows should."""

    place: Place
    what: str


Event = (
    Split | Fit | CrossValidation | Measured | Chosen | Learned | Peeked | Typed | Fed | Invented
)
Kind = TypeVar("Kind", bound=Event)


@dataclass
class Story:
    """All events of a repository, file by file, and a few facts about its words."""

    events: list[Event] = field(default_factory=list)
    columns: dict[str, Place] = field(default_factory=dict)
    grouped_by: dict[str, Place] = field(default_factory=dict)
    seeded: set[tuple[str, str]] = field(default_factory=set)  # which file seeds which library
    names: set[str] = field(default_factory=set)  # what is called
    drawn: dict[str, Place] = field(default_factory=dict)  # variables drawn at random
    uneven: list[Place] = field(default_factory=list)  # classes are weighted
    reads: bool = False  # anything is read from a file
    rule: bool = False  # a rule of one line stands beside the model
    written: dict[str, Value] = field(default_factory=dict)  # what lies in files, by their names
    asked: set[str] = field(default_factory=set)  # files read before anything wrote them
    called: set[ast.AST] = field(default_factory=set)  # functions that were walked where called

    def of(self, kind: type[Kind]) -> list[Kind]:
        """The events of one kind, in order."""
        return [event for event in self.events if isinstance(event, kind)]
