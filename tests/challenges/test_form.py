"""What can be seen without running anything: each challenge leads somewhere and can be solved."""

from __future__ import annotations

import pytest

from scaffold.authoring.challenges import faults_of_form, faults_of_solutions
from scaffold.catalogue import root
from tests.challenges.solutions import FOLDER, subject, templates


@pytest.mark.parametrize("name", templates())
def test_there_are_eight_challenges_on_three_levels_and_each_leads_somewhere(name: str) -> None:
    assert list(faults_of_form(subject(name))) == []


@pytest.mark.parametrize("name", templates())
def test_each_challenge_has_a_solution_and_each_solution_a_challenge(name: str) -> None:
    assert list(faults_of_solutions(subject(name))) == []


def test_no_solution_is_left_of_a_template_that_is_gone() -> None:
    drafts = {path.parent.name for path in root().glob("*/template.draft.toml")}
    assert {path.parent.name for path in FOLDER.glob("*/*.patch")} <= {*templates(), *drafts}
