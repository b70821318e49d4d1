"""Train one pilot a run by proximal policy optimisation, and evolve one linear policy beside it.

Of the last pilots of a run, validation landings choose one; of the runs, they choose which is
served. Steps are counted, not seconds: a busy machine takes longer and learns the same.
"""

import os
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import Any, TypeVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits
from tqdm import tqdm

from . import data
from .evolution import Breeding, evolve
from .flights import HEURISTIC, Heuristic, Linear, Trained, fly, make, observed
from .kit.arrays import save_arrays
from .kit.provenance import write_training
from .kit.served import SCORES, SUMMARIES, tabulate
from .kit.statistics import STRONGEST, Predictions
from .kit.workspace import ProjectError, Workspace
from .model import Pilot
from .ppo import Plan, learn
from .predict import FILE, Lander
from .watch import summarise

SHORTER = 4  # an attempt: one run of a quarter of the steps
SEEDS_APART = 100  # of one project's seed and the next: runs of both stay different
POINTS = 20  # of a learning curve
EVERY = 10  # steps between two observations of a flight that are kept for monitoring
PLACES = 6
Job, Done = TypeVar("Job"), TypeVar("Done")


def run(workspace: Workspace) -> None:
    """Write models/run-N.npz, linear-N.npz, model.npz and training.json; no test landing is read.

    `model.npz` is the run whose validation landings came out best: it is served.
    """
    started, config = time.perf_counter(), workspace.config
    train = data.load(workspace, "train", reader="train")
    validation = data.load(workspace, "validation", reader="train")
    numbers = range(1, config["train"]["runs"] + 1)
    jobs: list[tuple[Callable[..., Any], tuple]] = [
        (one_run, (plan(config), seeds_of(train, config, number), seed_of(workspace, number),
                   config["train"]["checkpoints"], validation)) for number in numbers
    ]  # fmt: skip
    jobs += [
        (evolve, (Breeding(**config["evolution"]), seed_of(workspace, number)))
        for number in numbers
    ]
    done = in_processes(jobs, not workspace.holds_sample, "training")
    runs, linear = done[: len(numbers)], done[len(numbers) :]
    best = max(range(len(runs)), key=lambda place: max(runs[place]["validated"].values()))
    for number, made, weights in zip(numbers, runs, linear, strict=True):
        save_arrays(workspace.models / f"run-{number}.npz", made["arrays"])
        save_arrays(workspace.models / f"linear-{number}.npz", {"weights": weights})
    save_arrays(workspace.models / FILE, runs[best]["arrays"])
    lander = Lander.load(workspace)
    seen = observed(Trained(lander.pilot), validation, EVERY)
    table = [
        {"run": number, "curve": made["curve"], "flights": made["flights"],
         "validated": made["validated"], "shipped": number == best + 1}
        for number, made in zip(numbers, runs, strict=True)
    ]  # fmt: skip
    training = {
        "runs": table,
        "evolved": [float(fly(Linear(each), validation).total.mean()) for each in linear],
        SCORES: [round(lander.advise(one).expects, PLACES) for one in seen],
        SUMMARIES: tabulate([summarise(one.tolist()) for one in seen]),
    }
    write_training(workspace, training, time.perf_counter() - started)
    for row in table:
        told = max(row["validated"].values())
        print(f"run {row['run']}: {row['flights']:,} flights, {told:.1f} on validation landings")


def plan(config: Mapping[str, Any], shorter: int = 1) -> Plan:
    """What config.toml says of learning, or a shorter run of it."""
    settings = {key: config["train"][key] for key in Plan._fields if key in config["train"]}
    settings["steps"] //= shorter
    return Plan(**settings, **config["model"])


def seed_of(workspace: Workspace, number: int) -> int:
    """The seed of one run."""
    return workspace.seed * SEEDS_APART + number


def seeds_of(train: pd.DataFrame, config: Mapping[str, Any], number: int) -> list[int]:
    """The training landings with which the environments of a run begin: no other run has them.

    Run 0 is that of attempts. Raises ProjectError when there are not enough.
    """
    each = config["train"]["environments"]
    found = train.seed[number * each : (number + 1) * each].tolist()
    if len(found) < each:
        raise ProjectError(
            f"run {number} needs {each} training landings of its own, and {len(found)} are left: "
            "let [data] draw more, or take fewer runs or environments"
        )
    return found


def one_run(
    recipe: Plan, seeds: Sequence[int], seed: int, checkpoints: int, validation: pd.DataFrame
) -> dict[str, Any]:
    """Train, and choose among the last pilots, a point of the curve apart, by validation."""
    kept: dict[int, Pilot] = {}  # by the steps that each had flown
    curve: list[tuple[int, float]] = []
    a_round = len(seeds) * recipe.length
    apart = max(1, recipe.rounds // POINTS)
    told = 0  # flights that are in the curve already
    flown: list[float] = []

    def after_round(steps: int, pilot: Pilot, returns: list[float]) -> None:
        nonlocal told, flown
        flown = returns
        left = recipe.rounds - steps // a_round
        if left % apart == 0:
            if len(returns) > told:
                curve.append((steps, float(np.mean(returns[told:]))))
                told = len(returns)
            if left // apart < checkpoints:
                kept[steps] = Pilot.of(pilot.arrays())

    learn(make, recipe, seeds, seed, after_round)
    validated = {steps: float(fly(Trained(each), validation).total.mean())
                 for steps, each in kept.items()}  # fmt: skip
    chosen = choose(validated)
    return {"arrays": kept[chosen].arrays(), "curve": curve, "flights": len(flown),
            "validated": validated}  # fmt: skip


def choose(validated: Mapping[int, float]) -> int:
    """The checkpoint that flew best; of equals the one that learned longer."""
    # practice: choose
    return max(validated, key=lambda steps: (validated[steps], steps))
    # practice: end


def call(job: tuple[Callable[..., Done], tuple]) -> Done:
    """One job, its sums added up by one thread in one order."""
    work, given = job
    with threadpool_limits(1):
        return work(*given)


def in_processes(
    jobs: Sequence[tuple[Callable[..., Any], tuple]], parallel: bool, title: str
) -> list[Any]:
    """The results in the order of the jobs, a process a core."""
    progress: dict[str, Any] = {"desc": title, "total": len(jobs), "unit": "part"}
    if not parallel:
        return [call(job) for job in tqdm(jobs, **progress)]
    # Spawned, not forked: forking a process with running threads can hang.
    with ProcessPoolExecutor(os.cpu_count(), mp_context=get_context("spawn")) as pool:
        return list(tqdm(pool.map(call, jobs), **progress))


def held_out(workspace: Workspace) -> Predictions:
    """Returns of one short run on the validation landings, so that an idea costs seconds."""
    config = workspace.config
    train = data.load(workspace, "train", reader="train")
    validation = data.load(workspace, "validation", reader="train")
    given = plan(config, SHORTER), seeds_of(train, config, 0), seed_of(workspace, 0), 1, validation
    made = call((one_run, given))
    flown = fly(Trained(Pilot.of(made["arrays"])), validation)
    return Predictions(
        pd.DataFrame({"id": validation.id, "group": validation.id, "model": flown.total}),
        metric="mean_return",
        higher_is_better=True,
        baselines={HEURISTIC: STRONGEST},
        unit="landings",
    )


def held_out_baseline(workspace: Workspace) -> NDArray[np.float64]:
    """What the environment's heuristic gets on the same landings."""
    validation = data.load(workspace, "validation", reader="train")
    return fly(Heuristic(), validation).total.to_numpy()
