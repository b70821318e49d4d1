"""What a rendering may hold: no repository in the repository, under any name that git knows it by.

Git runs programs that a repository's own configuration names (`core.fsmonitor`, hooks, filters), so
a folder that git takes for one is code, whoever wrote it and however it is spelt.
"""

from __future__ import annotations

import json
import os
import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from scaffold.errors import TemplateError

_BARE = {"HEAD", "objects", "refs"}  # what makes git take a folder for a bare repository
_BINARY_PROBE = 8192


def reads_as_git(path: str) -> bool:
    """Whether git takes a part of a path for `.git` on some system.

    NTFS drops dots and spaces at the end, knows streams after a colon and short names like
    `GIT~1`; HFS+ drops characters that nobody sees; most systems do not tell capitals apart.
    """
    visible = "".join(sign for sign in path if unicodedata.category(sign) != "Cf")
    names = (part.partition(":")[0].rstrip(". ").lower() for part in re.split(r"[/\\]", visible))
    return any(name == ".git" or re.fullmatch(r"git~\d+", name) for name in names)


def refuse_repositories(
    folder: Path,
    template: str,
    *,
    own: bool = False,
    ignored: Callable[[Path, Sequence[str]], set[str]] | None = None,
) -> None:
    """Refuse a rendering in which git would find a repository; nothing in it is run or followed.

    `own`: one at the top is meant, the template's code made it. `ignored`: says which paths the
    rendering's own .gitignore leaves out; what stands there (an environment) is never committed.
    """
    found = dict(_repositories(folder, own=own))
    if found and ignored:
        for path in ignored(folder, sorted(found)):
            found.pop(path, None)
    for path, reason in sorted(found.items()):
        raise TemplateError(
            f"{template} makes {path!r}, {reason}; nothing was written.",
            "A project may hold no second repository: git runs programs that its settings name. "
            "Tell the template's authors.",
        )


def _repositories(folder: Path, *, own: bool) -> Iterator[tuple[str, str]]:
    for here, folders, files in os.walk(folder):
        at_top = Path(here) == folder
        if at_top and own and ".git" in folders and not (folder / ".git").is_symlink():
            folders.remove(".git")
        for name in (*folders, *files):
            place = Path(here, name)
            path = place.relative_to(folder).as_posix()
            if reads_as_git(name):
                yield path, "which git would read as a repository of its own"
            elif place.is_symlink() and reads_as_git(str(place.readlink())):
                yield path, "a link into a repository's own folder"
        if {*folders, *files} >= _BARE:
            path = Path(here).relative_to(folder).as_posix()
            yield f"{path}/HEAD", "which makes its folder a bare repository"
        folders[:] = [name for name in folders if not reads_as_git(name)]


def files_below(folder: Path) -> tuple[str, ...]:
    """Every file and link in a folder, sorted, with `/` between the parts."""
    found = (path for path in folder.rglob("*") if path.is_symlink() or path.is_file())
    return tuple(sorted(path.relative_to(folder).as_posix() for path in found))


def put_real_paths(folder: Path, files: Sequence[str], real: Mapping[Path, str]) -> None:
    """In text files, put other paths in place of those that a rendering happened to have.

    A template may write down where it was rendered; a temporary folder means nothing later, and
    differs in each rendering.
    """
    words = {
        spelt.encode(): _spelt_alike(spelt, path, text).encode()
        for path, text in real.items()
        for spelt in _spellings(path)
    }
    if not words:
        return
    any_of = re.compile(b"|".join(map(re.escape, sorted(words, key=len, reverse=True))))
    for name in files:
        place = folder / name
        if place.is_symlink() or not place.is_file():
            continue
        data = place.read_bytes()
        if b"\0" not in data[:_BINARY_PROBE] and any_of.search(data):
            place.write_bytes(any_of.sub(lambda found: words[found[0]], data))


def _spellings(path: Path) -> set[str]:
    """A path as programs write it down, in JSON and with links resolved too."""
    forms = {form for place in (path, path.resolve()) for form in (str(place), place.as_posix())}
    return forms | {json.dumps(form, ensure_ascii=False)[1:-1] for form in forms}


def _spelt_alike(spelt: str, path: Path, text: str) -> str:
    if "\\\\" in spelt:
        return json.dumps(text, ensure_ascii=False)[1:-1]
    return text if spelt in {str(path), str(path.resolve())} else text.replace("\\", "/")
