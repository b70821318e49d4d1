"""Repositories that somebody else may have written: their settings can name programs to run.

Two answers. To read one, `seal` makes a git directory of our own that borrows its objects and
holds copies of its refs and index: its configuration is never opened, so there is nothing to run.
To write to one, `silenced` overrides each of its settings that would run a program.

A project that this user made here is trusted: `new` leaves a random word inside `.git` and notes
the word's digest beside the folder's path where this platform keeps settings. Neither a clone nor
another folder has both, so no project can claim it by what it brings along.
"""

from __future__ import annotations

import hashlib
import os
import re
import secrets
import shutil
import stat
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from scaffold import remembered
from scaffold.errors import GitError

PROTOCOLS = "file:git:http:https:ssh"
MOST_REFS = 50_000
_COPIED = ("HEAD", "index", "packed-refs", "shallow", "info/exclude")
_SMALL = 4096

# -- to read -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Place:
    """Where a repository keeps its things: its own, and those that linked work trees share."""

    own: Path
    common: Path


def place_of(root: Path) -> Place:
    """The git directory of a work tree, found without asking git; GitError where there is none."""
    dot = root / ".git"
    own = dot
    if dot.is_file():
        pointer = _text(dot)
        if not pointer.startswith("gitdir:"):
            raise GitError(f"{root} is not a git repository: its .git is an ordinary file.")
        own = root / pointer.removeprefix("gitdir:").strip()
    elif not dot.exists():
        if is_bare(root):
            raise GitError(
                f"{root} is a bare repository: it has a history and no files.",
                "Clone it, and look at the clone: git clone FOLDER",
            )
        raise GitError(f"{root} is not a git repository.")
    shared = _text(own / "commondir").strip()
    common = own / shared if shared else own
    if not (own / "HEAD").exists() or not (common / "objects").is_dir():
        raise GitError(f"{root} is not a git repository: {own.name} is not complete.")
    return Place(own.resolve(), common.resolve())


def is_bare(root: Path) -> bool:
    """Whether a folder is itself what `.git` is elsewhere."""
    return all((root / name).exists() for name in ("HEAD", "objects", "refs"))


def seal(root: Path, into: Path, excludes: str = "") -> dict[str, str]:
    """Make a git directory in an empty folder that shows a repository; returns the environment.

    `excludes` is this user's own list of what git ignores. Nothing in the repository is written.
    """
    place = place_of(root)
    for name in _COPIED:
        source = place.common if name in {"packed-refs", "shallow", "info/exclude"} else place.own
        _copy(source / name, into / name)
    for name in ("refs", "reftable"):
        for path in _files_below(place.common / name):
            _copy(path, into / path.relative_to(place.common))
    for path in place.own.glob("sharedindex.*"):
        _copy(path, into / path.name)
    (into / "refs").mkdir(exist_ok=True)
    info = into / "objects" / "info"
    info.mkdir(parents=True)
    objects = (place.common / "objects").as_posix().replace("\\", "\\\\").replace('"', '\\"')
    (info / "alternates").write_text(f'"{objects}"\n', encoding="utf-8", newline="\n")
    (into / "nothing").touch()
    (into / "config").write_text(_settings(place, excludes), encoding="utf-8", newline="\n")
    return {
        "GIT_DIR": str(into),
        "GIT_WORK_TREE": str(root),
        "GIT_CONFIG_GLOBAL": str(into / "nothing"),
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_COUNT": "0",
        "GIT_CONFIG_PARAMETERS": "",
        "GIT_ATTR_NOSYSTEM": "1",
        "GIT_OPTIONAL_LOCKS": "0",
        "GIT_NO_REPLACE_OBJECTS": "1",
        "GIT_NO_LAZY_FETCH": "1",
        "GIT_ALLOW_PROTOCOL": "",
    }


def addresses(root: Path) -> dict[str, str]:
    """The addresses of a repository's remotes as its own file says them; nothing is included."""
    text = _text(place_of(root).common / "config", 1_000_000)
    found: dict[str, str] = {}
    remote = ""
    for line in map(str.strip, text.splitlines()):
        if line.startswith("["):
            section = re.match(r'\[remote "([^"]*)"\]', line)
            remote = section[1] if section else ""
        elif remote and (match := re.match(r'url\s*=\s*"?([^"]*)"?$', line)):
            found.setdefault(remote, match[1])
    return found


def _settings(place: Place, excludes: str) -> str:
    """The configuration of the sealed repository: what the format of its objects asks for."""
    theirs = _text(place.common / "config", 1_000_000)
    extensions = [
        f"\t{name} = {match[1]}\n"
        for name in ("objectFormat", "refStorage")
        if (match := re.search(rf"^\s*{name}\s*=\s*(\w+)\s*$", theirs, re.M | re.I))
    ]
    folds = sys.platform in {"win32", "darwin"}
    lines = [
        "[core]\n",
        f"\trepositoryFormatVersion = {int(bool(extensions))}\n",
        "\tbare = false\n",
        f"\tfileMode = {str(os.name != 'nt').lower()}\n",
        f"\tsymlinks = {str(os.name != 'nt').lower()}\n",
        f"\tignoreCase = {str(folds).lower()}\n",
        f"\tprecomposeUnicode = {str(sys.platform == 'darwin').lower()}\n",
    ]
    if excludes:
        quoted = excludes.replace("\\", "\\\\").replace('"', '\\"')
        lines.append(f'\texcludesFile = "{quoted}"\n')
    return "".join([*lines, *(["[extensions]\n"] if extensions else []), *extensions])


