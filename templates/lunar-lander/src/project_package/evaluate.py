"""Fly the sealed landings with every controller. Nothing else opens the test set."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from . import data
from .flights import (
    CRASHED,
    HEURISTIC,
    LANDED,
    LINEAR,
    RANDOM,
    Chance,
    Controller,
    Heuristic,
    Linear,
    Trained,
    fly,
    in_turn,
)
from .kit.arrays import load_arrays
from .kit.results import (
    EACH_ALONE,
    Results,
    Score,
    Table,
    keep_errors,
    run_studies,
    slices_table,
    write_results,
)
from .kit.statistics import NAIVE, SIMPLE, STRONGEST, Predictions, bootstrap
from .kit.workspace import Workspace, read_json
from .predict import Lander
from .train import in_processes

PPO = "PPO"
BASELINES = {HEURISTIC: STRONGEST, LINEAR: SIMPLE, RANDOM: NAIVE}
WORST = 20
FIFTH = 0.2
PLACES = 3  # of what errors.csv shows
PAD_EDGE = 0.2  # of x: where the flags stand


@dataclass(frozen=True)
class Evaluated:
    """Every test landing as each controller flew it.

    `landings` has the column `run`: which run's pilot and linear policy flew it. `flights` holds,
    for each method, a row a landing, in their order.
    """

    workspace: Workspace
    landings: pd.DataFrame
    flights: Mapping[str, pd.DataFrame]
    training: Mapping[str, Any]

    @property
    def group(self) -> pd.Series:
        """The unit of every interval: a run, by its seed."""
        return "run " + self.landings.run.astype(str)

    @property
    def own(self) -> pd.DataFrame:
        """The flights of the trained pilots."""
        return self.flights[PPO]

    def by_run(self, method: str) -> pd.Series:
        """Mean return of each run's landings."""
        return self.flights[method].total.groupby(self.group.to_numpy()).mean()


def run(workspace: Workspace) -> None:
    """Write reports/metrics.json, predictions.csv, flights.csv, errors.csv and the figures."""
    started = time.perf_counter()
    found = measure(workspace)
    workspace.reports.mkdir(exist_ok=True)
    every = pd.concat([flown.assign(method=name) for name, flown in found.flights.items()])
    every.to_csv(workspace.reports / "flights.csv", index=False, lineterminator="\n")
    results = Results(
        primary="mean_return",
        label="mean return",
        predictions=predictions(found),
        measured_on="landings no pilot had flown",
        scores=score(found),
        tables={"slices": kinds_table(found), "errors": errors_table(found)},
        studies=run_studies(workspace, found),
    )
    write_results(workspace, results, time.perf_counter() - started)
    print(f"mean return over {len(found.by_run(PPO))} runs: {found.own.total.mean():.1f}")


def measure(workspace: Workspace) -> Evaluated:
    """Open the test set, and fly it with every controller."""
    training = read_json(workspace.models / "training.json", made_by="train")
    landings = data.load(workspace, "test", reader="evaluate")
    runs = len(training["runs"])
    landings = landings.assign(run=in_turn(runs, landings))
    flown = fly_by_run(workspace, landings, {name: {} for name in (PPO, *BASELINES)})
    return Evaluated(workspace, landings, flown, training)


def fly_by_run(
    workspace: Workspace,
    landings: pd.DataFrame,
    asked: Mapping[str, Mapping[str, Any]],
    method: str | None = None,
) -> dict[str, pd.DataFrame]:
    """Each run's landings by its own controllers, in the order of `landings`.

    `asked` gives, by the name of a row, options of `fly`; the row's name is the method, too, where
    none is given.
    """
    jobs, places = [], []
    for name, options in asked.items():
        for number, own in landings.groupby("run"):
            controller = controller_of(workspace, method or name, int(number))
            jobs.append((fly, (controller, own, *options.values())))
            places.append((name, own.index))
    done = in_processes(jobs, not workspace.holds_sample, "flying")
    found: dict[str, list[pd.DataFrame]] = {name: [] for name in asked}
    for (name, index), flown in zip(places, done, strict=True):
        found[name].append(flown.set_index(index))
    return {name: pd.concat(parts).sort_index() for name, parts in found.items()}


def controller_of(workspace: Workspace, method: str, number: int) -> Controller:
    """The controller of a method; learned ones are those of one run."""
    if method == PPO:
        return Trained(Lander.load(workspace, f"run-{number}.npz").pilot)
    if method == LINEAR:
        return Linear(
            load_arrays(workspace.models / f"linear-{number}.npz", ("weights",))["weights"]
        )
    return Heuristic() if method == HEURISTIC else Chance()


def predictions(found: Evaluated) -> Predictions:
    """A row a landing: the return of the trained pilot and of each simple controller."""
    rows = {"id": found.landings.id, "group": found.group, "model": found.own.total}
    rows |= {name: found.flights[name].total for name in BASELINES}
    return Predictions(pd.DataFrame(rows), "mean_return", True, BASELINES, unit="landings")


def score(found: Evaluated) -> dict[str, Score]:
    """Further metrics with intervals over runs, the heuristic's beside them."""
    rival, seed = found.flights[HEURISTIC], found.workspace.seed

    def share(label: str, column: str, told: str, *, higher: bool) -> Score:
        own = (found.own[column] == told).astype(float)
        interval = bootstrap(np.mean, own, groups=found.group, seed=seed)
        return Score(label, interval, float((rival[column] == told).mean()), higher)

    fuel = bootstrap(np.mean, found.own.main, groups=found.group, seed=seed)
    worst = bootstrap(
        lambda total, group: pd.Series(total).groupby(group).mean().min(),
        found.own.total, found.group, groups=found.group, seed=seed,
    )  # fmt: skip
    return {
        "landed": share("share of landings that end at rest", "end", LANDED, higher=True),
        "crashed": share("share of crashes", "end", CRASHED, higher=False),
        "main_engine_steps": Score(
            "steps with the main engine", fuel, float(rival.main.mean()), higher_is_better=False
        ),
        "worst_run": Score("mean return of the worst run", worst, float(rival.total.mean())),
    }


def kinds_table(found: Evaluated) -> Table:
    """Where the returns come from."""
    starts = found.landings
    kinds = {
        "pushed up at the start": starts.upwards > 0,
        "pushed down at the start": starts.upwards <= 0,
        "the fastest fifth across": starts.across.abs() >= starts.across.abs().quantile(1 - FIFTH),
        "the slowest fifth across": starts.across.abs() <= starts.across.abs().quantile(FIFTH),
        "ground rises beside the pad": starts.rise > 0,
        "ground falls beside the pad": starts.rise <= 0,
    }
    return slices_table(
        f"Mean return by how a landing begins. {EACH_ALONE}",
        ["landings", "n", "mean return"], kinds, found.own.total, found.group,
        found.workspace.seed,
    )  # fmt: skip


def errors_table(found: Evaluated) -> Table:
    """The landings with the lowest returns."""
    rows = found.own.assign(
        run=found.group,
        heuristic=found.flights[HEURISTIC].total,
        across=found.landings.across,
        beside=np.where(found.own.x.abs() > PAD_EDGE, "beside the pad", "on the pad"),
    )
    worst = rows.sort_values(["total", "id"]).head(WORST).round(PLACES)
    shown = {
        "id": "landing", "run": "run", "total": "return", "end": "how it ended", "beside": "where",
        "steps": "steps", "heuristic": "the heuristic's return",
    }  # fmt: skip
    return keep_errors(found.workspace, worst, shown, "The landings with the lowest returns")
