"""`scaffold new`: from a source to a git repository with one commit."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from pathlib import Path

from scaffold import git, naming
from scaffold.engines import Question, Source, engine_of
from scaffold.engines.layers import imported_names
from scaffold.errors import AnswerRefused, UnknownName, UsageError
from scaffold.project import STATE_FILE, Origin, Project
from scaffold.reporter import Reporter, Silent
from scaffold.sources import resolve
from scaffold.staging import check_destination, staged


@dataclass(frozen=True)
class Plan:
    """Everything that is known before anything is asked or written."""

    source: Source
    dest: Path
    name: str
    package: str
    title: str
    questions: tuple[Question, ...]  # with the defaults that hold here, git's included


@dataclass(frozen=True)
class Created:
    """A new project, and who its first commit is by."""

    project: Project
    commit: str
    author: git.Identity


def plan(source_text: str, dest: Path | None = None, *, ref: str = "", trust: bool = False) -> Plan:
    """Find the source, check names and destination, collect the questions; writes nothing."""
    source = resolve(source_text, ref)
    if trust and source.location == "catalogue":
        raise UsageError(
            f"{source.template} comes with scaffold and runs no code while it is rendered.",
            "Leave --trust out; it is for templates from elsewhere.",
        )
    dest = Path(os.path.abspath(dest or source.template))  # noqa: PTH100 - keeps symlinks as given
    naming.check_name(dest.name, _imports(source))
    check_destination(dest)
    return Plan(
        source=source,
        dest=dest,
        name=dest.name,
        package=naming.package_of(dest.name),
        title=_title(source, dest.name),
        questions=_questions_here(source, dest),
    )


def create(
    plan: Plan, answers: Mapping[str, str] | None = None, reporter: Reporter | None = None
) -> Created:
    """Render beside the destination, commit, move into place: all of it or nothing."""
    reporter = reporter or Silent()
    project = Project(
        root=plan.dest,
        origin=Origin.of(plan.source),
        name=plan.name,
        package=plan.package,
        title=plan.title,
        topics=tuple(plan.source.metadata.get("topics", ())),
        target=plan.source.metadata.get("target", {}),
        answers=complete(plan.questions, answers or {}),
    )
    with staged(plan.dest) as folder:
        reporter.progress(f"rendering {plan.source.template}")
        files = engine_of(plan.source).render(plan.source, project.values, folder)
        project = replace(project, seeded=_seeded(plan.source, files))
        replace(project, root=folder).write()
        reporter.progress("committing")
        commit, author = commit_pristine(folder, project, plan.source)
    return Created(project, commit, author)


def complete(questions: tuple[Question, ...], answers: Mapping[str, str]) -> dict[str, str]:
    """An answer to every question: the given one, else its default; unknown names are refused."""
    known = {question.name for question in questions}
    for name in answers:
        if name not in known | {"year"}:
            raise UnknownName("question", name, known)
    given = {question.name: answers.get(question.name, question.default) for question in questions}
    checked = {
        question.name: check_answer(question, given[question.name]) for question in questions
    }
    return {**checked, "year": answers.get("year") or str(datetime.now(UTC).year)}


def check_answer(question: Question, answer: str) -> str:
    """An answer without surrounding space; refused if it has several lines or is no choice."""
    text = answer.strip()
    if any(not character.isprintable() for character in text):
        raise AnswerRefused(f"The answer to {question.name!r} must be one line of plain text.")
    if question.choices and text not in question.choices:
        raise AnswerRefused(
            f"{text!r} is no answer to {question.name!r}.",
            f"Choose one of: {', '.join(question.choices)}",
        )
    return text


def commit_pristine(folder: Path, project: Project, source: Source) -> tuple[str, git.Identity]:
    """Make the folder a repository whose only commit is the rendering."""
    repository = git.Repository.init(folder)
    author = git.identity(folder)
    repository.add_all()
    subject = f"Start {project.name} from the {source.template} template"
    commit = repository.commit(subject, author, source.trailers)
    repository.set_ref(git.PRISTINE_REF, commit)
    return commit, author


def _imports(source: Source) -> set[str]:
    return imported_names(source) if source.engine == "layers" else set()


def _title(source: Source, name: str) -> str:
    own = str(source.metadata.get("title", ""))
    return own if own and name == source.template else naming.title_of(name)


def _questions_here(source: Source, dest: Path) -> tuple[Question, ...]:
    """The source's questions, pre-filled from git's settings as they hold at the destination."""
    folder = next(parent for parent in dest.parents if parent.is_dir())
    known = git.settings(folder)
    return tuple(
        replace(question, default=known.get(question.git.lower(), question.default))
        for question in engine_of(source).questions(source)
    )


def _seeded(source: Source, files: tuple[str, ...]) -> tuple[str, ...]:
    """The files that the template's `seeded` patterns name among those written."""
    patterns = source.metadata.get("seeded", ())
    return tuple(
        file
        for file in files
        if file != STATE_FILE and any(fnmatchcase(file, pattern) for pattern in patterns)
    )
