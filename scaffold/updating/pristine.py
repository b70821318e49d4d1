"""Pristine commits, and what comes of merging a new one into the author's work.

    base ─────────────── new          pristine: exactly what the template rendered
       \\                    \\
        ● ──── ● ──── HEAD ──── ●      the author's work, and the merge

Everything here works on git's objects; the work tree is left alone.
"""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from scaffold.engines.contents import files_below
from scaffold.git import Identity, Repository, environment_of
from scaffold.staging import scratch

TREE_TRAILER = "Scaffold-Tree"
LINK = "160000"  # git's mode of a submodule

_MERGE = (
    "-c", "merge.conflictStyle=zdiff3",
    "-c", "merge.renames=true",
    "-c", "merge.renameLimit=0",
    "-c", "merge.renormalize=false",
)  # fmt: skip
_YOURS, _TEMPLATE = "yours", "template"


@dataclass(frozen=True)
class Entry:
    """One path of a tree, or one side of a conflict (`stage` 1 base, 2 yours, 3 template)."""

    mode: str
    id: str
    path: str
    stage: int = 0


@dataclass(frozen=True)
class Deleted:
    """A file that the author deleted and the template went on changing."""

    path: str
    added: int
    removed: int


@dataclass(frozen=True)
class Merged:
    """What a merge comes to: a tree, and what git could not settle in it."""

    tree: str
    stages: tuple[Entry, ...] = ()
    deleted: tuple[Deleted, ...] = ()
    kinds: Mapping[str, frozenset[str]] = field(default_factory=dict)  # in git's words, by path

    @property
    def conflicts(self) -> tuple[str, ...]:
        return tuple(sorted({entry.path for entry in self.stages}))


@dataclass(frozen=True)
class Change:
    """One path that differs between two trees: A added, M modified, D deleted, T another kind."""

    kind: str
    path: str


@dataclass(frozen=True)
class Index:
    """A scratch index: trees are put together in it without the repository's own."""

    repository: Repository
    file: Path
    environment: Mapping[str, str] = field(default_factory=dict)

    def run(self, *arguments: str, stdin: str = "") -> str:
        status, output = self.repository.attempt(
            *arguments, stdin=stdin, env={**self.environment, "GIT_INDEX_FILE": str(self.file)}
        )
        if status:
            self.repository.run(*arguments, stdin=stdin)  # raises in git's words
        return output

    def put(self, entries: Sequence[Entry]) -> None:
        lines = [f"{entry.mode} {entry.id} {entry.stage}\t{entry.path}\0" for entry in entries]
        self.run("update-index", "-z", "--index-info", stdin="".join(lines))

    def remove(self, paths: Sequence[str]) -> None:
        self.run("update-index", "-z", "--force-remove", "--stdin", stdin=_nul(paths))

    def write_tree(self) -> str:
        return self.run("write-tree").strip()


@contextmanager
def scratch_index(repository: Repository, tree: str = "") -> Iterator[Index]:
    """An index that holds a tree, or nothing."""
    with scratch("index") as folder:
        index = Index(repository, folder / "index")
        index.run("read-tree", tree or "--empty")
        yield index


def stage(index: Index, folder: Path, tracked: Collection[str] = ()) -> tuple[str, ...]:
    """Put a rendering into an empty index; returns the files that its .gitignore keeps out.

    Only the rendering's own .gitignore counts, not what this machine or clone ignores: the same
    rendering is the same tree everywhere. As for git itself, a file that is `tracked` is not
    ignored: if it were left out because a newer .gitignore names it, the merge would delete it.
    """
    place = str(folder.resolve())
    here = ("-C", place, "ls-files", "--others", "-z", "--exclude-per-directory=.gitignore")
    rendered, ignored = _split(index.run(*here)), []
    if len(rendered) != _number_of_files(folder):
        ignored = _split(index.run(*here, "--ignored"))
    known = set(tracked)
    left_out = [path for path in ignored if path not in known]
    paths = [*rendered, *(path for path in ignored if path in known)]
    index.run("-C", place, "update-index", "--add", "-z", "--stdin", stdin=_nul(paths))
    return tuple(left_out)


def _number_of_files(folder: Path) -> int:
    """How many files and links lie in a folder, git's own left out."""
    number = 0
    for here, folders, files in os.walk(folder):
        folders[:] = [name for name in folders if name != ".git"]
        number += len(files) + sum(Path(here, name).is_symlink() for name in folders)
    return number


def topmost(paths: Iterable[str], committed: Collection[str]) -> dict[str, str]:
    """For each path the topmost folder around it in which nothing is committed, else itself."""
    shared = {above for path in committed for above in parents(path)}
    return {
        path: next((f"{above}/" for above in parents(path) if above not in shared), path)
        for path in paths
    }


