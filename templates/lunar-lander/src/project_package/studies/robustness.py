"""Does it still land when wind, gravity or its engines are not what it learned with?"""

from typing import Any

import numpy as np

from ..evaluate import HEURISTIC, PPO, Evaluated, fly_by_run
from ..kit import figures
from ..kit.results import EACH_ALONE, Picture, Study, Table
from ..kit.statistics import Interval, bootstrap, paired_difference
from ..kit.workspace import Workspace

USUAL = "as in training"


def study(workspace: Workspace, evaluated: Evaluated) -> Study:
    """The first landings of every run again, under other conditions, by pilot and heuristic."""
    settings = workspace.config["robustness"]
    order = evaluated.landings.groupby("run").cumcount()
    landings = evaluated.landings[order < settings["landings"]]
    asked = conditions(settings)
    found = {name: fly_by_run(workspace, landings, asked, name) for name in (PPO, HEURISTIC)}
    group, seed = "run " + landings.run.astype(str), workspace.seed
    rows, drawn = [], {}
    for name in asked:
        own, rival = (found[method][name] for method in (PPO, HEURISTIC))
        pilot = bootstrap(np.mean, own.total, groups=group, seed=seed)
        gain = paired_difference(
            lambda _, totals: float(np.mean(totals)), own.total, own.total, rival.total,
            groups=group, seed=seed,
        )  # fmt: skip
        rows.append([name, len(own), pilot, float((own.end == "landed").mean()),
                     float(rival.total.mean()), gain])  # fmt: skip
        drawn[name] = pilot
    return Study(
        title="Does it still land when something is different?",
        text=f"The first {settings['landings']} test landings of each run were flown again, with "
        "one thing changed that no controller was told. Nothing was trained for it.",
        tables={
            "robustness": Table(
                f"Mean return under other conditions. {EACH_ALONE}",
                ["conditions", "landings", "PPO", "at rest", "heuristic", "difference"], rows,
            )
        },
        figures={"robustness": draw(workspace, drawn)},
    )  # fmt: skip


def conditions(settings: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """By its name in the table, what `fly` is told."""
    found: dict[str, dict[str, Any]] = {USUAL: {"conditions": None, "power": 1.0}}
    for wind in settings["wind"]:
        blows = {"enable_wind": True, "wind_power": wind, "turbulence_power": wind / 10}
        found[f"wind of power {wind:g}"] = {"conditions": blows, "power": 1.0}
    for gravity in settings["gravity"]:
        found[f"gravity {gravity:g}"] = {"conditions": {"gravity": gravity}, "power": 1.0}
    for power in settings["power"]:
        found[f"engines at {power:.0%}"] = {"conditions": None, "power": power}
    return found


def draw(workspace: Workspace, drawn: dict[str, Interval]) -> Picture:
    """Mean return, condition by condition."""
    with figures.figure(workspace.figures / "robustness", height=3.6) as (_, axes):
        figures.draw_intervals(axes, drawn, marked=USUAL)
        axes.set(xlabel="mean return")
    return Picture(
        "Mean return of the trained pilots under conditions that they never met in training.",
        "A dot with an interval for each condition.",
    )
