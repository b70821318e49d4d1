"""What test_recompute.py needs to know of this project, from Gymnasium, NumPy and pandas alone.

Flights are flown again: by Gymnasium's own heuristic, by a linear policy that is evolved once more,
by draws, and by the arrays of the trained networks, multiplied out here.
"""

import json
from collections.abc import Callable
from functools import cache
from itertools import pairwise
from types import SimpleNamespace
from typing import Any

import gymnasium
import numpy as np
import pandas as pd
from gymnasium.envs.box2d.lunar_lander import heuristic
from numpy.typing import ArrayLike
from scipy.stats import ttest_1samp

from project_package.kit.statistics import decimal
from project_package.kit.workspace import Workspace

DRAWN = ("train", "validation", "test")  # parts that the seed decides
SHARES = {"train": 1 / 7, "validation": 1 / 7, "test": 5 / 7}
CHANCE = (-1000.0, 330.0)  # there is no target: whatever seeds are dealt, returns lie in between
HEURISTIC, LINEAR, RANDOM = "the environment's heuristic", "linear policy by evolution", "random"
BASELINE_LEVEL = {HEURISTIC: 200.0, LINEAR: -900.0, RANDOM: -350.0}  # of sixty landings; the linear
# policies of the sample have hardly begun: `baselines` evolves them again instead
SHOWS = {"data.landings": 60}  # fewer than the sample has
FACTS = {  # numbers that stand in the code, each with the reason why it is no setting
    **dict.fromkeys(("CRASH", "REST"), "the environment's last reward says it"),
    **dict.fromkeys(("COAST", "LEFT", "MAIN", "RIGHT"), "the environment's actions by number"),
    "EVERY": "how many observations monitoring keeps",
    **dict.fromkeys(("MEAN_DECAY", "SQUARE_DECAY"), "of Adam, as its authors give them"),
    "PAD": "where the environment makes the ground flat",
    "PLACES": "of a value that is kept for monitoring",
    "POINTS": "of a curve, and what Ctrl-C would lose",
    "SEEDS": "room in which no landing is drawn twice",
    "SEEDS_APART": "keeps the runs of one seed and the next apart",
    "SHORTER": "what an attempt costs; no run depends on it",
    "TINY": "keeps divisions by zero out",
    "UNDECIDED": "small enough that no action is preferred at first",
}
ENVIRONMENT = "LunarLander-v3"
Choose = Callable[[np.ndarray], int]


def part(workspace: Workspace, name: str) -> pd.DataFrame:
    """The rows of a sealed file."""
    return pd.read_csv(workspace.processed / f"{name}.csv")


def runs(workspace: Workspace) -> int:
    return len(json.loads((workspace.models / "training.json").read_text("utf-8"))["runs"])


def sealed_truth(workspace: Workspace) -> pd.DataFrame:
    """Every test landing with the run that flies it, in turn; returns are flown, not predicted."""
    landings, many = part(workspace, "test"), workspace.config["train"]["runs"]
    group = [f"run {number % many + 1}" for number in range(len(landings))]
    return pd.DataFrame({"id": landings.id, "group": group})


def metric(_: ArrayLike, totals: ArrayLike) -> float:
    """The headline's metric: the mean return of a landing."""
    return float(pd.Series(np.asarray(totals)).mean())


def raw_count(workspace: Workspace) -> int:
    """Landings drawn, or those of the sample."""
    sample = json.loads(workspace.manifest.read_text(encoding="utf-8"))["sample"]
    folder = workspace.sample if sample else workspace.raw
    return len(pd.read_csv(folder / "landings.csv"))


DROPS: dict[str, Callable[[Workspace], int]] = {}


def shuffle_target(folder: Any, random: np.random.Generator) -> None:
    """There is no target; the seeds are given to other landings."""
    path = folder / "landings.csv"
    landings = pd.read_csv(path)
    landings["seed"] = random.permutation(landings.seed)
    landings.to_csv(path, index=False)


def sealed_table(workspace: Workspace) -> pd.DataFrame:
    """All parts, row by row."""
    return pd.concat([part(workspace, name) for name in DRAWN], ignore_index=True)


