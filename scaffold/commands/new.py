"""`scaffold new`: from a source to a git repository with one commit."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from scaffold import git, guard, naming, pristine, trust
from scaffold.engines import CATALOGUE, Answers, Ask, Source, interviewer_of
from scaffold.engines.layers import imported_names
from scaffold.errors import UsageError
from scaffold.project import Origin, Project
from scaffold.rendering import interview, render
from scaffold.reporter import Reporter, Silent
from scaffold.sources import resolve
from scaffold.staging import check_destination, staged


@dataclass(frozen=True)
class Plan:
    """Everything that is known before anything is asked or written."""

    source: Source
    title: str
    dest: Path | None = None  # None: the answers will name it


@dataclass(frozen=True)
class Created:
    """A new project, and who its first commit is by."""

    project: Project
    commit: str
    author: git.Identity


def plan(source_text: str, dest: Path | None = None, *, ref: str = "", trust: bool = False) -> Plan:
    """Find the source, check names and destination; writes nothing."""
    source = resolve(source_text, ref, trusted=trust)
    if trust and source.location == CATALOGUE:
        raise UsageError(
            f"{source.template} comes with scaffold and runs no code while it is rendered.",
            "Leave --trust out; it is for templates from elsewhere.",
        )
    if dest is None and source.engine != "layers":
        return Plan(source, naming.title_of(source.template))
    dest = Path(os.path.abspath(dest or source.template))  # noqa: PTH100 - keeps symlinks as given
    if source.engine == "layers":
        naming.check_name(dest.name, imported_names(source))
    check_destination(dest)
    return Plan(source, _title(source, dest.name), dest)


def create(
    plan: Plan,
    given: Mapping[str, str] | None = None,
    reporter: Reporter | None = None,
    ask: Ask | None = None,
) -> Created:
    """Render beside the destination, commit, move into place: all of it or nothing.

    What is not given is asked for where there is somebody to ask, else its default holds.
    """
    reporter = reporter or Silent()
    above = plan.dest.parents if plan.dest else [Path.cwd()]
    folder = next(parent for parent in above if parent.is_dir())
    folder_name = plan.dest.name if plan.dest else "project"
    answers = interview(plan.source, given or {}, ask, folder, folder_name=folder_name)
    dest = plan.dest or _named_by(plan.source, answers)
    trust.announce(plan.source, reporter)
    project = Project(
        root=dest,
        origin=Origin.of(plan.source),
        name=dest.name,
        package=naming.package_of(dest.name),
        title=plan.title if plan.dest else _title(plan.source, dest.name),
        topics=tuple(plan.source.metadata.get("topics", ())),
        target=plan.source.metadata.get("target", {}),
        answers=answers.recorded,
    )
    with staged(dest) as folder:
        reporter.progress(f"rendering {plan.source.template}")
        project = render(plan.source, project, answers, folder)
        reporter.progress("committing")
        commit, author = commit_pristine(folder, project, plan.source)
    with suppress(OSError):  # without a place for settings, `--trust` says the same later
        guard.trust(dest)
    return Created(project, commit, author)


def commit_pristine(folder: Path, project: Project, source: Source) -> tuple[str, git.Identity]:
    """Make the folder a repository whose only commit is the rendering."""
    repository = git.Repository.init(folder)
    author = git.identity(folder)
    tree = repository.stage_all(ignored=not source.runs_code)
    subject = f"Start {project.name} from the {source.template} template"
    trailers = source.trailers | {pristine.TREE_TRAILER: tree}
    commit = pristine.commit_tree(repository, tree, (), subject, author, trailers)
    repository.set_refs({f"refs/heads/{git.BRANCH}": commit, git.PRISTINE_REF: commit})
    return commit, author


def _named_by(source: Source, answers: Answers) -> Path:
    """The folder here that the answers name; where they name none, one called as the template."""
    name = interviewer_of(source).folder_name(source, answers.values) or source.template
    if name in {".", ".."} or re.search(r"[/\\]", name):
        raise UsageError(f"{name!r} cannot name the project's folder.", "Give DEST after SOURCE.")
    dest = Path.cwd() / name
    check_destination(dest)
    return dest


def _title(source: Source, name: str) -> str:
    own = str(source.metadata.get("title", ""))
    return own if own and name == source.template else naming.title_of(name)
