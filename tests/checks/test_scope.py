"""What a repository leaves out of judgement, and what is not read so that a check ends in time."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from scaffold.checks import code
from scaffold.checks.checkout import Checkout
from scaffold.checks.review import review
from tests.checks.conftest import Work
from tests.checks.test_validity import SCALED_FIRST
from tests.conftest import Called

Scaffold = Callable[..., Called]
REPOSITORY = Path(__file__).parents[2]
EXCLUDE = "\n[tool.scaffold.check]\nexclude = {}\n"


@pytest.fixture
def specimen(work: Work) -> Work:
    """A sound project with a specimen of a fault among its tests, which it leaves out."""
    work.write("specimens/train.py", SCALED_FIRST)
    work.write("specimens/README.md", "[gone](gone.md)\n")
    leave_out(work, '["/specimens/"]')
    return work


def leave_out(work: Work, patterns: str) -> None:
    text = (work.root / "pyproject.toml").read_text(encoding="utf-8")
    work.write("pyproject.toml", text + EXCLUDE.format(patterns))


def failed(root: Path) -> set[str]:
    return {finding.check for finding in review(root).failures}


def test_what_is_left_out_is_not_judged(specimen: Work) -> None:
    assert failed(specimen.root) == set()
    specimen.replace("pyproject.toml", '["/specimens/"]', '["/other/"]')
    assert "VA601" in failed(specimen.root)


def test_every_form_says_what_is_left_out(specimen: Work, scaffold: Scaffold) -> None:
    said = "2 files (/specimens/), as pyproject.toml says"
    shown = " ".join(scaffold("check", specimen.root).out.split())
    assert f"Left out of judgement: {said}" in shown
    assert said in scaffold("check", specimen.root, "--markdown").out
    assert json.loads(scaffold("check", specimen.root, "--json").out)[0]["left_out"] == said
    rows = csv.DictReader(io.StringIO(scaffold("check", specimen.root, "--csv").out))
    assert [row["message"] for row in rows if row["state"] == "left out"] == [said]
    log = json.loads(scaffold("check", specimen.root, "--sarif").out)
    notes = log["runs"][0]["invocations"][0]["toolExecutionNotifications"]
    assert [said in note["message"]["text"] for note in notes] == [True]
    table = scaffold("check", specimen.root, specimen.root / "src").out
    assert said in " ".join(table.split())


def test_a_key_is_found_in_what_is_left_out(specimen: Work) -> None:
    specimen.write("specimens/settings.py", f'KEY = "AKIA{"QWER" * 4}"\n')
    specimen.commit()
    assert failed(specimen.root) == {"SA401"}


def test_a_link_may_lead_to_what_is_left_out(specimen: Work) -> None:
    specimen.replace("README.md", "[report](REPORT.md)", "[specimen](specimens/train.py)")
    assert failed(specimen.root) == set()


@pytest.mark.parametrize(
    ("section", "words"),
    [
        ('exclude = "specimens"', "13: tool.scaffold.check.exclude is not a list of texts."),
        ("exclude = [5]", "13: tool.scaffold.check.exclude[1] is not a text in quotes."),
        ('exclude = ["a", "!"]', "13: tool.scaffold.check.exclude[2] is no pattern"),
        ("exlude = []", "13: tool.scaffold.check.exlude is no key that scaffold knows. Did you"),
    ],
)
def test_a_fault_in_the_settings_is_told_with_line_and_key(
    work: Work, section: str, words: str
) -> None:
    leave_out(work, "[]")
    lines = (work.root / "pyproject.toml").read_text(encoding="utf-8").splitlines()
    number = lines.index("exclude = []") + 1
    work.replace("pyproject.toml", "exclude = []", section)
    said = words.replace("13:", f"pyproject.toml:{number}:")
    assert said in str(work.judge("PR509"))


def test_code_beyond_what_is_followed_in_time_is_not_called_sound(
    work: Work, monkeypatch: pytest.MonkeyPatch
) -> None:
    work.write("train.py", SCALED_FIRST)
    work.write("deep/down/resample.py", SCALED_FIRST)
    monkeypatch.setattr(code, "MOST_CODE", len(SCALED_FIRST) + 1)
    found = {finding.check: finding for finding in review(work.root).findings}
    assert found["VA601"].state == "fails"
    assert "deep/down" not in found["VA601"].message
    assert found["VA602"].state == "not read"
    assert "3 scripts" in found["VA602"].message  # the two of src and the deep one
    assert found["VA616"].state == "not read"


def test_a_package_that_learns_nothing_is_not_followed(tmp_path: Path) -> None:
    files = {
        "tool/__init__.py": "",
        "tool/words.py": "def count(text):\n    return len(text.split())\n",
        "tool/main.py": "from . import words\nfrom .words import count\n",
        "study/__init__.py": "",
        "study/words.py": "import pandas as pd\n",
        "study/train.py": "from .words import pd\n",
        "alone.py": "print('accuracy: 0.93')\n",
    }
    for path, text in files.items():
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_text(text, encoding="utf-8")
    sources = Checkout(tmp_path).code.sources
    followed = code.studies(sources)
    assert set(sources) - set(followed) == {"tool/words.py", "tool/main.py", "tool/__init__.py"}


def test_helpers_of_tests_are_tests_and_a_script_that_evaluates_is_none(tmp_path: Path) -> None:
    files = {
        "tests/test_a.py": "def test_a():\n    assert 1 + 1 == 2\n",
        "tests/factories.py": SCALED_FIRST,
        "test_model.py": SCALED_FIRST,
    }
    for path, text in files.items():
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_text(text, encoding="utf-8")
    checkout = Checkout(tmp_path)
    assert checkout.test_files == ("tests/factories.py", "tests/test_a.py")
    assert list(checkout.code.sources) == ["test_model.py"]


@pytest.mark.skipif(not (REPOSITORY / ".git").exists(), reason="an archive has no history")
def test_this_repository_passes_its_own_checks() -> None:
    command = [sys.executable, "-m", "scaffold", "check", str(REPOSITORY)]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", check=False)
    assert done.returncode == 0, done.stdout
