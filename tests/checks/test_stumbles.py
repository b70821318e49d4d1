"""What a reviewer trips over: one small repository for each, and its innocent twin."""

from __future__ import annotations

import json
import pickle
import time
from pathlib import Path

import pytest

from scaffold.checks import stumbles
from scaffold.checks.checkout import Checkout
from tests.factories import git


def notebook(*cells: tuple[str, int | None, list[object]]) -> str:
    """Code cells: source, execution count, outputs."""
    made: list[dict[str, object]] = [
        {"cell_type": "code", "metadata": {}, "source": source, "execution_count": count,
         "outputs": outputs}
        for source, count, outputs in cells
    ]  # fmt: skip
    return json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": made})


ERROR = {"output_type": "error", "ename": "KeyError", "evalue": "'y'", "traceback": []}
FENCE = "```"

# check → (files of the guilty one, files of the innocent one, words of the finding)
PAIRS: list[tuple[str, dict[str, str], dict[str, str], str]] = [
    (
        "TR701",
        {"a.ipynb": notebook(("x = 1", 2, []), ("print(x)", 1, []))},
        {"a.ipynb": notebook(("x = 1", 1, []), ("print(x)", 2, []))},
        "out of order",
    ),
    (
        "TR701",
        {"a.ipynb": notebook(("x = {}", None, []), ("x['y']", 1, [ERROR]))},
        {"a.ipynb": notebook(("x = {}", None, []), ("x['y']", None, []))},
        "KeyError",
    ),
    (
        "TR701",
        {"a.ipynb": notebook(("print(shown)", 1, []), ("shown = 1", 2, []))},
        {"a.ipynb": notebook(("%%capture shown\nx = 1", 1, []), ("print(shown, _, In)", 2, []))},
        "`shown` is used",
    ),
    (
        "TR701",
        {"a.ipynb": notebook(("%timeit f()", 1, []), ("print(shown)", 2, []))},
        {"a.ipynb": notebook(("%run tools.py", 1, []), ("print(shown)", 2, []))},
        "`shown` is used",
    ),
    (
        "TR701",
        {"a.ipynb": notebook(("x = 1", 1, []), ("y = 1", 1, []))},
        {"a.ipynb": notebook(("x = 1", 1, []), ("y = 1", 3, []))},
        "more than one session",
    ),
    (
        "TR702",
        {"load.py": "import pandas as pd\nframe = pd.read_csv('C:\\\\Users\\\\ann\\\\x.csv')\n"},
        {"load.py": "import pandas as pd\nframe = pd.read_csv('data/x.csv')  # not /home/ann/\n"},
        "load.py:2",
    ),
    ("TR703", {"venv/lib/a.py": "x = 1\n", "b.py": "x = 1\n"}, {"b.py": "x = 1\n"}, "venv"),
    ("TR704", {"model.sav": "x"}, {"model.onnx": "x"}, "model.sav"),
    (
        "TR705",
        {"load.py": "import pandas as pd\nframe = pd.read_csv('houses.csv')\n"},
        {
            "load.py": "import pandas as pd\nframe = pd.read_csv('houses.csv')\n",
            "README.md": "# Houses\n\nDownload the data from https://example.org first.\n",
        },
        "houses.csv",
    ),
    (
        "TR706",
        {"README.md": f"# T\n\n{FENCE}\npython trian.py\n{FENCE}\n", "train.py": "x = 1\n"},
        {"README.md": f"# T\n\n{FENCE}\npython train.py\n{FENCE}\n", "train.py": "x = 1\n"},
        "trian.py",
    ),
    (
        "TR706",
        {"README.md": f"# T\n\n{FENCE}\npip install -r reqs.txt\n{FENCE}\n"},
        {"README.md": f"# T\n\n{FENCE}\npip install -r reqs.txt\n{FENCE}\n", "reqs.txt": "x\n"},
        "reqs.txt",
    ),
    (
        "TR706",
        {"README.md": "# T\n\nThe model is in `src/model.py`.\n"},
        {"README.md": "# T\n\nThe model is in `src/model.py`.\n", "src/model.py": "x = 1\n"},
        "src/model.py",
    ),
    (
        "TR707",
        {"README.md": "# T\n\nThis saves the bank $68k a year.\n"},
        {"README.md": "# T\n\nAssuming 2 hours a week, this saves $68k a year.\n"},
        "$68k",
    ),
    (
        "TR707",
        {"README.md": "# T\n\n| a |\n| --- |\n\nIt reduces churn by 15–25 %.\n"},
        {"README.md": "# T\n\nAll models converge to a score of 76–77 %.\n"},
        "15–25 %",
    ),
    (
        "TR708",
        {
            "README.md": "# T\n\n![badge](https://git.example/a/actions/workflows/ci.yml/badge.svg)\n"
        },
        {
            "README.md": "# T\n\n![badge](https://git.example/a/actions/workflows/ci.yml/badge.svg)\n",
            ".github/workflows/ci.yml": "on: push\n",
        },
        "ci.yml",
    ),
]


def judged(root: Path, check: str, files: dict[str, str]) -> str | None:
    for path, text in files.items():
        place = root / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text, encoding="utf-8")
    git(root, "init", "--quiet")
    git(root, "add", "--force", "--all")
    kind = next(kind for kind in stumbles.CHECKS if kind.__name__ == check)
    return kind().judge(Checkout(root))


@pytest.mark.parametrize(("check", "guilty", "innocent", "words"), PAIRS)
def test_what_trips_a_reviewer_is_found_and_its_twin_is_not(
    tmp_path: Path, check: str, guilty: dict[str, str], innocent: dict[str, str], words: str
) -> None:
    one, other = tmp_path / "one", tmp_path / "other"
    one.mkdir()
    other.mkdir()
    assert words in (judged(one, check, guilty) or "")
    assert not judged(other, check, innocent)


def test_a_page_in_one_long_line_is_read_in_time(tmp_path: Path) -> None:
    """Searched for with a sentence around it, a claim once took a minute and a half."""
    (tmp_path / "README.md").write_text("# T\n\n" + "A word reduces " * 10_000, encoding="utf-8")
    started = time.perf_counter()
    assert stumbles.TR707().judge(Checkout(tmp_path)) == ""
    assert time.perf_counter() - started < 10


def test_a_pickle_is_known_by_how_it_begins(tmp_path: Path) -> None:
    for name, content in (("model.bin", pickle.dumps({"a": 1})), ("weights.bin", b"\0\1\2")):
        (tmp_path / name).write_bytes(content)
    assert stumbles.TR704().judge(Checkout(tmp_path)) == "model.bin"
