"""What is too long to run whole each day runs by turns; without the variables all of it does.

TURN=1/3 takes the second, fifth, eighth ... of what is to be run. DAY=331 takes one template: the
331st, counting round and round.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TypeVar

Case = TypeVar("Case")


def turn(cases: Sequence[Case]) -> list[Case]:
    """Those whose turn it is."""
    this, turns = map(int, os.environ.get("TURN", "0/1").split("/"))
    return list(cases[this::turns])


def of_the_day(cases: Sequence[Case], ahead: int = 0) -> list[Case]:
    """The day's one; `ahead` days before its own day, so that two checks take different ones."""
    if "DAY" not in os.environ:
        return list(cases)
    return [cases[(int(os.environ["DAY"]) + ahead) % len(cases)]]
