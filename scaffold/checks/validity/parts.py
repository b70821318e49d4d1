"""Rows and columns that are taken from a table: `df["a"]`, `df.iloc[:, 3]`, `X[:800]`."""

from __future__ import annotations

import ast

from scaffold.checks.validity import columns, library
from scaffold.checks.validity.events import Chosen, Split
from scaffold.checks.validity.sources import Place
from scaffold.checks.validity.state import State
from scaffold.checks.validity.syntax import backwards, column_of, lagged, one_sided, sliced_from
from scaffold.checks.validity.values import TEST, TRAIN, WHOLE, Cut, Mark, Value, names_in, replace

FEWEST_ROWS = 20  # a cut with fewer rows is no split


class Parts(State):
    """Subscripts of what is known to hold rows."""

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
            if any(map(backwards, node.slice.elts[1:])):
                owner = replace(owner, augmented=True)
            both = len(node.slice.elts) == 2
            return self._cells(owner, node.slice, node.value) if both else owner
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
        return replace(column_of(owner, name), dates=dates)

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
        end, side = one_sided(rows)
        if end is None or owner.part != WHOLE or owner.score or owner.mask:
            return owner
        if library.part_by_name(sliced_from(node)):  # `X_train[:whole_batches]`
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
            changes = {id(side) for each in ast.walk(self.source.tree) for side in lagged(each)}
            for each in ast.walk(self.source.tree):
                if id(each) in changes:
                    continue
                rows = each.slice if isinstance(each, ast.Subscript) else None
                rows = rows.elts[0] if isinstance(rows, ast.Tuple) and rows.elts else rows
                if isinstance(each, ast.Subscript) and isinstance(rows, ast.Slice):
                    found.setdefault(sliced_from(each.value), set()).add(one_sided(rows)[1])
            self.cuts[self.source.path] = found
        return self.cuts[self.source.path].get(sliced_from(node), set()) - {""}

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
            ends = (across.lower, across.upper)
            known = all(end is None or self.value(end).known for end in ends)
            if whole and known and across.step is None:
                return replace(owner, positions=(low, high), items=None)
            return replace(owner, items=None, selected=frozenset())
        key = self.value(across)
        if chosen := self.library.chosen_by(key):
            return replace(owner, marks=owner.marks | chosen, selected=columns.UNKNOWN, items=None)
        if key.known and isinstance(key.constant, int | str):
            if isinstance(key.constant, str):
                return column_of(owner, key.constant)
            return replace(owner, column=key.constant, items=None)
        names = names_in(key)
        if names is not None:
            return replace(owner, selected=frozenset(names), items=None)
        if key.labels:
            return columns.chosen(owner, key)
        return replace(owner, items=None, selected=frozenset())

    def _sliced(self, place: Place, rows: Value, how: str = "slicing") -> None:
        """Rows are parted where they stand, after a shuffle perhaps."""
        generator = rows.lottery or "numpy"
        self.emit(Split(place, (rows,), how, not rows.lottery, rows.shuffled, generator=generator))
