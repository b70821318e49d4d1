"""A small repository in the layout of a finished project, to spoil one thing at a time."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from scaffold import checks
from scaffold.checks.checkout import Checkout
from scaffold.checks.verdict import Check
from scaffold.project import Origin, Project
from tests.publishing.fake_github import git

README = """\
# Spam detector

[![Tests](https://git.example/badge.svg)](https://git.example/tests)

Which newsletters would my own filter throw away? A word list is the usual answer; this project
measures how much better counted words do on six thousand real messages.

<!-- result:headline -->
**PR-AUC 0.998 [0.996, 0.999]** on rows no model had seen; keyword rule: 0.732.

| on the test part | keyword rule | model |
| --- | ---: | ---: |
| PR-AUC | 0.732 | **0.998** |

![Precision against recall: the model stays on top](reports/figures/curve.svg)
<!-- /result:headline -->

Repeat it with `make all`. More in the [report](REPORT.md), the
[data sheet](data/README.md#origin).
"""

REPORT = """\
# Report

## Problem

Mail that nobody wants costs a minute a day.

## Results

### In numbers

Every figure comes from one run.
"""

TEST = """\
def test_a_word_counts_once_for_each_time_it_stands_there():
    assert "spam spam".count("spam") == 2
"""

PYPROJECT = """\
[project]
name = "spam-detector"
version = "1.0"
description = "How far word counts go against spam."
keywords = ["machine-learning"]
requires-python = ">=3.11"
dependencies = ["scikit-learn>=1.7,<2"]
"""

MODEL = '"""Counts words."""\n\n\ndef count(text: str) -> int:\n    return len(text.split())\n'
EVALUATE = """\
def run(truth: list[int]) -> float:
    return sum(truth) / len(truth)
"""
WORKFLOW = "on: push\njobs:\n  test:\n    steps:\n      - run: make test\n"
ROW = {"value": 0.9978, "ci": [0.9962, 0.9991], "baseline": 0.7321}


class Work:
    """The repository, with words for changing it."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def write(self, path: str, content: str | bytes) -> None:
        target = self.root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        raw = content if isinstance(content, bytes) else content.encode()
        target.write_bytes(raw)

    def replace(self, path: str, old: str, new: str) -> None:
        text = (self.root / path).read_text(encoding="utf-8")
        assert old in text
        self.write(path, text.replace(old, new))

    def change_json(self, path: str, change: Callable[[Any], object]) -> None:
        value = json.loads((self.root / path).read_text(encoding="utf-8"))
        change(value)
        self.write(path, json.dumps(value))

    def git(self, *arguments: str) -> str:
        return git("-C", str(self.root), *arguments).strip()

    def commit(self, message: str = "Count words and measure") -> None:
        self.git("add", "--all", "--force")
        self.git("commit", "--quiet", "-m", message)

    def judge(self, name: str, **how: bool) -> str | None:
        """What one check says: nothing wrong is "", does not apply is None."""
        found: dict[str, Check] = checks.repo_review_checks()
        return found[name].check(Checkout(self.root, **how))


@pytest.fixture
def work(tmp_path: Path, identity: None) -> Work:
    made = Work(tmp_path / "spam-detector")
    made.write("README.md", README)
    made.write("REPORT.md", REPORT)
    made.write("MODEL_CARD.md", "# Model card\n\n## Intended use\n\nOne person's mailbox.\n")
    made.write("data/README.md", "# Data sheet\n\n## Origin\n\nPublic mail archives.\n")
    made.write("LICENSE", "MIT License\n\nCopyright (c) 2026 Ada\n")
    made.write("Makefile", ".PHONY: all test\nall test:\n\tpython -m pytest\n")
    made.write("pyproject.toml", PYPROJECT)
    made.write(".gitignore", "data/raw/\n.env\n")
    made.write(".github/workflows/ci.yml", WORKFLOW)
    made.write("src/spam_detector/model.py", MODEL)
    made.write("src/spam_detector/evaluate.py", EVALUATE)
    made.write("tests/test_model.py", TEST)
    made.write("reports/figures/curve.svg", "<svg/>\n")
    made.write("data/access.jsonl", '{"part": "test", "reader": "evaluate"}\n')
    parts = {"train": {"ids": ["a", "b"]}, "test": {"ids": ["c"]}}
    made.write("data/manifest.json", json.dumps({"sha256": "5e", "seed": 7, "parts": parts}))
    inputs = {
        path: hashlib.sha256((made.root / path).read_bytes()).hexdigest()
        for path in (
            "src/spam_detector/model.py",
            "src/spam_detector/evaluate.py",
            "data/manifest.json",
        )
    }
    made.write("reports/metrics.json", json.dumps({
        "primary": {"name": "pr_auc", "label": "PR-AUC", "baseline_name": "keyword rule",
                    "higher_is_better": True, **ROW},
        "metrics": {"pr_auc": ROW},
        "comparison": {"difference": 0.2657, "ci": [0.2511, 0.2803]},
        "data": {"source": "archives", "rows": 6046, "sha256": "5e", "sample": False},
        "run": {"seconds": 21.0, "seed": 7, "packages": {"scikit-learn": "1.7.2"}},
        "inputs": inputs,
    }))  # fmt: skip
    Project(
        root=made.root,
        origin=Origin("spam-detector", "catalogue", "layers", "0.1.0"),
        name="spam-detector",
        package="spam_detector",
        title="Spam detector",
        topics=("machine-learning",),
        target={"metric": "pr_auc", "published": 0.9985, "higher_is_better": True},
        answers={"question": "Which newsletters would my own filter throw away?"},
    ).write()
    made.git("init", "--quiet", "--initial-branch=main")
    made.git("commit", "--quiet", "--allow-empty", "-m", "Ask the question")
    made.commit()
    return made
