"""Other tasks, the same learner: `python -m project_package.tasks --env NAME`."""

import argparse
import time
from collections.abc import Mapping
from typing import Any

import gymnasium
import numpy as np

from .kit.workspace import ProjectError, Workspace
from .model import Pilot
from .ppo import Plan, learn
from .train import call, plan

SHOWN = 20  # flights that a learning curve's line averages


def recipe(config: Mapping[str, Any], name: str) -> Plan:
    """The lander's plan, with what `[tasks]` of config.toml has for this environment."""
    return plan(config)._replace(**config["tasks"].get(name, {}))


def solve(name: str, given: Plan, seed: int, told: bool = False) -> tuple[Pilot, list[float]]:
    """Train on any environment of Gymnasium with a vector to see; returns of its flights.

    Raises ProjectError when the environment is not known, or shows and takes something else.
    """
    flown: list[float] = []

    def after_round(steps: int, _: Pilot, returns: list[float]) -> None:
        flown[:] = returns
        if told and returns:
            print(f"{steps:>9,} steps: {np.mean(returns[-SHOWN:]):9.1f}", flush=True)

    return learn(lambda: make_env(name), given, range(given.environments), seed, after_round), flown


def make_env(name: str) -> gymnasium.Env:
    """An environment whose observations are vectors and whose actions PPO can draw."""
    try:
        environment = gymnasium.make(name, disable_env_checker=True)
    except gymnasium.error.Error as error:
        raise ProjectError(f"{name}: {error}") from error
    seen, taken = environment.observation_space, environment.action_space
    vector = isinstance(seen, gymnasium.spaces.Box) and len(seen.shape) == 1
    if not vector or not isinstance(taken, gymnasium.spaces.Discrete | gymnasium.spaces.Box):
        raise ProjectError(f"{name} shows or takes something that this learner does not know")
    return environment


def greedy(pilot: Pilot, name: str, flights: int, seed: int) -> list[float]:
    """Returns when nothing is left to chance, from new seeds."""
    environment, totals = make_env(name), []
    for number in range(flights):
        observation, _ = environment.reset(seed=seed + number)
        total, over = 0.0, False
        while not over:
            action = pilot.act(observation.astype(np.float32)[None])[0]
            observation, reward, ended, cut, _ = environment.step(action)
            total, over = total + float(reward), ended or cut
        totals.append(total)
    return totals


def main() -> None:
    """Train on what --env names, and fly it."""
    parser = argparse.ArgumentParser(prog=f"python -m {__package__}.tasks", description=__doc__)
    parser.add_argument("--env", default="CartPole-v1")
    parser.add_argument("--steps", type=int, help="in place of those of config.toml")
    parser.add_argument("--seed", type=int, default=1)
    options, started = parser.parse_args(), time.perf_counter()
    given = recipe(Workspace().config, options.env)
    given = given._replace(steps=options.steps or given.steps)
    try:
        pilot, _ = call((solve, (options.env, given, options.seed, True)))
        totals = greedy(pilot, options.env, SHOWN, 10_000 + options.seed)
    except ProjectError as error:
        parser.exit(1, f"error: {error}\n")
    took = time.perf_counter() - started
    print(f"{options.env}: {np.mean(totals):.1f} on {SHOWN} new flights, after {took:.0f} s")


if __name__ == "__main__":
    main()