def parents(path: str) -> list[str]:
    """The folders that a path lies in, the topmost first."""
    parts = path.rstrip("/").split("/")
    return ["/".join(parts[:depth]) for depth in range(1, len(parts))]


def write_tree(
    repository: Repository, folder: Path, tracked: Collection[str] = ()
) -> tuple[str, tuple[str, ...]]:
    """Store a rendering as a tree; returns it with the files that were left out, see `stage`."""
    with scratch("index") as place:
        git_folder = str(repository.path(".").resolve())
        index = Index(
            repository,
            place / "index",
            {"GIT_DIR": git_folder, "GIT_WORK_TREE": str(folder.resolve())},
        )
        left_out = stage(index, folder, tracked)
        return index.write_tree(), left_out


def commit_tree(
    repository: Repository,
    tree: str,
    parents: Sequence[str],
    message: str,
    who: Identity,
    trailers: Mapping[str, str] | None = None,
) -> str:
    """A commit of a tree, on no branch."""
    block = "".join(f"{key}: {value}\n" for key, value in (trailers or {}).items())
    text = message.rstrip("\n") + "\n" + (f"\n{block}" if block else "")
    options = [option for parent in parents for option in ("-p", parent)]
    return repository.run(
        "commit-tree", tree, *options, "-F", "-", stdin=text, env=environment_of(who)
    )


def commits_in(repository: Repository, revision: str) -> Iterator[str]:
    """The pristine commits in a revision's history, newest first.

    One that was amended, or a squash that took the trailers along, has another tree than it says.
    """
    form = f"%H %T %(trailers:key={TREE_TRAILER},valueonly,separator=%x2C)"
    status, output = repository.attempt(
        "log", "--topo-order", f"--format={form}", f"--grep=^{TREE_TRAILER}: ", revision, "--"
    )
    for line in output.splitlines() if status == 0 else ():
        commit, tree, *said = line.split()
        if said and said[-1].split(",")[-1] == tree:
            yield commit


def entries(repository: Repository, tree: str) -> dict[str, Entry]:
    """Every file of a tree, by path."""
    found = {}
    for line in _told(repository, "ls-tree", "-r", "-z", tree).split("\0"):
        if line:
            facts, path = line.split("\t", 1)
            mode, _, identity = facts.split()
            found[path] = Entry(mode, identity, path)
    return found


def stored(repository: Repository, mode: str, path: str, text: str) -> Entry:
    """A text that git keeps from now on, as what stands at a path."""
    _, blob = repository.attempt("hash-object", "-w", "--stdin", stdin=text)
    return Entry(mode, blob.strip(), path)


def changes(repository: Repository, before: str, after: str) -> tuple[Change, ...]:
    """What differs between two trees, file by file; a rename is a deletion and an addition."""
    asked = ("diff-tree", "-r", "-z", "--no-renames", "--name-status", before, after)
    parts = _told(repository, *asked).split("\0")
    return tuple(Change(kind, path) for kind, path in zip(parts[::2], parts[1::2], strict=False))


def _told(repository: Repository, *arguments: str) -> str:
    status, output = repository.recall(*arguments)
    return repository.run(*arguments) if status else output  # `run` raises in git's words


def keep(repository: Repository, tree: str, base: str, paths: Sequence[str]) -> str:
    """A tree in which some paths are as they are in `base`, missing ones missing."""
    before = entries(repository, base)
    kept = [path for path in paths if path in before]
    if not kept:
        return tree
    with scratch_index(repository, tree) as index:
        index.put([before[path] for path in kept])
        return index.write_tree()


def merge(repository: Repository, head: str, base: str, new: str, who: Identity) -> Merged:
    """Merge the pristine `new`, whose parent is `base`, into `head`, by git's own rules.

    A base that `head` does not descend from is joined first in a commit that nothing points at,
    as `git merge --strategy=ours --allow-unrelated-histories` would.
    """
    ours = head
    if base != head and not repository.is_ancestor(base, head):
        tree = repository.tree_of(head)
        ours = commit_tree(repository, tree, (head, base), "Join the pristine base", who)
    _, output = repository.attempt(
        *_MERGE, "merge-tree", "--write-tree", "-z", "--messages", ours, new
    )
    if "\0" not in output:
        repository.run(*_MERGE, "merge-tree", "--write-tree", ours, new)  # raises in git's words
    tree, stages, kinds = _parse(output)
    gone = _deleted_by_author(stages, kinds)
    deleted = tuple(_deleted(repository, stages, path) for path in gone)
    if gone:
        with scratch_index(repository, tree) as index:
            index.remove(gone)
            tree = index.write_tree()
    left = tuple(entry for entry in stages if entry.path not in gone)
    if left:
        names = {ours: _YOURS, new: _TEMPLATE}
        tree, left = _with_plain_names(repository, tree, left, names, base)
        kinds = {_plain(path, names): found for path, found in kinds.items()}
    return Merged(tree, left, deleted, {path: frozenset(found) for path, found in kinds.items()})


