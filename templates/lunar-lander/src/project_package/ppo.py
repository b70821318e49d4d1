"""Proximal policy optimisation (Schulman et al., 2017), whole, in one file.

Fly a while in several environments at once; say of each action how much better it turned out than
what was expected (the advantage); make better ones likelier, but no step so large that what was
flown no longer tells of what would be flown now (the clip). Repeat.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import gymnasium
import numpy as np
from numpy.typing import NDArray

from .actions import Choice, Floats, Normal
from .model import Pilot, build

MEAN_DECAY, SQUARE_DECAY = 0.9, 0.999  # of Adam, as its authors give them
TINY = 1e-8  # keeps divisions by zero out


class Plan(NamedTuple):
    """How to learn; as in config.toml, where each setting is explained."""

    steps: int
    environments: int
    length: int
    epochs: int
    batch: int
    step_size: float
    discount: float
    trace: float
    clip: float
    entropy: float
    most_slope: float
    reward_scale: float
    width: int
    layers: int
    normalise: bool = True

    @property
    def rounds(self) -> int:
        """How often it flies and learns."""
        return max(1, self.steps // (self.environments * self.length))


@dataclass
class Flown:
    """What one round of flying brought; arrays of shape (length, environments, ...)."""

    observations: Floats
    actions: NDArray
    logs: Floats
    rewards: Floats
    values: Floats  # one row more: what is expected after the last step
    after_cut: Floats  # what was expected where the clock cut a flight short, else 0
    over: NDArray[np.bool_]  # whether a flight ended with this step


class Fleet:
    """Environments flown side by side, each begun again when its flight is over."""

    def __init__(self, environments: Sequence[gymnasium.Env], seeds: Sequence[int]) -> None:
        self.environments = environments
        first = [
            environment.reset(seed=int(seed))[0]
            for environment, seed in zip(environments, seeds, strict=True)
        ]
        self.observations = np.array(first, np.float32)
        self.totals = np.zeros(len(first))
        self.returns: list[float] = []  # of every flight that is over

    def fly(self, pilot: Pilot, plan: Plan, random: np.random.Generator) -> Flown:
        """`plan.length` steps in each environment."""
        shape = (plan.length, len(self.environments))
        flown = Flown(
            np.empty((*shape, self.observations.shape[1]), np.float32),
            np.empty(0),
            *(np.zeros(shape, np.float32) for _ in range(2)),
            np.empty((shape[0] + 1, shape[1]), np.float32),
            np.zeros(shape, np.float32),
            np.zeros(shape, bool),
        )
        actions = []
        for step in range(plan.length):
            outputs = pilot.policy(self.observations)
            chosen = pilot.actions.draw(outputs, random)
            actions.append(chosen)
            flown.observations[step] = self.observations
            flown.logs[step] = pilot.actions.log_likelihood(outputs, chosen)
            flown.values[step] = pilot.value(self.observations)[:, 0]
            for number, action in enumerate(chosen):
                self._one(number, action, step, flown, pilot, plan)
        flown.values[-1] = pilot.value(self.observations)[:, 0]
        flown.actions = np.array(actions)
        return flown

    def _one(
        self, number: int, action: NDArray, step: int, flown: Flown, pilot: Pilot, plan: Plan
    ) -> None:
        environment = self.environments[number]
        observation, reward, ended, cut, _ = environment.step(action)
        self.totals[number] += float(reward)
        flown.rewards[step, number] = float(reward) * plan.reward_scale
        flown.over[step, number] = ended or cut
        if cut and not ended:  # the flight would have gone on: what it would have earned counts
            flown.after_cut[step, number] = pilot.value(observation.astype(np.float32)[None])[0, 0]
        if ended or cut:
            self.returns.append(self.totals[number])
            self.totals[number] = 0.0
            observation, _ = environment.reset()
        self.observations[number] = observation


def advantages(flown: Flown, discount: float, trace: float) -> Floats:
    """How much better each action turned out than expected; shape (length, environments).

    Generalised advantage estimation (Schulman et al., 2016): surprises summed backwards, each
    weighted by (discount · trace) a step; nothing flows across the end of a flight.
    """
    # practice: advantages
    found = np.zeros_like(flown.rewards)
    carried = np.zeros(flown.rewards.shape[1], np.float32)
    for step in range(len(found) - 1, -1, -1):
        goes_on = ~flown.over[step]
        expected = np.where(goes_on, flown.values[step + 1], flown.after_cut[step])
        surprise = flown.rewards[step] + discount * expected - flown.values[step]
        carried = surprise + discount * trace * goes_on * carried
        found[step] = carried
    return found
    # practice: end


def clipped(ratio: Floats, advantage: Floats, clip: float) -> NDArray[np.bool_]:
    """Where an action has become so much likelier, or rarer, that it is to be pushed no further."""
    # practice: clip
    return np.where(advantage > 0, ratio > 1 + clip, ratio < 1 - clip)
    # practice: end


class Adam:
    """Steps of Adam (Kingma and Ba, 2015), the gradient's length held to `most`."""

    def __init__(self, parameters: Sequence[Floats], most: float) -> None:
        self.parameters, self.most, self.count = parameters, most, 0
        self.means = [np.zeros_like(array) for array in parameters]
        self.squares = [np.zeros_like(array) for array in parameters]

    def step(self, gradients: Sequence[Floats], size: float) -> None:
        """One step down; changes the parameters in place."""
        self.count += 1
        length = np.sqrt(sum(float((each * each).sum()) for each in gradients))
        shrink = min(1.0, self.most / (length + TINY))
        size *= np.sqrt(1 - SQUARE_DECAY**self.count) / (1 - MEAN_DECAY**self.count)
        for array, gradient, mean, square in zip(
            self.parameters, gradients, self.means, self.squares, strict=True
        ):
            shrunk = gradient * np.float32(shrink)
            mean += np.float32(1 - MEAN_DECAY) * (shrunk - mean)
            square += np.float32(1 - SQUARE_DECAY) * (shrunk * shrunk - square)
            array -= np.float32(size) * mean / (np.sqrt(square) + np.float32(TINY))


