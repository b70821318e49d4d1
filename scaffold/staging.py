"""Folders that leave nothing behind: one that is moved into place last, one for passing work."""

from __future__ import annotations

import atexit
import errno
import os
import re
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from functools import cache
from pathlib import Path

from scaffold.errors import DestinationRefused
from scaffold.lock import hold

_MARK = ".scaffold-new-"
_LOCK = "lock"
_PLACE = "place"  # names the folder that is made where it will stand

# Temporary folders without a lock, of earlier releases and of other people's engines: by age.
_UNLOCKED = re.compile(r"scaffold-((index|objects|check|ignored)-)?[a-z0-9_]{8}")
_LONGEST_RUN = 24 * 3600


def check_destination(dest: Path) -> None:
    """Refuse a destination that holds something, is no folder, or lies where nobody may write."""
    check_lengths(dest)
    if dest.is_symlink() or (dest.exists() and not dest.is_dir()):
        raise DestinationRefused(f"{dest} exists and is not a folder.", "Give another DEST.")
    _remove_half_made(dest)
    if dest.is_dir() and any(dest.iterdir()):
        raise DestinationRefused(
            f"{dest} exists and is not empty; nothing was written.", "Give another DEST."
        )
    check_writable(_nearest_folder(dest))


def check_lengths(dest: Path) -> None:
    """Refuse a name that is longer than the file system takes, before parents of it are made."""
    folder = Path(dest.anchor)
    for part in dest.relative_to(folder).parts:
        try:
            (folder / part).lstat()
        except FileNotFoundError:
            continue  # the next parts are tried in the same place
        except OSError as error:
            if error.errno != errno.ENAMETOOLONG:
                return
            short = f"{part[:20]}…{part[-10:]}"
            raise DestinationRefused(
                f"{short} has {len(part)} characters, which is too long for a folder here.",
                "Give a shorter DEST.",
            ) from error
        folder /= part


def check_writable(folder: Path) -> None:
    """Refuse a place where nobody may write."""
    if not folder.is_dir() or not os.access(folder, os.W_OK | os.X_OK):
        raise DestinationRefused(f"{folder} is no folder you may write to.", "Give another DEST.")


def is_empty(folder: Path) -> bool:
    """Whether a folder holds nothing, or only what a killed run has left there."""
    return all(path.name.startswith(_MARK) for path in folder.iterdir())


@contextmanager
def staged(dest: Path) -> Iterator[Path]:
    """An empty folder on the destination's file system that becomes the destination at the end.

    An error leaves nothing; a kill leaves at most a hidden folder, which the next call removes.
    """
    with beside(dest) as place:
        folder = place / "new" / dest.name  # below: a project may be called `lock`
        folder.mkdir(parents=True)  # not the one of mkdtemp, which nobody else may read
        yield folder
        _move(folder, dest)


def beside(dest: Path) -> AbstractContextManager[Path]:
    """A hidden folder on the destination's file system for what is to be moved there."""
    return hidden(_nearest_folder(dest))


@contextmanager
def hidden(parent: Path) -> Iterator[Path]:
    """A hidden folder of passing work below another; one that a kill leaves goes with the next."""
    remove_abandoned(parent)
    place = Path(tempfile.mkdtemp(prefix=_MARK, dir=parent))
    try:
        with (place / _LOCK).open("w") as lock:
            hold(lock)
            yield place
    finally:
        _remove(place)


@contextmanager
def in_place(dest: Path) -> Iterator[Path]:
    """The destination itself, empty: for programs that write down where they run.

    An error leaves it as it was. A kill leaves it half made; the next call for it removes that.
    """
    parent = _nearest_folder(dest)
    existed = dest.is_dir()
    dest.parent.mkdir(parents=True, exist_ok=True)
    try:
        with hidden(dest.parent) as place:
            dest.mkdir(exist_ok=True)
            remove_abandoned(dest)
            (place / _PLACE).write_text(f"{dest.stat().st_ino} {dest}", encoding="utf-8")
            try:
                yield dest
            except BaseException:
                _remove(dest)
                if existed:
                    dest.mkdir(exist_ok=True)
                raise
    finally:
        _remove_empty(dest.parent, parent)


def _remove_empty(folder: Path, above: Path) -> None:
    """Remove folders that were made on the way and hold nothing."""
    with suppress(OSError):
        while folder != above:
            folder.rmdir()
            folder = folder.parent


