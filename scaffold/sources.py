"""SOURCE, as one writes it on the command line, to the template that it means."""

from __future__ import annotations

from scaffold import catalogue
from scaffold.engines import Source
from scaffold.errors import UsageError


def resolve(text: str, ref: str = "") -> Source:
    """The source that a text names; an unknown one is an error with the nearest names."""
    source = catalogue.source(text)
    if ref:
        raise UsageError(
            f"{text} comes with this version of scaffold ({source.version}); --ref has no meaning.",
            "Leave --ref out; another version of scaffold brings other versions of its templates.",
        )
    return source
