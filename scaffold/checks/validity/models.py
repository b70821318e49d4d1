"""Models, transformers and splits: what learns from which rows."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
from functools import cached_property

from scaffold.checks.validity import library
from scaffold.checks.validity.call import Answers, Call
from scaffold.checks.validity.events import Chosen, CrossValidation, Fit, Measured, Peeked, Split
from scaffold.checks.validity.files import torchvision
from scaffold.checks.validity.scores import Scores
from scaffold.checks.validity.values import (
    NOTHING,
    TEST,
    TRAIN,
    VALIDATION,
    WHOLE,
    Cut,
    Estimator,
    Mark,
    Prediction,
    Score,
    Value,
    replace,
)


class Models(Scores):
    """Estimators, and the splits that they need."""

    def _class(self, call: Call) -> Value:
        if ".datasets." in f".{call.dotted}":
            self.story.reads = True
            return torchvision(call)
        if call.name == "Model" and "keras" in call.dotted:
            return self._estimator(call)
        if library.SPLITTERS.match(call.name):
            return Value(estimator=Estimator(call.name, call.place, dict(call.keywords)))
        return self._estimator(call) if library.is_estimator(call.name) else NOTHING

    def _estimator(self, call: Call) -> Value:
        steps = [step for value in call.given for step in _estimators(value)]
        varied = call.everything.loops
        self._weighted(call)
        made = Estimator(call.name, call.place, dict(call.keywords), tuple(steps), varied_in=varied)
        return Value(estimator=made, loops=varied)

    def _weighted(self, call: Call) -> None:
        """Class weights say that classes are uneven."""
        given = library.WEIGHTS & set(call.keywords)
        if any(not call.says(key, None) and not call.says(key, False) for key in given):
            self.story.uneven.append(call.place)

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
        self.emit(Split(call.place, call.arguments, call.name, seeded or not shuffled, shuffled))
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
        self.emit(Split(call.place, (rows,), call.name, seeded, shuffled=True, generator="torch"))
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
        self.emit(Split(call.place, (rows,), splitter.name, seeded, shuffled, grouped, folds=True))
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

    def of_splits(self) -> Answers:
        """Functions that part rows."""
        return {
            "train_test_split": self._train_test_split,
            "random_split": self._random_split,
            "Subset": lambda call: replace(call.first, part=call.second.part or call.first.part),
            **dict.fromkeys(library.CROSS_VALIDATIONS, self._cross_validation),
        }

    @cached_property
    def of_estimators(self) -> dict[str, Callable[[Call, Estimator], Value]]:
        """Methods of estimators."""
        learn = ("fit", "fit_generator", "partial_fit", "search", "fit_on_texts", "adapt")
        change = ("texts_to_sequences", "texts_to_matrix", "transform")
        said = ("predict", "predict_proba", "decision_function", "predict_classes")
        choose = ("get_support", "get_feature_names_out")
        return {
            **dict.fromkeys(learn, self._fit),
            **dict.fromkeys(change, self._transformation),
            **dict.fromkeys(choose, lambda _, model: self.choice(model)),
            **dict.fromkeys(("fit_resample", "fit_sample"), self._resample),
            "fit_transform": self._fit_transform,
            "fit_predict": self._fit_predict,
            **dict.fromkeys(said, self._predict),
            **dict.fromkeys(("score", "evaluate"), self._score),
            **dict.fromkeys(("set_params", "add"), self._extend),
        }


def _peeks(seen: Value, rows: Value) -> bool:
    """Whether training rows meet what was learned from all rows of the same table."""
    split = rows.part == TRAIN and not rows.unparted
    return split and seen.part == WHOLE and bool(seen.table) and seen.table == rows.table


def _parts_of(value: Value) -> tuple[str, str]:
    """Which parts a split makes; the held-out part of training rows is for choosing."""
    if value.part == TEST and not value.named:
        return VALIDATION, TEST
    return TRAIN, VALIDATION if value.part == TRAIN and not value.named else TEST


def _draws(splitter: Estimator | None) -> tuple[bool, bool, bool]:
    """Whether folds are shuffled, can be drawn again, and keep groups or time together."""
    if splitter is None:
        return False, True, False
    shuffle = splitter.params.get("shuffle", NOTHING).constant is True
    shuffled = shuffle or "Shuffle" in splitter.name
    grouped = any(word in splitter.name for word in ("Group", "Time", "Predefined"))
    return shuffled, not shuffled or "random_state" in splitter.params, grouped


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