def _remove_half_made(dest: Path) -> None:
    """Remove what a run that was killed had begun to make at this very place."""
    for hidden in dest.parent.glob(f"{_MARK}*"):
        with suppress(OSError):
            if _place_of(hidden) == dest and _is_abandoned(hidden):
                _remove(dest)
                _remove(hidden)


def _place_of(hidden: Path) -> Path | None:
    """The folder that is made under this mark, if it is still the one that was begun."""
    try:
        number, _, path = (hidden / _PLACE).read_text(encoding="utf-8").partition(" ")
        return Path(path) if Path(path).stat().st_ino == int(number) else None
    except (OSError, ValueError):
        return None


def _move(folder: Path, dest: Path) -> None:
    dest.parent.mkdir(parents=True, exist_ok=True)
    try:
        if dest.is_dir():
            dest.rmdir()  # Windows does not rename onto a folder, even an empty one
        folder.rename(dest)
    except OSError as error:
        raise DestinationRefused(
            f"{dest} was taken or removed meanwhile ({error.strerror}); nothing was written."
        ) from error


def _nearest_folder(dest: Path) -> Path:
    """The closest parent that exists."""
    return next(parent for parent in dest.parents if parent.exists())


def remove_abandoned(parent: Path) -> None:
    """Remove what a killed run left behind, but nothing that another run still works in."""
    for hidden in parent.glob(f"{_MARK}*"):
        with suppress(OSError):
            if _place_of(hidden) is None and _is_abandoned(hidden):
                _remove(hidden)


def _is_abandoned(hidden: Path) -> bool:
    try:
        with (hidden / _LOCK).open("r+") as lock:
            return hold(lock)
    except FileNotFoundError:
        return time.time() - hidden.stat().st_mtime > 60  # killed, or about to make its lock


@contextmanager
def scratch(purpose: str) -> Iterator[Path]:
    """A folder for passing work; what a killed process leaves of it, a later one removes."""
    if not _desk().is_dir():  # a cleaner of temporary folders was here
        _desk.cache_clear()
    with tempfile.TemporaryDirectory(prefix=f"{purpose}-", dir=_desk()) as name:
        yield Path(name)


@cache
def _desk() -> Path:
    """This process's own folder, under which it works."""
    return workshop("scaffold-work-")


def workshop(prefix: str) -> Path:
    """A temporary folder that lives as long as this process; those of killed ones are removed.

    A lock in each, held until its process ends, tells them apart.
    """
    parent = Path(tempfile.gettempdir())
    for folder in parent.glob(f"{prefix}*"):
        with suppress(OSError):
            if _is_abandoned(folder):
                _remove(folder)
    for folder in parent.glob("scaffold-*"):
        if _UNLOCKED.fullmatch(folder.name):
            remove_if_older(folder, _LONGEST_RUN)
    folder = Path(tempfile.mkdtemp(prefix=prefix))
    lock = (folder / _LOCK).open("w")
    hold(lock)
    atexit.register(_remove, folder)
    atexit.register(lock.close)  # before: the last that is registered is the first that is done
    return folder


def remove_file(root: Path, path: str) -> None:
    """Delete a file below a folder, and the folders around it that hold nothing then."""
    (root / path).unlink(missing_ok=True)
    for folder in Path(path).parents[:-1]:
        with suppress(OSError):
            (root / folder).rmdir()


def write_whole(path: Path, text: str) -> None:
    """Write a text such that whoever reads the file finds the old one or this, and no part."""
    beside = path.with_name(f".{path.name}.partial")
    beside.write_text(text, encoding="utf-8", newline="\n")
    beside.replace(path)


def remove_if_older(folder: Path, seconds: float) -> None:
    """Remove a folder of ours in which nothing has changed for so long that nobody works there."""
    with suppress(OSError):
        newest = max(path.stat().st_mtime for path in (folder, *folder.iterdir()))
        mine = os.name == "nt" or folder.stat().st_uid == os.getuid()
        if mine and not folder.is_symlink() and time.time() - newest > seconds:
            _remove(folder)


def _remove(hidden: Path) -> None:
    """Delete a folder; a child process that was just stopped may still write a last file."""
    for pause in (0.0, 0.05, 0.2, 0.5):
        time.sleep(pause)
        shutil.rmtree(hidden, ignore_errors=True)
        if not hidden.exists():
            return
    from scaffold.git import remove_tree  # knows git's read-only objects on Windows

    with suppress(OSError):
        remove_tree(hidden)
