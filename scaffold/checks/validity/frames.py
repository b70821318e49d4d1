"""Methods of tables and columns."""

from __future__ import annotations

import ast
from collections.abc import Callable
from functools import cached_property

from scaffold.checks.validity import columns, library
from scaffold.checks.validity.call import Call
from scaffold.checks.validity.events import Split
from scaffold.checks.validity.functions import Functions
from scaffold.checks.validity.scores import EXTREMES
from scaffold.checks.validity.values import (
    NOTHING,
    TEST,
    TRAIN,
    WHOLE,
    Mark,
    Value,
    merge,
    names_in,
    replace,
)

SUMMARIES = {"mean", "sum", "first", "last", "agg", "aggregate", "median", "max", "min", "size",
             "count", "std", "var", "nunique", "head", "tail", "nth"}  # fmt: skip
WINDOWS = {"rolling", "ewm", "expanding"}
IN_ORDER = {"shift", "diff", "pct_change"}


class Frames(Functions):
    """pandas, mostly."""

    def _of_frame(self, call: Call, holder: ast.expr) -> Value:
        owner, name = call.owner, call.name
        if name in {"mean", "sum"} and owner.compared and owner.predicted:
            return self._mean(replace(call, arguments=(owner,)))
        if owner.grouped and name in SUMMARIES:
            return _summarised(owner, name)
        if owner.labels and name == "remove":
            self.rename(holder, columns.without(owner, names_in(call.first)))
            return NOTHING
        if owner.labels and name not in {"drop", "difference"}:
            return _plain(owner) if name in columns.SAME_LABELS else _unknown_columns(owner)
        if name in library.STATISTICS and _is_statistic(call):
            part = "" if owner.named else owner.part
            return Value(statistic=owner.table, part=part, loops=owner.loops)
        made = self.of_frames[name](call) if name in self.of_frames else _plain(owner)
        made = columns.computed(made, name) if owner.of else made
        if library.CHANGES.match(name):
            made = replace(made, augmented=True)
        if call.says("inplace", True):
            self.rename(holder, made)
        if name == "pop":
            self.rename(holder, replace(owner, dropped=owner.dropped | (made.selected or set())))
        return made

    def _drop(self, call: Call) -> Value:
        owner = call.owner
        given = call.keywords.get("columns", call.keywords.get("labels", call.first))
        if given.cut is not None and given.part == TRAIN:  # `df.drop(train.index)`
            return replace(owner, part=TEST, items=None)
        if chosen := self.chosen_by(given):
            return _unknown_columns(replace(owner, marks=owner.marks | chosen, column=None))
        names = names_in(given)
        if names is None and given.labels:
            names = sorted(map(str, given.selected)) if given.selected else None
        if not given.labels or owner.labels:
            for name in names or ():
                self.story.columns.setdefault(str(name), call.place)
        return replace(columns.without(owner, names), column=None)

    def _pipe(self, call: Call) -> Value:
        """`df.pipe(add_features)`."""
        function = call.first.function
        if function is None:
            return _plain(call.owner)
        return self.enter(function, (call.owner, *call.arguments[1:]), call.keywords)

    def _assign(self, call: Call) -> Value:
        """`df.assign(rooms=…)`."""
        frame = _plain(call.owner)
        for name, given in call.keywords.items():
            value = given
            if given.function is not None:
                value = self.enter(given.function, (call.owner,), {})
            frame = replace(frame, marks=frame.marks | value.marks,
                            ordered=frame.ordered or value.ordered)  # fmt: skip
            frame = columns.put(frame, name, value)
        return frame

    def _apply(self, call: Call) -> Value:
        """A function, row by row; one that draws at random changes the rows; averages by group."""
        owner, given = _plain(call.owner), call.first
        if library.FILL.search(_text_of(given)):
            return self.imputed(call.place, owner, owner)
        if given.dotted.endswith("zscore"):
            return self.learned(call.place, "zscore()", owner, owner, owner)
        if given.averages:
            marks = owner.marks
            if given.part in {"", WHOLE}:
                marks |= {Mark("average", given.averages, call.place)}
            return replace(owner, marks=marks, of=owner.of | {columns.OTHER_ROWS}, column=None)
        if given.function is not None:
            node = given.function.node
            if owner.column is None and owner.table and not call.says("axis", 1):
                made = self.enter(given.function, (owner,), {})  # column by column
                owner = replace(owner, marks=owner.marks | made.marks)
            random = library.AT_RANDOM.search(ast.unparse(node))
            return replace(owner, augmented=owner.augmented or bool(random))
        if given != NOTHING and given.entries is None and not given.dotted:
            return replace(owner, of=owner.of | {columns.OTHER_ROWS})
        return owner

    def _transform(self, call: Call) -> Value:
        """`df.groupby("district")["rent"].transform("mean")`."""
        owner = _plain(call.owner)
        marks = owner.marks
        averaged = call.first.constant in {"mean", "median", "std", "sum", "min", "max"}
        if library.FILL.search(_text_of(call.first)):
            owner = replace(owner, grouped=frozenset(), column=None)
            return self.imputed(call.place, owner, owner)  # lambda x: x.fillna(x.median())
        if owner.grouped and owner.column and averaged and owner.part in {"", WHOLE}:
            marks |= {Mark("average", str(owner.column), call.place)}
        return replace(owner, marks=marks, grouped=frozenset(), column=None,
                       summary=owner.table if averaged else 0,
                       of=owner.of | {columns.OTHER_ROWS})  # fmt: skip

    def _corr(self, call: Call) -> Value:
        """`df.corr()["price"]`: how a column goes with all others, the test rows among them."""
        if call.name == "corr" or not call.owner.unparted:
            rows = call.owner.table and call.owner.unparted and call.owner.column is None
            return Value(correlation=call.owner.table if rows else 0)
        mark = Mark("selected", "a correlation with the target", call.place)
        return Value(marks=frozenset({mark}))

    def _sample(self, call: Call) -> Value:
        """`df.sample(frac=1)` puts rows in another order."""
        share = call.keywords.get("frac", NOTHING)
        whole = share.known and share.constant == 1
        lottery = "numpy" if whole and "random_state" not in call.keywords else ""
        part = isinstance(share.constant, float) and share.constant < 1
        if part and "random_state" not in call.keywords:
            lottery = "numpy"
        rows = replace(_plain(call.owner), shuffled=whole, lottery=lottery)
        if not call.says("replace", True) or rows.part not in {"", WHOLE}:
            return rows
        return replace(rows, marks=rows.marks | {Mark("resampled", "sample()", call.place)})

    def _shuffled(self, call: Call) -> Value:
        """TensorFlow's `dataset.shuffle(1000)`."""
        seeded = "seed" in call.keywords
        return replace(_plain(call.owner), shuffled=True, lottery="" if seeded else "tensorflow")

    def _skip(self, call: Call) -> Value:
        """`dataset.skip(n)`, the rest of `dataset.take(n)`."""
        rows = _plain(call.owner)
        if rows.part != WHOLE or not rows.lottery:
            return rows
        self.emit(Split(call.place, (rows,), "skip()", False, True, generator=rows.lottery))
        return replace(rows, part=TEST, lottery="")

    def _take(self, call: Call) -> Value:
        rows, count = _plain(call.owner), call.first.constant
        few = isinstance(count, int) and count < 20
        return rows if few or rows.part != WHOLE or not rows.shuffled else replace(rows, part=TRAIN)

    def _equal(self, call: Call) -> Value:
        """`predicted.eq(truth)`."""
        made = _plain(call.owner)
        return replace(made, mask=True, compared=bool(made.predicted and call.first.rows))

    def _window(self, call: Call) -> Value:
        return replace(_plain(call.owner), ordered=True, grouped=frozenset({"?"}))

    def _once_each(self, call: Call) -> Value:
        names = names_in(call.keywords.get("subset", call.first)) or []
        return replace(_plain(call.owner), per=call.owner.per | set(map(str, names)))

    def _pop(self, call: Call) -> Value:
        names = names_in(call.first)
        if not names:
            return _plain(call.owner)
        return replace(
            _plain(call.owner), column=names[0], selected=frozenset(names),
            of=frozenset(map(str, names)),
        )  # fmt: skip

    def _fillna(self, call: Call) -> Value:
        owner = call.owner
        inside = (value for each in call.given for value in (each.entries or {}).values())
        given = [*call.given, *inside]
        own = [value for value in given
               if owner.table and owner.table in {value.statistic, value.summary}]  # fmt: skip
        return self.imputed(call.place, owner, _plain(owner), own[0]) if own else _plain(owner)

    def _groupby(self, call: Call) -> Value:
        names = [str(name) for name in names_in(call.keywords.get("by", call.first)) or []]
        for name in names:
            self.story.grouped_by.setdefault(name, call.place)
        return replace(_plain(call.owner), grouped=frozenset(names or ["?"]))

    def _index(self, call: Call) -> Value:
        names = names_in(call.first) or []
        dates = call.owner.dates or any(library.DATES.match(str(name)) for name in names)
        shuffled = call.owner.shuffled and not call.name.startswith("sort")
        return replace(_plain(call.owner), dates=dates, shuffled=shuffled)

    @cached_property
    def of_frames(self) -> dict[str, Callable[[Call], Value]]:
        """Methods by name."""
        order = ("set_index", "sort_values", "sort_index", "resample", "asfreq")
        return {
            "drop": self._drop,
            "pipe": self._pipe,
            "assign": self._assign,
            **dict.fromkeys(("apply", "map"), self._apply),
            "transform": self._transform,
            "sample": self._sample,
            "rename": _renamed,
            "shuffle": self._shuffled,
            "skip": self._skip,
            "take": self._take,
            "eq": self._equal,
            "drop_duplicates": self._once_each,
            "difference": lambda call: columns.without(call.owner, names_in(call.first)),
            **dict.fromkeys(
                ("select_dtypes", "filter"), lambda call: _unknown_columns(_plain(call.owner))
            ),
            "pop": self._pop,
            **dict.fromkeys(library.FILLS, self._fillna),
            **dict.fromkeys(("corr", "corrwith"), self._corr),
            "groupby": self._groupby,
            "append": lambda call: merge((call.owner, *call.arguments)),
            **dict.fromkeys(IN_ORDER, lambda call: replace(_plain(call.owner), ordered=True)),
            **dict.fromkeys(WINDOWS, self._window),
            **dict.fromkeys(order, self._index),
        }


