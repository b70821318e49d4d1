"""What the search for secrets finds of a labelled list, and what it is wrong about."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from scaffold.checks import repo_review_checks, secrets
from scaffold.checks.checkout import Checkout
from scaffold.checks.review import review
from tests.checks import secret_list
from tests.checks.conftest import Work

KEYS, WORDS, INNOCENT = (
    secret_list.in_a_format(), secret_list.by_a_word(), secret_list.innocent(),
)  # fmt: skip


@pytest.mark.parametrize("name", KEYS)
def test_a_key_in_its_makers_format_blocks(name: str) -> None:
    assert [secret for secret in secrets.scan(*KEYS[name]) if secret.certain]


@pytest.mark.parametrize("name", WORDS)
def test_a_password_that_a_word_gives_away_warns_and_does_not_block(name: str) -> None:
    found = secrets.scan(*WORDS[name])
    assert found
    assert not any(secret.certain for secret in found)


@pytest.mark.parametrize("name", INNOCENT)
def test_what_only_looks_like_one_is_left_alone(name: str) -> None:
    assert secrets.scan(*INNOCENT[name]) == []


def test_the_list_is_long_enough_to_say_something() -> None:
    assert len(KEYS) + len(WORDS) >= 25
    assert len(INNOCENT) >= 25


def test_a_notebooks_secret_is_named_by_its_cell_and_not_shown() -> None:
    path, text = KEYS["notebook output"]
    (found,) = secrets.scan(path, text)
    assert str(found) == "n.ipynb cell 1, output: Anthropic key"


def test_a_large_notebook_is_read_without_its_pictures(work: Work) -> None:
    key = f'login("hf_{secret_list.some(34)}")'
    notebook = json.loads(secret_list.notebook(key))
    notebook["cells"][0]["outputs"] = [{"data": {"image/png": secret_list.some(3_000_000)}}]
    work.write("explore.ipynb", json.dumps(notebook))
    work.commit()
    assert "explore.ipynb cell 1: Hugging Face token" in (work.judge("SA401") or "")


def test_a_tracked_kaggle_json_blocks_and_an_untracked_one_does_not(work: Work) -> None:
    work.write("kaggle.json", KEYS["kaggle content"][1])
    assert work.judge("SA401") == ""
    work.commit()
    assert "kaggle.json" in (work.judge("SA401") or "")


def test_history_that_was_not_read_to_its_end_is_called_not_read(
    work: Work, monkeypatch: pytest.MonkeyPatch
) -> None:
    work.write("notes.py", "x = 1\n" * 40_000)
    work.commit()
    work.write("notes.py", "x = 2\n")
    work.commit()
    monkeypatch.setattr(secrets, "QUICK", 1)
    found = {finding.check: finding for finding in review(work.root).findings}
    for name in ("SA402", "SA409"):
        assert (found[name].state, found[name].passed) == ("not read", None)
        assert "MB of earlier versions" in found[name].message
    monkeypatch.setattr(secrets, "QUICK", 10_000_000)
    found = {finding.check: finding for finding in review(work.root).findings}
    assert found["SA402"].state == "passes"


def test_the_fifth_check_of_a_long_history_says_what_the_first_said(
    work: Work, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(4):
        work.write("notes.py", f"x = {number}\n" * 10_000)
        work.commit()
    monkeypatch.setattr(secrets, "QUICK", 120_000)  # two of three earlier versions
    verdicts = [repo_review_checks()["SA402"].look(Checkout(work.root)) for _ in range(5)]
    assert len(set(map(str, verdicts))) == 1
    assert "0.1 MB of earlier versions" in str(verdicts[0])


@pytest.mark.parametrize("text", ["{", "[]", '{"of": 1}', '{"what": 5, "of": null}', "\0"])
def test_a_spoilt_memory_of_clean_contents_heals(work: Work, isolated: Path, text: str) -> None:
    """That lies with this user's caches, and is written anew."""
    assert work.judge("SA401") == ""
    (kept,) = (isolated / "cache" / "scaffold" / "clean").iterdir()
    kept.write_text(text, encoding="utf-8")
    assert not repo_review_checks()["SA401"].look(Checkout(work.root))
    assert json.loads(kept.read_text(encoding="utf-8"))["what"]
