"""What calls of the usual libraries do with the rows that they are given."""

from __future__ import annotations

import ast
from functools import cached_property

from scaffold.checks.validity import library
from scaffold.checks.validity.call import Answers, Call
from scaffold.checks.validity.events import Learned
from scaffold.checks.validity.files import file_name, pictures
from scaffold.checks.validity.frames import Frames
from scaffold.checks.validity.functions import augmented_copies
from scaffold.checks.validity.scores import EXTREMES, TUNES
from scaffold.checks.validity.values import NOTHING, TEST, TRAIN, Value, merge, replace

UNCHANGED = {"compile", "save", "summary", "to_csv", "plot", "show", "head", "info", "close"}
BOOSTERS = {"xgb", "lgb", "xgboost", "lightgbm"}


class Library(Frames):
    """Answers calls of functions and methods that are not the repository's own."""

    def function(self, call: Call) -> Value:
        """`train_test_split(…)`, `StandardScaler()`, `pd.read_csv(…)`."""
        name = call.name
        if library.READERS.match(name):
            self.story.reads = True
        if name in self.functions:
            return self.functions[name](call)
        if library.CHANGES.match(name) and call.everything.rows:
            return replace(call.everything, augmented=True, items=None, column=None)
        if name[:1].isupper() and (made := self._class(call)) != NOTHING:
            return made
        return self._by_pattern(call)

    def _by_pattern(self, call: Call) -> Value:
        name = call.name
        if library.is_estimator(name):  # make_pipeline
            return self._estimator(call)
        if library.EARLY_STOPPING.search(name):
            return Value(constant=name, known=True, dotted=name)
        if library.GENERATED.search(call.dotted) and not call.everything.rows:
            return Value(generated=True, loops=call.everything.loops)
        given = call.everything
        if library.READERS.match(name) and not (given.rows and (given.table or given.part)):
            return self._read(call)
        if name in {"train", "fit"} and call.dotted.split(".")[0] in BOOSTERS:
            return self._booster(call)
        return replace(call.everything, items=None, column=None)

    def method(self, call: Call, holder: ast.expr) -> Value:
        """A method of a value that came from a library; `holder` is the expression before it."""
        owner, name = call.owner, call.name
        if name in TUNES and any(value.function for value in call.arguments):
            return self._tune(call)
        if name in {"sort_values", "sort"} and owner.score:
            return self._ranked(call, holder)
        if owner.estimator is not None:
            return self._of_estimator(call, owner.estimator)
        if name in {"append", "add", "extend", "insert", "update"}:
            return self._added(call, holder)
        if name in library.WRITERS and owner.rows and (path := file_name(call.first)):
            self.story.written[path] = owner
        if name == "predict" and not owner.rows and owner.part == "":
            self._asked_of_a_stranger(call)
        if name in UNCHANGED:
            return replace(owner, items=None)
        return self._of_frame(call, holder) if owner.rows else self._of_unknown(call)

    def _asked_of_a_stranger(self, call: Call) -> None:
        """A model from a file predicts rows that were scaled by themselves."""
        for mark in call.rows.marks:
            if mark.kind == "fitted" and not call.rows.table and mark.what in library.SCALERS:
                self.emit(Learned(mark.place, mark.what, replace(call.rows, part=TEST)))

    def _of_unknown(self, call: Call) -> Value:
        owner, name = call.owner, call.name
        if library.READERS.match(name):
            self.story.reads = True
            return self._read(call)
        if name == "flow_from_directory":
            self.story.reads = True
            return pictures(call)
        if name in {"items", "values", "keys"} and owner.items is not None:
            pairs = name == "items"
            turns = (replace(v, items=(NOTHING, v)) if pairs else v for v in owner.items)
            return Value(items=tuple(turns))
        if name in EXTREMES:
            return self._extreme(call)
        return merge((owner, *call.given))

    def _ranked(self, call: Call, holder: ast.expr) -> Value:
        ranked = replace(call.owner, ranked=True)
        if call.name == "sort" or call.says("inplace", True):
            self.rename(holder, ranked)
        return ranked

    def _added(self, call: Call, holder: ast.expr) -> Value:
        """`rows.append(…)`, where a list may get changed copies beside what it holds."""
        owner = call.owner
        if call.name == "append" and owner.part == TRAIN and call.first.part == TEST:
            both = Value(items=(owner, call.first))
            return self._join(replace(call, arguments=(both,), keywords={}))
        added = merge((owner, *call.arguments))
        new = [value for value in call.arguments if value.rows]
        if owner.rows and any(value.augmented != owner.augmented for value in new):
            added = augmented_copies(added, call.place)
        names = owner.items is not None and call.name == "append" and not added.rows
        items = (*(owner.items or ()), *call.arguments) if names and not added.loops else None
        self.rename(holder, replace(added, items=items))
        return added

    @cached_property
    def functions(self) -> Answers:
        """Functions by name."""
        return {**self.of_scores(), **self.of_splits(), **self.of_rows()}