def _plain(owner: Value) -> Value:
    return replace(owner, items=None, known=False)


def _unknown_columns(owner: Value) -> Value:
    return replace(owner, selected=columns.UNKNOWN, items=None)


def _by_row(call: Call) -> bool:
    """`X.mean(axis=1)`: a statistic of each row is none of all rows."""
    given = call.arguments[0].constant if call.arguments else None
    return call.says("axis", 1) or (given == 1 and given is not True)


def _summarised(owner: Value, name: str) -> Value:
    """One row a group, or a value for each window."""
    if "?" in owner.grouped:
        made = replace(owner, grouped=frozenset(), column=None)
        return replace(made, of=owner.of | {columns.OTHER_ROWS} if owner.of else owner.of)
    counts = name in {"size", "count", "nunique"}
    averages = str(owner.column) if owner.column and not counts else ""
    return replace(
        owner, grouped=frozenset(), per=owner.per | owner.grouped, averages=averages,
        summary=owner.table if name in library.AVERAGES else 0,
        of=owner.of | {columns.OTHER_ROWS} if owner.of else owner.of, items=None,
    )  # fmt: skip


def _is_statistic(call: Call) -> bool:
    """Of columns; the largest prediction or score is another matter."""
    owner = call.owner
    if owner.predicted or owner.score or owner.mask or _by_row(call):
        return False
    return call.name not in EXTREMES or bool(owner.table)


def _text_of(given: Value) -> str:
    """What a small function says."""
    return ast.unparse(given.function.node) if given.function else ""


def _renamed(call: Call) -> Value:
    return columns.renamed(_plain(call.owner), call.keywords.get("columns", NOTHING))
