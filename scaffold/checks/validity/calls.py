"""What calls of the usual libraries do with the rows that they are given."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator, Mapping, MutableSequence, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from scaffold.checks.validity import columns, library
from scaffold.checks.validity.events import (
    Chosen,
    CrossValidation,
    Event,
    Fed,
    Fit,
    Learned,
    Measured,
    Peeked,
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
    Cut,
    Estimator,
    Function,
    Mark,
    Prediction,
    Score,
    Value,
    merge,
    names_in,
)
from scaffold.checks.validity.words import TYPED_RESULT

SIDEWAYS = {"hstack", "merge", "column_stack"}
EXTREMES = {"max", "min", "argmax", "argmin", "nanargmax", "nanargmin", "idxmax",
            "idxmin"}  # fmt: skip
SUMMARIES = {"mean", "sum", "first", "last", "agg", "aggregate", "median", "max", "min", "size",
             "count", "std", "var", "nunique", "head", "tail", "nth"}  # fmt: skip
TUNES = {"optimize", "fmin", "minimize", "gp_minimize", "forest_minimize", "dummy_minimize"}
PASSED_ON = {"list", "dict", "tuple", "set", "clone", "deepcopy", "copy"}
COUNTED = {"len", "range", "str", "type", "isinstance", "id"}
UNCHANGED = {"compile", "save", "summary", "to_csv", "plot", "show", "head", "info", "close"}
WINDOWS = {"rolling", "ewm", "expanding"}
IN_ORDER = {"shift", "diff", "pct_change"}
Enter = Callable[[Function, Sequence[Value], Mapping[str, Value]], Value]
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

    `rename` sets a variable that a method changes in place (`df.pop`, `rows.append`); `enter` walks
    a function of the repository that a library calls; `chain` holds the files whose functions are
    being walked, `callers` the calls that led there, and the tables that they hand on.
    """

    def __init__(
        self,
        story: Story,
        rename: Callable[[ast.expr, Value], None],
        enter: Enter,
        chain: MutableSequence[str],
        callers: MutableSequence[tuple[Place, set[int]]],
    ) -> None:
        self.story = story
        self.rename = rename
        self.enter = enter
        self.chain = chain
        self.callers = callers
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
            **dict.fromkeys(TUNES, self._tune),
            **dict.fromkeys(("mean", "sum", "average"), self._mean),
            **dict.fromkeys(("std", "nanmean", "nanstd", "median", "nanmedian"), self._statistic),
            **dict.fromkeys(library.SCALES, self._scale),
            "sorted": lambda call: replace(call.first, ranked=True, known=False),
            "map": self._map,
            "permutation": self._permutation,
            "repeat": self._repeat,
            "resample": self._repeat,
            "join": self._path,
            "step": self._step,
            "download": self._download,
            **dict.fromkeys(("safe_load", "full_load", "parse_args"), lambda _: NOTHING),
            "where": self._where,
            "shuffle": self._shuffle,
            **dict.fromkeys(("save", "dump"), self._written),
            "DataLoader": self._feed,
            "Subset": lambda call: replace(call.first, part=call.second.part or call.first.part),
            **dict.fromkeys(("default_rng", "RandomState"), self._generator),
            "unique": lambda call: replace(call.everything, per=frozenset({"?"}), items=None),
            **dict.fromkeys(PASSED_ON, lambda call: call.first),
            **dict.fromkeys(COUNTED, lambda call: Value(loops=call.everything.loops)),
            "int": lambda call: (
                call.first if call.first.statistic else Value(loops=call.everything.loops)
            ),
            **dict.fromkeys(("concat", "vstack", "concatenate", "append", *SIDEWAYS), self._join),
            **dict.fromkeys(
                ("get_dummies", "DataFrame", "array", "asarray", "Series", "DMatrix", "Dataset"),
                self._wrap,
            ),
            "to_datetime": lambda call: replace(call.everything, dates=True),
        }
        self.of_estimators: dict[str, Callable[[Call, Estimator], Value]] = {
            **dict.fromkeys(("fit", "fit_generator", "partial_fit", "search"), self._fit),
            **dict.fromkeys(("fit_on_texts", "adapt"), self._fit),
            **dict.fromkeys(
                ("texts_to_sequences", "texts_to_matrix", "transform"), self._transformation
            ),
            **dict.fromkeys(
                ("get_support", "get_feature_names_out"), lambda _, model: self.choice(model)
            ),
            **dict.fromkeys(("fit_resample", "fit_sample"), self._resample),
            "fit_transform": self._fit_transform,
            "fit_predict": self._fit_predict,
            **dict.fromkeys(
                ("predict", "predict_proba", "decision_function", "predict_classes"), self._predict
            ),
            **dict.fromkeys(("score", "evaluate"), self._score),
            **dict.fromkeys(("set_params", "add"), self._extend),
        }
        self.of_frames: dict[str, Callable[[Call], Value]] = {
            "drop": self._drop,
            "pipe": self._pipe,
            "assign": self._assign,
            "apply": self._apply,
            "map": self._apply,
            "transform": self._transform,
            "sample": self._sample,
            "rename": lambda call: columns.renamed(
                _plain(call.owner), call.keywords.get("columns", NOTHING)
            ),
            "shuffle": self._shuffled,
            "skip": self._skip,
            "take": self._take,
            "eq": self._equal,
            "drop_duplicates": self._once_each,
            "difference": lambda call: columns.without(call.owner, names_in(call.first)),
            "select_dtypes": self._some_columns,
            "filter": self._some_columns,
            "pop": self._pop,
            **dict.fromkeys(library.FILLS, self._fillna),
            **dict.fromkeys(("corr", "corrwith"), self._corr),
            "groupby": self._groupby,
            "append": lambda call: merge((call.owner, *call.arguments)),
            **dict.fromkeys(IN_ORDER, lambda call: replace(_plain(call.owner), ordered=True)),
            **dict.fromkeys(WINDOWS, self._window),
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
        if library.READERS.match(name):
            self.story.reads = True
        if name in self.functions:
            return self.functions[name](call)
        if library.CHANGES.match(name) and call.everything.rows:
            return replace(call.everything, augmented=True, items=None, column=None)
        if name[:1].isupper() and (made := self._class(call)) != NOTHING:
            return made
        return self._by_pattern(call)

    def _class(self, call: Call) -> Value:
        if ".datasets." in f".{call.dotted}":
            self.story.reads = True
            return _torchvision(call)
        if call.name == "Model" and "keras" in call.dotted:
            return self._estimator(call)
        if library.SPLITTERS.match(call.name):
            return Value(estimator=Estimator(call.name, call.place, dict(call.keywords)))
        return self._estimator(call) if library.is_estimator(call.name) else NOTHING

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

    def _seed(self, call: Call) -> Value:
        which = library.seeds(call.dotted)
        self.story.seeded.update((path, which) for path in (call.place.path, *self.chain))
        return NOTHING

    def _generator(self, call: Call) -> Value:
        """A generator of its own; with a seed it draws the same again."""
        return Value(dotted="own.random" if call.arguments or call.keywords else "np.random")

    def _step(self, call: Call) -> Value:
        """`scheduler.step(test_loss)`."""
        if "ReduceLROnPlateau" in call.dotted and call.first.part == TEST:
            self.emit(Chosen(call.place, TEST, call.place, "the learning rate follows its loss"))
        return NOTHING

    def _download(self, call: Call) -> Value:
        """`yfinance.download("AAPL")`, but not `nltk.download("stopwords")`."""
        return self._read(call) if call.dotted.startswith("yf") else NOTHING

    def _path(self, call: Call) -> Value:
        """`os.path.join(folder, "train.csv")`: the file's name is what matters."""
        last = call.arguments[-1] if call.arguments else NOTHING
        known = last.known and isinstance(last.constant, str)
        return last if known and "path" in call.dotted else merge(call.arguments)

    def _where(self, call: Call) -> Value:
        """`np.where(df.age.isna(), df.age.median(), df.age)`."""
        made = replace(call.everything, items=None, column=None)
        used = next((value for value in call.arguments if value.statistic), NOTHING)
        rows = next(
            (
                value
                for value in call.arguments
                if value.table and value.table == used.statistic and not value.mask
            ),
            None,
        )
        return made if rows is None else self.imputed(call.place, rows, made, used)

    def _shuffle(self, call: Call) -> Value:
        """`random.shuffle(files)` in place, or sklearn's `X, y = shuffle(X, y)`."""
        lottery = "" if "random_state" in call.keywords else library.lottery(call.dotted)
        made = [
            replace(value, shuffled=True, lottery=lottery, known=False) if value.rows else value
            for value in call.arguments
        ]
        target = call.node.args[0] if call.node.args else None
        if not call.dotted.startswith("sklearn") and target is not None and made:
            cut = Cut(call.place, "shuffle()", not lottery, shuffled=True, generator=lottery)
            self.rename(target, made[0] if made[0].rows else Value(cut=cut))
            return NOTHING
        return Value(items=tuple(made)) if len(made) > 1 else merge(made)

    def _written(self, call: Call) -> Value:
        """`np.save("X.npy", X)`, `joblib.dump(model, "model.pkl")`, `pickle.dump(model, file)`."""
        given = (*call.arguments, *call.keywords.values())
        kept = next((value for value in given if value.rows or value.estimator), NOTHING)
        for value in given:
            if value is not kept and (name := value.file or file_name(value)):
                self.story.written[name] = kept
        return NOTHING

    # -- what is learned without a transformer ------------------------------------------------

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

    def _estimator(self, call: Call) -> Value:
        steps = [step for value in (*call.arguments, *call.keywords.values())
                 for step in _estimators(value)]  # fmt: skip
        varied = call.everything.loops
        self._weighted(call)
        made = Estimator(call.name, call.place, dict(call.keywords), tuple(steps), varied_in=varied)
        return Value(estimator=made, loops=varied)

    def _weighted(self, call: Call) -> None:
        """Class weights say that classes are uneven."""
        given = library.WEIGHTS & set(call.keywords)
        if any(not call.says(key, None) and not call.says(key, False) for key in given):
            self.story.uneven.append(call.place)

    def _read(self, call: Call) -> Value:
        """Rows or a model from a file, perhaps one that was written here."""
        path = next(
            (
                name
                for value in (*call.arguments, *call.keywords.values())
                if (name := value.file or file_name(value))
            ),
            "",
        )
        self.story.asked.add(path)
        if call.name == "open":
            return Value(file=path, loaded=True)
        return self.story.written.get(path) or _loaded(call)

    def _booster(self, call: Call) -> Value:
        """`xgb.train(params, dtrain, evals=…)`."""
        rows = call.keywords.get("dtrain", call.keywords.get("train_set", call.second))
        model = Estimator(f"{call.dotted.split('.')[0]} Booster", call.place)
        self._learn(call, model, rows, NOTHING)
        fourth = {"evals": call.arguments[3]} if len(call.arguments) > 3 else {}
        self._stops_early(replace(call, keywords={**fourth, **call.keywords}), model)
        return Value(estimator=model)

    def _train_test_split(self, call: Call) -> Value:
        seeded = "random_state" in call.keywords and not call.says("random_state", None)
        shuffled = not call.says("shuffle", False)
        self.emit(
            Split(call.place, call.arguments, call.name, seeded or not shuffled, shuffled)
        )  # fmt: skip
        items: list[Value] = []
        for value in call.arguments:
            cut = None if value.table or value.loaded else Cut(call.place, "index")
            items += [
                replace(value, part=part, items=None, cut=cut, named=False)
                for part in _parts_of(value)
            ]
        return Value(items=tuple(items))

    def _random_split(self, call: Call) -> Value:
        rows = call.first
        seeded = "generator" in call.keywords
        self.emit(
            Split(call.place, (rows,), call.name, seeded, shuffled=True, generator="torch")
        )  # fmt: skip
        three = len(call.second.items or ()) == 3
        held_out = VALIDATION if three or rows.part == TRAIN else TEST
        return Value(items=tuple(replace(rows, part=part) for part in (TRAIN, held_out, TEST)))

    def _cross_validation(self, call: Call) -> Value:
        rows = call.keywords.get("X", call.second)
        model = call.first.estimator
        self.emit(CrossValidation(call.place, model, rows, call.name))
        if rows.part == TEST and model is not None and (varied := model.varied_in & call.loops):
            self.emit(Measured(call.place, call.name, TEST, model, rows, call.loops, varied))
        splitter = call.keywords.get("cv", NOTHING).estimator
        name = splitter.name if splitter else call.name
        shuffled, seeded, grouped = _draws(splitter)
        grouped |= "groups" in call.keywords
        self.emit(Split(call.place, (rows,), name, seeded, shuffled, grouped, folds=True))
        return Value(score=Score(call.name, "folds", call.place), loops=call.everything.loops)

    def _metric(self, call: Call) -> Value:
        given = [*call.arguments, *call.keywords.values()]
        said = next((value.predicted for value in given if value.predicted), None)
        truth = next((value for value in given if value.rows and not value.predicted), NOTHING)
        if said is None:
            return self._measured(call, None, truth, truth.part)
        part = said.rows.part if said.rows.part not in {"", WHOLE} else truth.part
        if part == TEST and any(value.limits & call.loops for value in given):
            self.emit(Chosen(call.place, TEST, call.place, "a threshold is tried out on it"))
        return self._measured(call, said, said.rows, part or said.rows.part)

    def _measured(self, call: Call, said: Prediction | None, rows: Value, part: str) -> Value:
        model = said.model if said else None
        varied = model.varied_in if model else frozenset()
        learned = (said.fitted, said.fit_place) if said else (None, None)
        here = varied & call.loops
        self.emit(
            Measured(call.place, call.name, part, model, rows, call.loops, here, *learned)
        )  # fmt: skip
        around = call.loops - model.fit_loops if model and model.fitted else frozenset()
        repeated = bool(around) and not (call.everything.loops | varied) & call.loops
        made = Value(score=Score(call.name, part, call.place, repeated), loops=varied)
        return replace(made, items=(made,) * 3) if call.name in library.CURVES else made

    def _extreme(self, call: Call) -> Value:
        """`max(scores)`, `np.argmax(f1)`, `results.idxmax()`."""
        found = merge((call.owner, call.everything))
        rows = call.first
        if "axis" in call.keywords and found.score:  # the likeliest class of each row
            return replace(found, known=False, score=None)
        if rows.table and not (rows.column or rows.of or found.score or rows.predicted):
            return self._statistic(call)
        if found.score and found.score.metric in library.TABLES:
            return replace(found, known=False, score=None)  # the largest cell, to colour a picture
        if found.score and found.score.part == TEST and not found.score.repeated:
            how = f"{call.name}() takes the best of them"
            self.emit(Chosen(call.place, TEST, found.score.place, how))
        return replace(found, known=False)

    def _mean(self, call: Call) -> Value:
        """`np.mean(predicted == truth)`."""
        said = call.first.predicted
        if said is None or not call.first.compared:
            return self._statistic(call)
        part = said.rows.part if said.rows.part not in {"", WHOLE} else call.first.part
        metric = "accuracy_score" if call.first.mask else "error"
        return self._measured(replace(call, name=metric), said, said.rows, part)

    def _statistic(self, call: Call) -> Value:
        """`np.std(X, axis=0)`."""
        rows = call.first
        if not rows.table or rows.predicted or call.name == "sum" or call.says("axis", 1):
            return replace(call.everything, items=None, column=None)
        return Value(statistic=rows.table, part=rows.part, loops=rows.loops)

    def _scale(self, call: Call) -> Value:
        """`scale(X)` learns what a scaler learns, and forgets it."""
        rows = replace(call.first, items=None, column=None)
        if not call.dotted.startswith(("sklearn", "scipy")) or not rows.rows:
            return replace(call.everything, items=None, column=None)
        return self.learned(call.place, f"{call.name}()", rows, rows, rows)

    def _map(self, call: Call) -> Value:
        """`map(f, values)` keeps the values apart."""
        if call.first.function is not None or call.second.items is None:
            return replace(merge(call.arguments[1:]), items=None)
        return call.second

    def _tune(self, call: Call) -> Value:
        """`study.optimize(objective)`: what the function returns chooses the setting."""
        given = (*call.arguments, *call.keywords.values())
        function = next((value.function for value in given if value.function), None)
        if function is None:
            return replace(call.everything, items=None)
        score = self.enter(function, (), {}).score
        if score and score.part == TEST:
            how = "the search is steered by its score"
            self.emit(Chosen(call.place, TEST, score.place, how))
        return NOTHING

    def _permutation(self, call: Call) -> Value:
        """Row numbers in a random order."""
        lottery = "" if call.dotted.startswith("own.") else library.lottery(call.dotted)
        if call.first.rows:
            return replace(call.first, shuffled=not call.first.per, lottery=lottery)
        cut = Cut(call.place, "permutation", not lottery, shuffled=True, generator=lottery)
        return Value(cut=cut)

    def _repeat(self, call: Call) -> Value:
        """`np.repeat(X, 8, axis=0)` and sklearn's `resample(minority, replace=True)`."""
        rows = call.first
        if call.name == "repeat":
            again = call.says("axis", 0) or (bool(rows.column) and "axis" not in call.keywords)
        else:
            balances = call.dotted.startswith("sklearn") or "replace" in call.keywords
            again = balances and not call.says("replace", False)
        mark = Mark("resampled", f"{call.name}()", call.place)
        given = call.arguments if call.name == "resample" else (rows,)
        made = tuple(_repeated(value, mark) if again else value for value in given)
        made = tuple(replace(value, items=None) for value in made)
        return Value(items=made) if len(made) > 1 else merge(made)

    def _feed(self, call: Call) -> Value:
        """A loader in random order is one to train from."""
        rows = call.keywords.get("dataset", call.first)
        if call.says("shuffle", True) and rows.table:
            self.emit(Fed(call.place, rows))
        return replace(rows, items=None, attributes=None)

    def _join(self, call: Call) -> Value:
        members = call.first.items or ()
        parts = {member.part for member in members}
        if call.name in SIDEWAYS or call.says("axis", 1):
            return replace(call.everything, items=None, column=None)
        if TEST in parts and TRAIN in parts:
            return replace(
                call.everything, part=WHOLE, items=None, joined=call.place,
                named=all(member.named for member in members if member.rows), table=hash(call.place) or 1,
            )  # fmt: skip
        if len({member.augmented for member in members if member.rows}) > 1:
            return _augmented(call.everything, call.place)
        return replace(call.everything, items=None, column=None)

    def _wrap(self, call: Call) -> Value:
        label = call.keywords.get("label", NOTHING)
        rows = call.keywords.get("data", call.first)
        entries = (rows.entries or {}).values()
        if chosen := frozenset().union(*map(self.chosen_by, entries)):  # a table of importances
            return Value(marks=chosen)
        if call.name == "DataFrame" and (rows.of or rows.entries is not None):
            named = frozenset(rows.entries or ())
            rows = replace(rows, of=frozenset(), column=None, selected=named)
        if call.name == "DataFrame" and "columns" in call.keywords:
            rows = replace(rows, selected=columns.UNKNOWN, dropped=frozenset())
        return replace(rows, known=False, marks=rows.marks | label.marks, entries=None)

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
        if owner.rows:
            return self._of_frame(call, holder)
        return self._of_unknown(call)

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
            return _pictures(call)
        if name in {"items", "values", "keys"} and owner.items is not None:
            pairs = name == "items"
            turns = (replace(v, items=(NOTHING, v)) if pairs else v for v in owner.items)
            return Value(items=tuple(turns))
        if name in EXTREMES:
            return self._extreme(call)
        return merge((owner, *call.arguments, *call.keywords.values()))

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
            added = _augmented(added, call.place)
        names = owner.items is not None and call.name == "append" and not added.rows
        items = (*(owner.items or ()), *call.arguments) if names and not added.loops else None
        self.rename(holder, replace(added, items=items))
        return added

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
        shuffled, seeded, grouped = _draws(splitter)
        self.emit(
            Split(call.place, (rows,), splitter.name, seeded, shuffled, grouped, folds=True)
        )  # fmt: skip
        # Which model is best may be asked of folds: their held-out rows are validation rows.
        cut = Cut(call.place, splitter.name, seeded, shuffled, grouped, folds=True)
        pair = (Value(part=TRAIN, cut=cut), Value(part=VALIDATION, cut=cut))
        return Value(items=(Value(items=pair),))

    def _fit(self, call: Call, model: Estimator) -> Value:
        self._learn(call, model, call.rows, call.target)
        self._stops_early(call, model)
        self._weighted(call)
        return call.owner

    def _learn(self, call: Call, model: Estimator, rows: Value, target: Value) -> None:
        model.fitted, model.target, model.fit_place = rows, target, call.place
        model.fit_loops = call.loops
        if model.name in library.SEARCHES and rows.part == TEST and not rows.named:
            how = "the search is fitted on its rows"
            self.emit(Chosen(call.place, TEST, call.place, how))
        self.emit(Fit(call.place, model, rows, target, call.loops))

    def _fit_transform(self, call: Call, model: Estimator) -> Value:
        self._learn(call, model, call.rows, call.target)
        return _transformed(model, call.rows)

    def _transformation(self, call: Call, model: Estimator) -> Value:
        seen, learning = model.fitted, sorted(model.names & library.LEARNING)
        if learning and seen is not None and model.fit_place and _peeks(seen, call.rows):
            self.emit(Peeked(model.fit_place, learning[0], call.rows))
        return _transformed(model, call.rows)

    def _fit_predict(self, call: Call, model: Estimator) -> Value:
        self._learn(call, model, call.rows, call.target)
        return replace(call.rows, predicted=Prediction(model, call.rows))

    def _resample(self, call: Call, model: Estimator) -> Value:
        rows, target = call.rows, call.target
        self._learn(call, model, rows, target)
        if rows.part in {"", WHOLE, TRAIN} and rows.rows:
            mark = Mark("resampled", model.name, call.place)
            rows, target = (replace(v, marks=v.marks | {mark}) for v in (rows, target))
        return Value(items=(replace(rows, items=None), replace(target, items=None)))

    def _predict(self, call: Call, model: Estimator) -> Value:
        rows = call.rows
        return replace(
            rows, predicted=Prediction(model, rows, model.fitted, model.fit_place), items=None,
            column=None, attributes=None,
            loops=rows.loops | model.varied_in, of=frozenset(),
        )  # fmt: skip

    def _score(self, call: Call, model: Estimator) -> Value:
        said = Prediction(model, call.rows, model.fitted, model.fit_place)
        return self._measured(replace(call, name="score"), said, call.rows, call.rows.part)

    def _extend(self, call: Call, model: Estimator) -> Value:
        model.steps += tuple(value.estimator for value in call.arguments if value.estimator)
        model.params.update(call.keywords)
        return call.owner

    def _stops_early(self, call: Call, model: Estimator) -> None:
        """Early stopping and checkpoints choose the epoch by the rows that they are given."""
        keys = {"eval_set", "validation_data", "evals", "valid_sets"} & set(call.keywords)
        parts = {part for key in keys for part in _parts(call.keywords[key])}
        stops = (
            library.EARLY_STOPPING.search(ast.unparse(call.node))
            or any("early_stopping" in key for key in model.params)
            or _mentions(call.keywords.get("callbacks", NOTHING), library.EARLY_STOPPING)
        )
        if (stops or call.name == "search") and TEST in parts and VALIDATION not in parts:
            how = "training stops by its score" if stops else "the search is steered by its score"
            self.emit(Chosen(call.place, TEST, call.place, how))

    # -- frames -------------------------------------------------------------------------------

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

    def _some_columns(self, call: Call) -> Value:
        return _unknown_columns(_plain(call.owner))

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
            return self._filled_by(call, owner)
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
            return self._filled_by(call, replace(owner, grouped=frozenset(), column=None))
        if owner.grouped and owner.column and averaged and owner.part in {"", WHOLE}:
            marks |= {Mark("average", str(owner.column), call.place)}
        return replace(owner, marks=marks, grouped=frozenset(), column=None,
                       summary=owner.table if averaged else 0,
                       of=owner.of | {columns.OTHER_ROWS})  # fmt: skip

    def _filled_by(self, call: Call, owner: Value) -> Value:
        """`df.groupby("class")["age"].transform(lambda x: x.fillna(x.median()))`."""
        return self.imputed(call.place, owner, owner)

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
        given = [*call.arguments, *call.keywords.values()]
        given += [value for each in given for value in (each.entries or {}).values()]
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


def _peeks(seen: Value, rows: Value) -> bool:
    """Whether training rows meet what was learned from all rows of the same table."""
    split = rows.part == TRAIN and not rows.unparted
    return split and seen.part == WHOLE and bool(seen.table) and seen.table == rows.table


def _plain(owner: Value) -> Value:
    return replace(owner, items=None, known=False)


def _unknown_columns(owner: Value) -> Value:
    return replace(owner, selected=columns.UNKNOWN, items=None)


def _repeated(rows: Value, mark: Mark) -> Value:
    whole = rows.rows and not rows.predicted and rows.part in {"", WHOLE}
    return replace(rows, marks=rows.marks | {mark}) if whole else rows


def _by_row(call: Call) -> bool:
    """`X.mean(axis=1)`: a statistic of each row is none of all rows."""
    given = call.arguments[0].constant if call.arguments else None
    return call.says("axis", 1) or (given == 1 and given is not True)


def _summarised(owner: Value, name: str) -> Value:
    """One row a group, or a value for each window."""
    if "?" in owner.grouped:
        made = replace(owner, grouped=frozenset(), column=None)
        return replace(made, of=owner.of | {columns.OTHER_ROWS} if owner.of else owner.of)
    averages = (
        str(owner.column) if owner.column and name not in {"size", "count", "nunique"} else ""
    )
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


def _parts_of(value: Value) -> tuple[str, str]:
    """Which parts a split makes; the held-out part of training rows is for choosing."""
    if value.part == TEST and not value.named:
        return VALIDATION, TEST
    return TRAIN, VALIDATION if value.part == TRAIN and not value.named else TEST


def _text_of(given: Value) -> str:
    """What a small function says."""
    return ast.unparse(given.function.node) if given.function else ""


def file_name(value: Value) -> str:
    """The name of the file that a text leads to."""
    text = value.constant if value.known and isinstance(value.constant, str) else ""
    name = re.split(r"[/\\]", text)[-1]
    return name if library.FILE.match(name) else ""


def _draws(splitter: Estimator | None) -> tuple[bool, bool, bool]:
    """Whether folds are shuffled, can be drawn again, and keep groups or time together."""
    if splitter is None:
        return False, True, False
    shuffle = splitter.params.get("shuffle", NOTHING).constant is True
    shuffled = shuffle or "Shuffle" in splitter.name
    grouped = any(word in splitter.name for word in ("Group", "Time", "Predefined"))
    return shuffled, not shuffled or "random_state" in splitter.params, grouped


def _torchvision(call: Call) -> Value:
    """`datasets.CIFAR10(root, train=True)`."""
    part = TRAIN if call.says("train", True) else TEST if call.says("train", False) else WHOLE
    split = call.keywords.get("split", NOTHING).constant
    part = library.part_by_name(split) or part if isinstance(split, str) else part
    return Value(part=part, table=hash(call.place) or 1, loaded=True)


def _augmented(value: Value, place: Place) -> Value:
    mark = Mark("augmented", "changed copies of the rows", place)
    return replace(value, marks=value.marks | {mark}, items=None)


def part_of_file(given: Sequence[Value]) -> str:
    """What the name of a file says of its rows."""
    texts = [value.constant for value in given if isinstance(value.constant, str)]
    file = re.split(r"[/\\]", texts[0])[-1].rsplit(".", 1)[0] if texts else ""
    return library.part_by_name(file.lower())


def _loaded(call: Call) -> Value:
    """Rows from a file; its name may say that it holds the test rows only."""
    part = part_of_file(call.arguments) or WHOLE
    table = hash(call.place) or 1
    named = part != WHOLE and not library.PARTED_FILE.match(file_name(call.first))
    value = Value(part=part, table=table, loaded=True, dates="parse_dates" in call.keywords,
                  named=named)  # fmt: skip
    if call.name == "load_data":  # Keras: ((x_train, y_train), (x_test, y_test))
        pair = [replace(value, part=each) for each in (TRAIN, TEST)]
        return replace(value, items=tuple(replace(each, items=(each, each)) for each in pair))
    if call.says("return_X_y", True):
        return replace(value, items=(value, replace(value, column="target")))
    return value


def _pictures(call: Call) -> Value:
    """Keras's `generator.flow_from_directory("data/test")`."""
    folder = call.keywords.get("directory", call.first)
    subset = call.keywords.get("subset", NOTHING).constant
    said = library.part_by_name(subset) if isinstance(subset, str) else part_of_file((folder,))
    return Value(part=said, table=hash(call.place) or 1, loaded=True, named=bool(said))


def _transformed(model: Estimator, rows: Value) -> Value:
    """What a transformer learned goes with the rows that it has changed."""
    made = replace(rows, items=None, column=None)
    seen = model.fitted
    learning = sorted(model.names & library.LEARNING)
    made = replace(made, labels=False, mask=False)
    if not learning or seen is None or model.fit_place is None:
        return made
    if seen.part not in {"", WHOLE, TRAIN} or not (seen.rows or seen == NOTHING):
        return made
    kind = "target" if model.names & library.TARGET_ENCODERS else "fitted"
    if not seen.unparted:
        kind = "trained"
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