def _copy(source: Path, target: Path) -> None:
    """Copy an ordinary file with its times (git compares them); anything else is left out."""
    with suppress(OSError):
        if stat.S_ISREG(source.lstat().st_mode):
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, target)


def _files_below(folder: Path) -> Iterator[Path]:
    count = 0
    for here, _, names in os.walk(folder):
        for name in names:
            count += 1
            if count > MOST_REFS:
                raise GitError(f"{folder} holds more than {MOST_REFS:,} refs.", "git pack-refs")
            yield Path(here, name)


def _text(path: Path, most: int = _SMALL) -> str:
    """The beginning of an ordinary file; empty where there is none."""
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            return ""
        with path.open("rb") as stream:
            return stream.read(most).decode("utf-8", errors="replace")
    except OSError:
        return ""


# -- to write ------------------------------------------------------------------------------------

# Settings that make git run a program, and the value that makes it run none, or its own.
_RUNS: tuple[tuple[str, str], ...] = (
    (r"core\.fsmonitor", "false"),
    (r"core\.hookspath", os.devnull),
    (r"core\.sshcommand", "ssh"),
    (r"core\.gitproxy", "none"),
    (r"core\.(askpass|alternaterefscommand)", ""),
    (r"core\.(pager|editor)|sequence\.editor|pager\..+", "false"),
    (r"filter\..+\.(clean|smudge|process)", ""),
    (r"filter\..+\.required", "false"),
    (r"diff\.(.+\.)?(command|textconv)|diff\.external", "true"),
    (r"merge\..+\.driver", "git merge-file --marker-size=%L %A %O %B"),
    (r"(log\.showsignature|(commit|tag)\.gpgsign)", "false"),
    (r"gpg\.(openpgp\.)?program", "gpg"),
    (r"gpg\.ssh\.program", "ssh-keygen"),
    (r"gpg\.x509\.program", "gpgsm"),
    (r"credential\.(.+\.)?helper", ""),
    (r"remote\..+\.uploadpack", "git-upload-pack"),
    (r"remote\..+\.receivepack", "git-receive-pack"),
    (r"remote\..+\.vcs", "none"),
)
_ALWAYS = {"core.fsmonitor": "false", "core.hooksPath": os.devnull, "log.showSignature": "false"}


def silenced(names: Iterable[str], environment: Mapping[str, str] = os.environ) -> dict[str, str]:
    """The variables that override those of a repository's settings that would run a program."""
    values = dict(_ALWAYS)
    for name in names:
        section, _, rest = name.partition(".")
        middle, dot, last = rest.rpartition(".")
        folded = f"{section.lower()}.{middle}{dot}{last.lower()}"
        for pattern, value in _RUNS:
            if re.fullmatch(pattern, folded, re.DOTALL):
                values[name] = value
    given = environment.get("GIT_CONFIG_COUNT", "")
    first = int(given) if given.isdigit() else 0
    pairs = enumerate(values.items(), first)
    settings = {f"GIT_CONFIG_{what}_{number}": text for number, pair in pairs
                for what, text in zip(("KEY", "VALUE"), pair, strict=True)}  # fmt: skip
    return settings | {
        "GIT_CONFIG_COUNT": str(first + len(values)),
        "GIT_ALLOW_PROTOCOL": PROTOCOLS,
        "GIT_NO_LAZY_FETCH": "1",
    }


# -- made here -----------------------------------------------------------------------------------

_TABLE = "projects"
_HEADER = """\
# Projects that were made on this machine, or that `--trust` was given for: scaffold may run their
# code in `check --deep`, and heeds their git settings. To withdraw it, delete the line.

"""


def store() -> Path:
    """The file that remembers, where this platform keeps settings."""
    return remembered.store("projects.toml")


def is_trusted(root: Path) -> bool:
    """Whether the project at this very place was made here, or trusted with `--trust`."""
    try:
        word = _text(_word_file(root))
    except GitError:
        return False
    return bool(word) and remembered.read(store(), _TABLE).get(str(root.resolve())) == _digest(word)


def trust(root: Path) -> Path:
    """Trust the project at this place from now on; returns the file that says so."""
    word = secrets.token_hex(32)
    file = _word_file(root)
    file.parent.mkdir(exist_ok=True)
    file.write_text(word, encoding="ascii")
    path = store()
    remembered.add(path, _TABLE, str(root.resolve()), _digest(word), header=_HEADER)
    return path


def _word_file(root: Path) -> Path:
    return place_of(root).common / "scaffold" / "made-here"


def _digest(word: str) -> str:
    return hashlib.sha256(word.encode()).hexdigest()
