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
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from scaffold import git, staging
from scaffold.engines import Source
from scaffold.engines.contents import files_below
from scaffold.errors import DestinationRefused
from scaffold.git import Repository
from scaffold.plain import listed
from scaffold.project import STATE_FILE, Project
from scaffold.shell import quoted
from scaffold.updating import apply, pristine
from scaffold.updating.pristine import Entry, Merged

_CHUNK = 1 << 20  # bytes


@dataclass(frozen=True)
class Joined:
    """What a rendering came to in a folder that was there."""

    commit: str
    author: git.Identity
    others: tuple[str, ...] = ()  # what git ignores of it, brought along without being committed
    not_brought: tuple[str, ...] = ()  # and what not, since it works only where it was made


def check(dest: Path) -> None:
    """Refuse a folder that is neither empty nor a repository that can take one more commit."""
    staging.check_writable(dest)
    if (repository := _repository_at(dest)) is None:
        if not staging.is_empty(dest):
            raise _refusal(dest)
    elif repository.find_ref(apply.JOURNAL) is None:
        _refuse_unless_ready(repository)


@contextmanager
def held(dest: Path) -> Iterator[str]:
    """Hold a folder against other runs; yields a note if an interrupted one was undone first."""
    staging.remove_abandoned(dest)
    if (repository := _repository_at(dest)) is None:
        yield ""
        return
    with apply.alone(repository):
        note = apply.recover(repository)
        _refuse_unless_ready(repository)
        yield note


def join(dest: Path, rendered: Path, project: Project, source: Source) -> Joined:
    """Bring a rendering into a folder that is held; all of it or nothing.

    The files that git ignores come along without being committed, but for what the template's own
    code has made to work only where it was made, like many an environment.
    """
    author = git.identity(dest)
    if (repository := _repository_at(dest)) is not None:
        joined = _prepare(repository, rendered, project, source, author)
        _land(repository, joined.commit)
        return joined
    with staging.hidden(dest) as folder:
        joined = _prepare(Repository.init(folder), rendered, project, source, author)
        try:
            (folder / ".git").rename(dest / ".git")
        except OSError as error:
            raise DestinationRefused(
                f"{dest} was taken meanwhile ({error.strerror}); nothing was written."
            ) from error
    repository = Repository.open(dest)
    try:
        with apply.alone(repository):
            _land(repository, joined.commit)
    except BaseException:
        if not repository.has_commits():
            git.remove_tree(dest / ".git")
        raise
    return joined


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
    apply.refuse_unless_ready(repository)
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
) -> Joined:
    """The commit that the branch is to get, and all that comes with it, inside git's own folder."""
    head = repository.find_ref("HEAD")
    tracked = pristine.entries(repository, head) if head else ()
    tree, _ = pristine.write_tree(repository, rendered, tracked)
    roots = _others(rendered, pristine.entries(repository, tree))
    bound = _bound(rendered, roots) if source.runs_code else set()
    others = [path for path, root in roots.items() if root not in bound]
    _refuse_in_the_way(repository, tree, others)
    apply.put_by(repository, rendered, others)
    subject = f"Start {project.name} from the {source.template} template"
    trailers = source.trailers | {pristine.TREE_TRAILER: tree}
    commit = pristine.commit_tree(repository, tree, (), subject, author, trailers)
    if head:
        with pristine.scratch_index(repository, repository.tree_of(head)) as index:
            index.put(list(pristine.entries(repository, tree).values()))
            both = index.write_tree()
        subject = f"Add {project.name} from the {source.template} template"
        commit = pristine.commit_tree(repository, both, (head, commit), subject, author)
    brought = dict.fromkeys(root for root in roots.values() if root not in bound)
    return Joined(commit, author, tuple(brought), tuple(sorted(bound)))


def _refuse_in_the_way(repository: Repository, tree: str, others: list[str]) -> None:
    before = "HEAD" if repository.has_commits() else apply.empty_tree(repository)
    mine, theirs = (pristine.entries(repository, each) for each in (before, tree))
    root = repository.root
    found = {
        *_clashes(mine, theirs),
        *pristine.in_the_way(repository, before, tree),
        *(path for path in others if os.path.lexists(root / path)),
    }
    if found:
        names = listed(sorted(found))
        verb = "file stands" if len(found) == 1 else "files stand"
        raise DestinationRefused(
            f"{len(found)} {verb} where the template brings its own; nothing was written:{names}",
            "Move or rename what you want to keep, delete the rest, commit, and run it again.",
        )


def _clashes(mine: dict[str, Entry], theirs: dict[str, Entry]) -> Iterator[str]:
    """The committed files that a rendering would replace, on any system: READme is README there."""
    places = {path.casefold(): entry for path, entry in theirs.items()}
    folders = {above for path in places for above in pristine.parents(path)}
    for path, entry in mine.items():
        place = path.casefold()
        other = places.get(place)
        same = other and (other.path, other.id, other.mode) == (path, entry.id, entry.mode)
        below = any(above in places for above in pristine.parents(place))
        if (other and not same) or place in folders or below:
            yield path


def _others(rendered: Path, committed: Collection[str]) -> dict[str, str]:
    """The rendered files that git ignores, `/` between the parts; each with the topmost folder in
    which git ignores all.
    """
    others = (path for path in files_below(rendered) if path not in committed)
    return pristine.topmost(others, committed)


def _bound(rendered: Path, roots: dict[str, str]) -> set[str]:
    """The ignored folders and files that say where they were made: they work nowhere else.

    Text says its new place by now; what is compiled cannot be told.
    """
    words = {form.encode() for form in (str(rendered), rendered.as_posix())}
    bound: set[str] = set()
    for path, root in roots.items():
        if root not in bound and _says(rendered / path, words):
            bound.add(root)
    return bound


def _says(file: Path, words: set[bytes]) -> bool:
    if file.is_symlink():
        return any(word in os.fsencode(file.readlink()) for word in words)
    overlap = max(map(len, words))
    seen = b""
    with file.open("rb") as stream:
        while chunk := stream.read(_CHUNK):
            seen = seen[-overlap:] + chunk
            if any(word in seen for word in words):
                return True
    return False


def _land(repository: Repository, commit: str) -> None:
    """Write the files and move the branch; an error or an interruption puts everything back."""
    try:
        apply.land(repository, commit, Merged(repository.tree_of(commit)), commit=True)
    except BaseException:
        apply.recover(repository)
        raise