def raw_table(workspace: Workspace) -> pd.DataFrame:
    """The seeds of the sample, and what Gymnasium shows of each at the start."""
    environment, rows = gymnasium.make(ENVIRONMENT), []
    for seed in pd.read_csv(workspace.sample / "landings.csv").seed:
        first, _ = environment.reset(seed=int(seed))
        tops = {round(x, 3): y for piece in environment.unwrapped.sky_polys for x, y in piece[:2]}
        heights = [tops[place] for place in sorted(tops)]
        rise = max(heights[3], heights[7]) - heights[5]
        values = [round(float(first[place]), 6) for place in (2, 3, 5)]
        rows.append([f"landing-{seed}", seed, *values, round(rise, 6)])
    return pd.DataFrame(rows, columns=["id", "seed", "across", "upwards", "spin", "rise"])


def flight(choose: Choose, seed: int, limit: int = 1000) -> dict[str, Any]:
    """One landing by any rule."""
    environment = gymnasium.make(ENVIRONMENT).unwrapped
    seen, _ = environment.reset(seed=seed)
    total, main, step, over = 0.0, 0, 0, False
    while not over and step < limit:
        action = choose(seen)
        seen, reward, over, _, _ = environment.step(action)
        total, main, step = total + float(reward), main + (action == 2), step + 1
    off = abs(seen[0]) >= 1
    end = (
        ("landed" if reward == 100 else "flew off" if off else "crashed") if over else "out of time"
    )
    return {"total": total, "main": main, "end": end, "steps": step}


def networks(workspace: Workspace, name: str) -> Choose:
    """The likeliest action by the arrays of a file."""
    with np.load(workspace.models / f"{name}.npz") as stored:
        sizes, flat = stored["sizes"].tolist(), stored["policy"].astype(float)
    maps, start = [], 0
    for wide, out in pairwise(sizes):
        maps.append((flat[start : start + wide * out].reshape(wide, out),
                     flat[start + wide * out : start + wide * out + out]))  # fmt: skip
        start += wide * out + out

    def choose(seen: np.ndarray) -> int:
        found = seen.astype(float)
        for weights, bias in maps[:-1]:
            found = np.tanh(found @ weights + bias)
        return int(np.argmax(found @ maps[-1][0] + maps[-1][1]))

    return choose


@cache
def flown(root: Any) -> pd.DataFrame:
    """Every test landing by the network of the run that it belongs to."""
    workspace = Workspace(root)
    landings, many = part(workspace, "test"), runs(workspace)
    pilots = [networks(workspace, f"run-{number + 1}") for number in range(many)]
    rows = [flight(pilots[place % many], int(seed)) for place, seed in enumerate(landings.seed)]
    table = pd.DataFrame(rows).assign(
        group=[f"run {place % many + 1}" for place in range(len(rows))]
    )
    return pd.concat([landings, table], axis=1)


@cache
def by_rule(root: Any) -> pd.DataFrame:
    """Every test landing by the environment's heuristic."""
    craft = SimpleNamespace(unwrapped=SimpleNamespace(continuous=False))
    seeds = part(Workspace(root), "test").seed
    return pd.DataFrame(
        [flight(lambda seen: int(heuristic(craft, seen)), int(seed)) for seed in seeds]
    )


def saved_model(workspace: Workspace) -> np.ndarray:
    """Returns of the networks in models/, flown again."""
    return flown(workspace.root).total.to_numpy()


def baselines(workspace: Workspace) -> dict[str, np.ndarray]:
    """Returns of each simple controller; the linear one is evolved again for each run."""
    landings, many = part(workspace, "test"), workspace.config["train"]["runs"]
    policies = [evolved(workspace, number) for number in range(1, many + 1)]
    linear = [
        flight(lambda seen, weights=policies[place % many]: int(np.argmax(weights @ [*seen, 1.0])),
               int(seed))["total"]
        for place, seed in enumerate(landings.seed)
    ]  # fmt: skip
    draws = []
    for seed in landings.seed:
        random = np.random.default_rng(seed)
        draws.append(flight(lambda _, random=random: int(random.integers(4)), int(seed))["total"])
    return {HEURISTIC: by_rule(workspace.root).total.to_numpy(), LINEAR: np.array(linear),
            RANDOM: np.array(draws)}  # fmt: skip