def in_the_way(repository: Repository, head: str, tree: str) -> tuple[str, ...]:
    """Untracked or ignored files that writing `tree` over `head` would destroy."""
    tracked = entries(repository, head)
    folded = {path.casefold() for path in tracked}
    root = repository.root
    found: set[str] = set()
    for change in changes(repository, head, tree):
        if change.kind != "A" or change.path.casefold() in folded:
            continue
        for above in parents(change.path):
            place = root / above
            if (place.is_symlink() or place.is_file()) and above not in tracked:
                found.add(above)
        place = root / change.path
        if place.is_dir() and not place.is_symlink():
            inside = (f"{change.path}/{file}" for file in files_below(place))
            found.update(path for path in inside if path not in tracked)
        elif place.is_symlink() or place.exists():
            found.add(change.path)
    return tuple(sorted(found))


def _parse(output: str) -> tuple[str, list[Entry], dict[str, set[str]]]:
    """The answer of `git merge-tree -z`: tree, sides of conflicts, kinds of conflict by path."""
    tree, _, rest = output.partition("\0")
    stages: list[Entry] = []
    fields = iter(rest.split("\0"))
    for line in fields:
        if not line:
            break
        facts, path = line.split("\t", 1)
        mode, identity, stage = facts.split()
        stages.append(Entry(mode, identity, path, int(stage)))
    kinds: dict[str, set[str]] = {}
    for count in fields:
        if not count.isdigit():
            break
        paths = [next(fields) for _ in range(int(count))]
        kind, _ = next(fields), next(fields)
        if kind.startswith("CONFLICT"):
            for path in paths:
                kinds.setdefault(path, set()).add(kind)
    return tree, stages, kinds


def _deleted_by_author(stages: Sequence[Entry], kinds: Mapping[str, set[str]]) -> list[str]:
    """Paths that are in conflict only because the author deleted them."""
    sides: dict[str, set[int]] = {}
    for entry in stages:
        sides.setdefault(entry.path, set()).add(entry.stage)
    plain = {"CONFLICT (modify/delete)", "CONFLICT (rename/delete)"}
    return sorted(
        path for path, found in sides.items() if found == {1, 3} and kinds.get(path, set()) <= plain
    )


def _deleted(repository: Repository, stages: Sequence[Entry], path: str) -> Deleted:
    sides = (entry for entry in stages if entry.path == path)
    before, after = sorted(sides, key=lambda entry: entry.stage)
    numbers = repository.run("diff", "--numstat", before.id, after.id).split("\t")
    added, removed = (int(number) if number.isdigit() else 0 for number in (*numbers, "", "")[:2])
    return Deleted(path, added, removed)


def _with_plain_names(
    repository: Repository, tree: str, stages: Sequence[Entry], names: Mapping[str, str], base: str
) -> tuple[str, tuple[Entry, ...]]:
    """Put words where git wrote commit ids: behind the markers and in names like `file~<id>`."""

    def plain(text: str) -> str:
        return _plain(text, names)

    files = entries(repository, tree)
    conflicted = {entry.path for entry in stages}
    replaced: list[Entry] = []
    for path in sorted(conflicted & files.keys()):
        entry = files[path]
        if entry.mode != LINK:
            text = repository.text(entry.id) or ""
            marked = _BASE_MARKER.sub(
                lambda found: "||||||| before" if base.startswith(found[1]) else found[0],
                plain(text),
            )
            if marked != text:
                entry = stored(repository, entry.mode, path, marked)
        replaced.append(Entry(entry.mode, entry.id, plain(path)))
    with scratch_index(repository, tree) as index:
        index.remove([path for path in files if plain(path) != path])
        index.put(replaced)
        tree = index.write_tree()
    return tree, tuple(replace(entry, path=plain(entry.path)) for entry in stages)


def _plain(text: str, names: Mapping[str, str]) -> str:
    for commit, word in names.items():
        text = text.replace(commit, word)
    return text


_BASE_MARKER = re.compile(r"^\|{7} ([0-9a-f]{4,64})(?::[^\n]*)?$", re.MULTILINE)


def _split(text: str) -> list[str]:
    return [path for path in text.split("\0") if path]


def _nul(paths: Sequence[str]) -> str:
    return "".join(f"{path}\0" for path in paths)
