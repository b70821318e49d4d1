"""The trained pilot, ready to advise: NumPy alone, without the environment."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import ArrayLike

from .actions import log_softmax
from .kit.arrays import load_arrays
from .kit.web import one_thread
from .kit.workspace import ProjectError, Workspace
from .model import ARRAYS, ENGINES, SEEN, Pilot

FILE = "model.npz"


@dataclass(frozen=True)
class Advice:
    """Which engine to fire, how likely the policy would fire each, and the return it expects."""

    action: int
    engine: str
    odds: dict[str, float]
    expects: float


@dataclass(frozen=True)
class Lander:
    """A pilot that was kept."""

    pilot: Pilot

    @classmethod
    def load(cls, workspace: Workspace, name: str = FILE) -> "Lander":
        """Read what `train` wrote; raises ProjectError when there is none."""
        return cls(Pilot.of(load_arrays(workspace.models / name, ARRAYS)))

    @one_thread
    def advise(self, observation: ArrayLike) -> Advice:
        """For one observation of eight numbers, in double precision as the page has it."""
        seen = np.asarray(observation, np.float64)[None]
        odds = np.exp(log_softmax(self.pilot.policy(seen)))[0]
        action = int(odds.argmax())
        expects = float(self.pilot.value(seen)[0, 0]) / self.pilot.scale
        named = dict(zip(ENGINES, odds.tolist(), strict=True))
        return Advice(action, ENGINES[action], named, expects)


def read_observation(text: str) -> list[float]:
    """Eight numbers, by spaces or commas; raises ProjectError for anything else."""
    try:
        numbers = [float(each) for each in text.replace(",", " ").split()]
    except ValueError:
        numbers = []
    if len(numbers) != len(SEEN) or not np.isfinite(numbers).all():
        wanted = f"an observation is {len(SEEN)} numbers: {', '.join(SEEN)}"
        raise ProjectError(f"{text.strip()!r}: {wanted}")
    return numbers


def run(workspace: Workspace, inputs: Sequence[str]) -> None:
    """Print one JSON line for each observation of eight numbers."""
    lander = Lander.load(workspace)
    for text in inputs:
        print(json.dumps(asdict(lander.advise(read_observation(text)))))
