"""What cannot be digested is a finding of its repository and of one check; the batch goes on."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from scaffold import checks
from scaffold.checks.review import Review, review
from tests.checks.conftest import PYPROJECT, Work
from tests.conftest import Called
from tests.factories import git

Plant = Callable[[Work], object]


def pyproject(text: str | bytes) -> Plant:
    return lambda work: work.write("pyproject.toml", text)


def state(old: str, new: str) -> Plant:
    return lambda work: work.replace(".scaffold.toml", old, new)


def without_an_object(work: Work) -> None:
    blob = work.git("rev-parse", "HEAD:REPORT.md")
    (work.root / ".git" / "objects" / blob[:2] / blob[2:]).unlink()


def without_a_commit(work: Work) -> None:
    first = work.git("rev-parse", "HEAD")
    work.git("commit", "--quiet", "--allow-empty", "-m", "Measure again, with care")
    (work.root / ".git" / "objects" / first[:2] / first[2:]).unlink()


MALFORMED: dict[str, tuple[Plant, str, str]] = {
    "no TOML": (pyproject("[project\n"), "PR509", "no TOML"),
    "UTF-16": (pyproject(PYPROJECT.encode("utf-16")), "PR509", "UTF-8"),
    "project is a text": (pyproject('project = "x"\n'), "PR509", "project is no table"),
    "a number for a dependency": (
        pyproject(PYPROJECT.replace('["scikit-learn>=1.7,<2"]', "[1]")), "PR509",
        "dependencies has no text as its item 1",
    ),
    "extras that are a list": (
        pyproject(PYPROJECT + "optional-dependencies = []\n"), "PR509", "is no table",
    ),
    "a number to ignore": (
        pyproject(PYPROJECT + "[tool.repo-review]\nignore = 5\n"), "PR509", "ignore is no list",
    ),
    "nested without end": (pyproject("x = " + "[" * 5000), "PR509", "no TOML"),
    "more than a megabyte": (
        pyproject(f"{PYPROJECT}\n# {'-' * 1_000_000}\n"), "PR509", "larger than a megabyte",
    ),
    "state is no TOML": (state("[project]", "[project"), "PR509", "cannot be understood"),
    "state of other kinds": (state('title = "Spam detector"', "title = 5"), "PR509", "kind"),
    "a missing object": (without_an_object, "PR508", "history cannot be read"),
    "a missing commit": (without_a_commit, "PR508", "history cannot be read"),
    "an index that is none": (
        lambda work: (work.root / ".git" / "index").write_bytes(b"DIRC nonsense"), "PR508", "git",
    ),
    "metrics of another kind": (
        lambda work: work.write("reports/metrics.json", '{"primary": [1]}'), "RE202", "primary",
    ),
    "a manifest of another kind": (
        lambda work: work.write("data/manifest.json", '{"parts": {"a": {"ids": 5}}}'), "RE203", ".",
    ),
    "a log of another kind": (
        lambda work: work.write("data/access.jsonl", "[1]\n"), "HO304", "is not as",
    ),
}  # fmt: skip


def failed(found: Review) -> set[str]:
    return {finding.check for finding in found.failures}


@pytest.mark.parametrize("name", MALFORMED)
def test_malformed_input_is_a_finding_of_one_check(work: Work, name: str) -> None:
    plant, check, words = MALFORMED[name]
    assert failed(review(work.root)) == set()
    plant(work)
    found = review(work.root)
    message = next(f.message for f in found.findings if f.check == check)
    assert words in message
    assert "cannot be judged" not in message
    # A manifest is an input of the results too; results that cannot be read are not shown.
    beside = {"a manifest of another kind": {"HO305"}, "metrics of another kind": {"ST105"}}
    assert failed(found) - beside.get(name, set()) == {check}


@pytest.mark.parametrize("name", MALFORMED)
def test_the_batch_goes_on(
    work: Work, tmp_path: Path, scaffold: Callable[..., Called], name: str
) -> None:
    MALFORMED[name][0](work)
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
    called = scaffold("check", "--json", tmp_path / "a", work.root, tmp_path / "b")
    assert [len(entry["checks"]) > 30 for entry in json.loads(called.out)] == [True] * 3
    assert called.err == ""


def test_a_folder_that_is_not_there_does_not_lose_the_others(
    tmp_path: Path, scaffold: Callable[..., Called]
) -> None:
    (tmp_path / "a").mkdir()
    called = scaffold("check", "--json", tmp_path / "a", tmp_path / "gone")
    first, second = json.loads(called.out)
    assert (called.code, first["error"], bool(first["checks"])) == (1, "", True)
    assert "is not a folder" in second["error"]
    assert "is not a folder" in called.err


def test_a_bare_repository_is_told_so(work: Work, tmp_path: Path) -> None:
    bare = tmp_path / "bare.git"
    git(tmp_path, "clone", "--quiet", "--bare", str(work.root), str(bare))
    found = {finding.check: finding for finding in review(bare).findings}
    assert "bare repository" in found["PR508"].message
    assert not any("cannot be judged" in finding.message for finding in found.values())


def test_nothing_to_install_is_found_by_the_deep_look_alone(work: Work) -> None:
    work.write("pyproject.toml", "[tool.x]\n")
    work.commit()
    found = {finding.check: finding for finding in review(work.root, deep=True).findings}
    assert "no [project] table" in found["RE208"].message
    assert review(work.root).failures == []


@pytest.mark.skipif(os.name == "nt", reason="such names cannot be made there")
def test_names_that_are_no_utf_8_are_files_like_others(
    work: Work, scaffold: Callable[..., Called]
) -> None:
    (Path(os.fsdecode(os.fsencode(work.root) + b"/caf\xe9.md"))).write_text("[gone](no.md)\n")
    work.commit()
    called = scaffold("check", work.root)
    assert called.code == 3
    assert "ST110" in called.out
    json.loads(scaffold("check", "--json", work.root).out)


def test_programs_that_no_parser_takes_are_no_fault_of_others(work: Work) -> None:
    work.write("deep.py", "x = " + "(" * 3000 + ")" * 3000 + "\n")
    work.write("tests/test_nul.py", b"def test():\n    assert 1\n\0")
    work.write("old.py", 'print "hello"\n')
    work.write("broken.ipynb", "{")
    work.write("README.md", "# T\n\n" + "[" * 3000)
    work.commit()
    assert not any("cannot be judged" in f.message for f in review(work.root).findings)


def test_a_check_that_raises_is_its_own_finding_and_no_others(
    work: Work, monkeypatch: pytest.MonkeyPatch
) -> None:
    def judge(*_: object) -> str:
        raise KeyError("surprise")

    monkeypatch.setattr(checks.story.ST104, "judge", judge)
    (found,) = review(work.root).failures
    assert (found.check, "KeyError" in found.message) == ("ST104", True)


def test_a_hundred_thousand_files_are_looked_at(work: Work) -> None:
    """Here a fiftieth of them; the time is that of reading, not of a process for each."""
    for number in range(2000):
        work.write(f"notes/{number % 40}/{number}.py", "x = 1\n")
    work.commit()
    assert review(work.root).failures == []
