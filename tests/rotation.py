"""What is too long to run whole each day runs by turns.

TURN=1/3 takes the second, fifth, eighth ... of what is to be run; without it all of it is. Whole
templates go by PART in the same way, and those in which mistakes are planted by PLANTED, as both
come round oftener.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TypeVar

Case = TypeVar("Case")


def turn(cases: Sequence[Case], variable: str = "TURN") -> list[Case]:
    """Those whose turn it is."""
    this, turns = map(int, os.environ.get(variable, "0/1").split("/"))
    return list(cases[this::turns])
