"""Each day's turn, so that everything has its day."""

from __future__ import annotations

import pytest

from tests.rotation import of_the_day, turn

TEMPLATES = ["chatbot", "game-player", "house-prices"]


def test_without_the_variables_everything_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TURN", raising=False)
    monkeypatch.delenv("DAY", raising=False)
    assert turn(TEMPLATES) == of_the_day(TEMPLATES) == TEMPLATES


def test_every_template_has_its_day_and_no_day_has_two(monkeypatch: pytest.MonkeyPatch) -> None:
    days = []
    for day in range(331, 334):
        monkeypatch.setenv("DAY", str(day))
        assert of_the_day(TEMPLATES) != of_the_day(TEMPLATES, ahead=1)
        days += of_the_day(TEMPLATES)
    assert sorted(days) == TEMPLATES


def test_all_the_turns_together_are_everything_once(monkeypatch: pytest.MonkeyPatch) -> None:
    cases = list(range(23))
    taken = []
    for this in range(7):
        monkeypatch.setenv("TURN", f"{this}/7")
        taken += turn(cases)
    assert sorted(taken) == cases
