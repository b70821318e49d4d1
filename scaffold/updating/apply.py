"""Bring a merge into the work tree, such that a kill at any moment leaves before or after.

Everything is prepared as objects first. A journal, one ref, points at the prepared commit while
files are written; whoever comes next finishes what had been reached, or puts the files back.
"""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from scaffold.engines.contents import files_below
from scaffold.errors import GitError, UpdateRefused
from scaffold.git import PRISTINE_REF, Repository
from scaffold.lock import hold
from scaffold.shell import quoted
from scaffold.staging import remove_file
from scaffold.updating import pristine
from scaffold.updating.pristine import Entry, Merged

JOURNAL = "refs/worktree/scaffold/update"  # each linked work tree has one of its own
OTHERS = "scaffold-others"  # in git's own folder: files that come with a commit and are not in it
UNFINISHED = "refs/scaffold/unfinished"  # the rendering of an update that was left or squashed

_QUIETLY = (
    "-c", f"core.hooksPath={os.devnull}",
    "-c", "gc.auto=0",
    "-c", "maintenance.auto=false",
    "-c", "submodule.recurse=false",
)  # fmt: skip
_IN_PROGRESS = {
    "MERGE_HEAD": "merge",
    "CHERRY_PICK_HEAD": "cherry-pick",
    "REVERT_HEAD": "revert",
    "rebase-merge": "rebase",
    "rebase-apply": "rebase",
}


@contextmanager
def alone(repository: Repository) -> Iterator[None]:
    """Hold the repository against a second update; a dead process lets go by itself."""
    path = repository.path("scaffold.lock")
    with path.open("a") as lock:
        if not hold(lock):
            raise UpdateRefused(f"Another update is running in {repository.root}.", "Wait for it.")
        yield


def refuse_in_progress(repository: Repository) -> None:
    """Refuse a repository in the middle of something."""
    for name, verb in _IN_PROGRESS.items():
        if repository.path(name).exists():
            raise UpdateRefused(
                f"A {verb} is in progress here.",
                f"Finish it (git {verb} --continue), or leave it: git {verb} --abort",
            )


def refuse_unless_ready(repository: Repository) -> None:
    """Refuse a repository in the middle of something, or with changes that are not committed."""
    refuse_in_progress(repository)
    if paths := repository.changed("--untracked-files=no", "--ignore-submodules=dirty"):
        more = f" and {len(paths) - 3} more" if len(paths) > 3 else ""
        raise UpdateRefused(
            f"There are changes that are not committed: {', '.join(paths[:3])}{more}.",
            "Commit them, or put them aside: git stash",
        )


def land(repository: Repository, prepared: str, merged: Merged, *, commit: bool) -> None:
    """Write a prepared merge commit to the work tree; with conflicts, or to look first: no commit.

    `prepared` has HEAD and the new pristine as parents and the merge's tree; where HEAD has no
    commit yet, it is the pristine.
    """
    repository.set_ref(JOURNAL, prepared)
    if commit and not merged.stages:
        try:
            repository.run(
                *_QUIETLY, "merge", "--quiet", "--ff-only", "--no-overwrite-ignore",
                "--no-verify-signatures", "--no-autostash", prepared,
            )  # fmt: skip
        except GitError as error:
            repository.run("update-ref", "-d", JOURNAL)
            raise UpdateRefused(f"Nothing was changed: {error.message}") from error
        settle(repository, prepared)
    else:
        tree = repository.tree_of(prepared)
        repository.run(*_QUIETLY, "read-tree", "-m", "-u", "HEAD", tree)
        _mark_conflicts(repository, merged.stages)
        _leave_merge_open(repository, prepared, merged.conflicts)


def recover(repository: Repository) -> str:
    """Finish or undo what an update that was killed had begun; says so, if there was one."""
    journal = repository.find_ref(JOURNAL)
    if not journal:
        _remove_others(repository)
        return ""
    if repository.path("MERGE_HEAD").exists():
        return ""
    before, new = _parents(repository, journal)
    head = repository.find_ref("HEAD") or ""
    if head and repository.is_ancestor(new, head):
        settle(repository, journal)
        return ""
    undone = head == before and _undo(repository, before, journal)
    _remove_others(repository)
    if new == journal or not repository.parents(new):  # begun by `new`: nothing to find again
        repository.run("update-ref", "-d", JOURNAL)
        return "A `scaffold new` that was interrupted here has been undone first." if undone else ""
    # A settled conflict may come back as a squashed pull request: its rendering stays to be found.
    repository.set_refs({UNFINISHED: new, JOURNAL: ""})
    return "An update that was interrupted here has been undone first." if undone else ""


