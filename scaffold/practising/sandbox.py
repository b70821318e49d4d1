"""Boxes for code of strangers: under bubblewrap where the system has it, else limits alone."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from scaffold.practising.examination import Box, Limits

NOBODY = 65534
_INSIDE = "/project"
_SYSTEM = ("/usr", "/bin", "/lib", "/lib64", "/etc/ld.so.cache", "/etc/alternatives")
_KEPT = ("SYSTEMROOT", "SYSTEMDRIVE", "COMSPEC", "PATHEXT")  # Windows starts nothing without them


@dataclass(frozen=True)
class Isolation:
    """What keeps the code of strangers from the rest of the machine."""

    bubblewrap: str = ""  # the program, where it is there and works
    why_not: str = ""

    def __str__(self) -> str:
        if self.bubblewrap:
            return "bubblewrap: no network, no files but the project's, which it cannot change"
        if os.name == "nt":
            return f"a limit on time only ({self.why_not}); it can read and write what you can"
        return (
            f"limits on time and memory only ({self.why_not}); it can read and write what you can"
        )

    def box(self, folder: Path, python: Path, limits: Limits, home: Path) -> Box:
        """A box around a folder; its process may write nowhere else but to a home of its own."""
        if not self.bubblewrap:
            return Box(folder, (str(python),), _environment(python, home), limits)
        command = (*self.wrapped(folder, python, limits), str(python))
        environment = _environment(python, Path("/tmp"))  # noqa: S108 - the box's own
        return Box(folder, command, environment, limits, _INSIDE, NOBODY if _is_root() else 0)

    def wrapped(self, folder: Path, python: Path, limits: Limits) -> list[str]:
        """The command that puts another one into a box."""
        words = [self.bubblewrap, "--unshare-ipc", "--unshare-pid", "--unshare-net"]
        words += ["--unshare-uts", "--unshare-cgroup-try", "--die-with-parent", "--new-session"]
        if _is_root():  # who then becomes nobody: a number of processes is limited for others only
            words += ["--cap-drop", "ALL", "--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID"]
        else:
            words += ["--unshare-user"]
        words += ["--perms", "1777", "--size", str((limits.memory or 1000) * 500_000)]
        words += ["--tmpfs", "/tmp"]  # noqa: S108 - the box's own
        environment = python.parent.parent
        readable = list(dict.fromkeys([*_SYSTEM, *_interpreter(python), str(environment)]))
        for above in sorted({str(one) for place in readable for one in Path(place).parents}):
            if above in {"/", "/tmp"}:  # noqa: S108 - the box's own
                continue
            words += ["--perms", "0755", "--dir", above]  # else for the one who made the box only
        for place in readable:
            words += ["--ro-bind-try", place, place]
        words += ["--proc", "/proc", "--dev", "/dev", "--ro-bind", str(folder), _INSIDE]
        return [*words, "--remount-ro", "/dev", "--remount-ro", "/", "--chdir", _INSIDE]


@cache
def isolation() -> Isolation:
    """The best that this machine has, tried once."""
    program = shutil.which("bwrap")
    if not program:
        install = "apt install bubblewrap" if sys.platform == "linux" else "only Linux has it"
        return Isolation(why_not=f"bubblewrap is not there: {install}")
    nothing = Isolation(program)
    words = nothing.wrapped(Path("/usr"), Path(sys.executable), Limits())
    tried = subprocess.run([*words, "/bin/true"], capture_output=True, text=True, check=False)
    if tried.returncode:
        said = tried.stderr.strip().rpartition("\n")[2] or f"exit code {tried.returncode}"
        return Isolation(why_not=f"bubblewrap does not work here: {said}")
    return nothing


def _is_root() -> bool:
    return hasattr(os, "getuid") and os.getuid() == 0


def _interpreter(python: Path) -> Sequence[str]:
    """The folders of the Python that an environment was made with."""
    target = Path(os.path.realpath(python))
    return [str(target.parent.parent)] if target.parent.name == "bin" else [str(target.parent)]


def _environment(python: Path, home: Path) -> dict[str, str]:
    """Nothing of the teacher's own variables: no tokens, no settings."""
    kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
    threads = {f"{library}_NUM_THREADS": "1" for library in ("OMP", "OPENBLAS", "MKL")}
    return {
        **kept,
        **threads,
        "PATH": os.pathsep.join([str(python.parent), os.defpath]),
        "HOME": str(home),
        "USERPROFILE": str(home),
        "TMPDIR": str(home),
        "TEMP": str(home),
        "LANG": "C.UTF-8",
        "MPLBACKEND": "Agg",
        "PYTHONDONTWRITEBYTECODE": "1",
    }
