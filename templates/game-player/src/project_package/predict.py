"""The trained player, ready to play: rates the moves of a position and makes one."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass

import numpy as np

from .engine.rules import CELLS, DRAW, PASS, RESULT, RUNNING, TO_MOVE, State, initial, play
from .games import GAMES, Game, find_game
from .kit.web import one_thread
from .kit.workspace import ProjectError, Workspace
from .model import Network
from .players import Learned, legal
from .storage import load_networks


@dataclass(frozen=True)
class Strength:
    """A level to play at: simulations of search, and how freely moves below the best are made."""

    title: str
    simulations: int
    temperature: float = 0.0


STRENGTHS = {
    "gentle": Strength("gently", 0, 0.25),
    "quick": Strength("at a glance", 0),
    "thoughtful": Strength("thoughtfully", 200),
    "strong": Strength("as well as it can", 3_000),
}


@dataclass(frozen=True)
class RatedMove:
    """A legal move and its value to the side to move: 1 is won, −1 lost."""

    move: int
    value: float


@dataclass(frozen=True)
class Opinion:
    """What the player thinks of a position; `cells` 0 empty, 1 first player, 2 second."""

    cells: list[int]
    to_move: int
    finished: bool
    winner: int | None
    moves: list[RatedMove]
    choice: int | None


@dataclass(frozen=True)
class GamePlayer:
    """The learned networks of all trained games."""

    networks: dict[str, Network]
    exploration: float

    @classmethod
    def load(cls, workspace: Workspace) -> "GamePlayer":
        """Read what `train` wrote; raises ProjectError when there is none."""
        width = workspace.config["search"]["exploration"]
        return cls(load_networks(workspace.models / "model.npz"), width)

    def games(self) -> list[Game]:
        """The games that were trained."""
        return [game for name, game in GAMES.items() if name in self.networks]

    @one_thread
    def consider(self, name: str, moves: Sequence[int], strength: str = "quick") -> Opinion:
        """Rate the position after `moves` and choose; raises ProjectError for an illegal move."""
        game = find_game(name)
        if name not in self.networks:
            raise ProjectError(f"{game.title} was not trained: add it to games in config.toml")
        if strength not in STRENGTHS:
            raise ProjectError(
                f"no strength is called {strength!r}; there are {', '.join(STRENGTHS)}"
            )
        state = follow(game, moves)
        cells = [int(cell) for cell in state[CELLS : CELLS + game.cells]]
        if state[RESULT] != RUNNING:
            winner = None if state[RESULT] == DRAW else int(state[RESULT])
            return Opinion(cells, int(state[TO_MOVE]), True, winner, [], None)
        level = STRENGTHS[strength]
        player = Learned(self.networks[name], level.simulations, self.exploration)
        rating = player.rate(game, state)
        choice = rating.choice
        if level.temperature:
            odds = np.exp((rating.values - rating.values.max()) / level.temperature)
            choice = int(np.random.default_rng().choice(rating.moves, p=odds / odds.sum()))
        rated = [
            RatedMove(int(move), round(float(value), 4))
            for move, value in zip(rating.moves, rating.values, strict=True)
        ]
        return Opinion(cells, int(state[TO_MOVE]), False, None, rated, choice)


def follow(game: Game, moves: Sequence[int]) -> State:
    """The state after `moves`; raises ProjectError at the first that the rules forbid."""
    state = initial()
    for number, move in enumerate(moves, start=1):
        if state[RESULT] != RUNNING:
            raise ProjectError(f"move {number}: the game was over after move {number - 1}")
        if move not in legal(game, state):
            shown = "a pass" if game.name == "go" and move == PASS else f"move {move}"
            raise ProjectError(f"move {number}: {shown} is not legal there")
        play(game.number, state, move)
    return state


def run(workspace: Workspace, inputs: Sequence[str]) -> None:
    """Print one JSON line for each input such as `connect_four 3 3 2`: game and moves so far."""
    player = GamePlayer.load(workspace)
    for text in inputs:
        name, *moves = text.replace(",", " ").split() or [""]
        try:
            numbers = [int(move) for move in moves]
        except ValueError:
            raise ProjectError(
                f"{text.strip()!r}: moves are numbers, as in `{name} 3 3 2`"
            ) from None
        print(json.dumps(asdict(player.consider(name, numbers, "thoughtful"))))
