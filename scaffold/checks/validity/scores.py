"""How good a model is: metrics, and what is chosen by them."""

from __future__ import annotations

from scaffold.checks.validity import library
from scaffold.checks.validity.call import Answers, Call
from scaffold.checks.validity.events import Chosen, Measured, Typed
from scaffold.checks.validity.notes import Notes
from scaffold.checks.validity.values import (
    NOTHING,
    TEST,
    WHOLE,
    Prediction,
    Score,
    Value,
    merge,
    replace,
)
from scaffold.checks.validity.words import TYPED_RESULT

EXTREMES = {"max", "min", "argmax", "argmin", "nanargmax", "nanargmin", "idxmax", "idxmin"}
TUNES = {"optimize", "fmin", "minimize", "gp_minimize", "forest_minimize", "dummy_minimize"}


class Scores(Notes):
    """Metrics, statistics and choices."""

    def _metric(self, call: Call) -> Value:
        given = call.given
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
        self.emit(Measured(call.place, call.name, part, model, rows, call.loops, here, *learned))
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

    def _where(self, call: Call) -> Value:
        """`np.where(df.age.isna(), df.age.median(), df.age)`."""
        made = replace(call.everything, items=None, column=None)
        used = next((value for value in call.arguments if value.statistic), NOTHING)
        own = (each for each in call.arguments if each.table and each.table == used.statistic)
        rows = next((each for each in own if not each.mask), None)
        return made if rows is None else self.imputed(call.place, rows, made, used)

    def _step(self, call: Call) -> Value:
        """`scheduler.step(test_loss)`."""
        if "ReduceLROnPlateau" in call.dotted and call.first.part == TEST:
            self.emit(Chosen(call.place, TEST, call.place, "the learning rate follows its loss"))
        return NOTHING

    def _print(self, call: Call) -> Value:
        for argument in call.arguments:
            text = argument.constant if argument.known else None
            if isinstance(text, str) and (found := TYPED_RESULT.search(text)):
                self.emit(Typed(call.place, found.group(0).strip()))
        return NOTHING

    def _tune(self, call: Call) -> Value:
        """`study.optimize(objective)`: what the function returns chooses the setting."""
        function = next((value.function for value in call.given if value.function), None)
        if function is None:
            return replace(call.everything, items=None)
        score = self.enter(function, (), {}).score
        if score and score.part == TEST:
            how = "the search is steered by its score"
            self.emit(Chosen(call.place, TEST, score.place, how))
        return NOTHING

    def of_scores(self) -> Answers:
        """Functions that measure, or choose by what was measured."""
        return {
            "print": self._print,
            "step": self._step,
            "where": self._where,
            "sorted": lambda call: replace(call.first, ranked=True, known=False),
            **dict.fromkeys(library.METRICS | library.CURVES, self._metric),
            **dict.fromkeys(EXTREMES, self._extreme),
            **dict.fromkeys(TUNES, self._tune),
            **dict.fromkeys(("mean", "sum", "average"), self._mean),
            **dict.fromkeys(("std", "nanmean", "nanstd", "median", "nanmedian"), self._statistic),
            **dict.fromkeys(library.SCALES, self._scale),
        }
