"""`scaffold new`: from a source to a git repository with one commit, or one commit in yours."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from scaffold import git, guard, joining, naming
from scaffold.engines import CATALOGUE, Answers, Ask, Source, interviewer_of
from scaffold.engines.layers import imported_names, practised
from scaffold.errors import UsageError
from scaffold.project import Origin, Practice, Project
from scaffold.rendering import interview, render
from scaffold.reporter import SILENT, Reporter
from scaffold.sources import trust
from scaffold.sources.addresses import resolve
from scaffold.staging import check_destination, check_lengths, in_place, is_empty, scratch, staged
from scaffold.updating import pristine


@dataclass(frozen=True)
class Plan:
    """Everything that is known before anything is asked or written."""

    source: Source
    title: str
    dest: Path | None = None  # None: the answers will name it
    practice: Practice | None = None  # the marked bodies are left to the author


@dataclass(frozen=True)
class Created:
    """A new project, and who its first commit is by."""

    project: Project
    commit: str
    author: git.Identity
    branch: str = git.BRANCH
    left_out: tuple[str, ...] = ()  # what the project's .gitignore keeps out of git
    not_brought: tuple[str, ...] = ()  # of that, what says where it was made and works only there


def plan(
    source_text: str,
    dest: Path | None = None,
    *,
    ref: str = "",
    trust: bool = False,
    practice: Practice | None = None,
) -> Plan:
    """Find the source, check names and destination; writes nothing."""
    source = resolve(source_text, ref, trusted=trust)
    if trust and source.location == CATALOGUE:
        raise UsageError(
            f"{source.template} comes with scaffold and runs no code while it is rendered.",
            "Leave --trust out; it is for templates from elsewhere.",
        )
    if practice and (not source.kind.ours or not practised(source)):
        raise UsageError(
            f"{source.template} has no functions to practise.", "Leave --practice out."
        )
    if dest is None and not source.kind.ours:
        return Plan(source, naming.title_of(source.template))
    named = dest is not None
    dest = Path(os.path.abspath(dest or source.template))  # noqa: PTH100 - keeps symlinks as given
    if source.kind.ours:
        naming.check_name(dest.name, imported_names(source))
    _check(dest, named=named)
    if practice:
        names = tuple(entry["name"] for entry in practised(source))
        practice = replace(practice, functions=names)
    return Plan(source, _title(source, dest.name), dest, practice)


def create(
    plan: Plan,
    given: Mapping[str, str] | None = None,
    reporter: Reporter = SILENT,
    ask: Ask | None = None,
) -> Created:
    """Render beside the destination, commit, move into place: all of it or nothing.

    What is not given is asked for where there is somebody to ask, else its default holds.
    """
    above = (plan.dest, *plan.dest.parents) if plan.dest else (Path.cwd(),)
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
        practice=plan.practice,
    )
    # What code makes (an environment, a hook) knows where it stands, so it is made there.
    alone = not dest.is_dir() or (plan.source.runs_code and is_empty(dest))
    created = (_make if alone else _join)(plan.source, project, answers, reporter)
    trust.keep(plan.source, reporter)
    return created


def _make(source: Source, project: Project, answers: Answers, reporter: Reporter) -> Created:
    """A project in a folder of its own, which is there only when all is done."""
    with (in_place if source.runs_code else staged)(project.root) as folder:
        reporter.progress(f"rendering {source.template}")
        project = render(source, project, answers, folder)
        reporter.progress("committing")
        created = commit_pristine(folder, project, source)
    with suppress(OSError):  # without a place for settings, `--trust` says the same later
        guard.trust(project.root)
    return created


def _join(source: Source, project: Project, answers: Answers, reporter: Reporter) -> Created:
    """A project in a folder that is there: an empty one, or a repository."""
    dest = project.root
    with joining.held(dest) as note, scratch("joining") as place:
        if note:
            reporter.message(note)
        folder = place.resolve() / dest.name
        folder.mkdir()
        reporter.progress(f"rendering {source.template}")
        project = render(source, project, answers, folder)
        if (folder / ".git").exists():  # made by the template's own code; there is one already
            git.remove_tree(folder / ".git")
        reporter.progress("committing")
        joined = joining.join(dest, folder, project, source)
    branch, others = git.Repository.open(dest).branch() or "", joined.others
    return Created(project, joined.commit, joined.author, branch, others, joined.not_brought)


def commit_pristine(folder: Path, project: Project, source: Source) -> Created:
    """Make the folder a repository whose last commit is the rendering, as far as git is to know it,
    and the only one unless the template's own code has made commits there.

    What the rendered .gitignore names (an `.env`, say) stays on disk and is in no commit.
    """
    fresh = not os.path.lexists(folder / ".git")
    repository = git.Repository.init(folder)
    author, branch = git.identity(folder), git.BRANCH
    index = pristine.Index(repository, repository.path("index").resolve())
    parents: tuple[str, ...] = ()
    if not fresh:  # the template's own code has made it, and may have staged something
        parents = (repository.resolve("HEAD"),) if repository.has_commits() else ()
        branch = repository.branch() or branch
        index.run("read-tree", "--empty")
    tracked = [path for parent in parents for path in pristine.entries(repository, parent)]
    left_out = pristine.stage(index, folder, tracked)
    tree = index.write_tree()
    subject = f"Start {project.name} from the {source.template} template"
    trailers = source.trailers | {pristine.TREE_TRAILER: tree}
    commit = pristine.commit_tree(repository, tree, parents, subject, author, trailers)
    repository.set_refs({f"refs/heads/{branch}": commit, git.PRISTINE_REF: commit})
    if not fresh:
        repository.run("symbolic-ref", "HEAD", f"refs/heads/{branch}")
    committed = pristine.entries(repository, tree) if left_out else ()
    shown = pristine.topmost(left_out, committed).values()
    return Created(project, commit, author, branch, tuple(dict.fromkeys(shown)))


def _named_by(source: Source, answers: Answers) -> Path:
    """The folder here that the answers name; where they name none, one called as the template."""
    name = interviewer_of(source).folder_name(source, answers.values) or source.template
    if name in {".", ".."} or re.search(r"[/\\]", name):
        raise UsageError(f"{name!r} cannot name the project's folder.", "Give DEST after SOURCE.")
    dest = Path.cwd() / name
    check_destination(dest)
    return dest


def _check(dest: Path, *, named: bool) -> None:
    """Refuse a place that cannot take the project; one that is there is used if asked for."""
    check_lengths(dest)
    if named and dest.is_dir() and not dest.is_symlink():
        joining.check(dest)
    else:
        check_destination(dest)


def _title(source: Source, name: str) -> str:
    own = str(source.metadata.get("title", ""))
    return own if own and name == source.template else naming.title_of(name)
