"""`check --fix` changes only what cannot change what the program does, shows it, and asks."""

from __future__ import annotations

import ast
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from scaffold.checks.checkout import Checkout
from scaffold.checks.linter import repairs
from scaffold.checks.review import review
from tests.checks.conftest import Work
from tests.conftest import Called
from tests.factories import tree

SELECT = '[tool.ruff.lint]\nselect = ["F", "I", "UP", "W", "E7", "SIM", "RUF", "Q", "COM"]\n'

CHANGES_WHAT_IT_DOES = {
    "an import that switches something on": (
        "from sklearn.experimental import enable_iterative_imputer\n"
        "from sklearn.impute import IterativeImputer\n\nMODEL = IterativeImputer()\n"
    ),
    "an import that registers": "import seaborn\nimport mpl_toolkits.mplot3d\n\nseaborn.set()\n",
    "an import for others to take": "from os import path\n",
    "the order of imports": "import sys\nimport os\n\nprint(os, sys)\n",
    "Optional under an older Python": (
        "from typing import Optional\n\n\ndef f(x: Optional[int]) -> None:\n    print(x)\n"
    ),
    "a format string": 'print(f"plain")\n',
    "a condition": "def f(a, b):\n    if a:\n        if b:\n            return 1\n    return 2\n",
}
CHANGES_NOTHING = {
    "spaces at the ends of lines": "x = 1   \ny = 2\t\n",
    "no line break at the end": "x = 1",
    "a semicolon": "x = 1;\n",
    "quotes": "x = 'a'\n",
    "Windows line ends with spaces": "x = 1  \r\ny = 2\r\n",
}


@pytest.mark.parametrize("name", CHANGES_WHAT_IT_DOES)
def test_what_could_change_the_program_is_left_to_its_author(work: Work, name: str) -> None:
    work.write("pyproject.toml", SELECT)
    work.write("src/spam_detector/extra.py", CHANGES_WHAT_IT_DOES[name])
    work.commit()
    assert repairs(Checkout(work.root)) == []


@pytest.mark.parametrize("name", CHANGES_NOTHING)
def test_what_cannot_change_it_is_tidied(work: Work, name: str) -> None:
    work.write("pyproject.toml", SELECT)
    before = CHANGES_NOTHING[name]
    work.write("src/spam_detector/extra.py", before)
    work.commit()
    (repair,) = repairs(Checkout(work.root))
    assert "+++ b/src/spam_detector/extra.py" in repair.diff
    assert (work.root / "src/spam_detector/extra.py").read_bytes() == before.encode()
    repair.apply()
    after = (work.root / "src/spam_detector/extra.py").read_bytes()
    assert after != before.encode()
    assert ast.dump(ast.parse(after)) == ast.dump(ast.parse(before))
    assert (b"\r\n" in after) == ("\r\n" in before)


def spoil(work: Work) -> None:
    work.write(".env", "MODE=fast\n")
    work.write("data/raw/mail.csv", "text\n")
    work.write("src/spam_detector/model.py", "x = 1   \n")
    work.write("ruff.toml", 'lint.select = ["W"]\n')
    work.replace("pyproject.toml", "scikit-learn>=1.7,<2", "scikit-learn")
    work.commit()


def test_fix_puts_right_what_a_machine_can(work: Work, scaffold: Callable[..., Called]) -> None:
    spoil(work)
    called = scaffold("check", work.root, "--fix", "--yes", "--json")
    (found,) = json.loads(called.out)
    by_name = {entry["check"]: entry["passed"] for entry in found["checks"]}
    assert [by_name[name] for name in ("SA403", "PR505", "RE201")] == [True] * 3
    assert by_name["SA404"] is False, "the program may read its data"
    assert len(found["fixed"]) == 3
    assert (work.root / ".env").read_text(encoding="utf-8") == "MODE=fast\n"
    assert "/.env" in (work.root / ".gitignore").read_text(encoding="utf-8").splitlines()
    assert 'dependencies = ["scikit-learn>=1.7,<2"]' in (work.root / "pyproject.toml").read_text()


def test_what_a_list_of_ignored_files_holds_stays_byte_by_byte(
    work: Work, scaffold: Callable[..., Called]
) -> None:
    before = b"caf\xe9/\ndata/raw/"
    work.write(".env", "MODE=fast\n")
    work.commit()
    work.write(".gitignore", before)
    assert not scaffold("check", work.root, "--fix", "--yes").err.count("Traceback")
    assert (work.root / ".gitignore").read_bytes() == before + b"\n/.env\n"