def improve(
    pilot: Pilot,
    flown: Flown,
    plan: Plan,
    optimisers: tuple[Adam, Adam],
    size: float,
    random: np.random.Generator,
) -> None:
    """Several passes over what was flown, in small batches."""
    gains = advantages(flown, plan.discount, plan.trace)
    targets = (gains + flown.values[:-1]).reshape(-1)
    gains, logs = gains.reshape(-1), flown.logs.reshape(-1)
    observations = flown.observations.reshape(len(gains), -1)
    actions = flown.actions.reshape(len(gains), *flown.actions.shape[2:])
    batches = max(1, len(gains) // plan.batch)
    for _ in range(plan.epochs):
        for rows in np.array_split(random.permutation(len(gains)), batches):
            gain = gains[rows]
            if plan.normalise:
                gain = (gain - gain.mean()) / (gain.std() + np.float32(TINY))
            layers = pilot.policy.activations(observations[rows])
            ratio = np.exp(pilot.actions.log_likelihood(layers[-1], actions[rows]) - logs[rows])
            by_log = np.where(clipped(ratio, gain, plan.clip), 0, -ratio * gain) / len(rows)
            slope, spread = pilot.actions.slopes(
                layers[-1], actions[rows], by_log.astype(np.float32), -plan.entropy / len(rows)
            )
            optimisers[0].step([*pilot.policy.gradients(layers, slope), *spread], size)
            layers = pilot.value.activations(observations[rows])
            slope = (layers[-1] - targets[rows, None]) / np.float32(len(rows))
            optimisers[1].step(pilot.value.gradients(layers, slope), size)


def learn(
    make: Callable[[], gymnasium.Env],
    plan: Plan,
    seeds: Sequence[int],
    seed: int,
    after_round: Callable[[int, Pilot, list[float]], None] = lambda *_: None,
) -> Pilot:
    """Train a new pilot; the same seeds give the same weights.

    `seeds` begin the environments, one each. `after_round` is told how many steps were flown, the
    pilot as it is, and the returns of all flights that are over.
    """
    fleet = Fleet([make() for _ in seeds], seeds)
    space = fleet.environments[0].action_space
    actions = Choice(int(space.n)) if hasattr(space, "n") else Normal(int(space.shape[0]))
    inputs = fleet.observations.shape[1]
    pilot = build(inputs, actions, plan.width, plan.layers, plan.reward_scale, seed)
    optimisers = tuple(Adam(parameters, plan.most_slope) for parameters in pilot.trained)
    random = np.random.default_rng(seed)
    for number in range(plan.rounds):
        flown = fleet.fly(pilot, plan, random)
        size = plan.step_size * (1 - number / plan.rounds)
        improve(pilot, flown, plan, optimisers, size, random)
        after_round((number + 1) * plan.length * len(seeds), pilot, fleet.returns)
    return pilot
