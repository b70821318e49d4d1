"""`--deep` measures again: what was written by hand does not come out a second time."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from scaffold.checks.checkout import Checkout
from scaffold.checks.reproducible import RE209
from scaffold.checks.verdict import NotRead
from scaffold.running import environment
from tests.factories import git

MEASURES = """\
import json
from pathlib import Path

Path("reports").mkdir(exist_ok=True)
primary = {"name": "accuracy", "value": 0.91, "ci": [0.88, 0.94]}
run = {"command": "python train.py"}
Path("reports/metrics.json").write_text(json.dumps({"primary": primary, "run": run}))
"""


@pytest.fixture
def this_python(monkeypatch: pytest.MonkeyPatch, identity: None) -> None:
    """In place of an environment of the clone's own."""
    monkeypatch.setattr(environment, "make", lambda *_: "nothing")
    monkeypatch.setattr(environment, "python_of", lambda _root: Path(sys.executable))


def committed(
    root: Path, script: str, value: float, command: str = "python train.py"
) -> str | None:
    """What the deep check says of a script beside a result."""
    (root / "reports").mkdir()
    (root / "train.py").write_text(script, encoding="utf-8")
    primary = {"name": "accuracy", "value": value, "ci": [value - 0.03, value + 0.03]}
    stated = {"primary": primary, "run": {"command": command}}
    (root / "reports" / "metrics.json").write_text(json.dumps(stated), encoding="utf-8")
    git(root, "init", "--quiet")
    git(root, "add", "--all")
    git(root, "commit", "--quiet", "-m", "Measure")
    return RE209().check(Checkout(root, deep=True))


def test_a_number_that_comes_again_passes(tmp_path: Path, this_python: None) -> None:
    assert committed(tmp_path, MEASURES, 0.92) == ""


def test_a_number_outside_of_its_own_interval_fails(tmp_path: Path, this_python: None) -> None:
    assert committed(tmp_path, MEASURES, 0.99) == "accuracy: committed 0.990, again 0.910"


def test_a_result_typed_beside_x_equals_1_fails(tmp_path: Path, this_python: None) -> None:
    assert "wrote no" in (committed(tmp_path, "x = 1\n", 0.92) or "")


def test_nothing_runs_that_is_no_python(tmp_path: Path, this_python: None) -> None:
    assert committed(tmp_path, "x = 1\n", 0.92, command="rm -rf .") is None
    assert (tmp_path / "train.py").exists()
    assert isinstance(RE209().look(Checkout(tmp_path, deep=True)), NotRead)


def test_a_result_that_names_no_command_fails(tmp_path: Path, this_python: None) -> None:
    script = "from sklearn.svm import SVC\nSVC().fit([[0], [1]], [0, 1])\n"
    assert "does not say what wrote it" in (committed(tmp_path, script, 0.92, command="") or "")


def test_without_deep_nothing_is_measured(tmp_path: Path, this_python: None) -> None:
    committed(tmp_path, MEASURES, 0.99)
    assert RE209().check(Checkout(tmp_path)) is None
