"""How far a training has come: by the clock, or by counted steps where it must be repeatable."""

import time
from dataclasses import dataclass, field
from typing import Protocol


class Pace(Protocol):
    """Tells a schedule where it is, from 0 to 1; `budget` is what it has to spend."""

    budget: float

    def progress(self, step: int) -> float:
        """The share that is done before step number `step`."""

    def seconds(self) -> float:
        """Time spent so far, with that of interrupted runs."""


@dataclass
class Clock:
    """Ends after `budget` seconds, however fast the machine; `spent` counts from earlier runs."""

    budget: float
    spent: float = 0.0
    started: float = field(default_factory=time.monotonic)

    def progress(self, step: int) -> float:
        """Share of the budget that is used up."""
        return min(1.0, self.seconds() / self.budget)

    def seconds(self) -> float:
        """Seconds of training, earlier runs included."""
        return self.spent + time.monotonic() - self.started


@dataclass
class Steps(Clock):
    """Ends after `budget` steps: the same steps give the same network on the same machine."""

    def progress(self, step: int) -> float:
        """Share of the steps that is done."""
        return min(1.0, step / self.budget)
