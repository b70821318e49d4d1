"""How much of the result is the luck of a seed?"""

import numpy as np
from scipy.stats import t

from ..evaluate import HEURISTIC, PPO, Evaluated
from ..kit import figures
from ..kit.results import Picture, Study
from ..kit.statistics import Interval, decimal
from ..kit.workspace import Workspace

LEVEL = 0.975  # of the upper end of a 95 % interval


def study(workspace: Workspace, evaluated: Evaluated) -> Study:
    """Runs beside each other, each beside the heuristic on its own landings."""
    return Study(
        title="How much of it is luck?",
        text="Each run flew landings of its own, and so did the heuristic beside it.",
        figures={"runs": draw(workspace, evaluated)},
        notes={"seeds": seeds_note(evaluated)},
    )


def t_interval(values: np.ndarray) -> Interval:
    """Of the mean, by Student's t with one value a run."""
    # practice: t_interval
    half = t.ppf(LEVEL, len(values) - 1) * np.std(values, ddof=1) / np.sqrt(len(values))
    return Interval(
        float(np.mean(values)), float(np.mean(values) - half), float(np.mean(values) + half)
    )
    # practice: end


def seeds_note(found: Evaluated) -> str:
    """What so few seeds allow to say."""
    own, rival = found.by_run(PPO), found.by_run(HEURISTIC)
    gain = (own - rival).to_numpy()
    above = int((gain > 0).sum())
    return (
        f"{len(own)} runs that differ in their seed alone return {decimal(own.min())} to "
        f"{decimal(own.max())} ({decimal(float(own.std(ddof=1)))} standard deviation); in {above} "
        "of them that lies above the heuristic on the same landings. A bootstrap over so few runs "
        "draws intervals that are too narrow; Student's t with one difference a run gives "
        f"{t_interval(gain).signed}."
    )


def draw(workspace: Workspace, found: Evaluated) -> Picture:
    """Every landing of every run, and its mean."""
    with figures.figure(workspace.figures / "runs", height=3.6) as (_, axes):
        for place, (name, rows) in enumerate(found.own.groupby(found.group.to_numpy())):
            spread = np.linspace(-0.3, 0.3, len(rows))
            axes.plot(place + spread, rows.total, ".", color=figures.MODEL, alpha=0.35, ms=4)
            axes.plot([place - 0.35, place + 0.35], [rows.total.mean()] * 2, color=figures.MODEL)
            usual = found.by_run(HEURISTIC)[name]
            axes.plot([place - 0.35, place + 0.35], [usual] * 2, "--", color=figures.BASELINE)
        axes.set_xticks(range(len(found.by_run(PPO))), list(found.by_run(PPO).index))
        axes.set(ylabel="return of a landing")
    return Picture(
        "Every test landing by the run that flew it: the line is the run's mean, the broken one "
        "what the heuristic returns on the same landings.",
        "A column of points for each run, with the mean of the run and of the heuristic.",
    )
