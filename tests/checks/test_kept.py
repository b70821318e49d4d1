"""What was found about rows is kept while nothing changes that it was found in, or by."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from scaffold.checks import valid
from scaffold.checks.checkout import Checkout
from scaffold.checks.validity import faults
from tests.checks.conftest import Work
from tests.checks.test_validity import SCALED_FIRST


@pytest.fixture
def leaky(work: Work) -> Work:
    work.write("train.py", SCALED_FIRST)
    work.commit()
    return work


def found(work: Work) -> list[str] | None:
    evidence = valid.VA601().evidence(Checkout(work.root))
    return None if evidence is None else [f"{each} {each.patch}" for each in evidence]


def refuse(*_: object) -> None:
    raise AssertionError("the code is walked again")


def file_of(home: Path) -> Path:
    (file,) = (home / "cache" / "scaffold" / "rows").iterdir()
    return file


def test_the_same_code_is_walked_once(leaky: Work, monkeypatch: pytest.MonkeyPatch) -> None:
    first = found(leaky)
    assert first
    assert "train.py:9" in first[0]
    monkeypatch.setattr(faults, "read", refuse)
    leaky.write("README.md", "# Another text\n")
    assert found(leaky) == first


def test_code_in_which_nothing_is_learned_is_walked_once(
    work: Work, monkeypatch: pytest.MonkeyPatch
) -> None:
    work.write("src/spam_detector/model.py", "print(1)\n")
    work.write("src/spam_detector/evaluate.py", "print(2)\n")
    assert found(work) is None
    monkeypatch.setattr(faults, "read", refuse)
    assert found(work) is None


@pytest.mark.parametrize(
    "change",
    [
        {"train.py": SCALED_FIRST.replace("X = Standard", "X = X  # Standard")},
        {"train.py": f"\n{SCALED_FIRST}"},
        {"train.py": SCALED_FIRST, "more.py": "import numpy\nprint(numpy.ones(3).mean())\n"},
    ],
)
def test_other_code_is_walked_anew(
    leaky: Work, change: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    found(leaky)
    for path, text in change.items():
        leaky.write(path, text)
    monkeypatch.setattr(faults, "read", refuse)
    with pytest.raises(AssertionError, match="walked again"):
        found(leaky)


def test_other_rules_walk_it_anew(
    leaky: Work, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    found(leaky)
    rules = tmp_path / "rules"
    rules.mkdir()
    (rules / "faults.py").write_text("# a rule more\n", encoding="utf-8")
    monkeypatch.setattr(faults, "OWN", rules)
    monkeypatch.setattr(faults, "read", refuse)
    with pytest.raises(AssertionError, match="walked again"):
        found(leaky)


@pytest.mark.parametrize("spoilt", [5, {}, {"a": []}, [None, None], {"fill": [{"line": 1}]}])
def test_what_is_spoilt_is_found_anew(leaky: Work, isolated: Path, spoilt: object) -> None:
    first = found(leaky)
    kept = json.loads(file_of(isolated).read_text(encoding="utf-8"))
    if isinstance(spoilt, dict) and "fill" in spoilt:
        spoilt = dict.fromkeys(kept["what"], spoilt["fill"])
    file_of(isolated).write_text(json.dumps({**kept, "what": spoilt}), encoding="utf-8")
    assert found(leaky) == first
    assert json.loads(file_of(isolated).read_text(encoding="utf-8")) == kept


def test_texts_still_excuse_what_the_code_does_not_show(leaky: Work) -> None:
    code = (
        "from sklearn.ensemble import RandomForestClassifier\n"
        "from sklearn.model_selection import train_test_split\n"
        "import pandas as pd\n"
        "df = pd.read_csv('a.csv')\n"
        "train, test = train_test_split(df, random_state=0)\n"
        "model = RandomForestClassifier().fit(train[['a']], train.y)\n"
        "print(model.score(test[['a']], test.y))\n"
    )
    for path in ("src/spam_detector/model.py", "src/spam_detector/evaluate.py"):
        leaky.write(path, "")
    leaky.write("train.py", code)
    leaky.write("REPORT.md", "# Report\n")
    leaky.write("README.md", "# A forest\n")
    assert valid.VA616().evidence(Checkout(leaky.root))
    leaky.write("README.md", "# A forest\n\nThe majority class would reach 0.5.\n")
    assert valid.VA616().evidence(Checkout(leaky.root)) == []


def test_a_folder_without_history_leaves_nothing_in_the_cache(
    tmp_path: Path, isolated: Path
) -> None:
    (tmp_path / "train.py").write_text(SCALED_FIRST, encoding="utf-8")
    assert valid.VA601().evidence(Checkout(tmp_path))
    assert not (isolated / "cache" / "scaffold" / "rows").exists()
