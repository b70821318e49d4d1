"""The command around the checks: forms, exit codes, mending, other people's checks, speed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from scaffold import checks
from scaffold.checks.verdict import Check
from scaffold.commands.check import review
from scaffold.commands.new import create, plan
from tests.checks.conftest import Work

PROMPT = "\n> **Yours to write — meaning:** What does the number mean to you?\n"


@pytest.fixture
def unfinished(work: Work) -> Work:
    work.replace("README.md", "Repeat it", f"{PROMPT}\nRepeat it")
    return work


def test_a_finished_project_ends_with_exit_code_0(work: Work, scaffold: Callable[..., Any]) -> None:
    called = scaffold("check", work.root)
    assert (called.code, called.err) == (0, "")
    assert called.out.startswith("spam-detector: ")
    assert " fail" not in called.out


def test_a_failure_says_what_was_found_why_it_matters_and_what_to_do(
    unfinished: Work, scaffold: Callable[..., Any]
) -> None:
    called = scaffold("check", unfinished.root)
    assert called.code == 3
    check = checks.repo_review_checks()["ST102"]
    words = " ".join(called.out.split())
    asked = "scaffold check --explain ST102"
    for part in ("ST102", "stops publishing", "meaning", check.reason, check.fix, asked):
        assert part in words


def test_nothing_is_wider_than_80_columns_or_coloured(
    unfinished: Work, scaffold: Callable[..., Any]
) -> None:
    lines = scaffold("check", unfinished.root).out.splitlines()
    assert max(map(len, lines)) <= 80
    assert not any("\x1b" in line for line in lines)


def test_json_holds_every_check(unfinished: Work, scaffold: Callable[..., Any]) -> None:
    called = scaffold("check", unfinished.root, "--json")
    (found,) = json.loads(called.out)
    by_name = {entry["check"]: entry for entry in found["checks"]}
    assert called.code == 3
    assert set(checks.repo_review_checks()) <= set(by_name)
    assert (found["passed"], found["publishable"]) == (False, False)
    assert by_name["ST102"]["passed"] is False
    assert by_name["ST102"]["blocks"] is True
    assert by_name["RE208"]["passed"] is None


def test_markdown_is_a_table_with_every_check(
    unfinished: Work, scaffold: Callable[..., Any]
) -> None:
    rows = [
        line
        for line in scaffold("check", unfinished.root, "--markdown").out.splitlines()
        if line.startswith("|")
    ]
    assert rows[0] == "| check | what should be true | result | found |"
    assert {row.split(" ")[1] for row in rows[2:]} >= set(checks.repo_review_checks())
    assert all(row.replace("\\|", "").count("|") == 5 for row in rows)


def test_many_repositories_are_reviewed_in_one_call(
    unfinished: Work, tmp_path: Path, scaffold: Callable[..., Any]
) -> None:
    other = tmp_path / "library"
    other.mkdir()
    (other / "README.md").write_text("# A library\n\nSmall.\n", encoding="utf-8")
    called = scaffold("check", unfinished.root, other, "--json")
    assert [Path(entry["path"]).name for entry in json.loads(called.out)] == [
        "spam-detector",
        "library",
    ]


def test_a_folder_that_is_not_there_is_an_error_not_a_finding(
    tmp_path: Path, scaffold: Callable[..., Any]
) -> None:
    called = scaffold("check", tmp_path / "nowhere")
    assert called.code == 1
    assert "is not a folder" in called.err


def test_any_repository_is_reviewed_with_what_applies(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text("# Notes\n\n[gone](missing.md)\n", encoding="utf-8")
    found = {finding.check: finding.passed for finding in review(tmp_path).findings}
    assert found["ST110"] is False
    assert all(passed is None for name, passed in found.items() if name.startswith("HO"))
    assert found["ST105"] is None


def test_checks_of_another_package_run_too(
    work: Work, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "site"
    metadata = package / "house_rules-1.0.dist-info"
    metadata.mkdir(parents=True)
    (package / "house_rules.py").write_text(
        textwrap.dedent("""\
            class HR001:
                "The house's own rule"
                family = "house"

                @staticmethod
                def check(root):
                    return "no rule book" if not (root / "RULES.md").exists() else ""


            def checks():
                return {"HR001": HR001()}
            """),
        encoding="utf-8",
    )
    (metadata / "METADATA").write_text("Name: house-rules\nVersion: 1.0\n", encoding="utf-8")
    (metadata / "entry_points.txt").write_text(
        "[repo_review.checks]\nhouse = house_rules:checks\n", encoding="utf-8"
    )
    monkeypatch.syspath_prepend(str(package))
    found = {finding.check: finding for finding in review(work.root).findings}
    assert found["HR001"].message == "no rule book"
    assert found["HR001"].blocks is False


def test_a_repository_may_switch_a_check_off_with_a_reason(work: Work) -> None:
    settings = '\n[tool.repo-review.ignore]\nPR501 = "the course owns it"\n'
    pyproject = (work.root / "pyproject.toml").read_text(encoding="utf-8")
    work.write("pyproject.toml", pyproject + settings)
    (work.root / "LICENSE").unlink()
    found = {finding.check: finding for finding in review(work.root).findings}
    assert (found["PR501"].passed, found["PR501"].message) == (None, "the course owns it")


@pytest.mark.parametrize("kind", checks.ALL, ids=lambda kind: kind.__name__)
def test_every_check_has_a_sentence_a_reason_and_a_way_out(kind: type[Check]) -> None:
    sentence = (kind.__doc__ or "").strip()
    assert sentence.endswith(".")
    assert "\n" not in sentence
    assert len(sentence) <= 90
    assert kind.reason.endswith(".")
    assert kind.fix
    assert kind.family in checks.FAMILIES


def test_a_new_project_fails_for_what_only_its_author_can_do(
    tmp_path: Path, identity: None
) -> None:
    made = create(plan("spam-detector", tmp_path / "spam-detector"))
    failed = {finding.check for finding in review(made.project.root).failures}
    assert {"ST102", "ST103", "ST104", "ST105", "RE202", "PR507"} <= failed
    assert failed <= {"ST102", "ST103", "ST104", "ST105", "ST107", "ST112", "RE202", "PR507"}


def test_what_is_slow_to_import_is_not_imported_when_nothing_is_new(work: Work) -> None:
    """PyGithub and questionary never; detect-secrets only for contents that it has not seen."""
    script = (
        "import sys; from pathlib import Path; from scaffold.commands.check import review; "
        f"review(Path({str(work.root)!r})); "
        "print(sorted({name.split('.')[0] for name in sys.modules}))"
    )
    review(work.root)
    loaded = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, encoding="utf-8", check=True,
        env=os.environ,
    ).stdout  # fmt: skip
    for module in ("github", "questionary", "detect_secrets", "requests", "copier"):
        assert f"'{module}'" not in loaded
