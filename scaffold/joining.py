"""A rendering brought into a folder that is there already: an empty one, or a git repository.

    the repository ● ──── ● ──── ◆        one commit on the present branch
                                /
         the rendering ─────── ○          the pristine, joined as an update would join it

A repository without commits gets the rendering as its first commit; an empty folder becomes such a
repository. What is there is never replaced: a file in the way is refused by name. A kill leaves
what the next `scaffold new` there puts back first.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from scaffold import git, landing, pristine, staging
from scaffold.engines import Source
from scaffold.errors import DestinationRefused
from scaffold.git import Repository
from scaffold.pristine import Entry, Merged
from scaffold.project import STATE_FILE, Project
from scaffold.shell import quoted


def check(dest: Path) -> None:
    """Refuse a folder that is neither empty nor a repository that can take one more commit."""
    staging.check_writable(dest)
    if (repository := _repository_at(dest)) is None:
        if not staging.is_empty(dest):
            raise _refusal(dest)
    elif repository.find_ref(landing.JOURNAL) is None:
        _refuse_unless_ready(repository)


@contextmanager
def held(dest: Path) -> Iterator[str]:
    """Hold a folder against other runs; yields a note if an interrupted one was undone first."""
    staging.remove_abandoned(dest)
    if (repository := _repository_at(dest)) is None:
        yield ""
        return
    with landing.alone(repository):
        note = landing.recover(repository)
        _refuse_unless_ready(repository)
        yield note


def join(
    dest: Path, rendered: Path, project: Project, source: Source
) -> tuple[str, git.Identity, tuple[str, ...]]:
    """Bring a rendering into a folder that is held; all of it or nothing.

    The commit, by whom, and the files that are in none.

    The files that git ignores come along without being committed.
    """
    author = git.identity(dest)
    if (repository := _repository_at(dest)) is not None:
        commit, others = _prepare(repository, rendered, project, source, author)
        _land(repository, commit)
        return commit, author, others
    with staging.hidden(dest) as folder:
        commit, others = _prepare(Repository.init(folder), rendered, project, source, author)
        try:
            (folder / ".git").rename(dest / ".git")
        except OSError as error:
            raise DestinationRefused(
                f"{dest} was taken meanwhile ({error.strerror}); nothing was written."
            ) from error
    repository = Repository.open(dest)
    try:
        with landing.alone(repository):
            _land(repository, commit)
    except BaseException:
        if not repository.has_commits():
            git.remove_tree(dest / ".git")
        raise
    return commit, author, others


def branch_of(dest: Path) -> str:
    """The branch that a repository is on."""
    return Repository.open(dest).branch() or ""


def _repository_at(dest: Path) -> Repository | None:
    """The repository whose work tree a folder is; refused if it has none."""
    if (dest / ".git").exists():
        repository = Repository.open(dest)
        if repository.run("rev-parse", "--is-inside-work-tree") == "true":
            return repository
    elif git.top_of(dest) != dest.resolve():
        return None
    raise DestinationRefused(
        f"{dest} is a bare repository: it holds no files, so no project.",
        f"Clone it, and give the clone as DEST: git clone {quoted(str(dest))}",
    )


def _refusal(dest: Path) -> DestinationRefused:
    if top := git.top_of(dest):
        return DestinationRefused(
            f"{dest} holds files of the repository {top}, and a project is a repository of its "
            "own; nothing was written.",
            "Give an empty folder, or one that is not there yet, or the top of the repository.",
        )
    return DestinationRefused(
        f"{dest} is not empty and no git repository; nothing was written.",
        "Give another DEST, or make it a repository first: "
        "git init && git add . && git commit -m 'Start'",
    )


def _refuse_unless_ready(repository: Repository) -> None:
    landing.refuse_unless_ready(repository)
    if repository.branch() is None:
        raise DestinationRefused(
            f"{repository.root} is on no branch (a detached HEAD).", "git switch --create NAME"
        )
    if repository.has_commits() and repository.read("HEAD", STATE_FILE) is not None:
        raise DestinationRefused(
            f"{repository.root} is a project made by scaffold already.", "Use scaffold update."
        )


def _prepare(
    repository: Repository, rendered: Path, project: Project, source: Source, author: git.Identity
) -> tuple[str, tuple[str, ...]]:
    """The commit that the branch is to get, and all that comes with it, inside git's own folder."""
    tree, others = pristine.write_tree(repository, rendered)
    _refuse_in_the_way(repository, tree, others)
    landing.put_by(repository, rendered, others)
    subject = f"Start {project.name} from the {source.template} template"
    trailers = source.trailers | {pristine.TREE_TRAILER: tree}
    base = pristine.commit_tree(repository, tree, (), subject, author, trailers)
    if not repository.has_commits():
        return base, others
    head = repository.resolve("HEAD")
    with pristine.scratch_index(repository, pristine.tree_of(repository, head)) as index:
        index.put(list(pristine.entries(repository, tree).values()))
        both = index.write_tree()
    subject = f"Add {project.name} from the {source.template} template"
    return pristine.commit_tree(repository, both, (head, base), subject, author), others


def _refuse_in_the_way(repository: Repository, tree: str, others: Sequence[str]) -> None:
    before = "HEAD" if repository.has_commits() else landing.empty_tree(repository)
    mine, theirs = (pristine.entries(repository, each) for each in (before, tree))
    root = repository.root
    found = {
        *_clashes(mine, theirs),
        *pristine.in_the_way(repository, before, tree),
        *(path for path in others if os.path.lexists(root / path)),
    }
    if found:
        names = "".join(f"\n  {path}" for path in sorted(found))
        verb = "file stands" if len(found) == 1 else "files stand"
        raise DestinationRefused(
            f"{len(found)} {verb} where the template brings its own; nothing was written:{names}",
            "Move or rename what you want to keep, delete the rest, commit, and run it again.",
        )


def _clashes(mine: dict[str, Entry], theirs: dict[str, Entry]) -> Iterator[str]:
    """The committed files that a rendering would replace, on any system: READme is README there."""
    places = {path.casefold(): entry for path, entry in theirs.items()}
    folders = {above for path in places for above in _above(path)}
    for path, entry in mine.items():
        place = path.casefold()
        other = places.get(place)
        same = other and (other.path, other.id, other.mode) == (path, entry.id, entry.mode)
        if (other and not same) or place in folders or any(up in places for up in _above(place)):
            yield path


def _above(path: str) -> list[str]:
    parts = path.split("/")
    return ["/".join(parts[:depth]) for depth in range(1, len(parts))]


def _land(repository: Repository, commit: str) -> None:
    """Write the files and move the branch; an error or an interruption puts everything back."""
    try:
        tree = pristine.tree_of(repository, commit)
        landing.land(repository, commit, Merged(tree), commit=True)
    except BaseException:
        landing.recover(repository)
        raise
