"""Fly landings to their end, by whatever controller, and write down how each came out.

Controllers are the trained pilot, the environment's own rule of thumb, a linear policy and chance:
all see the same eight numbers and choose one of four engines.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any, Protocol

import gymnasium
import numpy as np
import pandas as pd
from gymnasium.envs.box2d import lunar_lander
from numpy.typing import NDArray

from .data import ENVIRONMENT
from .model import ENGINES, Pilot

COAST, LEFT, MAIN, RIGHT = range(4)  # what an action fires
CRASH, REST = -100.0, 100.0  # the environment's last reward, which says how it ended
EDGE = 1.0  # of what one may fly over
LANDED, CRASHED, LEFT_VIEW, OUT_OF_TIME = "landed", "crashed", "flew off", "out of time"
HEURISTIC, LINEAR, RANDOM = "the environment's heuristic", "linear policy by evolution", "random"
FOUR_ENGINES = SimpleNamespace(unwrapped=SimpleNamespace(continuous=False))  # not two throttles
COLUMNS = ("id", "total", "steps", "end", "main", "side", "x")


class Controller(Protocol):
    """Chooses what to fire; `begin` is called before every landing."""

    def begin(self, seed: int) -> None:
        """Forget the last landing."""

    def choose(self, seen: NDArray[np.float32]) -> int:
        """One of ENGINES, by its number."""


@dataclass(frozen=True)
class Trained:
    """The pilot when nothing is left to chance."""

    pilot: Pilot

    def begin(self, seed: int) -> None:
        """It remembers nothing."""

    def choose(self, seen: NDArray[np.float32]) -> int:
        """The likeliest action."""
        return int(self.pilot.act(seen[None])[0])


@dataclass(frozen=True)
class Linear:
    """The action whose weighted sum of the eight numbers is largest; weights (4, 9)."""

    weights: NDArray[np.float64]

    def begin(self, seed: int) -> None:
        """It remembers nothing."""

    def choose(self, seen: NDArray[np.float32]) -> int:
        """Compare four sums."""
        return int((self.weights[:, :-1] @ seen + self.weights[:, -1]).argmax())


class Heuristic:
    """Gymnasium's own controller for this environment, as it ships it."""

    def begin(self, seed: int) -> None:
        """It remembers nothing."""

    def choose(self, seen: NDArray[np.float32]) -> int:
        """Lean towards the pad, and brake by height."""
        return int(lunar_lander.heuristic(FOUR_ENGINES, seen))


class Chance:
    """Any engine, each as often; the landing's seed draws."""

    def begin(self, seed: int) -> None:
        """The same landing is flown in the same way again."""
        self._random = np.random.default_rng(seed)

    def choose(self, seen: NDArray[np.float32]) -> int:
        """Without a look."""
        return int(self._random.integers(len(ENGINES)))


def make(conditions: Mapping[str, Any] | None = None) -> gymnasium.Env:
    """The environment; `conditions` are Gymnasium's own: gravity, enable_wind, wind_power."""
    return gymnasium.make(ENVIRONMENT, disable_env_checker=True, **(conditions or {}))


@contextmanager
def engines(share: float) -> Iterator[None]:
    """All engines with a share of their power."""
    names = ("MAIN_ENGINE_POWER", "SIDE_ENGINE_POWER")
    usual = {name: getattr(lunar_lander, name) for name in names}
    try:
        for name in names:
            setattr(lunar_lander, name, usual[name] * share)
        yield
    finally:
        for name in names:
            setattr(lunar_lander, name, usual[name])


def fly(
    controller: Controller,
    landings: pd.DataFrame,
    conditions: Mapping[str, Any] | None = None,
    power: float = 1.0,
) -> pd.DataFrame:
    """Every landing once: its return, and how it ended (see COLUMNS)."""
    environment, rows = make(conditions), []
    with engines(power):
        for landing in landings.itertuples():
            seen, actions, rewards, end = one_flight(controller, environment, int(landing.seed))
            fired = np.bincount(actions, minlength=len(ENGINES))
            row = [landing.id, sum(rewards), len(actions), end, int(fired[MAIN])]
            rows.append([*row, int(fired[LEFT] + fired[RIGHT]), float(seen[-1][0])])
    return pd.DataFrame(rows, columns=list(COLUMNS))


def one_flight(
    controller: Controller, environment: gymnasium.Env, seed: int
) -> tuple[list[NDArray[np.float32]], list[int], list[float], str]:
    """All observations (one more than actions), actions and rewards, and how it ended."""
    # practice: one_flight
    observation, _ = environment.reset(seed=seed)
    controller.begin(seed)
    seen, actions, rewards, over = [observation], [], [], False
    while not over:
        actions.append(controller.choose(seen[-1]))
        observation, reward, ended, cut, _ = environment.step(actions[-1])
        seen.append(observation)
        rewards.append(float(reward))
        over = ended or cut
    return seen, actions, rewards, ending(rewards[-1], observation, ended)
    # practice: end


def ending(last: float, observation: NDArray[np.float32], ended: bool) -> str:
    """How a flight ended, by its last reward."""
    if not ended:
        return OUT_OF_TIME
    if last == REST:
        return LANDED
    return LEFT_VIEW if abs(observation[0]) >= EDGE else CRASHED


def in_turn(runs: int, landings: pd.DataFrame) -> NDArray[np.int64]:
    """Which run flies which landing: as many each, and none flown by two."""
    return np.arange(len(landings)) % runs + 1


def observed(controller: Controller, landings: pd.DataFrame, every: int) -> Sequence[NDArray]:
    """Every so many-th observation of these landings."""
    environment = make()
    return [
        one
        for landing in landings.itertuples()
        for one in one_flight(controller, environment, int(landing.seed))[0][:-1:every]
    ]
