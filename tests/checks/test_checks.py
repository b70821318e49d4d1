"""Each check passes on a finished project and fails when the one thing it is about is spoilt."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from scaffold import checks
from scaffold.checks.checkout import Checkout
from scaffold.checks.verdict import NotRead
from scaffold.running import environment
from scaffold.running.process import Finished
from tests.checks.conftest import Work
from tests.checks.test_stumbles import PAIRS as STUMBLES
from tests.corpus.measure import cases

PROMPT = "\n> **Yours to write — meaning:** What does the number mean to you?\n"
KEY = f"AKIA{'QWER' * 4}"


def committed(change: Callable[[Work], None]) -> Callable[[Work], None]:
    def both(work: Work) -> None:
        change(work)
        work.commit("Change one thing")

    return both


def writing(path: str, content: str | bytes) -> Callable[[Work], None]:
    return committed(lambda work: work.write(path, content))


def replacing(path: str, old: str, new: str) -> Callable[[Work], None]:
    return lambda work: work.replace(path, old, new)


def metrics(change: Callable[[dict[str, Any]], object]) -> Callable[[Work], None]:
    return lambda work: work.change_json("reports/metrics.json", lambda value: change(value))


def without(path: str) -> Callable[[Work], None]:
    return lambda work: (work.root / path).unlink()


def secret_in_history(work: Work) -> None:
    writing("src/keys.py", f'KEY = "{KEY}"\n')(work)
    writing("src/keys.py", 'KEY = ""\n')(work)


def earlier(work: Work, path: str, content: str) -> None:
    writing(path, content)(work)
    writing(path, "")(work)


def without_numbers(work: Work) -> None:
    text = (work.root / "README.md").read_text(encoding="utf-8")
    work.write("README.md", re.sub(r"\d\.\d+", "much", text))


def without_program(work: Work) -> None:
    for path in (work.root / "src/spam_detector").glob("*.py"):
        path.write_text("x = 1\n", encoding="utf-8")


def one_commit_only(work: Work) -> None:
    work.git("update-ref", "-d", "HEAD")
    work.git("commit", "--quiet", "-m", "Initial commit")


SPOILT: list[tuple[str, Callable[[Work], None], str]] = [
    ("ST101", without("README.md"), "there is no README.md"),
    ("ST101", writing("README.md", "Some words\n"), "no title"),
    ("ST101", writing("README.md", "# Title\n\nShort.\n"), "1 words"),
    ("ST102", replacing("README.md", "Repeat it", f"{PROMPT}\nRepeat it"), "meaning"),
    ("ST103", replacing("REPORT.md", "## Results", f"{PROMPT}\n## Results"), "meaning"),
    ("ST104", replacing("README.md", "throw away?", "throw away."), "asks no question"),
    ("ST105", without_numbers, "not been run"),
    ("ST106", replacing("README.md", "**0.998**", "**0.991**"), "line 13: 0.991"),
    ("ST106", replacing("REPORT.md", "Every figure", "PR-AUC of 0.9999. Every figure"), "0.9999"),
    ("ST107", replacing("REPORT.md", "Every figure comes from one run.", ""), "In numbers"),
    ("ST107", replacing("MODEL_CARD.md", "One person's mailbox.", PROMPT.strip()), "Intended use"),
    ("ST108", without("reports/figures/curve.svg"), "curve.svg"),
    (
        "ST109",
        replacing("README.md", "Precision against recall: the model stays on top", ""),
        "curve.svg",
    ),
    ("ST109", writing("README.md", '# T\n\n<img src="reports/figures/curve.svg">\n'), "line 3"),
    ("ST110", replacing("README.md", "(REPORT.md)", "(REPORTS.md)"), "REPORTS.md"),
    ("ST110", replacing("README.md", "(REPORT.md)", "(docs/)"), "docs/"),
    ("RE201", replacing("pyproject.toml", "scikit-learn>=1.7,<2", "scikit-learn"), "scikit-learn"),
    ("RE201", writing("requirements.txt", "numpy>=2\npandas==2.2.0\n"), "numpy>=2"),
    ("RE202", without("reports/metrics.json"), "no reports/metrics.json"),
    ("RE203", replacing("src/spam_detector/model.py", "len(", "1 + len("), "model.py"),
    ("RE203", replacing("data/manifest.json", '"5e"', '"6f"'), "data themselves"),
    ("RE203", metrics(lambda m: m.update(inputs={})), "does not say which files"),
    ("RE204", metrics(lambda m: m["data"].update(sample=True)), "--sample"),
    ("RE205", metrics(lambda m: m["run"].pop("seed")), "run.seed"),
    ("RE205", metrics(lambda m: m["data"].update(sha256="")), "data.sha256"),
    ("RE206", replacing("README.md", "make all", "make demo"), "make demo"),
    ("RE207", replacing("pyproject.toml", 'requires-python = ">=3.11"\n', ""), "requires-python"),
    ("HO301", metrics(lambda m: m["primary"].pop("baseline")), "primary.baseline"),
    ("HO301", metrics(lambda m: m["primary"].update(baseline_name="VADER")), "VADER"),
    ("HO302", metrics(lambda m: m["primary"].pop("ci")), "primary.ci"),
    ("HO302", metrics(lambda m: m.pop("comparison")), "comparison.ci"),
    ("HO303", metrics(lambda m: m["comparison"].update(ci=[-0.01, 0.2])), "-0.010"),
    (
        "HO304",
        writing("data/access.jsonl", '{"part": "test", "reader": "train"}\n'),
        "train read it",
    ),
    ("HO304", without("data/access.jsonl"), "no data/access.jsonl"),
    ("HO304", writing("data/access.jsonl", ""), "no reading"),
    (
        "HO305",
        replacing("data/manifest.json", '["c"]', '["c", "a"]'),
        "1 rows in test and in train",
    ),
    ("HO307", without_program, "no program"),
    ("HO306", metrics(lambda m: m["primary"].update(value=0.9995, ci=[0.9991, 0.9998])), "beyond"),
    ("SA401", writing("src/keys.py", f'KEY = "{KEY}"\n'), "src/keys.py line 1: AWS"),
    ("SA401", writing("kaggle.json", "{}\n"), "kaggle.json as a whole"),
    ("SA409", writing("config.yaml", "db_password: hj7KLs92mQ\n"), "config.yaml line 1"),
    ("SA409", lambda work: earlier(work, "x.py", "pwd = 'hj7KLs92mQ'\n"), "earlier"),
    ("SA402", secret_in_history, "earlier version of src/keys.py line 1"),
    ("SA403", writing(".env", "MODE=fast\n"), ".env"),
    ("SA403", writing("service/.env.local", "MODE=fast\n"), "service/.env.local"),
    ("SA404", writing("data/raw/mail.csv", "text\nhello\n"), "data/raw/mail.csv"),
    ("SA405", writing("weights.bin", b"\0" * (51 * 2**20)), "weights.bin: 51 MB"),
    ("SA408", writing("data/sample/mail.txt", "From: joe.doe@company.com\n"), "e-mail address"),
    ("PR501", without("LICENSE"), "no LICENSE"),
    ("PR502", without("tests/test_model.py"), "no test"),
    (
        "PR502",
        writing("tests/test_model.py", "def test_nothing():\n    print(1)\n"),
        "test_nothing",
    ),
    ("PR502", writing("tests/test_model.py", "def test_it():\n    assert True\n"), "test_it"),
    (
        "PR503",
        replacing(
            "tests/test_model.py", "def test", "import pytest\n\n\n@pytest.mark.skip\ndef test"
        ),
        "test_a_word",
    ),
    (
        "PR503",
        writing(
            "tests/test_model.py", "import pytest\n\n\ndef test_x():\n    pytest.skip('later')\n"
        ),
        "test_x",
    ),
    ("PR504", without(".github/workflows/ci.yml"), "no workflow"),
    ("PR504", writing(".github/workflows/ci.yml", "on: push\n"), "runs no tests"),
    ("PR505", writing("src/spam_detector/model.py", "print(nothing)\n"), "F821"),
    (
        "PR506",
        replacing("pyproject.toml", 'description = "How far word counts go against spam."\n', ""),
        "description",
    ),
    ("PR507", one_commit_only, "Initial commit"),
    ("PR509", writing("pyproject.toml", "[project\n"), "no TOML"),
]


@pytest.mark.parametrize("name", list(checks.repo_review_checks()))
def test_a_finished_project_passes(work: Work, name: str) -> None:
    """Or the check has nothing to look at; none may find fault."""
    assert not work.judge(name)


@pytest.mark.parametrize(
    ("name", "spoil", "words"), SPOILT, ids=[f"{n}-{w[:20]}" for n, _, w in SPOILT]
)
def test_a_spoilt_one_fails(
    work: Work, name: str, spoil: Callable[[Work], None], words: str
) -> None:
    spoil(work)
    found = work.judge(name)
    assert found
    assert re.search(words, found), found


def test_every_check_is_seen_failing() -> None:
    elsewhere = {"SA406", "PR508", "RE208", "RE209", "HO311", "HO312", "HO313"}
    elsewhere |= {"ST111", "ST112", "ST113", "HO308"}  # tests/checks/test_answers.py
    elsewhere |= {check for check, *_ in STUMBLES} | {case.check for case in cases()}
    assert {name for name, _, _ in SPOILT} | elsewhere == set(checks.repo_review_checks())


def test_the_templates_own_question_is_not_the_authors(work: Work) -> None:
    template = Checkout(work.root).template
    assert template is not None
    work.replace(
        "README.md", "Which newsletters would my own filter throw away?", template.question
    )
    assert work.judge("ST104") == "the only question is the template's"


def test_rows_that_may_not_be_passed_on_are_not_tracked(
    work: Work, monkeypatch: pytest.MonkeyPatch
) -> None:
    template = Checkout(work.root).template
    assert template is not None
    kept = dataclasses.replace(template.data, name="MovieLens", redistribution=False)
    closed = dataclasses.replace(template, data=kept)
    monkeypatch.setattr("scaffold.catalogue.template", lambda _name: closed)
    writing("data/sample/generated_ratings.csv", "user,film\n1,2\n")(work)
    assert work.judge("SA406") == ""
    writing("data/sample/ratings.csv", "user,film\n1,2\n")(work)
    assert work.judge("SA406") == "data/sample/ratings.csv (MovieLens)"


def test_a_folder_without_git_is_told_so_and_still_reviewed(work: Work) -> None:
    (work.root / ".git").rename(work.root.parent / "elsewhere")
    assert work.judge("PR508") == "this folder is not a git repository"
    assert work.judge("ST101") == ""
    assert work.judge("PR507") is None


@pytest.mark.parametrize(
    "content",
    ["", "[]", '{"primary": 5}', '{"primary": {"value": 1}, "run": 3, "parts": [1]}', "\0"],
)
def test_files_of_the_same_name_by_another_program_do_no_harm(work: Work, content: str) -> None:
    for path in ("reports/metrics.json", "data/manifest.json", "data/access.jsonl"):
        work.write(path, content)
    for name in checks.repo_review_checks():
        work.judge(name)
    assert not work.judge("PR501")


def test_a_repository_without_a_commit_is_reviewed(tmp_path: Path, identity: None) -> None:
    work = Work(tmp_path)
    work.git("init", "--quiet")
    assert work.judge("PR507") == "there is no commit"
    assert work.judge("SA402") == ""
    assert work.judge("SA405") == ""


def test_a_result_beyond_the_best_known_passes_once_it_is_explained(work: Work) -> None:
    metrics(lambda m: m["primary"].update(value=0.9995, ci=[0.9991, 0.9998]))(work)
    work.replace("REPORT.md", "### In numbers", "### Leakage that was ruled out")
    assert work.judge("HO306") == ""


def test_for_an_error_beyond_the_best_known_is_below_it(work: Work) -> None:
    work.replace(".scaffold.toml", "higher_is_better = true", "higher_is_better = false")
    assert work.judge("HO306") == "", "0.9962 to 0.9991 reaches the other side of 0.9985"
    metrics(lambda m: m["primary"].update(value=0.9, ci=[0.8, 0.95]))(work)
    assert "beyond" in str(work.judge("HO306"))
    metrics(lambda m: m["primary"].update(value=1.9, ci=[1.8, 1.95]))(work)
    assert work.judge("HO306") == ""


@pytest.mark.parametrize("left", [None, b"", b"x" * 1500], ids=["gone", "empty", "small"])
def test_a_large_file_of_an_earlier_commit_is_found(
    work: Work, left: bytes | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("scaffold.checks.safe.LARGEST_FILE", 2**20)
    for content in (b"\0" * (2 * 2**20), b"\0" * (3 * 2**20), b"\0" * 100):
        work.write("weights.bin", content)
        work.commit()
    if left is None:
        work.git("rm", "--quiet", "weights.bin")
    else:
        work.write("weights.bin", left)
    work.commit()
    assert work.judge("SA405") == "weights.bin (in history): 3 MB"


@pytest.mark.parametrize(
    ("train", "test", "shared"),
    [
        ('{"id": 1, "text": "Buy  NOW"}\n', '{"id": 2, "text": "buy now"}\n', True),
        ('{"id": 1, "text": "buy now"}\n', '{"id": 2, "text": "good morning"}\n', False),
    ],
)
def test_rows_are_compared_by_what_they_say(
    work: Work, train: str, test: str, shared: bool
) -> None:
    parts = {"train": {"ids": ["1"], "file": "a.jsonl"}, "test": {"ids": ["2"], "file": "b.jsonl"}}
    work.change_json("data/manifest.json", lambda manifest: manifest.update(parts=parts))
    work.write("data/processed/a.jsonl", train)
    work.write("data/processed/b.jsonl", test)
    expected = "1 rows of the same content in test and in train" if shared else ""
    assert work.judge("HO305") == expected


def test_a_lock_file_stands_for_the_bounds(work: Work) -> None:
    work.replace("pyproject.toml", "scikit-learn>=1.7,<2", "scikit-learn")
    assert work.judge("RE201") == "pyproject.toml: scikit-learn"
    work.write("uv.lock", "version = 1\n")
    assert work.judge("RE201") == ""


@pytest.mark.parametrize("path", [".env.example", "service/.env.local.template"])
def test_an_example_of_an_env_file_may_be_shared(work: Work, path: str) -> None:
    work.write(path, "MODE=\n")
    work.commit()
    assert work.judge("SA403") == ""


def test_the_linter_heeds_no_variables_of_whoever_asks(
    work: Work, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    work.write("src/spam_detector/model.py", "print(nothing)\n")
    monkeypatch.setenv("RUFF_OUTPUT_FILE", str(tmp_path / "elsewhere"))
    assert "F821" in (work.judge("PR505") or "")
    assert not (tmp_path / "elsewhere").exists()


@pytest.mark.parametrize("pair", [("test", "train"), ("test", "validation"),
                                  ("train", "validation")])  # fmt: skip
def test_a_row_in_any_two_parts_is_found(work: Work, pair: tuple[str, str]) -> None:
    parts = {name: {"ids": [name, *(["both"] if name in pair else [])], "file": f"{name}.jsonl"}
             for name in ("train", "validation", "test")}  # fmt: skip
    work.change_json("data/manifest.json", lambda manifest: manifest.update(parts=parts))
    assert work.judge("HO305") == f"1 rows in {pair[0]} and in {pair[1]}"


def test_a_secret_in_a_file_outside_of_git_is_nobodys_business(work: Work) -> None:
    work.write(".env", f"KEY={KEY}\n")
    assert work.judge("SA401") == ""


def test_a_line_marked_as_harmless_passes(work: Work) -> None:
    writing("src/keys.py", f'KEY = "{KEY}"  # pragma: allowlist secret\n')(work)
    assert work.judge("SA401") == ""


def test_words_about_passwords_in_data_are_no_secrets(work: Work) -> None:
    writing("data/sample/mail.jsonl", '{"text": "password: \\"swordfish99\\" is yours"}\n')(work)
    assert work.judge("SA401") == ""


def test_no_finding_shows_the_secret_itself(work: Work) -> None:
    secret_in_history(work)
    writing("src/more.py", f'KEY = "{KEY}"\n')(work)
    assert KEY not in f"{work.judge('SA401')}{work.judge('SA402')}"


def test_a_secret_stays_found_when_clean_contents_are_remembered(work: Work) -> None:
    secret_in_history(work)
    assert work.judge("SA401") == ""
    first = work.judge("SA402")
    assert not (work.root / ".git" / "scaffold").exists()
    assert first == work.judge("SA402")
    assert first


def test_history_beyond_the_quick_part_is_read_before_publishing(
    work: Work, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret_in_history(work)
    monkeypatch.setattr("scaffold.checks.secrets.QUICK", 1)
    checkout = Checkout(work.root)
    verdict = checks.repo_review_checks()["SA402"].look(checkout)
    assert isinstance(verdict, NotRead)
    assert "MB of earlier versions" in verdict
    assert "src/keys.py" in (work.judge("SA402", whole_history=True) or "")


def test_a_secret_that_only_another_branch_holds_is_found(work: Work) -> None:
    work.git("switch", "--quiet", "-c", "experiment")
    writing("src/keys.py", f'KEY = "{KEY}"\n')(work)
    work.git("switch", "--quiet", "main")
    assert "src/keys.py" in (work.judge("SA402") or "")


def test_a_secret_audited_as_harmless_passes(work: Work) -> None:
    secret_in_history(work)
    digest = hashlib.sha1(KEY.encode()).hexdigest()
    entry = {"hashed_secret": digest, "is_secret": False}
    work.write(".secrets.baseline", json.dumps({"results": {"src/keys.py": [entry]}}))
    assert work.judge("SA402") == ""


def test_addresses_of_nobody_are_no_personal_data(work: Work) -> None:
    writing("data/sample/mail.txt", "From: a@example.com, b@mail.example.org\n")(work)
    assert work.judge("SA408") == ""


def test_personal_data_may_stay_where_the_data_sheet_says_why(work: Work) -> None:
    writing("data/sample/mail.txt", "From: joe.doe@company.com\n")(work)
    work.replace("data/README.md", "## Origin", "## Personal data\n\nPublic lists.\n\n## Origin")
    assert work.judge("SA408") == ""


def test_a_condition_may_switch_a_test_off(work: Work) -> None:
    mark = '@pytest.mark.skipif(sys.platform == "win32", reason="forks")\n'
    work.replace("tests/test_model.py", "def test", f"import pytest, sys\n\n\n{mark}def test")
    assert work.judge("PR503") == ""


@pytest.mark.parametrize(
    "body",
    [
        "with pytest.raises(ValueError):\n        int('x')",
        "self.assertEqual(1, 1)",
        "assert_close(1.0, 1.0)",
        "np.testing.assert_allclose(a, b)",
    ],
)
def test_assertions_come_in_many_forms(work: Work, body: str) -> None:
    writing("tests/test_model.py", f"def test_it():\n    {body}\n")(work)
    assert work.judge("PR502") == ""


def test_a_clean_clone_is_rebuilt_only_when_asked_to_look_deep(
    work: Work, monkeypatch: pytest.MonkeyPatch
) -> None:
    def rebuild(checkout: Checkout) -> str:
        return f"looked at {checkout.root.name}"

    monkeypatch.setattr("scaffold.checks.rebuild.rebuild", rebuild)
    assert work.judge("RE208") is None
    assert work.judge("RE208", deep=True) == "looked at spam-detector"


def test_a_clone_that_does_not_install_or_test_is_told_apart(
    work: Work, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With this Python in place of an environment: the clone's tests are really run."""
    monkeypatch.setattr(environment, "make", lambda *_: "nothing")
    monkeypatch.setattr(environment, "python_of", lambda _root: Path(sys.executable))
    (work.root / ".scaffold.toml").unlink()
    work.commit("Stand alone")
    assert work.judge("RE208", deep=True) == ""
    work.replace("tests/test_model.py", "== 2", "== 3")
    assert work.judge("RE208", deep=True) == ""
    work.commit("Count wrongly")
    assert "its tests failed" in (work.judge("RE208", deep=True) or "")


