"""The demo: the learned player in the visitor's browser, with its tables and its search."""

import json
from typing import Any

import numpy as np

from . import data
from .engine.rules import MOST_MOVES, RESULT, RUNNING, initial, legal_moves, play
from .games import GAMES, Game
from .kit.workspace import ProjectError, Workspace
from .predict import STRENGTHS, GamePlayer

POSITIONS = 400  # that the browser has to answer as the service does
MOST_WEIGHT = np.iinfo(np.int16).max


def export(workspace: Workspace) -> dict[str, bytes]:
    """What the games are in model.json, and each game's tables in a file of their own."""
    player, grid = GamePlayer.load(workspace), workspace.config["model"]["grid"]
    headline = workspace.config["games"][0]
    games = sorted(player.games(), key=lambda game: game.name != headline)
    with np.load(workspace.models / "model.npz", allow_pickle=False) as arrays:
        tuples = {game.name: arrays[f"{game.name}.tuples"].tolist() for game in games}
    about = {
        "exploration": player.exploration,
        "grid": grid,
        "games": [_describe(game) | {"tuples": tuples[game.name]} for game in games],
        "strengths": [{"name": name, **vars(each)} for name, each in STRENGTHS.items()],
    }
    files = {"model.json": json.dumps(about).encode()}
    for game in games:
        steps = np.round(player.networks[game.name].weights * grid)
        if np.abs(steps).max() > MOST_WEIGHT:
            raise ProjectError("the weights do not fit the demo: take a smaller [model] grid")
        files[f"{game.name}.bin"] = steps.astype("<i2").tobytes()
    return files


def examples(workspace: Workspace) -> list[dict[str, Any]]:
    """Positions of the training set, and of random games, by the moves that led to them.

    What the service answers by lot, the gentle player's moves, is not compared.
    """
    random, names = np.random.default_rng(workspace.seed), workspace.config["games"]
    known = [
        {"game": position.game, "moves": position.moves, "strength": "quick"}
        for position in data.load(workspace, "train", reader="demo")
        if position.game in names
    ]
    drawn = [_random_game(GAMES[names[number % len(names)]], random) for number in range(POSITIONS)]
    refused = {"game": names[0], "moves": [99], "strength": "quick"}
    chosen = [known[place] for place in random.permutation(len(known))[: POSITIONS // 2]]
    return [*chosen, *drawn, refused]


def _describe(game: Game) -> dict[str, Any]:
    drawn = "name", "title", "rows", "columns", "falls"
    symmetries = game.symmetries().tolist()
    return {name: getattr(game, name) for name in drawn} | {"symmetries": symmetries}


def _random_game(game: Game, random: np.random.Generator) -> dict[str, Any]:
    """The first moves of a random game, to its end or not, and how hard to think about them."""
    state, moves = initial(), []
    legal = np.empty(MOST_MOVES, np.int64)
    for _ in range(random.integers(2 * game.cells)):
        if state[RESULT] != RUNNING:
            break
        moves.append(int(random.choice(legal[: legal_moves(game.number, state, legal)])))
        play(game.number, state, moves[-1])
    strength = random.choice(["quick", "thoughtful", "strong"], p=[0.5, 0.48, 0.02])
    return {"game": game.name, "moves": moves, "strength": str(strength)}
