"""Bodies of functions between two comments, which a practice project leaves to its author.

    def median(values):
        \"\"\"The middle value.\"\"\"
        # practice: median
        return sorted(values)[len(values) // 2]
        # practice: end

Templates stay Python that runs. A rendering holds neither comment: a plain one keeps what stands
between them, one for practice raises NotImplementedError in its place.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

MARK = b"# practice: "
END = "end"
_MARKER = re.compile(r"^([ \t]*)# practice: (\S+)[ \t]*$")


class UnbalancedMarkers(ValueError):
    """A pair of markers that does not close; the line is counted from 1."""

    def __init__(self, line: int, words: str) -> None:
        super().__init__(words)
        self.line = line


@dataclass(frozen=True)
class Body:
    """What stands between two markers: lines from `first` up to `last`, both counted from 1."""

    name: str
    indentation: str
    first: int
    last: int
    lines: tuple[str, ...]

    @property
    def text(self) -> str:
        return "".join(self.lines)


def found_in(text: str) -> Iterator[Body]:
    """The marked bodies of a file, in order; UnbalancedMarkers where a pair does not close."""
    begun: tuple[int, str, str] | None = None
    lines = _lines(text)
    for number, line in enumerate(lines, 1):
        marker = _MARKER.match(line.rstrip("\r\n"))
        if not marker:
            continue
        indentation, name = marker.groups()
        if name != END:
            if begun:
                raise UnbalancedMarkers(number, f"{begun[1]!r} is not closed before this")
            begun = number, name, indentation
        elif not begun:
            raise UnbalancedMarkers(number, "nothing is open that this could close")
        else:
            first, opened, outer = begun
            if outer != indentation or number == first + 1:
                raise UnbalancedMarkers(number, f"{opened!r} encloses no body of one indentation")
            yield Body(opened, outer, first + 1, number - 1, tuple(lines[first : number - 1]))
            begun = None
    if begun:
        raise UnbalancedMarkers(begun[0], f"{begun[1]!r} is never closed")


def without(found: Sequence[Body], data: bytes, taken_out: Collection[str] = ()) -> bytes:
    """A file without a trace of its markers, and without the bodies that are taken out."""
    lines = _lines(data.decode(errors="surrogateescape"))
    for body in reversed(found):
        kept = [missing(body.name, body.indentation)] if body.name in taken_out else body.lines
        lines[body.first - 2 : body.last + 1] = kept
    return "".join(lines).encode(errors="surrogateescape")


def missing(name: str, indentation: str) -> str:
    """The line that stands where a body was."""
    return f'{indentation}raise NotImplementedError("{name}: yours to write")\n'


def _lines(text: str) -> list[str]:
    """Lines with their ends, as Python counts them."""
    return re.findall(r"[^\n]*\n|[^\n]+", text)
