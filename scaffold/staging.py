"""Folders that leave nothing behind: one that is moved into place last, one for passing work."""

from __future__ import annotations

import atexit
import os
import re
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import IO

from scaffold.errors import DestinationRefused

_MARK = ".scaffold-new-"
_LOCK = "lock"

# Temporary folders without a lock, of earlier releases and of other people's engines: by age.
_UNLOCKED = re.compile(r"scaffold-((index|objects|check)-)?[a-z0-9_]{8}")
_LONGEST_RUN = 24 * 3600


def check_destination(dest: Path) -> None:
    """Refuse a destination that holds something, is no folder, or lies where nobody may write."""
    if dest.is_symlink() or (dest.exists() and not dest.is_dir()):
        raise DestinationRefused(f"{dest} exists and is not a folder.", "Give another DEST.")
    if dest.is_dir() and any(dest.iterdir()):
        raise DestinationRefused(
            f"{dest} exists and is not empty; nothing was written.", "Give another DEST."
        )
    parent = _nearest_folder(dest)
    if not parent.is_dir() or not os.access(parent, os.W_OK | os.X_OK):
        raise DestinationRefused(f"{parent} is no folder you may write to.", "Give another DEST.")


@contextmanager
def staged(dest: Path) -> Iterator[Path]:
    """An empty folder on the destination's file system that becomes the destination at the end.

    An error leaves nothing; a kill leaves at most a hidden folder, which the next call removes.
    """
    with beside(dest) as hidden:
        folder = hidden / dest.name
        folder.mkdir()  # not the one of mkdtemp, which nobody else may read
        yield folder
        _move(folder, dest)


@contextmanager
def beside(dest: Path) -> Iterator[Path]:
    """A hidden folder on the destination's file system for what is to be moved there.

    It goes at the end; one that a kill leaves goes with the next call.
    """
    parent = _nearest_folder(dest)
    _remove_abandoned(parent)
    hidden = Path(tempfile.mkdtemp(prefix=_MARK, dir=parent))
    try:
        with (hidden / _LOCK).open("w") as lock:
            hold(lock)
            yield hidden
    finally:
        _remove(hidden)


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


def _remove_abandoned(parent: Path) -> None:
    """Remove what a killed run left behind, but nothing that another run still works in."""
    for hidden in parent.glob(f"{_MARK}*"):
        with suppress(OSError):
            if _is_abandoned(hidden):
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
    atexit.register(_close, lock, folder)
    return folder


def _close(lock: IO[str], folder: Path) -> None:
    lock.close()
    _remove(folder)


def remove_if_older(folder: Path, seconds: float) -> None:
    """Remove a folder of ours in which nothing has changed for so long that nobody works there."""
    with suppress(OSError):
        newest = max(path.stat().st_mtime for path in (folder, *folder.iterdir()))
        mine = os.name == "nt" or folder.stat().st_uid == os.getuid()
        if mine and not folder.is_symlink() and time.time() - newest > seconds:
            _remove(folder)


def hold(lock: IO[str]) -> bool:
    """Lock an open file until it is closed or its process dies; False if somebody else holds it."""
    try:
        if os.name == "nt":
            import msvcrt

            msvcrt.locking(lock.fileno(), msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined, unused-ignore]
        else:
            import fcntl

            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


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
