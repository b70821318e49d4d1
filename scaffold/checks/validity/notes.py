"""What is written down of rows and of what was learned from them."""

from __future__ import annotations

import ast
from collections.abc import Callable, MutableSequence
from dataclasses import dataclass

from scaffold.checks.validity.call import Enter
from scaffold.checks.validity.events import Event, Learned, Peeked, Story
from scaffold.checks.validity.sources import Place
from scaffold.checks.validity.values import (
    NOTHING,
    TEST,
    TRAIN,
    WHOLE,
    Estimator,
    Mark,
    Value,
    replace,
)


@dataclass(eq=False)
class Notes:
    """Writes events down.

    `rename` sets a variable that a method changes in place (`df.pop`, `rows.append`); `enter` walks
    a function of the repository that a library calls; `chain` holds the files whose functions are
    being walked, `callers` the calls that led there, and the tables that they hand on.
    """

    story: Story
    rename: Callable[[ast.expr, Value], None]
    enter: Enter
    chain: MutableSequence[str]
    callers: MutableSequence[tuple[Place, set[int]]]

    def emit(self, event: Event) -> None:
        self.story.events.append(event)

    def learned(self, place: Place, what: str, rows: Value, by: Value, made: Value) -> Value:
        """Rows into which their own statistic was put; `by` is the statistic."""
        own = by.part in {"", WHOLE, rows.part}
        if not rows.table or not own:
            return made
        self._says(place, what, rows)
        marks = {Mark("fitted", what, place)} if rows.unparted else set()
        return replace(made, marks=made.marks | marks)

    def _says(self, place: Place, what: str, rows: Value) -> None:
        """Rows that a function is given are its caller's: it is the call that is to be mended."""
        given = (caller for caller, tables in self.callers if rows.table in tables)
        called = next(given, place) if rows.part == TEST else place
        self.emit(Learned(called, what, rows))

    def imputed(self, place: Place, rows: Value, made: Value, by: Value | None = None) -> Value:
        """Missing values filled with a statistic of the rows themselves."""
        by = made if by is None else by
        if by.part not in {"", WHOLE, rows.part}:
            return made
        what = "filling with a statistic of these rows"
        if by.part == WHOLE and rows.part == TRAIN and not rows.unparted:
            self.emit(Peeked(place, "the statistic that fills the gaps", rows))
        self._says(place, what, rows)
        if not rows.unparted:
            return made
        return replace(made, marks=made.marks | {Mark("imputed", what, place)})

    def choice(self, model: Estimator) -> Value:
        """Which columns a fitted selector or model thinks matter."""
        seen = model.fitted
        if seen is None or model.fit_place is None or not seen.unparted or not seen.rows:
            return NOTHING
        return Value(marks=frozenset({Mark("selected", model.name, model.fit_place)}))

    @staticmethod
    def chosen_by(key: Value) -> frozenset[Mark]:
        """The choice that names of columns come from."""
        if key.table:
            return frozenset()
        return frozenset(mark for mark in key.marks if mark.kind == "selected")
