"""The challenges of the catalogue and their solutions, by template."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from scaffold import catalogue
from scaffold.authoring import challenges as authoring
from scaffold.authoring.challenges import FILE, Solution
from scaffold.authoring.subject import Subject

FOLDER = Path(__file__).parent


def templates() -> list[str]:
    """The templates that have challenges."""
    return [name for name in catalogue.names() if (catalogue.root() / name / FILE).is_file()]


def subject(template: str) -> Subject:
    return Subject.at(catalogue.root() / template)


def challenges(template: str) -> list[dict[str, Any]]:
    """The challenges of a template, as they stand in its file."""
    return authoring.of(subject(template))


def solution(template: str, name: str) -> Solution:
    return Solution(FOLDER / template / f"{name}.patch")
