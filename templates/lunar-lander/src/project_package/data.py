"""Landings: the seeds from which the environment begins, dealt to training, validation and test.

Nothing is downloaded. A seed fixes the ground, the first push and every irregularity of the
engines, so the same landing can be flown again by anybody, and by another controller.
"""

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import gymnasium
import numpy as np
import pandas as pd

from .kit import holdout
from .kit.holdout import Ledger
from .kit.workspace import Workspace

ENVIRONMENT = "LunarLander-v3"
PARTS = ("train", "validation", "test")
SEEDS = 2**20  # of which landings are drawn, none twice
PAD = (4, 6)  # points of the ground between which it is flat
FILE = "landings.csv"
TWICE = "a seed that stands there already"
PLACES = 6


def run(workspace: Workspace, sample: bool = False) -> None:
    """Draw the landings, deal them to the three parts and write the manifest.

    Raises ManifestError when they are not those of an earlier run.
    """
    settings = workspace.config["data"]
    if sample:
        landings = pd.read_csv(workspace.sample / FILE)[: settings["landings"]]
    else:
        landings = describe(draw_seeds(workspace.seed, settings["landings"]))
        workspace.raw.mkdir(parents=True, exist_ok=True)
        landings.to_csv(workspace.raw / FILE, index=False, lineterminator="\n")
    ledger = Ledger(len(landings), "landings")
    landings = landings.drop_duplicates("seed", ignore_index=True)
    ledger.drop("each landing once", len(landings), TWICE)
    sha256 = hashlib.sha256(landings.to_csv(index=False).encode()).hexdigest()
    holdout.require_same_data(workspace, sha256, sample)
    parts = split(landings, settings, workspace.seed)
    files = {
        name: (write_part(workspace, name, part), part.id.tolist()) for name, part in parts.items()
    }
    source = f"{ENVIRONMENT} of Gymnasium {gymnasium.__version__}, begun from seeds"
    drawn = "the small sample of them" if sample else "that this project's own seed draws"
    holdout.seal(
        workspace, files, source=f"{source} {drawn}", sha256=sha256, sample=sample,
        counts={name: len(part) for name, part in parts.items()},
        ledger=ledger,
    )  # fmt: skip
    print(f"{len(landings)} landings: {', '.join(f'{len(parts[name])} {name}' for name in PARTS)}")


def draw_seeds(seed: int, count: int) -> list[int]:
    """Seeds for the environment, no two alike."""
    return np.random.default_rng(seed).choice(SEEDS, count, replace=False).tolist()


def describe(seeds: Sequence[int]) -> pd.DataFrame:
    """One row a landing: how it begins, as the environment itself says.

    Speeds are those of the first observation, in its units; `rise` is how far the ground beside
    the pad, on its higher side, stands above it (below: negative), in the units of the height.
    """
    environment = gymnasium.make(ENVIRONMENT, disable_env_checker=True)
    rows = []
    for seed in seeds:
        first, _ = environment.reset(seed=int(seed))
        world: Any = environment.unwrapped
        ground = [world.sky_polys[0][0][1], *(piece[1][1] for piece in world.sky_polys)]
        beside = max(ground[PAD[0] - 1], ground[PAD[1] + 1]) - ground[PAD[0] + 1]
        _, _, across, upwards, _, spin, *_ = (round(float(value), PLACES) for value in first)
        rows.append([f"landing-{seed}", seed, across, upwards, spin, round(beside, PLACES)])
    return pd.DataFrame(rows, columns=["id", "seed", "across", "upwards", "spin", "rise"])


def split(
    landings: pd.DataFrame, settings: Mapping[str, Any], seed: int
) -> dict[str, pd.DataFrame]:
    """Deal shuffled landings by their shares; each landing is in one part alone."""
    # practice: split
    order = np.random.default_rng(seed).permutation(len(landings))
    shares = np.array([settings[name] for name in PARTS], float)
    ends = np.round(np.cumsum(shares / shares.sum()) * len(landings)).astype(int)
    dealt = np.split(order, ends)
    return {
        name: landings.iloc[rows].reset_index(drop=True)
        for name, rows in zip(PARTS, dealt, strict=False)
    }
    # practice: end


def load(workspace: Workspace, part: str, reader: str) -> pd.DataFrame:
    """The landings of one part; only `evaluate` may read those of the test set."""
    return pd.read_csv(holdout.open_part(workspace, part, reader))


def write_part(workspace: Workspace, name: str, part: pd.DataFrame) -> Path:
    """Write one part as CSV."""
    workspace.processed.mkdir(parents=True, exist_ok=True)
    path = workspace.processed / f"{name}.csv"
    part.to_csv(path, index=False, lineterminator="\n")
    return path
