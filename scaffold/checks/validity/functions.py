"""Functions of the usual libraries that take rows and give rows."""

from __future__ import annotations

from scaffold.checks.validity import columns, library
from scaffold.checks.validity.call import Answers, Call
from scaffold.checks.validity.events import Fed
from scaffold.checks.validity.files import file_name, loaded
from scaffold.checks.validity.models import Models
from scaffold.checks.validity.sources import Place
from scaffold.checks.validity.values import (
    NOTHING,
    TEST,
    TRAIN,
    WHOLE,
    Cut,
    Mark,
    Value,
    merge,
    replace,
)

SIDEWAYS = {"hstack", "merge", "column_stack"}
PASSED_ON = {"list", "dict", "tuple", "set", "clone", "deepcopy", "copy"}
GROUPED = {"connected_components", "fclusterdata", "fcluster"}  # who belongs together
COUNTED = {"len", "range", "str", "type", "isinstance", "id"}


class Functions(Models):
    """Reading, writing, joining, shuffling."""

    def _seed(self, call: Call) -> Value:
        which = library.seeds(call.dotted)
        self.story.seeded.update((path, which) for path in (call.place.path, *self.chain))
        return NOTHING

    def _generator(self, call: Call) -> Value:
        """A generator of its own; with a seed it draws the same again."""
        return Value(dotted="own.random" if call.arguments or call.keywords else "np.random")

    def _download(self, call: Call) -> Value:
        """`yfinance.download("AAPL")`, but not `nltk.download("stopwords")`."""
        return self._read(call) if call.dotted.startswith("yf") else NOTHING

    def _path(self, call: Call) -> Value:
        """`os.path.join(folder, "train.csv")`: the file's name is what matters."""
        last = call.arguments[-1] if call.arguments else NOTHING
        known = last.known and isinstance(last.constant, str)
        return last if known and "path" in call.dotted else merge(call.arguments)

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
        kept = next((value for value in call.given if value.rows or value.estimator), NOTHING)
        for value in call.given:
            if value is not kept and (name := value.file or file_name(value)):
                self.story.written[name] = kept
        return NOTHING

    def _read(self, call: Call) -> Value:
        """Rows or a model from a file, perhaps one that was written here."""
        names = (value.file or file_name(value) for value in call.given)
        path = next(filter(None, names), "")
        if path not in self.story.written:
            self.story.asked.add(path)
        if call.name == "open":
            return Value(file=path, loaded=True)
        return self.story.written.get(path) or loaded(call)

    def _map(self, call: Call) -> Value:
        """`map(f, values)` keeps the values apart."""
        if call.first.function is not None or call.second.items is None:
            return replace(merge(call.arguments[1:]), items=None)
        return call.second

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
                named=all(member.named for member in members if member.rows),
                table=hash(call.place) or 1,
            )  # fmt: skip
        if len({member.augmented for member in members if member.rows}) > 1:
            return augmented_copies(call.everything, call.place)
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

    def of_rows(self) -> Answers:
        """Functions that take rows and give rows."""
        wraps = ("get_dummies", "DataFrame", "array", "asarray", "Series", "DMatrix", "Dataset")
        return {
            **dict.fromkeys(library.SEEDS, self._seed),
            **dict.fromkeys(("zip", "enumerate"), self._zip),
            "map": self._map,
            "permutation": self._permutation,
            **dict.fromkeys(("repeat", "resample"), self._repeat),
            "join": self._path,
            "download": self._download,
            **dict.fromkeys(("safe_load", "full_load", "parse_args"), lambda _: NOTHING),
            "shuffle": self._shuffle,
            **dict.fromkeys(("save", "dump"), self._written),
            "DataLoader": self._feed,
            **dict.fromkeys(("default_rng", "RandomState"), self._generator),
            "unique": lambda call: replace(call.everything, per=frozenset({"?"}), items=None),
            **dict.fromkeys(PASSED_ON, lambda call: call.first),
            **dict.fromkeys(GROUPED, lambda _: NOTHING),
            **dict.fromkeys(COUNTED, lambda call: Value(loops=call.everything.loops)),
            "int": _whole,
            **dict.fromkeys(("concat", "vstack", "concatenate", "append", *SIDEWAYS), self._join),
            **dict.fromkeys(wraps, self._wrap),
            "to_datetime": lambda call: replace(call.everything, dates=True),
        }


def _repeated(rows: Value, mark: Mark) -> Value:
    whole = rows.rows and not rows.predicted and rows.part in {"", WHOLE}
    return replace(rows, marks=rows.marks | {mark}) if whole else rows


def augmented_copies(value: Value, place: Place) -> Value:
    mark = Mark("augmented", "changed copies of the rows", place)
    return replace(value, marks=value.marks | {mark}, items=None)


def _whole(call: Call) -> Value:
    """`int(df.age.mean())` is still that statistic."""
    return call.first if call.first.statistic else Value(loops=call.everything.loops)
