"""Wind as traffic: from some landing on, it blows, and nobody told the pilot."""

import numpy as np

from . import data
from .data import SEEDS
from .flights import Trained, make, one_flight
from .kit.replay import Stream, invented_days
from .kit.served import Seen, Watch
from .kit.workspace import Workspace
from .model import Pilot
from .predict import Lander
from .train import call, in_processes, one_run, plan, seed_of, seeds_of
from .watch import summarise

LANDINGS = 400  # of the past; twice as many come later
A_DAY = 20
WIND = {"enable_wind": True, "wind_power": 15.0, "turbulence_power": 1.5}
JUDGED = Watch(metric="mean_of_truths", label="mean return")


def replay(workspace: Workspace) -> Stream:
    """Landings of a short run in still air, then in wind.

    Of each landing one moment, drawn by lot, stands in the log: moments of one flight resemble
    each other. All landings are new, and in no part.
    """
    config, train = workspace.config, data.load(workspace, "train", reader="simulate")
    validation = data.load(workspace, "validation", reader="simulate")
    given = plan(config), seeds_of(train, config, 0), seed_of(workspace, 0), 1, validation
    pilot = Pilot.of(call((one_run, given))["arrays"])
    seeds = SEEDS + np.random.default_rng(workspace.seed).integers(SEEDS, size=3 * LANDINGS)
    parts = [(seeds[:LANDINGS], None), (seeds[LANDINGS : 2 * LANDINGS], None),
             (seeds[2 * LANDINGS :], WIND)]  # fmt: skip
    jobs = [(watch_flights, (pilot, *part)) for part in parts]
    past, still, windy = in_processes(jobs, not workspace.holds_sample, "flying")
    later = [*still, *windy]
    return Stream(
        title=f"Landings in still air, then in wind of power {WIND['wind_power']:g}, by one run's "
        f"pilot (in days that are invented, {A_DAY} landings each)",
        past=[seen for seen, _ in past],
        past_truths=[total for _, total in past],
        later=[seen for seen, _ in later],
        later_truths=[total for _, total in later],
        times=invented_days(len(later), A_DAY),
        begins=len(still),
        watch=JUDGED,
    )


def watch_flights(
    pilot: Pilot, seeds: np.ndarray, conditions: dict | None
) -> list[tuple[Seen, float]]:
    """Of each landing what the service would have logged at one moment, and its return."""
    environment, lander, found = make(conditions), Lander(pilot), []
    for seed in seeds:
        seen, actions, rewards, _ = one_flight(Trained(pilot), environment, int(seed))
        moment = seen[int(np.random.default_rng(int(seed)).integers(len(actions)))]
        logged = Seen(lander.advise(moment).expects, summarise(moment.tolist()))
        found.append((logged, sum(rewards)))
    return found
