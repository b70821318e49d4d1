"""A template that was just begun, checked to the end as its author would."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from scaffold.authoring import start
from tests.rotation import turn

pytestmark = [
    pytest.mark.slow,
    pytest.mark.network,
    pytest.mark.skipif(4 not in turn(range(7)), reason="on Fridays: it runs a whole project"),
]

MISTAKES = """
from scaffold.authoring.mistakes import SAMPLE_POSES, Mistake

NOTHING = Mistake(
    "nothing is wrong", "data.py", "sample=sample, counts=counts", "counts=counts, sample=sample",
    SAMPLE_POSES.caught_by,
)
MISTAKES = (SAMPLE_POSES, NOTHING)
"""


def test_a_template_just_begun_runs_and_only_what_no_test_notices_is_said(
    here: Path, ordinary_home: None
) -> None:
    started = start.from_family("mine", here, "tabular")
    started.papers.mistakes.write_text(MISTAKES, encoding="utf-8")
    command = [sys.executable, "-m", "scaffold", "template", "check", str(started.folder)]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", check=False)
    assert done.returncode == 3, done.stdout + done.stderr
    failed = [line for line in done.stdout.splitlines() if line.startswith("FAILED")]
    assert failed == [
        "FAILED  mistakes are listed that its tests must catch",  # two are too few
        "FAILED  the planted mistakes are caught",
    ]
    assert "nothing is wrong: not caught by" in done.stdout
    assert "the sample poses" not in done.stdout
