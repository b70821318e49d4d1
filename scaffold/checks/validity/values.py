"""What is known of a variable without running anything."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from scaffold.checks.validity.sources import Place, Source

WHOLE, TRAIN, VALIDATION, TEST = "whole", "train", "validation", "test"


@dataclass(frozen=True)
class Mark:
    """Something that was done to rows with knowledge of other rows, and where."""

    kind: str  # fitted, resampled, imputed, target, augmented
    what: str
    place: Place


@dataclass(eq=False)
class Estimator:
    """A model or transformer; changes when it is fitted."""

    name: str
    place: Place
    params: dict[str, Value] = field(default_factory=dict)
    steps: tuple[Estimator, ...] = ()
    fitted: Value | None = None
    target: Value | None = None
    fit_place: Place | None = None
    fit_loops: frozenset[int] = frozenset()
    varied_in: frozenset[int] = frozenset()

    @property
    def names(self) -> set[str]:
        """Its own class and those inside it."""
        return {self.name, *(name for step in self.steps for name in step.names)}


@dataclass(eq=False)
class Function:
    """A function of the repository itself, or a method with the object that it belongs to."""

    node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
    source: Source
    scope: dict[str, Value]
    owner: Value | None = None


@dataclass(frozen=True)
class Cut:
    """How an array of row numbers came about; rows are parted where it is used."""

    place: Place
    how: str
    seeded: bool = True
    shuffled: bool = False
    grouped: bool = False
    folds: bool = False
    generator: str = "numpy"


@dataclass(frozen=True)
class Value:
    """Rows, a column, a model, a number: as far as the statements so far tell.

    `part` is which rows of the split it holds; `table` the frame it was read from; `selected`
    the columns it surely consists of (None when that is open), `dropped` those surely gone,
    `column` the one it is; `of` the columns that it is computed from, row by row ("?" where other
    rows or anything unknown come in); `derived` the columns that were put in, and what of.
    """

    part: str = ""
    marks: frozenset[Mark] = frozenset()
    table: int = 0
    selected: frozenset[str | int] | None = None
    dropped: frozenset[str | int] = frozenset()
    column: str | int | None = None
    positions: tuple[int | None, int | None] | None = None
    items: tuple[Value, ...] | None = None
    entries: dict[str, Value] | None = field(default=None, hash=False, compare=False)
    estimator: Estimator | None = field(default=None, hash=False)
    function: Function | None = field(default=None, hash=False)
    klass: tuple[ast.ClassDef, Source] | None = field(default=None, hash=False)
    attributes: dict[str, Value] | None = field(default=None, hash=False, compare=False)
    constant: object = None
    known: bool = False  # whether `constant` is the value
    dotted: str = ""  # the imported thing that a name stands for
    predicted: Prediction | None = None
    score: Score | None = None
    statistic: int = 0  # a statistic of this table
    generated: bool = False  # drawn at random, not measured
    loaded: bool = False  # read from somewhere
    loops: frozenset[int] = frozenset()  # loops whose variable decides it
    ordered: bool = False  # rows in time: shifted, rolled, windowed
    dates: bool = False
    augmented: bool = False
    of: frozenset[str] = frozenset()
    derived: frozenset[tuple[str, frozenset[str]]] = frozenset()
    labels: bool = False  # names of columns: those of `selected`, without `dropped`
    mask: bool = False  # true or false for each row
    cut: Cut | None = None
    grouped: frozenset[str] = frozenset()  # in groups, or windows ("?"), not yet summarised
    per: frozenset[str] = frozenset()  # one row for each of these
    averages: str = ""  # the column whose average by group it is
    compared: bool = False  # predictions beside the truth
    shuffled: bool = False
    ranked: bool = False  # sorted by score
    named: bool = False  # its part is what the publisher's file is called: nobody here has split it
    joined: Place | None = None  # where training and test rows were put back together
    summary: int = 0  # statistics of groups of this table
    centred: int = 0  # less a statistic of this table
    limits: frozenset[int] = frozenset()  # loops that decide from where on it predicts "yes"
    correlation: int = 0  # the correlations between this table's columns
    file: str = ""  # the file that was opened
    lottery: str = ""  # the library whose generator has put its rows in order, without a seed

    @property
    def unparted(self) -> bool:
        """Rows that nobody has split yet."""
        return self.part in {"", WHOLE} or (self.part == TRAIN and self.named)

    @property
    def rows(self) -> bool:
        return bool(self.part or self.table or self.loaded or self.marks) and not self.statistic


@dataclass(frozen=True)
class Prediction:
    """What a model said of some rows, and the rows that it had learned from by then."""

    model: Estimator = field(hash=False)
    rows: Value = field(hash=False)
    fitted: Value | None = field(default=None, hash=False)
    fit_place: Place | None = None


@dataclass(frozen=True)
class Score:
    """A number that says how good a model is, on which rows, measured where.

    `repeated`: one fitted model is measured again and again, as a bootstrap does.
    """

    metric: str
    part: str
    place: Place
    repeated: bool = False


NOTHING = Value()

Noun = TypeVar("Noun")


def replace(noun: Noun, **changes: Any) -> Noun:
    """As `dataclasses.replace`, but not field by field, of which there are forty: a walk does it
    all the time.
    """
    made = object.__new__(type(noun))
    vars(made).update(vars(noun), **changes)
    return made


def merge(values: Iterable[Value]) -> Value:
    """What can be said of something made of all of these."""
    given = [value for value in values if value is not NOTHING and value != NOTHING]
    if not given:
        return NOTHING
    if len(given) == 1:
        return replace(given[0], mask=False, known=False, constant=None, items=None)
    tables = {value.table for value in given if value.table}
    first = next((value for value in given if value.rows), given[0])
    return replace(
        first,
        part=_joined({value.part for value in given if value.part}),
        table=first.table if len(tables) <= 1 else 0,
        generated=all(value.generated for value in given if value.rows or value.generated)
        and any(value.generated for value in given),
        mask=False,
        known=False,
        constant=None,
        items=None,
        **{name: _union([vars(value)[name] for value in given]) for name in _SETS},
        **{name: _first([vars(value)[name] for value in given]) for name in _FIRST},
    )


_SETS = ("marks", "loops", "of", "derived")  # of what is merged, all that any of them has
_FIRST = (  # and what the first has that has any
    "loaded", "ordered", "dates", "augmented", "score", "predicted", "compared", "joined",
    "lottery",
)  # fmt: skip


def _union(sets: list[frozenset[Any]]) -> frozenset[Any]:
    return frozenset().union(*sets) if any(sets) else sets[0]


def _first(values: list[Any]) -> Any:
    return next(filter(None, values), values[0])


def either(one: Value, other: Value) -> Value:
    """A variable after an `if`: what both branches say, and every mark of either."""
    if one is other or one == other:
        return one
    if one == NOTHING or other == NOTHING:
        return other if one == NOTHING else one
    if one.estimator and other.estimator:
        return other
    merged = merge((one, other))
    if one.part != other.part and WHOLE in {one.part, other.part}:  # split on one of the ways
        merged = replace(merged, part=({one.part, other.part} - {WHOLE}).pop() or WHOLE)
    if one.items and other.items and len(one.items) == len(other.items):
        return replace(merged, items=tuple(map(either, one.items, other.items)))
    if one.selected is not None and other.selected is not None:
        merged = replace(merged, selected=one.selected & other.selected)
    return replace(merged, dropped=one.dropped | other.dropped)


def _joined(parts: set[str]) -> str:
    if len(parts) <= 1:
        return next(iter(parts), "")
    return WHOLE if TEST in parts or WHOLE in parts else TRAIN


def names_in(value: Value) -> list[str | int] | None:
    """The names of columns that a value lists, or the one that it is; None where one is unknown."""
    if value.known and isinstance(value.constant, str):
        return [value.constant]
    if value.items is None:
        return None
    if not all(item.known and isinstance(item.constant, str | int) for item in value.items):
        return None
    return [item.constant for item in value.items if isinstance(item.constant, str | int)]
