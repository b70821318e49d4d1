"""Faults of validity: every pair of the corpus, and what the evidence says."""

from __future__ import annotations

from pathlib import Path

import pytest

from scaffold.checks import valid
from scaffold.checks.checkout import Checkout
from scaffold.checks.validity.sources import Source, Unreadable, parse_notebook, parse_script
from tests.checks.test_stumbles import notebook
from tests.corpus.measure import Case, cases, raised

SCALED_FIRST = """\
import pandas as pd
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler

frame = pd.read_csv("data.csv")
X = frame.drop(columns=["y"])
y = frame["y"]
X = StandardScaler().fit_transform(X)
X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
model = LogisticRegression().fit(X_train, y_train)
print(model.score(X_test, y_test))
"""


@pytest.mark.parametrize(
    "case",
    list(cases()),
    ids=lambda case: f"{case.check}-{case.name}-{'fault' if case.guilty else 'twin'}",
)
def test_a_fault_is_found_and_its_innocent_twin_is_not(case: Case) -> None:
    assert (case.check in raised(case.root, "valid")) == case.expected


def test_evidence_names_the_line_the_split_and_a_patch_that_mends_it(tmp_path: Path) -> None:
    (tmp_path / "train.py").write_text(SCALED_FIRST, encoding="utf-8")
    (fault,) = valid.VA601().evidence(Checkout(tmp_path)) or []
    assert (str(fault.place), str(fault.split)) == ("train.py:9", "train.py:10")
    assert "+X_train = StandardScaler().fit_transform(X_train)" in fault.patch
    assert "-X = StandardScaler().fit_transform(X)" in fault.patch


def test_a_notebook_is_followed_from_cell_to_cell(tmp_path: Path) -> None:
    lines = SCALED_FIRST.splitlines()
    cells = [
        "%matplotlib inline\n" + "\n".join(lines[:6]),
        "\n".join(lines[6:9]),
        "\n".join(lines[9:]),
    ]
    text = notebook(*((cell, number, []) for number, cell in enumerate(cells, 1)))
    (tmp_path / "study.ipynb").write_text(text, encoding="utf-8")
    (fault,) = valid.VA601().evidence(Checkout(tmp_path)) or []
    assert str(fault.place) == "study.ipynb, cell 2, line 3"
    assert str(fault.split) == "study.ipynb, cell 3, line 1"


def test_rows_are_followed_through_a_function_of_another_file(tmp_path: Path) -> None:
    (tmp_path / "prepare.py").write_text(
        "from sklearn.preprocessing import StandardScaler\n\n\n"
        "def scaled(X):\n    return StandardScaler().fit_transform(X)\n",
        encoding="utf-8",
    )
    text = SCALED_FIRST.replace("StandardScaler().fit_transform(X)", "scaled(X)")
    text = text.replace(
        "from sklearn.preprocessing import StandardScaler", "from prepare import scaled"
    )
    (tmp_path / "train.py").write_text(text, encoding="utf-8")
    (fault,) = valid.VA601().evidence(Checkout(tmp_path)) or []
    assert (str(fault.place), str(fault.split)) == ("prepare.py:5", "train.py:10")


def test_what_is_no_python_3_is_named_and_costs_nothing_else() -> None:
    old = parse_script("old.py", "print 'accuracy', 0.9\n")
    assert old == Unreadable("old.py", "Python 2")
    broken = parse_notebook("a.ipynb", "{")
    assert isinstance(broken, Unreadable)
    cells = notebook(("x = 1", 1, []), ("def broken(:", 2, []), ("y = x", 3, []))
    read = parse_notebook("b.ipynb", cells)
    assert isinstance(read, Source)
    assert str(read.place(3)) == "b.ipynb, cell 3, line 1"


