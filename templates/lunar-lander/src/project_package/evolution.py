"""A linear policy by the cross-entropy method (Szita and Lőrincz, 2006), without a gradient.

Draw many policies, keep the few that flew best, draw around them.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from .data import SEEDS
from .flights import Linear, make, one_flight
from .model import ENGINES


class Breeding(NamedTuple):
    """How to search; as in config.toml, where each setting is explained."""

    steps: int
    population: int
    elite: int
    landings: int
    spread: float
    noise: float


def evolve(plan: Breeding, seed: int) -> NDArray[np.float64]:
    """The middle of the last generation, weights of shape (4, 9); the same seed gives the same.

    All policies of a generation fly the same new landings, which are in no part.
    """
    # practice: evolve
    random, environment = np.random.default_rng(seed), make()
    numbers = environment.observation_space.shape[0] + 1
    middle = np.zeros((len(ENGINES), numbers))
    spread = np.full_like(middle, plan.spread)
    flown = 0
    while flown < plan.steps:
        drawn = middle + spread * random.standard_normal((plan.population, *middle.shape))
        chosen = SEEDS + random.integers(SEEDS, size=plan.landings)
        totals = []
        for weights in drawn:
            flights = [one_flight(Linear(weights), environment, int(each)) for each in chosen]
            totals.append(sum(sum(rewards) for _, _, rewards, _ in flights))
            flown += sum(len(actions) for _, actions, _, _ in flights)
        best = drawn[np.argsort(totals)[-plan.elite :]]
        left = max(0.0, 1 - flown / plan.steps)
        middle = best.mean(axis=0)
        spread = np.sqrt(best.var(axis=0) + (plan.noise * left) ** 2)
    return middle
    # practice: end
