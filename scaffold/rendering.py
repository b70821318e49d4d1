"""From a source and answers to a project in a folder: what `new`, `update` and `link` share."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from scaffold import git
from scaffold.engines import (
    Answers,
    Ask,
    Question,
    Source,
    engine_of,
    interviewer_of,
    refuse_missing,
)
from scaffold.errors import AnswerRefused, UnknownName
from scaffold.project import STATE_FILE, Project

YEAR = "year"  # asked of the clock once, then an answer like any other: renderings repeat


def questions_at(source: Source, folder: Path) -> tuple[Question, ...]:
    """A source's questions, pre-filled from git's settings as they hold in a folder."""
    known = git.settings(folder)
    return tuple(
        replace(question, default=known.get(question.git.lower(), question.default))
        for question in engine_of(source).questions(source)
    )


def interview(
    source: Source,
    given: Mapping[str, str],
    ask: Ask | None,
    folder: Path,
    recorded: Mapping[str, str] | None = None,
    folder_name: str = "project",
) -> Answers:
    """An answer to every question: given now, recorded before, asked for, or its default.

    An unknown name among the given ones is refused; recorded ones may have gone out of use. The
    name of the project's folder may be a default. A number to be drawn is drawn for a new project
    (`recorded` is None) and never again.
    """
    engine = engine_of(source)
    known = engine.names(source)
    for name in given:
        if name not in known:
            raise UnknownName("question", name, known)
    kept = {name: value for name, value in (recorded or {}).items() if name in known}
    if source.engine != "layers":
        return interviewer_of(source).interview(source, {**kept, **given}, ask, folder_name)
    questions = questions_at(source, folder)
    settled = {
        question.name: drawn(question.draw) if recorded is None else question.former
        for question in questions
        if question.draw
    }
    return Answers(complete(questions, {**settled, **kept, **given}, ask))


def drawn(ends: tuple[int, int]) -> str:
    """A whole number by chance, the same for nobody else."""
    low, high = ends
    return str(low + secrets.randbelow(high - low + 1))


def complete(
    questions: tuple[Question, ...], given: Mapping[str, str], ask: Ask | None = None
) -> dict[str, str]:
    """An answer to every question, each allowed by its question, and the year."""
    answers = {}
    for question in questions:
        if question.name in given:
            answer = given[question.name]
        else:
            answer = ask(question) if ask else question.default
        answers[question.name] = check_answer(question, answer)
    return {**answers, YEAR: given.get(YEAR) or str(datetime.now(UTC).year)}


def check_answer(question: Question, answer: str) -> str:
    """An answer without surrounding space; refused if its question does not allow it."""
    text = answer.strip()
    if any(not character.isprintable() for character in text):
        raise AnswerRefused(f"The answer to {question.name!r} must be one line of plain text.")
    if question.required and not text:
        refuse_missing([question.name])
    if question.draw and not text.isdecimal():
        raise AnswerRefused(
            f"{text!r} is no answer to {question.name!r}: a whole number is needed."
        )
    if question.choices and text not in question.choices:
        raise AnswerRefused(
            f"{text!r} is no answer to {question.name!r}.",
            f"Choose one of: {', '.join(question.choices)}",
        )
    return text


def render(source: Source, project: Project, answers: Answers, into: Path) -> Project:
    """Render into an empty folder, state file included; returns the project with what is seeded."""
    engine = engine_of(source)
    values = project.values if source.engine == "layers" else answers.values
    files = engine.render(source, values, into)
    if (into / ".git").exists():  # made by the template's own code; the project gets its own
        git.remove_tree(into / ".git")
    seeded = (file for file in engine.seeded(source, values, files) if file != STATE_FILE)
    project = replace(project, seeded=tuple(sorted({*project.seeded, *seeded})))
    replace(project, root=into).write()
    return project
