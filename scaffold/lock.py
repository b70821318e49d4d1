"""A lock that no kill leaves behind."""

from __future__ import annotations

import os
from typing import IO


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
