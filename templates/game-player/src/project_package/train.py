"""Learn each game by self-play in several runs, and ship their mean.

A run is a fixed number of games from a seed of its own, played by one thread: a slower machine
takes longer and learns the same.
"""

import hashlib
import json
import os
import shutil
import threading
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from tqdm import tqdm

from . import data, judge
from .engine import compiled
from .engine.rules import RESULT, RUNNING, initial, play
from .games import Game, find_game
from .kit.provenance import write_training
from .kit.served import SCORES, SUMMARIES, tabulate
from .kit.statistics import STRONGEST, Predictions
from .kit.workspace import ProjectError, Workspace
from .model import draw_tuples, make_network, mean_network, rounded
from .players import AlphaBeta, Board, Learned
from .selfplay import Plan, learn
from .storage import Trained, save_networks
from .watch import summarise

ROUNDS = 40  # parts that a run's games are cut into: what Ctrl-C can lose, and points of the curve
SHORTER = 20  # an attempt plays a twentieth of a run's games
SEEDS_APART = 100  # of one project's seed and the next: runs of both stay different
KEY_LENGTH = 16
PLACES = 6
MEAN = "mean of the runs"


@dataclass
class Run:
    """One run of self-play, which can stop after any round and go on later."""

    game: Game
    number: int
    seed: int
    settings: Mapping[str, Any]
    effort: float
    watched: list[data.Position] = field(default_factory=list)
    done: int = 0
    curve: list[tuple[int, float]] = field(default_factory=list)

    def __post_init__(self) -> None:
        picked = self.settings
        count = picked.get("tuples", 1)
        self.tuples = draw_tuples(self.game, count, picked["length"], self.seed)
        self.network = make_network(self.game, self.tuples)
        self.plan = Plan(
            max(ROUNDS, round(picked["games"] * self.effort)),
            *(picked[name] for name in Plan._fields[1:]),
        )

    @property
    def name(self) -> str:
        """As it stands in tables and files."""
        return f"run {self.number}"

    @property
    def key(self) -> str:
        """Changes with whatever the result depends on."""
        content = [self.game.name, self.seed, self.plan, compiled.cache_folder().name]
        content.append([position.id for position in self.watched])
        return hashlib.sha256(repr(content).encode()).hexdigest()[:KEY_LENGTH]

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
    training set draw the learning curve, those of the validation set judge runs.
    """
    started = time.perf_counter()
    games = [find_game(name) for name in workspace.config["games"]]
    watched = data.load(workspace, "train", reader="train")
    validation = data.load(workspace, "validation", reader="train")
    runs = {game: make_runs(workspace, game, watched) for game in games}
    unfinished = workspace.models / "unfinished"
    finish_all([made for own in runs.values() for made in own], unfinished)
    shipped, table = {}, []
    for game, own in runs.items():
        positions = data.of_game(validation, game)
        trained = with_mean(own, workspace.config["model"]["grid"])
        *_, chosen = trained
        shipped[game.name] = trained[chosen]
        for name, one in trained.items():
            file = f"{game.name}-{name}.npz".replace(" ", "-")
            save_networks(workspace.models / "seeds" / file, {game.name: one})
            parts = [made for made in own if name in (MEAN, made.name)]
            row = {"game": game.name, "run": name, "shipped": name == chosen}
            table.append(row | describe_run(parts, Learned(one[0]), positions))
    save_networks(workspace.models / "model.npz", shipped)
    shutil.rmtree(unfinished)
    headline = Learned(shipped[games[0].name][0])
    pairs = workspace.config["evaluate"]["pairs"]
    training = {"runs": table, **reference(headline, games[0], 2 * pairs, workspace.seed)}
    write_training(workspace, training, time.perf_counter() - started)
    for row in table:
        judged = row["validation_mistakes"]
        told = "" if judged is None else f", mistakes where it matters {judged:.3f} on validation"
        print(f"{row['game']}, {row['run']}: {row['games']:,} games{told}")


def held_out(workspace: Workspace) -> Predictions:
    """Where it matters, is the move right? One short run, on positions of the validation set.

    Fewer games than `run` plays, so that an idea costs seconds. Raises ProjectError where the
    headline game has no referee.
    """
    game, positions = positions_of_attempts(workspace)
    judged = judge.judge_learned(short_run(workspace, game), positions)
    return Predictions(
        pd.DataFrame({"id": judged.id, "group": judged.group, "model": 1 - judged.mistake}),
        metric="mean",
        higher_is_better=True,
        baselines={AlphaBeta().name: STRONGEST},
        unit="positions",
    )


def short_run(workspace: Workspace, game: Game) -> Learned:
    """The player of one run of fewer games."""
    settings, effort = workspace.config[game.name], workspace.config["train"]["effort"] / SHORTER
    made = Run(game, 0, workspace.seed * SEEDS_APART, settings, effort)
    while made.done < ROUNDS:
        made.play_round()
    return Learned(made.network)


def held_out_baseline(workspace: Workspace) -> NDArray[np.float64]:
    """How often alpha-beta, which draws lots among equal moves, is right in the same positions."""
    _, positions = positions_of_attempts(workspace)
    tries = workspace.config["evaluate"]["tries"]
    return 1 - judge.mistakes_by_lot(AlphaBeta(), positions, workspace.seed, tries)


def positions_of_attempts(workspace: Workspace) -> tuple[Game, list[data.Position]]:
    """The headline game, and those of its validation positions in which the move matters."""
    game = find_game(workspace.config["games"][0])
    positions = data.of_game(data.load(workspace, "validation", reader="train"), game)
    if not positions:
        raise ProjectError(f"{game.title} has no referee, so attempts at it cannot be scored")
    return game, [position for position in positions if position.decisive]


def describe_run(
    parts: Sequence[Run], player: Learned, positions: list[data.Position]
) -> dict[str, Any]:
    """What is kept of a run, or of the mean of several; without a referee no mistakes."""
    return {
        "games": sum(made.plan.games for made in parts),
        "validation_mistakes": judge.decisive_mistakes(player, positions) if positions else None,
        "curve": parts[0].curve if len(parts) == 1 else [],
    }


def with_mean(runs: Sequence[Run], grid: int) -> dict[str, Trained]:
    """Every run, and where there are several, last, the mean of their sums: that is shipped.

    All with rounded weights, as they are kept and measured. The mean is not chosen by its
    mistakes: a few hundred positions cannot tell such players apart.
    """
    found = {made.name: (made.network, made.tuples) for made in runs}
    if len(found) > 1:
        found[MEAN] = mean_network(runs[0].game, list(found.values()))
    return {name: (rounded(network, grid), tuples) for name, (network, tuples) in found.items()}


def make_runs(workspace: Workspace, game: Game, watched: list[data.Position]) -> list[Run]:
    """The runs of one game; they differ in their seed alone, which draws the tuples too."""
    settings, effort = workspace.config[game.name], workspace.config["train"]["effort"]
    watched = data.of_game(watched, game)
    return [
        Run(game, number, workspace.seed * SEEDS_APART + number, settings, effort, watched)
        for number in range(1, settings["seeds"] + 1)
    ]


def finish_all(runs: Sequence[Run], folder: Path) -> None:
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


def reference(player: Learned, game: Game, games: int, seed: int) -> dict[str, Any]:
    """What the player thinks of its own moves in whole games, as the service will log it.

    They are played from the empty board against somebody who looks two plies ahead.
    """
    values, summaries = [], []
    for number in range(games):
        choose = AlphaBeta(2).sit_down(game, seed + number)
        state, moves = initial(), []
        while state[RESULT] == RUNNING:
            if len(moves) % 2 == number % 2:
                rating = player.rate(game, state)
                move = rating.choice
                values.append(round(float(rating.values[rating.moves == move][0]), PLACES))
                summaries.append(summarise(moves))
            else:
                move = choose(Board(None, state))
            play(game.number, state, move)
            moves.append(move)
    return {SCORES: values, SUMMARIES: tabulate(summaries)}