def test_a_loop_without_end_or_a_circle_of_imports_ends(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text(
        "from b import g\n\n\ndef f(x):\n    return g(x)\n\n\nf(1)\n", encoding="utf-8"
    )
    (tmp_path / "b.py").write_text("import a\n\n\ndef g(x):\n    return a.f(x)\n", encoding="utf-8")
    assert valid.VA601().judge(Checkout(tmp_path)) is None  # nothing learns here


HEAD = """\
import numpy as np
import pandas as pd
from sklearn.dummy import DummyClassifier
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score
from sklearn.model_selection import train_test_split

df = pd.read_csv("rows.csv", parse_dates=["date"])
"""
SCORED = """
X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=1)
model = LogisticRegression().fit(X_train, y_train)
print(f1_score(y_test, model.predict(X_test)))
"""
INNOCENT = {
    "the columns of an unknown list": "cols = df.columns[:-1]\nX, y = df[cols], df['y']" + SCORED,
    "the target taken out of a list": (
        "cols = df.select_dtypes('number').columns.tolist()\ncols.remove('y')\n"
        "X, y = df[cols], df['y']" + SCORED
    ),
    "all columns but the target": "X, y = df.loc[:, df.columns != 'y'], df['y']" + SCORED,
    "rows filtered by the target": (
        "df = df[(df.age > 3) & (df['y'] != 9)]\n"
        "X, y = df[[c for c in df.columns if c not in ('y', 'id')]], df['y']" + SCORED
    ),
    "a target made of a column that goes": (
        "df['good'] = np.where(df['quality'] >= 7, 1, 0)\n"
        "X, y = df.drop(['quality', 'good'], axis=1), df['good']" + SCORED
    ),
    "a target of tomorrow beside today": (
        "df['target'] = (df['close'].shift(-1) > df['close']).astype(int)\n"
        "train, test = df.iloc[:-100], df.iloc[-100:]\n"
        "model = RandomForestClassifier().fit(train[['close', 'open']], train['target'])\n"
        "print(f1_score(test['target'], model.predict(test[['close', 'open']])))\n"
    ),
    "an average by group that is not the target's": (
        "df['mean_age'] = df.groupby('sex')['age'].transform('mean')\n"
        "X, y = df.drop(columns='y'), df['y']" + SCORED
    ),
    "a grey picture repeated for three channels": (
        "pictures, y = np.load('x.npy'), np.load('y.npy')\n"
        "X = np.repeat(pictures[..., np.newaxis], 3, axis=-1)" + SCORED
    ),
    "a table of scores sorted to be read": (
        "X, y = df.drop(columns='y'), df['y']" + SCORED + "rows = []\n"
        "for model in (LogisticRegression(), DummyClassifier()):\n"
        "    model.fit(X_train, y_train)\n"
        "    rows.append({'f1': f1_score(y_test, model.predict(X_test))})\n"
        "print(pd.DataFrame(rows).sort_values('f1'))\n"
    ),
    "random numbers that are announced": (
        "try:\n    df = pd.read_csv('rows.csv')\nexcept OSError:\n"
        "    print('no rows found: these are random')\n"
        "    df = pd.DataFrame(np.random.rand(9, 2))\n"
        "X, y = df.drop(columns='y'), df['y']" + SCORED
    ),
    "noise on a measured column": (
        "df['a'] = df['a'] + np.random.normal(size=10)\nX, y = df.drop(columns='y'), df['y']"
        + SCORED
    ),
    "a change against the day before": (
        "X = df[['load', 'warmth']].to_numpy()\n"
        "X = (X - X.mean(axis=0)) / X.std(axis=0)\n"
        "change = np.abs(X[24:] - X[:-24]).mean()\n"
        "print(change, LogisticRegression().fit(X, df['y']).coef_)\n"
    ),
    "a series that is split in its order": (
        "df['date'] = pd.to_datetime(df['date'])\ndf = df.sort_values('date')\n"
        "df['before'] = df['y'].shift(1)\n"
        "X, y = df[['before']], df['y']\n"
        "X_train, X_test, y_train, y_test = train_test_split(X, y, shuffle=False)\n"
        "model = LogisticRegression().fit(X_train, y_train)\n"
        "print(f1_score(y_test, model.predict(X_test)))\n"
    ),
    "the largest of bootstrapped scores": (
        "X, y = df.drop(columns='y'), df['y']" + SCORED + "scores = []\n"
        "for turn in range(100):\n"
        "    rows = X_test.sample(frac=1, replace=True, random_state=turn)\n"
        "    scores.append(f1_score(y_test.loc[rows.index], model.predict(rows)))\n"
        "print(min(scores), max(scores))\n"
    ),
    "one row for each patient": (
        "df = df.drop_duplicates('patient_id')\n"
        "X, y = df.drop(columns=['patient_id', 'y']), df['y']" + SCORED
    ),
}
GUILTY = {
    "VA606": (
        INNOCENT["a table of scores sorted to be read"]
        + "best = pd.DataFrame(rows).sort_values('f1').iloc[0]\n"
    ),
    "VA608": INNOCENT["a target made of a column that goes"].replace("'quality', 'good'", "'good'"),
    "VA604": INNOCENT["an average by group that is not the target's"].replace("['age']", "['y']"),
    "VA602": INNOCENT["a grey picture repeated for three channels"].replace("axis=-1", "axis=0"),
    "VA610": INNOCENT["a series that is split in its order"].replace(", shuffle=False", ""),
    "VA613": INNOCENT["random numbers that are announced"].replace("print(", "str("),
}


@pytest.mark.parametrize("code", INNOCENT.values(), ids=INNOCENT)
def test_innocent_code_is_left_alone(code: str, tmp_path: Path) -> None:
    (tmp_path / "train.py").write_text(HEAD + code, encoding="utf-8")
    assert raised(tmp_path, "valid") <= {"VA616"}  # one model may stand alone here


@pytest.mark.parametrize(("check", "code"), GUILTY.items(), ids=GUILTY)
def test_one_word_more_makes_it_guilty(check: str, code: str, tmp_path: Path) -> None:
    (tmp_path / "train.py").write_text(HEAD + code, encoding="utf-8")
    assert check in raised(tmp_path, "valid")


SHUFFLED = """\
import random
import numpy as np
import pandas as pd
from sklearn.linear_model import LogisticRegression
from sklearn.utils import shuffle

df = pd.read_csv("rows.csv")
rows = df.to_numpy()
{first}
train, test = rows[:80], rows[80:]
model = LogisticRegression().fit(train[:, :-1], train[:, -1])
print(model.score(test[:, :-1], test[:, -1]))
"""


@pytest.mark.parametrize(
    ("first", "same_again"),
    [
        ("np.random.shuffle(rows)", False),
        ("random.shuffle(rows)", False),
        ("rows = shuffle(rows)", False),
        ("rows = shuffle(rows, random_state=1)", True),
        ("np.random.seed(1)\nnp.random.shuffle(rows)", True),
        ("random.seed(1)\nrandom.shuffle(rows)", True),
        ("random.seed(1)\nnp.random.shuffle(rows)", False),
        ("np.random.seed(1)\nrandom.shuffle(rows)", False),
        ("import lightning\nlightning.seed_everything(1)\nnp.random.shuffle(rows)", True),
        ("import transformers\ntransformers.set_seed(1)\nrandom.shuffle(rows)", True),
        ("import torch\ntorch.manual_seed(1)\nnp.random.shuffle(rows)", False),
        ("import tensorflow as tf\ntf.random.set_seed(1)\nrandom.shuffle(rows)", False),
    ],
)
def test_a_shuffle_before_a_cut_needs_a_seed_of_its_own_generator(
    first: str, same_again: bool, tmp_path: Path
) -> None:
    (tmp_path / "train.py").write_text(SHUFFLED.format(first=first), encoding="utf-8")
    assert ("VA611" not in raised(tmp_path, "valid")) == same_again


def test_places_that_are_shuffled_and_cut_are_a_split(tmp_path: Path) -> None:
    text = SHUFFLED.format(first="places = np.arange(len(rows))\nnp.random.shuffle(places)")
    text = text.replace("rows[:80], rows[80:]", "rows[places[:80]], rows[places[80:]]")
    (tmp_path / "train.py").write_text(text, encoding="utf-8")
    faults = valid.VA611().evidence(Checkout(tmp_path)) or []
    assert {fault.what for fault in faults} == {"shuffle() draws another split in every run"}


@pytest.mark.parametrize(
    ("shuffled", "found"), [("shuffle(df, random_state=1)", True), ("df", False)]
)
def test_a_series_whose_rows_were_shuffled_is_in_no_order(
    shuffled: str, found: bool, tmp_path: Path
) -> None:
    text = SHUFFLED.replace(
        "rows = df.to_numpy()", "df['date'] = pd.to_datetime(df['date'])"
    ).format(
        first=f"df = df.sort_values('date')\ndf['before'] = df['y'].shift(1)\nrows = {shuffled}"
    )
    (tmp_path / "train.py").write_text(text, encoding="utf-8")
    assert ("VA610" in raised(tmp_path, "valid")) == found


def test_what_was_fitted_on_all_rows_is_said_once_of_a_split_and_folds(tmp_path: Path) -> None:
    folds = "from sklearn.model_selection import cross_val_score\n"
    folds += "print(cross_val_score(LogisticRegression(), X, y))\n"
    (tmp_path / "train.py").write_text(SCALED_FIRST + folds, encoding="utf-8")
    assert {"VA601", "VA605"} & raised(tmp_path, "valid") == {"VA601"}
    alone = "".join(SCALED_FIRST.splitlines(keepends=True)[:9]) + folds
    (tmp_path / "train.py").write_text(alone, encoding="utf-8")
    assert {"VA601", "VA605"} & raised(tmp_path, "valid") == {"VA605"}


CHOSEN = """
X, y = df.drop(columns='y'), df['y']
X_train, X_{first}, y_train, y_{first} = train_test_split(X, y, random_state=1)
X_{left}, X_{right}, y_{left}, y_{right} = train_test_split(X_{of}, y_{of}, random_state=2)
for depth in (2, 4):
    model = RandomForestClassifier(max_depth=depth).fit(X_train, y_train)
    print(depth, f1_score(y_{on}, model.predict(X_{on})))
"""
REST = {"first": "rest", "of": "rest", "left": "val", "right": "test"}
TWICE = {"first": "test", "of": "train", "left": "fit", "right": "test_2"}


@pytest.mark.parametrize(
    ("names", "on", "found"),
    [(REST, "val", False), (REST, "test", True), (TWICE, "test_2", False), (TWICE, "test", True)],
)
def test_of_two_parts_held_out_names_say_by_which_one_chooses(
    names: dict[str, str], on: str, found: bool, tmp_path: Path
) -> None:
    (tmp_path / "train.py").write_text(HEAD + CHOSEN.format(**names, on=on), encoding="utf-8")
    assert ("VA606" in raised(tmp_path, "valid")) == found


@pytest.mark.parametrize("text", ["x = " + "+".join("a" * 600), "x = a" + ".b()" * 400,
                                  "x = a\n" + "x = [x, x]\n" * 40,
                                  "if " + "not " * 900 + "x: pass"],
                         ids=["sum", "chain", "lists", "nots"])  # fmt: skip
def test_code_nested_beyond_reading_is_passed_over(text: str, tmp_path: Path) -> None:
    (tmp_path / "deep.py").write_text(text, encoding="utf-8")
    (tmp_path / "train.py").write_text(SCALED_FIRST, encoding="utf-8")
    assert valid.VA601().judge(Checkout(tmp_path))


def test_numbers_in_tests_are_examples(tmp_path: Path) -> None:
    (tmp_path / "train.py").write_text(SCALED_FIRST, encoding="utf-8")
    example = "scores = [0.7, 0.8, 0.9]\n"
    (tmp_path / "test_best.py").write_text(f"def test_best():\n    {example}", encoding="utf-8")
    assert valid.VA614().judge(Checkout(tmp_path)) == ""
    (tmp_path / "plot.py").write_text(example, encoding="utf-8")
    assert valid.VA614().judge(Checkout(tmp_path))


def test_an_environment_that_was_committed_is_not_read(tmp_path: Path) -> None:
    (tmp_path / "train.py").write_text(SCALED_FIRST, encoding="utf-8")
    inside = tmp_path / "app" / "venv" / "Lib" / "site-packages"
    inside.mkdir(parents=True)
    (inside / "other.py").write_text(SCALED_FIRST, encoding="utf-8")
    assert set(Checkout(tmp_path).code.sources) == {"train.py"}
