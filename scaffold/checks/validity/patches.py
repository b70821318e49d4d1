"""Patches to look at: unified diffs for the plain forms of a fault, empty where it is not plain."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping, Sequence

from scaffold.checks.validity.sources import Place, Source
from scaffold.checks.validity.values import Mark

ASSIGNED = re.compile(
    r"^(?P<indent>\s*)\w+(?:\s*,\s*\w+)?\s*=\s*(?P<tool>[\w.()]+?)"
    r"\.(?P<verb>fit_transform|fit_resample)\(.*\)\s*$"
)
PARTS = re.compile(r"^\s*(?P<train>\w+)\s*,\s*(?P<test>\w+)(?:\s*,\s*(?P<labels>\w+))?")


def behind(mark: Mark, split: Place, sources: Mapping[str, Source]) -> str:
    """For `X = scaler.fit_transform(X)` before a split in one file: the same, behind the split."""
    source = sources.get(mark.place.path)
    if source is None or split.path != mark.place.path:
        return ""
    first, cut = _line(source, mark.place), _line(source, split)
    done, parted = ASSIGNED.match(source.lines[first]), PARTS.match(source.lines[cut])
    if not done or not parted or cut <= first:
        return ""
    tool, train, test = f"{done['indent']}{{}} = {done['tool']}", parted["train"], parted["test"]
    if done["verb"] == "fit_transform":
        more = [
            f"{tool.format(train)}.fit_transform({train})",
            f"{tool.format(test)}.transform({test})",
        ]
    else:
        both = f"{train}, {parted['labels'] or 'y_train'}"
        more = [f"{tool.format(both)}.fit_resample({both})"]
    end = _end(source, cut)
    lines = source.lines
    after = [*lines[:first], *lines[first + 1 : end], *more, *lines[end:]]
    return _diff(source, after)


def transform_only(place: Place, sources: Mapping[str, Source]) -> str:
    """`fit_transform` on test rows becomes `transform`."""
    source = sources.get(place.path)
    if source is None:
        return ""
    number = _line(source, place)
    changed = source.lines[number].replace(".fit_transform(", ".transform(")
    return _diff(source, [*source.lines[:number], changed, *source.lines[number + 1 :]])


def seeded(place: Place, sources: Mapping[str, Source]) -> str:
    """`random_state=0` for a split that stands on one line."""
    source = sources.get(place.path)
    if source is None:
        return ""
    number = _line(source, place)
    line = source.lines[number].rstrip()
    if "train_test_split(" not in line or not line.endswith(")"):
        return ""
    changed = f"{line[:-1]}, random_state=0)"
    return _diff(source, [*source.lines[:number], changed, *source.lines[number + 1 :]])


def _end(source: Source, start: int) -> int:
    """The line behind a statement that begins at `start`."""
    opened = 0
    for number in range(start, len(source.lines)):
        opened += source.lines[number].count("(") - source.lines[number].count(")")
        if opened <= 0:
            return number + 1
    return len(source.lines)


def _line(source: Source, place: Place) -> int:
    """The index of a place in the parsed text."""
    if place.cell is None:
        return place.line - 1
    return source.cells.index((place.cell, place.line))


def _diff(source: Source, after: Sequence[str]) -> str:
    if list(source.lines) == list(after):
        return ""
    lines = difflib.unified_diff(
        source.lines, after, f"a/{source.path}", f"b/{source.path}", lineterm="", n=1
    )
    return "\n".join(lines)
