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
