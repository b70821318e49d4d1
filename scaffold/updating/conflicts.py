"""What became of each file that git could not merge, and the command for each way out of it."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from scaffold.git import Repository
from scaffold.plain import one_line
from scaffold.updating.pristine import LINK, Entry, Merged, entries

_BASE, _YOURS, _TEMPLATE = 1, 2, 3


# Where only one side has something at a path: what happened, by the side that has it.
_WORDS = {
    "yours": {
        "aside": "your file, put aside: the template has something else of that name",
        "kind": "yours, which keeps its name: the template has another kind of file there",
        "here": "you moved it here, the template elsewhere",
        "moved": "you moved it, the template removed it",
        "changed": "you changed it, the template removed it",
    },
    "template": {
        "aside": "the template's file, put aside: you have something else of that name",
        "kind": "the template's, which keeps its name: you have another kind of file there",
        "here": "the template moved it here, you elsewhere",
        "moved": "you removed it, the template moved it",
        "changed": "you removed it, the template changed it",
    },
}


@dataclass(frozen=True)
class Way:
    """One way to settle a conflict."""

    means: str
    command: str


@dataclass(frozen=True)
class Conflict:
    """A path in conflict: which side did what, and every way to settle it."""

    path: str
    what: str
    ways: tuple[Way, ...]


def of(repository: Repository, merged: Merged) -> tuple[Conflict, ...]:
    """The conflicts of a merge, by path."""
    if not merged.stages:
        return ()
    files = entries(repository, merged.tree)
    sides: dict[str, dict[int, Entry]] = {}
    for entry in merged.stages:
        sides.setdefault(entry.path, {})[entry.stage] = entry
    return tuple(
        Conflict(path, *_told(path, found, files.get(path), merged.kinds.get(path, ())))
        for path, found in sorted(sides.items())
    )


def _told(
    path: str, sides: Mapping[int, Entry], here: Entry | None, kinds: Collection[str]
) -> tuple[str, tuple[Way, ...]]:
    """What the sides did to a path, and the ways out; `here` is what lies in the work tree."""
    place = _argument(path)
    if any(entry.mode == LINK for entry in sides.values()):
        return _of_submodule(path, sides)
    if _YOURS in sides and _TEMPLATE in sides:
        return _of_both(place, sides, here)
    if _BASE in sides and len(sides) == 1:
        what = "you moved it to one name, the template to another"
        return what, (Way("the old name goes", f"git rm -- {place}"),)
    keep, drop = f"git add -- {place}", f"git rm -- {place}"
    if _YOURS in sides:
        words, ways = _WORDS["yours"], (Way("keep yours", keep), Way("let it go", drop))
    else:
        words = _WORDS["template"]
        ways = (Way("take the template's", keep), Way("leave it out", drop))
    if path.endswith(("~yours", "~template")):
        how = "aside"
    elif any("distinct" in kind for kind in kinds):
        how = "kind"
    elif _BASE not in sides:
        how = "here"
    else:
        how = "moved" if any("rename" in kind for kind in kinds) else "changed"
    return words[how], ways


def _of_both(
    place: str, sides: Mapping[int, Entry], here: Entry | None
) -> tuple[str, tuple[Way, ...]]:
    verb = "changed" if _BASE in sides else "added"
    yours, theirs = (f"git checkout --{side} -- {place} && git add -- {place}"
                     for side in ("ours", "theirs"))  # fmt: skip
    if here is not None and here.id not in {entry.id for entry in sides.values()}:
        what = f"both {verb} it; its markers show yours, before and the template's"
        first = Way("settle it in the file, then", f"git add -- {place}")
        return what, (first, Way("yours alone", yours), Way("the template's alone", theirs))
    same = sides[_YOURS].id == sides[_TEMPLATE].id
    how = "with another mode each" if same else "and it has no lines to merge; here lies yours"
    return f"both {verb} it, {how}", (Way("yours", yours), Way("the template's", theirs))


def _of_submodule(path: str, sides: Mapping[int, Entry]) -> tuple[str, tuple[Way, ...]]:
    """A submodule is settled in the index: its folder need not be filled for that."""
    ways = []
    for stage, name in ((_YOURS, "yours"), (_TEMPLATE, "the template's")):
        entry = sides.get(stage)
        if entry is not None and entry.mode == LINK:
            fact = _quoted(f"{LINK},{entry.id},{path}")
            ways.append(Way(name, f"git update-index --add --cacheinfo {fact}"))
        elif entry is not None:
            side = "ours" if stage == _YOURS else "theirs"
            place = _argument(path)
            ways.append(Way(name, f"git checkout --{side} -- {place} && git add -- {place}"))
        else:
            drop = f"git rm --quiet --cached -- {_argument(path)}"
            ways.append(Way(f"{name}: without it", drop))
    return "a submodule that the two sides changed differently", tuple(ways)


def _argument(path: str) -> str:
    """A path as git's argument: that very path, whatever letters it has, from any shell."""
    return _quoted(f":(literal){path}" if re.search(r"[*?\[\\]|^:", path) else path)


def _quoted(word: str) -> str:
    if os.name == "nt":
        return subprocess.list2cmdline([word])
    if one_line(word) == word:
        return shlex.quote(word)
    letters = (
        chr(byte) if 32 <= byte < 127 and byte not in b"\\'" else f"\\x{byte:02x}"
        for byte in word.encode(errors="surrogateescape")
    )
    return f"$'{''.join(letters)}'"
