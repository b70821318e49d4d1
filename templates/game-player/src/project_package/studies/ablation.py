"""What is each part of the recipe worth?"""

import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from .. import data, judge
from ..evaluate import Findings
from ..games import Game
from ..kit.results import Study, Table
from ..kit.statistics import Interval, bootstrap
from ..kit.workspace import Workspace
from ..players import Learned
from ..train import SEEDS_APART, Run, finish_all

FEW = 2  # random plies: the openings of the matches have as many


def study(workspace: Workspace, evaluated: Findings) -> Study:
    """The recipe with one part taken out at a time, in short runs judged on the validation set."""
    game = evaluated.game
    positions = data.of_game(data.load(workspace, "validation", reader="evaluate"), game)
    variants = make_variants(workspace, game)
    with tempfile.TemporaryDirectory() as folder:
        finish_all(list(variants.values()), Path(folder))
    rows = [
        [name, made.plan.games, mistakes(made, positions, workspace.seed) if positions else "–"]
        for name, made in variants.items()
    ]
    share = workspace.config["evaluate"]["ablation"]
    return Study(
        title="What is each part of the recipe worth?",
        text=f"One part was taken out at a time, one run each with {share:g} of a run's games, "
        "judged on the validation set. It is early in training, so what shows here need not hold "
        "at full length, and a gap within the intervals says nothing.",
        tables={
            "ablation": Table(
                "Share of the positions where it matters in which the move gives value away.",
                ["recipe", "games", "mistakes"],
                rows,
            )
        },
    )


def make_variants(workspace: Workspace, game: Game) -> dict[str, Run]:
    """Runs by what is left out of the recipe; all from one seed."""
    settings = workspace.config[game.name]
    middle = (settings["first_step"] * settings["last_step"]) ** 0.5
    changes: dict[str, dict[str, Any]] = {
        "whole recipe": {},
        "no exploring starts": {"random_plies": FEW},
        "no traces (λ = 0)": {"trace": 0.0},
        "constant step size": {"first_step": middle, "last_step": middle},
    }
    effort = workspace.config["train"]["effort"] * workspace.config["evaluate"]["ablation"]
    return {
        name: Run(game, number, workspace.seed * SEEDS_APART, settings | change, effort)
        for number, (name, change) in enumerate(changes.items())
    }


def mistakes(made: Run, positions: list[data.Position], seed: int) -> Interval:
    """Mistakes where it matters with their interval."""
    judged = judge.judge_learned(Learned(made.network), positions)
    chosen = judged[judged.decisive]
    return bootstrap(np.mean, chosen.mistake, groups=chosen.group, seed=seed)
