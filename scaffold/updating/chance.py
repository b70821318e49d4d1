"""What a template makes by chance (passwords, keys, dates), told from what it changed on purpose.

Two renderings of one version with the same answers differ where chance had a hand. An update keeps
what the author has in these places, line by line, and takes the template's changes around them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import groupby

from scaffold.engines import Source
from scaffold.git import Repository
from scaffold.project import STATE_FILE
from scaffold.updating import pristine
from scaffold.updating.pristine import Entry

_NO_LINES = {pristine.LINK, "120000"}  # a submodule, a symbolic link
_UP_TO_VALUE = re.compile(r".*[\s=:\"'(,\[{<>/@|;]", re.DOTALL)
_BEHIND_VALUE = re.compile(r"[\s=:\"')\]},<>/@|;].*", re.DOTALL)
# What can be chance in a template that runs no code: filters and globals of Jinja, of copier and of
# cookiecutter, and the folders that they work in. A word too many costs one more rendering.
_WORDS = re.compile(
    rb"random|shuffle|lipsum|uuid|secret|password_hash|strftime|\bnow\b|_output_dir|_repo_dir"
    rb"|_copier_conf\.(?!answers_file)"
)
_NAME = re.compile(r"\w")

Lines = list[str]
Span = tuple[int, int]


@dataclass(frozen=True)
class Kept:
    """A tree with the author's values in it, and what the author should know about that."""

    tree: str
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Spot:
    """Lines that chance made: where in the one text, where in its twin, and their frame."""

    here: Span
    there: Span
    frame: tuple[str, str] = ("", "")  # of a line that names its value: what surrounds it


@dataclass(frozen=True)
class _Found:
    """Where the spots of a text stand in a third text."""

    places: tuple[tuple[_Spot, Span], ...] = ()
    lost: tuple[str, ...] = ()  # names of values that have no place there
    unclear: bool = False  # lines without a name, amid others that changed


def may_play_a_part(source: Source) -> bool:
    """Whether two renderings of a template can differ; the catalogue's engine leaves no room."""
    if source.kind.ours:
        return False
    if source.trusted and len(source.left_out) < len(source.code):
        return True  # code runs; Jinja extensions do always
    files = (path for path in source.folder.rglob("*") if ".git" not in path.parts)
    return any(
        _WORDS.search(path.name.encode(errors="surrogateescape"))
        or (path.is_file() and _WORDS.search(path.read_bytes()))
        for path in files
    )


def keep(
    repository: Repository, new: str, base: str, again: str, given: Sequence[str] = ()
) -> Kept:
    """`new` with what `base` has where `again`, a rendering of the same version, has otherwise.

    Values in `given` were given on purpose just now: they are no chance.
    """
    before, second, after = (pristine.entries(repository, tree) for tree in (base, again, new))
    put: list[Entry] = []
    notes: list[str] = []
    for path, own in before.items():
        twin, there = second.get(path), after.get(path)
        if path == STATE_FILE or own in {twin, there} or (twin is not None and there is None):
            continue  # the same each time, or gone from the new version
        texts = [_lines(repository, entry) for entry in (twin, own, there)]
        if twin is None or there is None or None in texts:
            put.append(own)
            continue
        rendered, kept, target = (text or [] for text in texts)
        found = _find(rendered, _spots(rendered, kept, given), target)
        if found.unclear:
            put.append(own)
            notes.append(f"{path} is left as it was: too much changed around its random values.")
            continue
        notes += [f"{path}: your {name} has no place in the new version." for name in found.lost]
        changes = [
            (place, _grafted(spot.frame, kept[slice(*spot.there)], target[slice(*place)]))
            for spot, place in found.places
        ]
        put.append(_written(repository, there, target, changes))
    return Kept(_put(repository, new, put), tuple(notes))


def recall(repository: Repository, made: str, twin: str, source: str) -> Kept:
    """`made` with what `source` has where `twin`, a second rendering of the kind, has otherwise."""
    first, second, other = (pristine.entries(repository, tree) for tree in (made, twin, source))
    put: list[Entry] = []
    for path, own in first.items():
        beside, there = second.get(path), other.get(path)
        if beside == own or beside is None or there is None:
            continue
        texts = [_lines(repository, entry) for entry in (own, beside, there)]
        rendered, again, kept = (text or [] for text in texts)
        found = _find(rendered, _spots(rendered, again), kept)
        if None in texts or found.unclear:
            put.append(there)
            continue
        changes = [(spot.here, kept[slice(*place)]) for spot, place in found.places]
        put.append(_written(repository, own, rendered, changes))
    return Kept(_put(repository, made, put))


