"""From a source and answers to a project in a folder: what `new`, `update` and `link` share."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Iterator, Mapping
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
    no_longer_allowed,
    refuse_missing,
)
from scaffold.engines.contents import put_real_paths, refuse_repositories
from scaffold.errors import AnswerRefused, UnknownName
from scaffold.project import STATE_FILE, Project

YEAR = "year"  # asked of the clock once, then an answer like any other: renderings repeat


def questions_at(
    source: Source, folder: Path, answered: Collection[str] = ()
) -> tuple[Question, ...]:
    """A source's questions, pre-filled from git's settings as they hold in a folder."""
    questions = engine_of(source).questions(source)
    if not any(question.git and question.name not in answered for question in questions):
        return questions  # git is not asked for nothing
    known = git.settings(folder)
    return tuple(
        replace(question, default=known.get(question.git.lower(), question.default))
        for question in questions
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

    An unknown name among the given ones is refused; recorded ones may have gone out of use, or may
    not be allowed any more, which is noted. The name of the project's folder may be a default. A
    number to be drawn is drawn for a new project (`recorded` is None) and never again.
    """
    known = engine_of(source).names(source)
    for name in given:
        if name not in known:
            raise UnknownName("question", name, known)
    kept = {name: value for name, value in (recorded or {}).items() if name in known}
    if not source.kind.ours:
        return interviewer_of(source).interview(source, given, ask, folder_name, kept)
    questions = questions_at(source, folder, {*given, *kept})
    refused = {name: why for name, why in _refused(questions, kept) if name not in given}
    still = {name: value for name, value in kept.items() if name not in refused}
    settled = {
        question.name: drawn(question.draw) if recorded is None else question.former
        for question in questions
        if question.draw
    }
    answers = complete(questions, {**settled, **still, **given}, ask)
    notes = (
        no_longer_allowed(name, kept[name], why, answers[name]) for name, why in refused.items()
    )
    return Answers(answers, notes=tuple(notes))


def drawn(ends: tuple[int, int]) -> str:
    """A whole number by chance, the same for nobody else."""
    low, high = ends
    return str(low + secrets.randbelow(high - low + 1))


def _refused(
    questions: tuple[Question, ...], recorded: Mapping[str, str]
) -> Iterator[tuple[str, str]]:
    """Recorded answers that their questions do not allow, and why."""
    for question in questions:
        try:
            check_answer(question, recorded.get(question.name, question.default))
        except AnswerRefused as error:
            if question.name in recorded:
                yield question.name, error.hint or error.message


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
    """Render into an empty folder, state file included; returns the project with what is seeded.

    What the files say about where they were rendered is the project's own place, wherever `into`
    is.
    """
    engine = engine_of(source)
    values = project.values if source.kind.ours else answers.values
    files = engine.render(source, values, into)
    refuse_repositories(
        into,
        f"{source.template} {source.version}".strip(),
        own=source.runs_code,
        ignored=git.ignored if source.runs_code else None,
    )
    if not source.kind.ours:
        put_real_paths(into, files, _real_places(source, project, into))
    seeded = (file for file in engine.seeded(source, values, files) if file != STATE_FILE)
    project = replace(project, seeded=tuple(sorted({*project.seeded, *seeded})))
    replace(project, root=into).write()
    return project


def _real_places(source: Source, project: Project, into: Path) -> dict[Path, str]:
    """Folders that are gone after a rendering, and what to write in their place."""
    places = {}
    if into != project.root:
        places = {into: str(project.root), into.parent: str(project.root.parent)}
    if source.checkout is not None:
        places[source.checkout] = source.location
    return places
