"""One reader of metrics.json, one formatter of what it holds."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from scaffold import results
from scaffold.results import ResultsUnreadable, number, verdict
from tests.conftest import Called
from tests.factories import git, write_files

FOREIGN: list[str | bytes] = [
    "", "[]", "null", "5", '"text"', "{", "\0", "[" * 100_000, b"\xff\xfe{\x00}\x00",
    '{"primary": 5}', '{"primary": {}}', '{"primary": {"value": "much"}}',
    '{"primary": {"value": true}}', '{"primary": {"value": NaN}}', '{"primary": {"value": 1e999}}',
    '{"primary": {"value": [1]}}',
]  # fmt: skip


@pytest.mark.parametrize("text", FOREIGN, ids=lambda text: repr(text)[:30])
def test_a_foreign_or_malformed_file_is_one_clean_sentence(
    tmp_path: Path, text: str | bytes
) -> None:
    write_files(tmp_path, {"reports/metrics.json": text})
    with pytest.raises(ResultsUnreadable) as caught:
        results.read(tmp_path)
    assert "reports/metrics.json" in caught.value.message
    assert caught.value.message.endswith(".")
    assert caught.value.hint


@pytest.mark.parametrize(
    "rest",
    [
        {}, {"comparison": 5}, {"comparison": {"ci": [1]}}, {"data": []}, {"run": None},
        {"primary": {"value": 1.5, "ci": "wide", "baseline": "none", "label": 7}},
        {"primary": {"value": 1.5, "ci": [2, 1], "baseline_name": None, "higher_is_better": "x"}},
    ],
)  # fmt: skip
def test_what_another_program_wrote_is_read_as_far_as_it_goes(rest: dict[str, Any]) -> None:
    found = results.parse(json.dumps({"primary": {"value": 1.5}, **rest}))
    assert found.summary() == "result 1.50"
    assert found.verdict is None


def test_there_is_nothing_before_the_first_run(tmp_path: Path) -> None:
    assert results.read(tmp_path) is None


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.9978, "0.998"), (0.99961, "1.00"), (0.5, "0.500"), (0.05, "0.0500"), (0, "0"),
        (12.345, "12.3"), (999.6, "1,000"), (70123.457, "70,100"), (1234567, "1,230,000"),
        (-0.0123, "-0.0123"), (-70123, "-70,100"), (0.00001234, "0.0000123"), (1e-12, "1.00e-12"),
    ],
)  # fmt: skip
def test_numbers_have_three_significant_digits_and_separated_thousands(
    value: float, text: str
) -> None:
    assert number(value) == text


@pytest.mark.parametrize(
    ("interval", "higher", "word"),
    [
        ((0.1, 0.2), True, "better"), ((-0.2, -0.1), True, "worse"),
        ((-0.2, -0.1), False, "better"), ((0.1, 0.2), False, "worse"),
        ((-0.1, 0.2), True, "no clear difference"), ((0.0, 0.2), True, "no clear difference"),
        ((-0.2, 0.0), False, "no clear difference"),
    ],
)  # fmt: skip
def test_an_interval_and_a_direction_give_one_of_three_verdicts(
    interval: tuple[float, float], higher: bool, word: str
) -> None:
    assert verdict(interval, higher_is_better=higher) == word


def test_the_verdict_is_computed_whatever_the_file_claims() -> None:
    found = results.parse(
        json.dumps({
            "primary": {"name": "mae", "value": 70123.457, "baseline": 80000.0,
                        "baseline_name": "median", "higher_is_better": False},
            "comparison": {"ci": [-100.0, 50.0]}, "verdict": "better",
        })
    )  # fmt: skip
    assert found.verdict == "no clear difference"
    assert found.summary() == "mae 70,100; median: 80,000"


@pytest.mark.parametrize("command", ["site", "check", "publish"])
@pytest.mark.parametrize("text", ['{"primary": {"value": 1.5}}', "[]", '{"primary": 5, "data": 1}'])
def test_every_command_takes_such_a_file(
    project: Path, identity: None, scaffold: Callable[..., Called], command: str, text: str
) -> None:
    write_files(project, {"reports/metrics.json": text})
    git(project, "add", "--all")
    git(project, "commit", "--quiet", "-m", "Measure")
    words = {"publish": ("--dry-run", "--public"), "site": (), "check": ("--json",)}[command]
    called = scaffold(command, project, *words)
    assert "fault of scaffold" not in called.err
    assert "Error" not in called.out


def test_only_one_module_reads_the_file() -> None:
    """Another reader would have another opinion of what is malformed."""
    import scaffold as package

    root = Path(package.__file__).parent
    readers = {
        path.relative_to(root).as_posix()
        for path in root.rglob("*.py")
        if "_templates" not in path.parts
        and '"reports/metrics.json"' in path.read_text(encoding="utf-8")
    }
    assert readers == {"results.py", "commands/run.py"}  # run names what its step makes
