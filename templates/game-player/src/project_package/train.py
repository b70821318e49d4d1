"""Learn each game by self-play in several runs, and ship their mean.

A run is a fixed number of games from a seed of its own, played by one thread: a slower machine
takes longer and learns the same.
"""

import hashlib
import json
import os
import threading
import time
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from tqdm import tqdm

from . import compiled, data, judge
from .games import Game, find_game
from .kit.provenance import write_training
from .kit.statistics import bootstrap
from .kit.workspace import Workspace
from .model import Network, draw_tuples, make_network, mean_network
from .players import Learned
from .selfplay import Plan, learn
from .storage import Trained, save_networks

ROUNDS = 40  # parts that a run's games are cut into: what Ctrl-C can lose, and points of the curve
ABLATION_EFFORT = 0.05
MEAN = "mean of the runs"


@dataclass
class Run:
    """One run of self-play, which can stop after any round and go on later."""

    game: Game
    number: int
    seed: int
    settings: dict[str, Any]
    effort: float
    watched: list[data.Position]
    done: int = 0
    curve: list[tuple[int, float]] = field(default_factory=list)

    def __post_init__(self) -> None:
        picked = self.settings
        self.tuples = draw_tuples(self.game, picked["tuples"], picked["length"], self.seed)
        self.network = make_network(self.game, self.tuples)
        self.plan = Plan(
            max(ROUNDS, round(picked["games"] * self.effort)),
            *(picked[name] for name in Plan._fields[1:]),
        )

    @property
    def key(self) -> str:
        """Changes with whatever the result depends on."""
        content = [self.game.name, self.seed, self.plan, compiled.cache_folder().name]
        content.append([position.id for position in self.watched])
        return hashlib.sha256(repr(content).encode()).hexdigest()[:16]

    def play_round(self) -> None:
        """The next part of the games, and a point of the learning curve."""
        begin, end = (self.plan.games * part // ROUNDS for part in (self.done, self.done + 1))
        learn(self.game.number, self.network, self.plan, begin, end, self.seed * ROUNDS + self.done)
        self.done += 1
        if self.watched:
            mistakes = judge.decisive_mistakes(Learned(self.network), self.watched)
            self.curve.append((end, mistakes))

    def save(self, folder: Path) -> None:
        """Keep weights and progress."""
        folder.mkdir(parents=True, exist_ok=True)
        progress = json.dumps({"key": self.key, "done": self.done, "curve": self.curve})
        with self._file(folder).open("wb") as file:
            np.savez(file, weights=self.network.weights, progress=np.array(progress))

    def resume(self, folder: Path) -> None:
        """Go on from what `save` kept, if it was this very run."""
        if not self._file(folder).exists():
            return
        with np.load(self._file(folder), allow_pickle=False) as kept:
            progress = json.loads(str(kept["progress"]))
            if progress["key"] == self.key:
                self.network.weights[:] = kept["weights"]
                self.done = progress["done"]
                self.curve = [tuple(point) for point in progress["curve"]]

    def _file(self, folder: Path) -> Path:
        return folder / f"{self.game.name}-{self.number}-{self.key}.npz"


def run(workspace: Workspace) -> None:
    """Write models/model.npz, models/seeds/ and models/training.json.

    The test set is not opened, and no value of the referee is learned from: positions of the
    training set draw the learning curve, those of the validation set judge runs and variants.
    """
    started = time.perf_counter()
    games = [find_game(name) for name in workspace.config["games"]]
    watched = data.load(workspace, "train", reader="train")
    validation = data.load(workspace, "validation", reader="train")
    runs = [made for game in games for made in make_runs(workspace, game, watched)]
    variants = make_variants(workspace, games[0])
    finish_all([*runs, *variants.values()], workspace.models / "unfinished")

    shipped, table = {}, []
    for game in games:
        own = candidates([made for made in runs if made.game == game])
        positions = data.of_game(validation, game)
        scores = [mistakes_on(one.trained[0], positions) for one in own]
        shipped[game.name] = own[-1].trained
        for one, score in zip(own, scores, strict=True):
            file = f"{game.name}-{one.name}.npz".replace(" ", "-")
            save_networks(workspace.models / "seeds" / file, {game.name: one.trained})
            table.append(
                {
                    "game": game.name,
                    "run": one.name,
                    "games": one.games,
                    "validation_mistakes": score,
                    "shipped": one is own[-1],
                    "curve": one.curve,
                }
            )
    save_networks(workspace.models / "model.npz", shipped)
    headline, _ = shipped[games[0].name]
    judged_on = data.of_game(validation, games[0])
    remove_unfinished(workspace.models / "unfinished")
    write_training(
        workspace,
        {
            "runs": table,
            "ablation": [
                {"variant": name, "games": made.plan.games}
                | with_interval(made, judged_on, workspace.seed)
                for name, made in variants.items()
            ],
            "settings": workspace.config["train"],
            "reference_scores": reference_scores(headline, judged_on),
        },
        time.perf_counter() - started,
    )
    for row in table:
        print(
            f"{row['game']}, {row['run']}: {row['games']:,} games"
            + (
                f", decisive mistakes on validation {row['validation_mistakes']:.3f}"
                if row["validation_mistakes"] is not None
                else ""
            )
            + (", shipped" if row["shipped"] else "")
        )


@dataclass(frozen=True)
class Candidate:
    """A player of a game: one run, or the mean of all."""

    name: str
    games: int
    trained: Trained
    curve: list[tuple[int, float]]


def candidates(runs: list[Run]) -> list[Candidate]:
    """Every run, and where there are several, last, the mean of their sums: that is shipped.

    It is not chosen by its mistakes: a few hundred positions cannot tell such players apart.
    """
    found = [
        Candidate(f"run {made.number}", made.plan.games, (made.network, made.tuples), made.curve)
        for made in runs
    ]
    if len(found) > 1:
        mean = mean_network(runs[0].game, [one.trained for one in found])
        found.append(Candidate(MEAN, sum(one.games for one in found), mean, []))
    return found


def make_runs(workspace: Workspace, game: Game, watched: list[data.Position]) -> list[Run]:
    """The runs of one game; they differ in their seed alone, which draws the tuples too."""
    settings = workspace.config[game.name]
    watched = data.of_game(watched, game)
    effort = workspace.config["train"]["effort"]
    return [
        Run(game, number, workspace.seed * 100 + number, settings, effort, watched)
        for number in range(1, settings["seeds"] + 1)
    ]


def make_variants(workspace: Workspace, game: Game) -> dict[str, Run]:
    """The recipe with one part taken out at a time, each with a twentieth of the games."""
    settings = workspace.config[game.name]
    middle = (settings["first_step"] * settings["last_step"]) ** 0.5
    changes: dict[str, dict[str, Any]] = {
        "whole recipe": {},
        "no exploring starts": {"random_plies": 2},
        "no traces (λ = 0)": {"trace": 0.0},
        "constant step size": {"first_step": middle, "last_step": middle},
    }
    effort = workspace.config["train"]["effort"] * ABLATION_EFFORT
    return {
        name: Run(game, 90 + i, workspace.seed * 100, settings | change, effort, [])
        for i, (name, change) in enumerate(changes.items())
    }


def finish_all(runs: list[Run], folder: Path) -> None:
    """Play all runs, one a core. Ctrl-C ends the rounds at hand and keeps them in `folder`."""
    stop = threading.Event()
    total = sum(made.plan.games for made in runs)
    with tqdm(total=total, desc="self-play", unit="game", smoothing=0) as progress:

        def play(made: Run) -> None:
            made.resume(folder)
            progress.update(made.plan.games * made.done // ROUNDS)
            while made.done < ROUNDS and not stop.is_set():
                made.play_round()
                progress.update(made.plan.games // ROUNDS)
            made.save(folder)

        with ThreadPoolExecutor(os.cpu_count()) as pool:
            waiting: list[Future[None]] = [pool.submit(play, made) for made in runs]
            try:
                wait(waiting)
            except KeyboardInterrupt:
                stop.set()
                raise
        for finished in waiting:
            finished.result()


def mistakes_on(network: Network, positions: list[data.Position]) -> float | None:
    """Decisive mistakes on the positions; None where the game has no referee."""
    return judge.decisive_mistakes(Learned(network), positions) if positions else None


def with_interval(made: Run, positions: list[data.Position], seed: int) -> dict[str, Any]:
    """Decisive mistakes on the positions with their interval; None without a referee."""
    if not positions:
        return {"validation_mistakes": None, "ci": None}
    judged = judge.judge_learned(Learned(made.network), positions)
    chosen = judged[judged.decisive]
    interval = bootstrap(np.mean, chosen.mistake, groups=chosen.group, seed=seed)
    return {"validation_mistakes": interval.value, "ci": [interval.low, interval.high]}


def reference_scores(network: Network, positions: list[data.Position]) -> list[float]:
    """What the player thinks of its own moves: the service logs the same number."""
    if not positions:
        return []
    return [round(value, 6) for value in judge.judge_learned(Learned(network), positions).thought]


def remove_unfinished(folder: Path) -> None:
    """All runs are done: what was kept of them on the way is not needed."""
    for path in folder.glob("*.npz"):
        path.unlink()
    folder.rmdir()