def test_without_a_terminal_and_without_yes_the_diff_is_shown_and_nothing_done(
    work: Work, scaffold: Callable[..., Called]
) -> None:
    spoil(work)
    before = tree(work.root)
    called = scaffold("check", work.root, "--fix")
    assert tree(work.root) == before
    for words in ("git rm --cached .env", '+dependencies = ["scikit-learn>=1.7,<2"]', "--yes"):
        assert words in called.err
    assert "fixed:" not in called.out


def test_at_a_terminal_each_change_is_asked_for_after_its_diff(
    work: Work, scaffold: Callable[..., Called], monkeypatch: pytest.MonkeyPatch
) -> None:
    spoil(work)
    answers = iter([True, False, False])
    monkeypatch.setattr("scaffold.terminal.is_interactive", lambda: True)
    monkeypatch.setattr("click.confirm", lambda *_, **__: next(answers))
    called = scaffold("check", work.root, "--fix")
    assert called.out.count("fixed:") == 1
    assert next(answers, None) is None


@pytest.mark.parametrize(
    "reader",
    [
        'from dotenv import load_dotenv\n\nload_dotenv()\n',
        'from pathlib import Path\n\nPath(".env").read_text()\n',
    ],
)  # fmt: skip
def test_settings_that_the_program_reads_stay_tracked(work: Work, reader: str) -> None:
    work.write(".env", "MODE=fast\n")
    work.write("src/spam_detector/settings.py", reader)
    work.commit()
    assert work.judge("SA403")
    from scaffold import checks

    assert checks.repo_review_checks()["SA403"].repairs(Checkout(work.root)) == []


@pytest.mark.parametrize(
    "written",
    [
        '"scikit-learn; python_version < \'3.12\'"', '"scikit-learn>=1"',
        '"scikit-learn @ https://example.com/x.whl"', '"unknown"', '"not a requirement!"',
    ],
)  # fmt: skip
def test_a_requirement_that_says_more_than_a_name_is_left_as_it_is(
    work: Work, written: str
) -> None:
    work.replace("pyproject.toml", '"scikit-learn>=1.7,<2"', written)
    from scaffold.checks.repair import bound_dependencies

    assert bound_dependencies(Checkout(work.root)) == []


def test_only_the_list_of_dependencies_changes(work: Work) -> None:
    text = '[build-system]\nrequires = ["scikit-learn"]\n' + (
        work.root / "pyproject.toml"
    ).read_text(encoding="utf-8").replace("scikit-learn>=1.7,<2", "scikit-learn")
    work.write("pyproject.toml", text)
    from scaffold.checks.repair import bound_dependencies

    (repair,) = bound_dependencies(Checkout(work.root))
    repair.apply()
    after = (work.root / "pyproject.toml").read_text(encoding="utf-8")
    assert 'requires = ["scikit-learn"]' in after
    assert 'dependencies = ["scikit-learn>=1.7,<2"]' in after


def test_a_link_out_of_the_repository_is_not_written_through(work: Work, tmp_path: Path) -> None:
    outside = tmp_path / "outside.py"
    outside.write_text("x = 1   \n", encoding="utf-8")
    (work.root / "linked.py").symlink_to(outside)
    work.commit()
    assert repairs(Checkout(work.root)) == []
    review(work.root)
    assert outside.read_text(encoding="utf-8") == "x = 1   \n"


@pytest.mark.parametrize("words", [("--yes",), ("--trust",)])
def test_words_that_mean_nothing_alone_are_refused(
    work: Work, scaffold: Callable[..., Called], words: tuple[str, ...]
) -> None:
    assert scaffold("check", work.root, *words).code == 2


def test_explain_tells_all_about_one_check(scaffold: Callable[..., Called]) -> None:
    from scaffold import checks

    called = scaffold("check", "--explain", "st104")
    check = checks.repo_review_checks()["ST104"]
    words = " ".join(called.out.split())
    assert called.code == 0
    for part in ("ST104", check.__doc__, check.reason, check.fix, "Story"):
        assert (part or "") in words
    assert max(map(len, called.out.splitlines())) <= 80
    assert "Did you mean st104" in scaffold("check", "--explain", "ST1044").err


def test_no_finding_leads_to_a_page_that_is_not_there(
    work: Work, scaffold: Callable[..., Called]
) -> None:
    (work.root / "LICENSE").unlink()
    assert "docs/reference/checks.md" not in scaffold("check", work.root).out
    assert "docs/reference/checks.md" not in scaffold("check", work.root, "--json").out
