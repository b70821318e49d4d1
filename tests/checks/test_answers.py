"""Answers and filler, attempts and their record."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import pytest

from tests.checks.conftest import Work

ANSWERS = {
    "audience": "My help desk.",
    "meaning": "Of a hundred newsletters that the desk gets, the filter at 0.998 puts two before a "
    "person.",
    "worst-error": "The stock tips and Powerball mails go through, since their few terms are those "
    "of our own offers.",
}


@pytest.fixture
def answered(work: Work) -> Work:
    """A project whose author answered three prompts and made three attempts."""
    rows = [["ham", 0.876, "Free stock"], ["spam", 0.257, "Powerball Results"]]
    table = {"caption": "The worst.", "columns": ["truth", "said", "subject"], "rows": rows}
    work.change_json("reports/metrics.json", lambda m: m.update(tables={"errors": table}))
    text = (work.root / "README.md").read_text(encoding="utf-8")
    for name, answer in ANSWERS.items():
        text += f"\n<!-- yours:{name} -->\n{answer}\n<!-- /yours:{name} -->\n"
    work.write("README.md", text)
    decided = "I kept attempt 1: its interval lies above zero, though it takes twice as long."
    report = (work.root / "REPORT.md").read_text(encoding="utf-8")
    framed = f"\n<!-- yours:decision -->\n{decided}\n<!-- /yours:decision -->\n"
    work.write("REPORT.md", report + framed)
    write_log(work, log())
    work.commit("Answer what was asked")
    return work


def log(verdicts: tuple[str, ...] = ("start", "better", "worse", "no clear difference")) -> Any:
    reasons = ("where this project started", "longer words say more", "fewer rare words", "both of")
    return [
        {"number": number, "why": f"{reasons[number % 4]} them", "verdict": verdict}
        for number, verdict in enumerate(verdicts)
    ]


def write_log(work: Work, entries: list[dict[str, Any]]) -> None:
    """The record as a project writes it: chained, with a head."""
    lines: list[str] = []
    for entry in entries:
        previous = hashlib.sha256(lines[-1].encode()).hexdigest() if lines else ""
        lines.append(json.dumps({**entry, "previous": previous}))
    work.write("experiments/log.jsonl", "".join(f"{line}\n" for line in lines))
    last = hashlib.sha256(lines[-1].encode()).hexdigest()
    head = json.dumps({"attempts": len(lines), "sha256": last})
    work.write("experiments/head.json", head)


def test_a_project_that_was_answered_and_tried_passes(answered: Work) -> None:
    assert [answered.judge(name) for name in ("ST111", "ST112", "ST113", "HO308")] == [""] * 4


def test_a_project_without_frames_or_record_owes_nothing(work: Work) -> None:
    assert [work.judge(name) for name in ("ST111", "ST112", "ST113", "HO308")] == [None] * 4


@pytest.mark.parametrize(
    ("prompt", "filler", "told"),
    [
        ("meaning", "It is good.", "has 3 words"),
        ("meaning", "Good " * 14, "repeats its words"),
        (
            "meaning",
            "The model is very good and works well on the data, so people would be happy with it.",
            "names no number, slice or row",
        ),
        (
            "meaning",
            "What does this number mean for the people who are named above, in one sentence?",
            "ends in a question",
        ),
        ("meaning", ANSWERS["worst-error"], "worst-error says what meaning says"),
        ("audience", "Everybody", "has 1 words"),
        ("worst-error", "<!-- later -->", "has 0 words"),
    ],
)
def test_filler_is_told_from_an_answer(answered: Work, prompt: str, filler: str, told: str) -> None:
    answered.replace("README.md", ANSWERS[prompt], filler)
    assert told in (answered.judge("ST111") or "")


def test_a_prompt_that_still_stands_is_no_answer(answered: Work) -> None:
    prompt = "> **Yours to write — meaning:** what does it mean?"
    answered.replace("README.md", ANSWERS["meaning"], prompt)
    assert answered.judge("ST111") == ""
    assert "meaning" in (answered.judge("ST102") or "")


@pytest.mark.parametrize(
    ("verdicts", "told"),
    [
        (("start", "better", "worse"), "2 of 3"),
        (("start",), "0 of 3"),
        (("start", "better", "better", "better"), "none was given up"),
    ],
)
def test_three_attempts_are_wanted_and_one_given_up(
    answered: Work, verdicts: tuple[str, ...], told: str
) -> None:
    write_log(answered, log(verdicts))
    assert told in (answered.judge("ST112") or "")


def test_an_attempt_needs_a_reason(answered: Work) -> None:
    write_log(answered, [*log(), {"number": 4, "why": "idk", "verdict": "worse"}])
    assert answered.judge("ST112") == "attempt 4 has no reason: 'idk'"


@pytest.mark.parametrize(
    ("decided", "told"),
    [
        ("The one with longer words, since it was better than all of the others.", "names no"),
        ("Attempt 7, because its interval lies above zero and it is quick.", "no attempt 7"),
        ("Number 2 and attempt 1 differ by little; I kept № 1 for its speed.", ""),
    ],
)
def test_a_decision_names_an_attempt_on_record(answered: Work, decided: str, told: str) -> None:
    text = (answered.root / "REPORT.md").read_text(encoding="utf-8")
    before, _, after = text.partition("<!-- yours:decision -->\n")
    answered.write(
        "REPORT.md",
        f"{before}<!-- yours:decision -->\n{decided}\n<!-- /yours:decision -->\n"
        + after.partition("<!-- /yours:decision -->\n")[2],
    )
    found = answered.judge("ST113")
    assert found == "" if not told else told in (found or "")


def test_an_attempt_that_was_taken_out_is_missed(answered: Work) -> None:
    lines = (answered.root / "experiments/log.jsonl").read_text("utf-8").splitlines(True)
    answered.write("experiments/log.jsonl", "".join(lines[:2] + lines[3:]))
    assert answered.judge("HO308") == "line 3 is not attempt 2"


def test_an_attempt_that_was_changed_is_noticed(answered: Work) -> None:
    answered.replace("experiments/log.jsonl", '"worse"', '"better"')
    assert answered.judge("HO308") == "attempt 3 does not follow on the one before it"


def test_the_last_attempts_cannot_be_forgotten(answered: Work) -> None:
    lines = (answered.root / "experiments/log.jsonl").read_text("utf-8").splitlines(True)
    answered.write("experiments/log.jsonl", "".join(lines[:3]))
    assert "another last attempt" in (answered.judge("HO308") or "")


def test_a_record_that_was_written_anew_is_not_the_one_that_git_knows(answered: Work) -> None:
    write_log(answered, log(("start", "better", "no clear difference")))
    assert "held other lines once" in (answered.judge("HO308") or "")


def test_a_longer_record_is_the_same_one(answered: Work) -> None:
    write_log(answered, [*log(), {"number": 4, "why": "a fourth of them", "verdict": "worse"}])
    assert answered.judge("HO308") == ""


def test_what_was_tried_on_the_sample_stands_beside(answered: Work) -> None:
    first = (answered.root / "experiments/log.jsonl").read_bytes()
    answered.write("experiments/sample-log.jsonl", first)
    write_log(answered, log(("start",)))
    assert answered.judge("HO308") == ""


def test_numbers_of_the_exploration_and_of_attempts_are_measured_ones(answered: Work) -> None:
    page = "README.md"
    section = "<!-- result:exploration -->\nAbout 0.4321 of them.\n<!-- /result:exploration -->\n"
    answered.write(page, (answered.root / page).read_text(encoding="utf-8") + section)
    assert "0.4321" in (answered.judge("ST106") or "")
    answered.write("reports/exploration.json", json.dumps({"notes": {"n": 0.43214}}))
    assert answered.judge("ST106") == ""
    answered.replace(page, "0.4321 of", "0.765 of")
    assert "0.765" in (answered.judge("ST106") or "")
    tried = {"number": 4, "why": "a fourth of them", "verdict": "worse", "value": 0.7651}
    write_log(answered, [*log(), tried])
    assert answered.judge("ST106") == ""


def test_a_share_may_be_told_in_percent(answered: Work) -> None:
    answered.write("reports/exploration.json", json.dumps({"notes": {"n": 0.43214}}))
    section = "<!-- result:exploration -->\nAbout 43.21 % are.\n<!-- /result:exploration -->\n"
    readme = (answered.root / "README.md").read_text(encoding="utf-8")
    answered.write("README.md", readme + section)
    assert answered.judge("ST106") == ""
    answered.replace("README.md", "43.21 %", "43.31 %")
    assert "43.31" in (answered.judge("ST106") or "")


def test_numbers_of_the_load_are_measured_ones(answered: Work) -> None:
    page = "MODEL_CARD.md"
    section = "\n<!-- result:load -->\nIt took 31.75 ms.\n<!-- /result:load -->\n"
    answered.write(page, (answered.root / page).read_text(encoding="utf-8") + section)
    assert "31.75" in (answered.judge("ST106") or "")
    answered.write("reports/load.json", json.dumps({"rows": [{"p95": 31.7512}]}))
    assert answered.judge("ST106") == ""
