"""A small template with functions to practise, for the tests of practice and of grading."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from scaffold.commands import new, run
from scaffold.project import Practice, Project
from scaffold.reporter import Reporter
from scaffold.running import environment, process
from tests.factories import TINY, Files, make_catalogue

MATHS = '''\
"""project_package's numbers."""

import statistics


def middle(numbers):
    """The median."""
    # practice: middle
    return statistics.median(numbers)
    # practice: end


class Range:
    """From the least to the greatest."""

    def width(self, numbers):
        """How far apart they are."""
        # practice: width
        low = min(numbers)  # the least
        return max(numbers) - low
        # practice: end


def shout(numbers):
    """Both, in words."""
    return f"{middle(numbers)} of {Range().width(numbers)}"
'''

ASKED = """\
[[functions]]
name = "middle"
file = "src/project_package/maths.py"
function = "middle"
asked = "Return the median of the numbers."
tests = ["tests/test_maths.py::test_the_middle"]
hints = ["Sort them.", "statistics has it."]

[[functions]]
name = "width"
file = "src/project_package/maths.py"
function = "Range.width"
asked = "Return how far the numbers are apart."
tests = ["tests/test_maths.py::test_the_width", "tests/test_maths.py::test_one_has_no_width"]
hints = ["Two of them matter.", "max and min."]
"""

TESTS = """\
import pytest

from project_package.maths import Range, middle


@pytest.mark.parametrize(("numbers", "expected"), [([3, 1, 2], 2), ([1, 2], 1.5)])
def test_the_middle(numbers, expected):
    assert middle(numbers) == expected


def test_the_width():
    assert Range().width([4, 1]) == 3


def test_one_has_no_width():
    assert Range().width([4]) == 0
"""

PRACTISED: Files = {
    **TINY,
    "_base/README.md.jinja": "# {{ title }}\n{% if practice %}\nYours to write.\n{% endif %}\n",
    "_base/.gitignore": ".venv/\nmodels/\ncalls.txt\n.scaffold/\n__pycache__/\n",
    "tiny/practice.toml": ASKED,
    "tiny/src/project_package/maths.py": MATHS,
    "tiny/tests/test_maths.py": TESTS,
}
MIDDLE = "    return sorted(numbers)[len(numbers) // 2]\n"
MISSING = '    raise NotImplementedError("middle: yours to write")\n'


def use_catalogue(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The small template in place of the real ones."""
    made = make_catalogue(folder, PRACTISED)
    monkeypatch.setattr("scaffold.catalogue.root", lambda: made)
    return made


def own_interpreter(monkeypatch: pytest.MonkeyPatch) -> None:
    """An environment in no time: this very interpreter."""

    def make(root: Path, log: Path, reporter: Reporter) -> str:
        return "hand"

    monkeypatch.setattr(environment, "make", make)
    monkeypatch.setattr(environment, "python_of", lambda _: Path(sys.executable))
    monkeypatch.setattr(environment, "variables", lambda _: dict(os.environ))
    monkeypatch.setattr(run, "follow", process.follow)


def make_practice(dest: Path, *, solutions: bool = True) -> Project:
    """A practice project of the small template."""
    return new.create(new.plan("tiny", dest, practice=Practice(solutions=solutions))).project


def maths(root: Path) -> Path:
    return next(root.glob("src/*/maths.py"))


def write(root: Path, name: str, body: str) -> None:
    """What the author writes in place of a missing body."""
    path = maths(root)
    indentation = "    " if name == "middle" else "        "
    missing = f'{indentation}raise NotImplementedError("{name}: yours to write")\n'
    text = path.read_text(encoding="utf-8")
    assert missing in text
    path.write_text(text.replace(missing, body), encoding="utf-8")