def evolved(workspace: Workspace, number: int) -> np.ndarray:
    """The cross-entropy method, written out: weights (4, 9)."""
    settings = workspace.config["evolution"]
    random = np.random.default_rng(workspace.seed * 100 + number)
    middle, spread = np.zeros((4, 9)), np.full((4, 9), settings["spread"])
    steps = 0
    while steps < settings["steps"]:
        drawn = [middle + spread * random.standard_normal((settings["population"], 4, 9))][0]
        seeds = [2**20 + int(each) for each in random.integers(2**20, size=settings["landings"])]
        scores = []
        for weights in drawn:
            flights = [
                flight(lambda seen, weights=weights: int(np.argmax(weights @ [*seen, 1.0])), seed)
                for seed in seeds
            ]
            steps += sum(each["steps"] for each in flights)
            scores.append(sum(each["total"] for each in flights))
        elite = drawn[np.argsort(scores)[len(scores) - settings["elite"] :]]
        noise = settings["noise"] * max(0.0, 1 - steps / settings["steps"])
        middle, spread = elite.mean(0), np.sqrt(elite.var(0) + noise**2)
    return middle


def metrics(workspace: Workspace) -> dict[str, tuple[float, float | None]]:
    """How flights ended, the main engine, and the worst run, the heuristic's beside them."""
    own, rule = flown(workspace.root), by_rule(workspace.root)
    return {
        "landed": ((own.end == "landed").mean(), (rule.end == "landed").mean()),
        "crashed": ((own.end == "crashed").mean(), (rule.end == "crashed").mean()),
        "main_engine_steps": (own.main.mean(), rule.main.mean()),
        "worst_run": (own.groupby("group").total.mean().min(), rule.total.mean()),
    }


def tables(workspace: Workspace) -> dict[str, dict[Any, list[float | None]]]:
    """The headline in parts, run by run, and the first landings of each run."""
    own, rule = flown(workspace.root), by_rule(workspace.root)
    fast, slow = own.across.abs().quantile([0.8, 0.2])
    kinds = {
        "pushed up at the start": own[own.upwards > 0],
        "pushed down at the start": own[own.upwards <= 0],
        "the fastest fifth across": own[own.across.abs() >= fast],
        "the slowest fifth across": own[own.across.abs() <= slow],
        "ground rises beside the pad": own[own.rise > 0],
        "ground falls beside the pad": own[own.rise <= 0],
    }
    first = own.groupby("group").cumcount() < workspace.config["robustness"]["landings"]
    training = json.loads((workspace.models / "training.json").read_text("utf-8"))["runs"]
    names = {
        ("**served:** " if row["shipped"] else "") + f"run {row['run']}": row for row in training
    }
    means = own.groupby("group").total.mean()
    return {
        "slices": {
            name: [len(rows), rows.total.mean()] for name, rows in kinds.items() if len(rows)
        },
        "robustness": {
            "as in training": [first.sum(), own[first].total.mean(),
                               (own[first].end == "landed").mean(),
                               rule[first.to_numpy()].total.mean()],
        },
        "seeds": {
            name: [row["flights"], max(row["validated"].values()), None, means[f"run {row['run']}"]]
            for name, row in names.items()
        },
    }  # fmt: skip


def badness(workspace: Workspace) -> pd.Series:
    """By id, how little a landing returned: errors.csv shows the worst."""
    own = flown(workspace.root)
    return pd.Series(-own.total.to_numpy(), index=own.id)


def notes(workspace: Workspace) -> dict[str, list[str]]:
    """What the seeds allow to say, and what the training was."""
    own, rule = flown(workspace.root), by_rule(workspace.root)
    means = own.groupby("group").total.mean()
    gain = means - rule.total.groupby(own.group).mean()
    found = ttest_1samp(gain, 0.0).confidence_interval(0.95)
    low, high = (f"{'' if end < 0 else '+'}{decimal(end)}" for end in (found.low, found.high))
    return {
        "seeds": [
            f"{len(means)} runs",
            f"return {decimal(means.min())} to {decimal(means.max())}",
            f"in {(gain > 0).sum()} of them",
            f"[{low}, {high}]",
        ],
        "budget": [f"{len(means)} runs of {workspace.config['train']['steps']:,} steps"],
    }