def settle(repository: Repository, journal: str) -> None:
    """The merge is committed: its pristine is the one to start from next time."""
    _, new = _parents(repository, journal)
    others = repository.path(OTHERS)
    for path in files_below(others):
        place = repository.root / path
        if not os.path.lexists(place):
            place.parent.mkdir(parents=True, exist_ok=True)
            (others / path).replace(place)
    _remove_others(repository)
    repository.set_refs({PRISTINE_REF: new, JOURNAL: ""})


def put_by(repository: Repository, folder: Path, paths: Sequence[str]) -> None:
    """Keep some files of a folder beside git's own, until what they come with is committed."""
    _remove_others(repository)
    for path in paths:
        place = repository.path(OTHERS) / path
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.move(folder / path, place)


def empty_tree(repository: Repository) -> str:
    """The id of the tree that holds nothing."""
    return repository.run("hash-object", "-t", "tree", "--stdin")


def _remove_others(repository: Repository) -> None:
    shutil.rmtree(repository.path(OTHERS), ignore_errors=True)


def _mark_conflicts(repository: Repository, stages: Sequence[Entry]) -> None:
    """Put all sides of each conflict into the index, as `git merge` does."""
    if not stages:
        return
    nothing = "0" * len(stages[0].id)
    cleared = [f"0 {nothing} 0\t{path}\0" for path in sorted({entry.path for entry in stages})]
    sides = [f"{entry.mode} {entry.id} {entry.stage}\t{entry.path}\0" for entry in stages]
    lines = "".join(cleared + sides)
    repository.attempt("update-index", "-z", "--index-info", stdin=lines)
    repository.attempt("rerere")


def _leave_merge_open(repository: Repository, prepared: str, conflicts: Sequence[str]) -> None:
    """What `git commit` and `git merge --abort` look for; MERGE_HEAD last, it makes it a merge."""
    _, new = _parents(repository, prepared)
    message = repository.run("log", "-1", "--format=%B", prepared).rstrip() + "\n"
    if conflicts:
        message += "".join(["\n# Conflicts:\n", *(f"#\t{path}\n" for path in conflicts)])
    for name, text in (("MERGE_MSG", message), ("MERGE_MODE", "no-ff"), ("MERGE_HEAD", f"{new}\n")):
        path = repository.path(name)
        part = path.with_name(f"{name}.part")
        part.write_bytes(text.encode(errors="surrogateescape"))
        part.replace(path)


def _undo(repository: Repository, before: str, journal: str) -> bool:
    """Put back the files that an interrupted update had begun to write; False if it had not."""
    before = before or empty_tree(repository)
    changed = {change.path for change in pristine.changes(repository, before, journal)}
    _free_index(repository)
    if changed.isdisjoint(repository.changed("--untracked-files=all", "--ignore-submodules=dirty")):
        return False
    old, new = pristine.entries(repository, before), pristine.entries(repository, journal)
    for path in sorted(changed):
        if not _is_ours(repository, path, old.get(path), new.get(path)):
            raise UpdateRefused(
                f"A run of scaffold was interrupted here, and {path} has been changed since.",
                f"Put it aside, then: git checkout HEAD -- {quoted(path)}"
                if path in old
                else "Move it away, then try again.",
            )
    repository.run("read-tree", before)
    for path in sorted(changed - old.keys()):
        remove_file(repository.root, path)
    back = "".join(f"{path}\0" for path in sorted(changed & old.keys()))
    repository.attempt("checkout-index", "--force", "-z", "--stdin", stdin=back)
    repository.attempt("update-index", "-q", "--refresh")
    return True


def _is_ours(repository: Repository, path: str, old: Entry | None, new: Entry | None) -> bool:
    """Whether a file is as it was, as it was to become, or cut off on the way there."""
    place = repository.root / path
    if place.is_symlink() or not place.is_file():
        return True  # not there (yet), or a link, which git writes at once
    contents = place.read_bytes()
    for entry in (old, new):
        if entry is not None and entry.mode != pristine.LINK:
            written = repository.filtered(entry.id, path)
            if written.startswith(contents) if entry is new else written == contents:
                return True
    return False


def _free_index(repository: Repository) -> None:
    """Git's lock: wait for a git that outlived its killed parent, then it is nobody's."""
    lock = repository.path("index.lock")
    for _ in range(30):
        if not lock.exists():
            return
        time.sleep(0.1)
    lock.unlink(missing_ok=True)


def _parents(repository: Repository, journal: str) -> tuple[str, str]:
    """The author's commit, "" where there is none yet, and the pristine that a journal joins."""
    parents = repository.parents(journal)
    return (parents[0], parents[1]) if parents else ("", journal)
