"""What calls of the usual libraries do with the rows that they are given."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from scaffold.checks.validity import library
from scaffold.checks.validity.events import (
    Chosen,
    CrossValidation,
    Event,
    Fit,
    Joined,
    Measured,
    Split,
    Story,
    Typed,
)
from scaffold.checks.validity.sources import Place
from scaffold.checks.validity.values import (
    NOTHING,
    TEST,
    TRAIN,
    VALIDATION,
    WHOLE,
    Estimator,
    Mark,
    Prediction,
    Score,
    Value,
    merge,
    names_in,
)
from scaffold.checks.validity.words import TYPED_RESULT

SIDEWAYS = {"hstack", "merge", "column_stack"}
EXTREMES = {"max", "min", "argmax", "argmin", "sorted", "nanargmax", "nanargmin", "idxmax",
            "idxmin", "sort_values", "sort"}  # fmt: skip
PASSED_ON = {"list", "dict", "tuple", "set", "clone", "deepcopy", "copy"}
COUNTED = {"len", "range", "str", "int", "type", "isinstance", "id"}
UNCHANGED = {"compile", "save", "summary", "to_csv", "plot", "show", "head", "info", "close"}
IN_ORDER = {"shift", "rolling", "diff", "ewm", "pct_change"}
BOOSTERS = {"xgb", "lgb", "xgboost", "lightgbm"}


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

    @cached_property
    def everything(self) -> Value:
        return merge((*self.arguments, *self.keywords.values()))

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


class Library:
    """Answers calls of functions and methods that are not the repository's own.

    `rename` sets a variable that a method changes in place (`df.pop`, `rows.append`).
    """

    def __init__(self, story: Story, rename: Callable[[ast.expr, Value], None]) -> None:
        self.story = story
        self.rename = rename
        self.functions: dict[str, Callable[[Call], Value]] = {
            "train_test_split": self._train_test_split,
            "random_split": self._random_split,
            "print": self._print,
            "zip": self._zip,
            "enumerate": self._zip,
            **dict.fromkeys(library.SEEDS, self._seed),
            **dict.fromkeys(library.CROSS_VALIDATIONS, self._cross_validation),
            **dict.fromkeys(library.METRICS | library.CURVES, self._metric),
            **dict.fromkeys(EXTREMES, self._extreme),
            **dict.fromkeys(PASSED_ON, lambda call: call.first),
            **dict.fromkeys(COUNTED, lambda call: Value(loops=call.everything.loops)),
            **dict.fromkeys(("concat", "vstack", "concatenate", "append", *SIDEWAYS), self._join),
            **dict.fromkeys(
                ("get_dummies", "DataFrame", "array", "asarray", "Series", "DMatrix", "Dataset"),
                self._wrap,
            ),
            "to_datetime": lambda call: replace(call.everything, dates=True),
        }
        self.of_estimators: dict[str, Callable[[Call, Estimator], Value]] = {
            **dict.fromkeys(("fit", "fit_generator", "partial_fit"), self._fit),
            **dict.fromkeys(("fit_resample", "fit_sample"), self._resample),
            "fit_transform": self._fit_transform,
            "fit_predict": self._fit_predict,
            "transform": lambda call, model: _transformed(model, call.rows),
            **dict.fromkeys(
                ("predict", "predict_proba", "decision_function", "predict_classes"), self._predict
            ),
            **dict.fromkeys(("score", "evaluate"), self._score),
            **dict.fromkeys(("set_params", "add"), self._extend),
        }
        self.of_frames: dict[str, Callable[[Call], Value]] = {
            "drop": self._drop,
            "pop": self._pop,
            "fillna": self._fillna,
            "groupby": self._groupby,
            "append": lambda call: merge((call.owner, *call.arguments)),
            **dict.fromkeys(IN_ORDER, lambda call: replace(_plain(call.owner), ordered=True)),
            **dict.fromkeys(
                ("set_index", "sort_values", "sort_index", "resample", "asfreq"), self._index
            ),
        }

    def emit(self, event: Event) -> None:
        self.story.events.append(event)

    # -- functions and classes ----------------------------------------------------------------

    def function(self, call: Call) -> Value:
        """`train_test_split(…)`, `StandardScaler()`, `pd.read_csv(…)`."""
        name = call.name
        if name in self.functions:
            return self.functions[name](call)
        if library.SPLITTERS.match(name):
            return Value(estimator=Estimator(name, call.place, dict(call.keywords)))
        if library.is_estimator(name):
            return self._estimator(call)
        if library.EARLY_STOPPING.search(name):
            return Value(constant=name, known=True, dotted=name)
        if library.GENERATED.search(call.dotted):
            return Value(generated=True, loops=call.everything.loops)
        if library.READERS.match(name) and not call.everything.rows:
            return _loaded(call)
        if name in {"train", "fit"} and call.dotted.split(".")[0] in BOOSTERS:
            return self._booster(call)
        return replace(call.everything, items=None, column=None)

    def _seed(self, call: Call) -> Value:
        self.story.seeded.add(call.place.path)
        return NOTHING

    def _estimator(self, call: Call) -> Value:
        steps = [step for value in (*call.arguments, *call.keywords.values())
                 for step in _estimators(value)]  # fmt: skip
        varied = call.everything.loops
        made = Estimator(call.name, call.place, dict(call.keywords), tuple(steps), varied_in=varied)
        return Value(estimator=made, loops=varied)

    def _booster(self, call: Call) -> Value:
        """`xgb.train(params, dtrain, evals=…)`."""
        rows = call.keywords.get("dtrain", call.keywords.get("train_set", call.second))
        model = Estimator(f"{call.dotted.split('.')[0]} Booster", call.place)
        self._learn(call, model, rows, NOTHING)
        self._stops_early(call, model)
        return Value(estimator=model)

    def _train_test_split(self, call: Call) -> Value:
        seeded = "random_state" in call.keywords and not call.says("random_state", None)
        shuffled = not call.says("shuffle", False)
        self.emit(
            Split(call.place, call.arguments, call.name, seeded or not shuffled, shuffled)
        )  # fmt: skip
        items: list[Value] = []
        for value in call.arguments:
            held_out = VALIDATION if value.part == TRAIN else TEST
            items += [replace(value, part=part, items=None) for part in (TRAIN, held_out)]
        return Value(items=tuple(items))

    def _random_split(self, call: Call) -> Value:
        rows = call.first
        seeded = "generator" in call.keywords
        self.emit(Split(call.place, (rows,), call.name, seeded, shuffled=True))
        return Value(items=tuple(replace(rows, part=part) for part in (TRAIN, TEST, TEST)))

    def _cross_validation(self, call: Call) -> Value:
        rows = call.keywords.get("X", call.second)
        self.emit(CrossValidation(call.place, call.first.estimator, rows, call.name))
        return Value(score=Score(call.name, "folds", call.place), loops=call.everything.loops)

    def _metric(self, call: Call) -> Value:
        given = [*call.arguments, *call.keywords.values()]
        said = next((value.predicted for value in given if value.predicted), None)
        truth = next((value for value in given if value.rows and not value.predicted), NOTHING)
        if said is None:
            return self._measured(call, None, truth, truth.part)
        return self._measured(call, said.model, said.rows, said.rows.part or truth.part)

    def _measured(self, call: Call, model: Estimator | None, rows: Value, part: str) -> Value:
        varied = model.varied_in if model else frozenset()
        self.emit(
            Measured(call.place, call.name, part, model, rows, call.loops, varied & call.loops)
        )
        made = Value(score=Score(call.name, part, call.place), loops=varied)
        return replace(made, items=(made,) * 3) if call.name in library.CURVES else made

    def _extreme(self, call: Call) -> Value:
        """`max(scores)`, `np.argmax(f1)`, `results.idxmax()`."""
        found = merge((call.owner, call.everything))
        if found.score and found.score.part == TEST:
            how = f"{call.name}() takes the best of them"
            self.emit(Chosen(call.place, TEST, found.score.place, how))
        return replace(found, known=False)

    def _join(self, call: Call) -> Value:
        members = call.first.items or ()
        parts = {member.part for member in members}
        if call.name in SIDEWAYS or call.says("axis", 1):
            return replace(call.everything, items=None, column=None)
        if TEST in parts and TRAIN in parts:
            joined = replace(call.everything, part=WHOLE, items=None)
            self.emit(Joined(call.place, joined))
            return joined
        if any(member.augmented for member in members):
            return _augmented(call.everything, call.place)
        return replace(call.everything, items=None, column=None)

    def _wrap(self, call: Call) -> Value:
        label = call.keywords.get("label", NOTHING)
        return replace(call.first, known=False, marks=call.first.marks | label.marks)

    def _zip(self, call: Call) -> Value:
        turns = tuple(
            merge(value.items) if value.items and not value.entries else value
            for value in call.arguments
        )
        if call.name == "enumerate":
            turns = (NOTHING, *turns[:1])
        turn = replace(merge(turns), items=turns)
        return Value(items=(turn,), loops=turn.loops)

    def _print(self, call: Call) -> Value:
        for argument in call.arguments:
            text = argument.constant if argument.known else None
            if isinstance(text, str) and (found := TYPED_RESULT.search(text)):
                self.emit(Typed(call.place, found.group(0).strip()))
        return NOTHING

    # -- methods ------------------------------------------------------------------------------

    def method(self, call: Call, holder: ast.expr) -> Value:
        """A method of a value that came from a library; `holder` is the expression before it."""
        owner, name = call.owner, call.name
        if owner.estimator is not None:
            return self._of_estimator(call, owner.estimator)
        if name in {"append", "add", "extend", "insert", "update"}:
            added = merge((owner, *call.arguments))
            if added.rows and any(value.augmented for value in call.arguments):
                added = _augmented(added, call.place)
            self.rename(holder, replace(added, items=None))
            return added
        if name in UNCHANGED:
            return replace(owner, items=None)
        if owner.rows:
            return self._of_frame(call, holder)
        if name in {"items", "values", "keys"} and owner.items is not None:
            pairs = name == "items"
            turns = (replace(v, items=(NOTHING, v)) if pairs else v for v in owner.items)
            return Value(items=tuple(turns))
        if name in EXTREMES:
            return self._extreme(call)
        return merge((owner, *call.arguments, *call.keywords.values()))

    def _of_estimator(self, call: Call, model: Estimator) -> Value:
        if library.SPLITTERS.match(model.name):
            return self._folds(call, model)
        if call.name in self.of_estimators:
            return self.of_estimators[call.name](call, model)
        return replace(call.owner, items=None)

    def _folds(self, call: Call, splitter: Estimator) -> Value:
        if call.name != "split":
            return NOTHING
        rows = call.rows
        grouped = "Group" in splitter.name or "Time" in splitter.name
        shuffle = splitter.params.get("shuffle", NOTHING).constant is True
        shuffled = shuffle or "Shuffle" in splitter.name
        seeded = not shuffled or "random_state" in splitter.params
        self.emit(Split(call.place, (rows,), splitter.name, seeded, shuffled, grouped))
        # Which model is best may be asked of folds: their held-out rows are validation rows.
        pair = (Value(part=TRAIN), Value(part=VALIDATION))
        return Value(items=(Value(items=pair),))

    def _fit(self, call: Call, model: Estimator) -> Value:
        self._learn(call, model, call.rows, call.target)
        self._stops_early(call, model)
        return call.owner

    def _learn(self, call: Call, model: Estimator, rows: Value, target: Value) -> None:
        model.fitted, model.target, model.fit_place = rows, target, call.place
        self.emit(Fit(call.place, model, rows, target, call.loops))

    def _fit_transform(self, call: Call, model: Estimator) -> Value:
        self._learn(call, model, call.rows, call.target)
        return _transformed(model, call.rows)

    def _fit_predict(self, call: Call, model: Estimator) -> Value:
        self._learn(call, model, call.rows, call.target)
        return replace(call.rows, predicted=Prediction(model, call.rows))

    def _resample(self, call: Call, model: Estimator) -> Value:
        rows, target = call.rows, call.target
        self._learn(call, model, rows, target)
        if rows.part in {"", WHOLE} and rows.rows:
            mark = Mark("resampled", model.name, call.place)
            rows, target = (replace(v, marks=v.marks | {mark}) for v in (rows, target))
        return Value(items=(replace(rows, items=None), replace(target, items=None)))

    def _predict(self, call: Call, model: Estimator) -> Value:
        rows = call.rows
        return replace(
            rows, predicted=Prediction(model, rows), items=None, column=None,
            loops=rows.loops | model.varied_in,
        )  # fmt: skip

    def _score(self, call: Call, model: Estimator) -> Value:
        return self._measured(replace(call, name="score"), model, call.rows, call.rows.part)

    def _extend(self, call: Call, model: Estimator) -> Value:
        model.steps += tuple(value.estimator for value in call.arguments if value.estimator)
        model.params.update(call.keywords)
        return call.owner

    def _stops_early(self, call: Call, model: Estimator) -> None:
        """Early stopping and checkpoints choose the epoch by the rows that they are given."""
        keys = {"eval_set", "validation_data", "evals"} & set(call.keywords)
        parts = {part for key in keys for part in _parts(call.keywords[key])}
        stops = (
            library.EARLY_STOPPING.search(ast.unparse(call.node))
            or any("early_stopping" in key for key in model.params)
            or _mentions(call.keywords.get("callbacks", NOTHING), library.EARLY_STOPPING)
        )
        if stops and TEST in parts and VALIDATION not in parts:
            how = "training stops by its score"
            self.emit(Chosen(call.place, TEST, call.place, how))

    # -- frames -------------------------------------------------------------------------------

    def _of_frame(self, call: Call, holder: ast.expr) -> Value:
        owner, name = call.owner, call.name
        if name in library.STATISTICS and not owner.predicted:
            return Value(statistic=owner.table, part=owner.part, loops=owner.loops)
        made = self.of_frames[name](call) if name in self.of_frames else _plain(owner)
        if call.says("inplace", True):
            self.rename(holder, made)
        if name == "pop":
            self.rename(holder, replace(owner, dropped=owner.dropped | (made.selected or set())))
        return made

    def _drop(self, call: Call) -> Value:
        owner = call.owner
        columns = call.keywords.get("columns", call.keywords.get("labels", call.first))
        names = names_in(columns)
        if names is None:  # anything may be gone
            return replace(owner, selected=frozenset(), items=None)
        for name in names:
            self.story.columns.setdefault(str(name), call.place)
        selected = None if owner.selected is None else owner.selected - set(names)
        dropped = owner.dropped | set(names)
        return replace(owner, dropped=dropped, selected=selected, items=None, column=None)

    def _pop(self, call: Call) -> Value:
        names = names_in(call.first)
        if not names:
            return _plain(call.owner)
        return replace(_plain(call.owner), column=names[0], selected=frozenset(names))

    def _fillna(self, call: Call) -> Value:
        owner = call.owner
        given = [*call.arguments, *call.keywords.values()]
        own = owner.table and any(value.statistic == owner.table for value in given)
        if not own or owner.part not in {"", WHOLE}:
            return _plain(owner)
        mark = Mark("imputed", "fillna() with a statistic of all rows", call.place)
        return replace(_plain(owner), marks=owner.marks | {mark})

    def _groupby(self, call: Call) -> Value:
        for name in names_in(call.keywords.get("by", call.first)) or []:
            self.story.grouped_by.setdefault(str(name), call.place)
        return _plain(call.owner)

    def _index(self, call: Call) -> Value:
        names = names_in(call.first) or []
        dates = call.owner.dates or any(library.DATES.match(str(name)) for name in names)
        return replace(_plain(call.owner), dates=dates)


def _plain(owner: Value) -> Value:
    return replace(owner, items=None, known=False)


def _augmented(value: Value, place: Place) -> Value:
    mark = Mark("augmented", "changed copies of the rows", place)
    return replace(value, marks=value.marks | {mark}, items=None)


def _loaded(call: Call) -> Value:
    """Rows from a file; its name may say that it holds the test rows only."""
    texts = [value.constant for value in call.arguments if isinstance(value.constant, str)]
    file = re.split(r"[/\\]", texts[0])[-1].rsplit(".", 1)[0] if texts else ""
    part = library.part_by_name(file.lower()) or WHOLE
    table = hash(call.place) or 1
    value = Value(part=part, table=table, loaded=True, dates="parse_dates" in call.keywords)
    if call.name == "load_data":  # Keras: ((x_train, y_train), (x_test, y_test))
        pair = [replace(value, part=each) for each in (TRAIN, TEST)]
        return replace(value, items=tuple(replace(each, items=(each, each)) for each in pair))
    if call.says("return_X_y", True):
        return replace(value, items=(value, replace(value, column="target")))
    return value


def _transformed(model: Estimator, rows: Value) -> Value:
    """What a transformer learned goes with the rows that it has changed."""
    made = replace(rows, items=None, column=None)
    seen = model.fitted
    learning = sorted(model.names & library.LEARNING)
    if not learning or seen is None or model.fit_place is None:
        return made
    if seen.part not in {"", WHOLE} or not seen.rows:
        return made
    kind = "target" if model.names & library.TARGET_ENCODERS else "fitted"
    return replace(made, marks=made.marks | {Mark(kind, learning[0], model.fit_place)})


def _estimators(value: Value) -> Iterator[Estimator]:
    if value.estimator:
        yield value.estimator
    for item in value.items or ():
        yield from _estimators(item)


def _parts(value: Value) -> set[str]:
    own = {value.part} if value.part else set()
    return own.union(*(_parts(item) for item in value.items or ()))


def _mentions(value: Value, pattern: re.Pattern[str]) -> bool:
    inside = value.items or ()
    return bool(pattern.search(f"{value.constant} {value.dotted}")) or any(
        _mentions(item, pattern) for item in inside
    )