def _spots(text: Lines, twin: Lines, given: Sequence[str] = ()) -> list[_Spot]:
    """Where two renderings differ: a spot for each line that names its value, one for a block."""
    spots: list[_Spot] = []
    for start, end, first, last in _differences(text, twin):
        if end - start != last - first:
            spots.append(_Spot((start, end), (first, last)))
            continue
        frames = [_frame(*pair) for pair in zip(text[start:end], twin[first:last], strict=True)]
        at = 0
        for named, group in groupby(frames, key=lambda frame: bool(_NAME.search(frame[0]))):
            own = list(group)
            steps = [(n, n + 1) for n in range(len(own))] if named else [(0, len(own))]
            spots += [
                _Spot(
                    (start + at + a, start + at + b),
                    (first + at + a, first + at + b),
                    own[a] if named else ("", ""),
                )
                for a, b in steps
            ]
            at += len(own)
    return [
        spot
        for spot in spots
        if not any(value in line for value in given for line in text[slice(*spot.here)])
    ]


def _find(text: Lines, spots: Sequence[_Spot], other: Lines) -> _Found:
    """Find the spots of a text in another text, which may have changed around them."""
    regions = _differences(text, other, equal=True)
    fresh = [n for _, _, *span in _differences(text, other) for n in range(*span)]
    taken: set[int] = set()
    places: list[tuple[_Spot, Span]] = []
    lost: list[str] = []
    for spot in spots:
        around = (region for region in regions if region[0] <= spot.here[0] < region[1])
        start, end, first, last = next(around, (0, 0, 0, 0))
        if not spot.frame[0]:
            if first == last:
                continue  # the template took the lines out
            varies = _length(spot.here) != _length(spot.there)
            if (start, end) != spot.here or not (varies or last - first == end - start):
                return _Found(unclear=True)
            places.append((spot, (first, last)))
            continue
        free = [n for n in (*range(first, last), *fresh) if n not in taken]
        at = next((n for n in free if _fits(spot.frame, other[n])), None)
        if at is None:  # the template changed what stands behind the value
            at = next((n for n in free if other[n].startswith(spot.frame[0])), None)
        if at is None:
            lost.append(spot.frame[0].strip(" \t\"'=:({[,"))
            continue
        taken.add(at)
        places.append((spot, (at, at + 1)))
    return _Found(tuple(places), tuple(lost))


def _differences(one: Lines, two: Lines, *, equal: bool = False) -> list[tuple[int, ...]]:
    """The spans in which two texts differ; with `equal` the equal lines too, one by one."""
    spans: list[tuple[int, ...]] = []
    matcher = SequenceMatcher(None, one, two, autojunk=False)
    for kind, start, end, first, last in matcher.get_opcodes():
        if kind != "equal":
            spans.append((start, end, first, last))
        elif equal:
            spans += [
                (start + n, start + n + 1, first + n, first + n + 1) for n in range(end - start)
            ]
    return spans


def _length(span: Span) -> int:
    return span[1] - span[0]


def _frame(one: str, two: str) -> tuple[str, str]:
    """What stands before and behind the value in two lines that differ in it alone.

    Two values may begin or end alike, so a frame ends where a value can begin: at a sign or space.
    """
    short = min(len(one), len(two))
    same = next((n for n in range(short) if one[n] != two[n]), short)
    before = _UP_TO_VALUE.match(one[:same])
    start = before[0] if before else ""
    room = short - len(start)
    tail = next((n for n in range(room) if one[-1 - n] != two[-1 - n]), room)
    behind = _BEHIND_VALUE.search(one, len(one) - tail)
    return start, behind[0] if behind else ""


def _fits(frame: tuple[str, str], line: str) -> bool:
    start, end = frame
    return len(line) >= len(start) + len(end) and line.startswith(start) and line.endswith(end)


def _grafted(frame: tuple[str, str], kept: Lines, lines: Lines) -> Lines:
    """The kept value in a line that the template may have changed behind it."""
    start, end = frame
    if not start or (end.strip() and lines[0].endswith(end)):
        return kept
    value, rest = kept[0][len(start) : len(kept[0]) - len(end)], lines[0][len(start) :]
    stop = rest.find(end[0]) if end.strip() else -1
    if not end.strip() and not re.search(r"\s", value):
        space = re.search(r"\s", rest)
        stop = space.start() if space else len(rest)
    return kept if stop < 0 else [start + value + rest[stop:]]


def _lines(repository: Repository, entry: Entry | None) -> Lines | None:
    """The lines of a file; None where it has none, or there is no such file."""
    if entry is None or entry.mode in _NO_LINES:
        return None
    text = repository.text(entry.id) or ""
    return None if "\0" in text else re.findall(r"[^\n]*\n|[^\n]+", text)


def _written(
    repository: Repository, entry: Entry, lines: Lines, changes: Sequence[tuple[Span, Lines]]
) -> Entry:
    """A file with some of its lines changed."""
    result = list(lines)
    for (start, end), instead in sorted(changes, reverse=True):
        result[start:end] = instead
    return pristine.stored(repository, entry.mode, entry.path, "".join(result))


def _put(repository: Repository, tree: str, entries: Sequence[Entry]) -> str:
    if not entries:
        return repository.tree_of(tree)
    with pristine.scratch_index(repository, tree) as index:
        index.put(entries)
        return index.write_tree()
