"""copier's migrations: programs of a template that edit a project on its way to a newer version.

They run on a copy of what is committed, in a repository of its own, and only the files that they
leave there count. So when one fails or is killed, the project is as it was.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from scaffold import git
from scaffold.engines import COPIER_ANSWERS, STAGES, Source, Stage, ask_engine, read_copier_answers
from scaffold.engines.contents import refuse_repositories
from scaffold.git import Repository
from scaffold.plain import listed
from scaffold.project import Project
from scaffold.reporter import Reporter
from scaffold.staging import scratch
from scaffold.updating import pristine
from scaffold.updating.pristine import Index


def before(
    repository: Repository, project: Project, source: Source, head: str, reporter: Reporter
) -> tuple[str, Project]:
    """The author's work and their answers, made ready for the new version by its template.

    Returns `head` itself, or a commit on top of it that nothing points at.
    """
    if not (source.migrates and source.trusted) or source.idle:
        return head, project
    with _copy(repository, project.name, head, head) as copy:
        _run(copy, project, source, "before", project.answers, reporter)
        tree = copy.tree()
    if tree == repository.tree_of(head):
        return head, project
    name = source.answers_file or COPIER_ANSWERS
    texts = [repository.read(commit, name) or "" for commit in (head, tree)]
    old, new = (read_copier_answers(text, name)[-1] for text in texts)
    answers = {
        name: text for name, text in project.answers.items() if name in new or name not in old
    }
    answers |= {name: text for name, text in new.items() if old.get(name) != text}
    # The new rendering brings the answers file; what was read from it here must not conflict there.
    tree = pristine.keep(repository, tree, head, [name])
    who = repository.who
    commit = pristine.commit_tree(repository, tree, (head,), "Migrate before the update", who)
    return commit, replace(project, answers=answers)


def after(
    repository: Repository,
    project: Project,
    source: Source,
    answers: Mapping[str, str],
    head: str,
    tree: str,
    reporter: Reporter,
) -> str:
    """A merged tree, with what the template's migrations make of it."""
    if not source.migrates:
        return tree
    if not source.trusted or source.idle:
        _tell_what_is_left_out(project, source, answers, reporter)
        return tree
    with _copy(repository, project.name, head, tree) as copy:
        _run(copy, project, source, "after", answers, reporter)
        return copy.tree()


@dataclass(frozen=True)
class _Copy:
    """A work tree apart from the project's, and the index that knows what was written there."""

    folder: Path
    index: Index

    def tree(self) -> str:
        """What is in the folder now, but for what its .gitignore leaves out, as a tree."""
        refuse_repositories(self.folder, "A migration", own=True, ignored=git.ignored)
        self.index.run("-C", str(self.folder), "add", "--all", ".")
        return self.index.write_tree()


@contextmanager
def _copy(repository: Repository, name: str, head: str, tree: str) -> Iterator[_Copy]:
    """A tree checked out in a repository of its own, which reads the project's objects."""
    with scratch("migration") as place_apart:
        folder = place_apart.resolve() / name
        folder.mkdir()
        own = Repository.init(folder)
        store = repository.path("objects").resolve()
        own.path("objects/info/alternates").write_text(f"{store}\n", encoding="utf-8", newline="\n")
        own.run("update-ref", "--no-deref", "HEAD", head)
        place = {
            "GIT_DIR": repository.run("rev-parse", "--absolute-git-dir"),
            "GIT_WORK_TREE": str(folder),
        }
        index = Index(repository, place_apart.resolve() / "index", place)
        index.run("read-tree", tree)
        index.run("-C", str(folder), "checkout-index", "--all", "--quiet", "-u")
        shutil.copyfile(index.file, own.path("index"))
        yield _Copy(folder, index)


def _run(
    copy: _Copy,
    project: Project,
    source: Source,
    stage: Stage,
    answers: Mapping[str, str],
    reporter: Reporter,
) -> None:
    from scaffold.engines import copier

    reporter.progress(f"migrating to {source.version}, {stage} the merge")
    ran = copier.migrate(source, project.origin.version, answers, stage, copy.folder)
    if ran:
        lines = listed(f"{stage} the merge: {command}" for command in ran)
        reporter.message(f"The template's migrations ran:{lines}")


def _tell_what_is_left_out(
    project: Project, source: Source, answers: Mapping[str, str], reporter: Reporter
) -> None:
    known = (project.origin.version, dict(answers))
    lines = listed(
        f"{stage} the merge: {command}"
        for stage in STAGES
        for command in ask_engine(source, "migrations", *known, stage)
    )
    if lines and source.trusted:
        reporter.message(f"The template's migrations are left out here; update runs them:{lines}")
    elif lines:
        reporter.message(
            f"The template's migrations do not run, since it is not trusted:{lines}\n"
            "If you trust its authors, add --trust."
        )