def test_of_a_project_both_the_sample_and_the_tests_run_in_the_clone(
    work: Work, monkeypatch: pytest.MonkeyPatch
) -> None:
    ran: list[list[str]] = []

    def follow(command: list[str], **_: object) -> Finished:
        ran.append(command[1:])
        return Finished(0, "")

    monkeypatch.setattr(environment, "make", lambda *_: "nothing")
    monkeypatch.setattr("scaffold.checks.rebuild.follow", follow)
    assert work.judge("RE208", deep=True) == ""
    assert ran == [
        ["-m", "spam_detector", "all", "--sample"], ["-m", "pytest", "--quiet"],
    ]  # fmt: skip


def test_the_engine_of_others_runs_ours(work: Work) -> None:
    """`repo-review DIR` finds the checks by their entry points."""
    work.write(".env", "MODE=fast\n")
    work.commit("Keep the settings")
    ran = subprocess.run(
        [sys.executable, "-m", "repo_review", "--format", "json", str(work.root)],
        capture_output=True, encoding="utf-8", check=False,
    )  # fmt: skip
    assert '"SA403"' in ran.stdout, ran.stderr


def test_a_helper_that_asserts_asserts_for_its_test(work: Work) -> None:
    helper = "def says(text):\n    assert text\n\n\ndef test_it():\n    says('yes')\n"
    work.write("tests/test_words.py", helper)
    assert work.judge("PR502") == ""
    work.write("tests/test_words.py", helper.replace("assert text", "print(text)"))
    assert work.judge("PR502") == "tests/test_words.py::test_it"


@pytest.mark.parametrize(
    "path", [".ci/run", ".woodpecker.yml", ".forgejo/workflows/a.yml", ".builds/debian.yml"]
)
def test_tests_run_wherever_a_machine_runs_them(work: Work, path: str) -> None:
    (work.root / ".github/workflows/ci.yml").unlink()
    assert work.judge("PR504") == "there is no workflow"
    work.write(path, "make test\n")
    assert work.judge("PR504") == ""


@pytest.mark.parametrize(
    ("line", "runs"),
    [
        ("pytest -q", True),
        ("pip install -e . && uv run pytest", True),
        ("just test", True),
        ("pytest || echo red", False),
        ("echo pytest", False),
        ("pip install pytest", False),
        ("true  # pytest", False),
    ],
)
def test_a_workflow_runs_tests_or_only_speaks_of_them(work: Work, line: str, runs: bool) -> None:
    steps = f"      - name: Run pytest\n        run: {line}\n"
    work.write(".github/workflows/ci.yml", f"on: push\njobs:\n  test:\n    steps:\n{steps}")
    assert (work.judge("PR504") == "") is runs
