"""Does the same learner solve other tasks?"""

import numpy as np

from ..evaluate import Evaluated
from ..kit.results import Study, Table
from ..kit.workspace import Workspace
from ..ppo import Plan
from ..tasks import greedy, recipe, solve
from ..train import in_processes, seed_of

FLIGHTS = 20
FIRST = 10_000  # of the seeds of flights that count: no training begins with them


def study(workspace: Workspace, _: Evaluated) -> Study:
    """A short run on each task of config.toml, from new seeds."""
    config, seed = workspace.config, seed_of(workspace, 0)
    jobs = [(one, (name, recipe(config, name), seed)) for name in config["tasks"]]
    done = in_processes(jobs, not workspace.holds_sample, "other tasks")
    rows = [
        [name, recipe(config, name).steps, trained, float(np.mean(flown)), float(np.std(flown))]
        for name, (trained, flown) in zip(config["tasks"], done, strict=True)
    ]
    return Study(
        title="Other tasks, the same learner",
        text="The learner of `ppo.py` knows nothing of a lander: a single run on each of these "
        "environments, with the few settings of `[tasks]` in config.toml that differ. "
        "`python -m project_package.tasks --env NAME` tries another.",
        tables={
            "tasks": Table(
                f"Return on {FLIGHTS} new flights when nothing is left to chance; one run each, "
                "which says nothing of luck.",
                ["environment", "steps of training", "flights of training", "mean return",
                 "standard deviation"],
                rows,
            )
        },
    )  # fmt: skip


def one(name: str, given: Plan, seed: int) -> tuple[int, list[float]]:
    """Train, then fly new seeds; how many flights training took, and what the new ones return."""
    pilot, trained = solve(name, given, seed)
    return len(trained), greedy(pilot, name, FLIGHTS, FIRST)
