"""With `pytest -n 2 --dist loadgroup` the tests of one template run in one process, on one
environment: a group is the template that a test's parameters begin with, else its file.

pytest-xdist's own groups, by a mark, reach no scheduler under pytest 9.2, which keeps its own ids.
"""

from __future__ import annotations

from xdist.scheduler import LoadScopeScheduling  # type: ignore[import-untyped]

from scaffold import catalogue


class ByTemplate(LoadScopeScheduling):  # type: ignore[misc]
    """Hands out the tests of one group at once."""

    def _split_scope(self, nodeid: str) -> str:
        return group(nodeid)


def group(nodeid: str) -> str:
    """The template of a test, as its id begins with it in brackets; without one, its file."""
    file, _, case = nodeid.partition("[")
    named = (name for name in catalogue.names() if case.startswith(name))
    return max(named, key=len, default=file.split("::")[0])
