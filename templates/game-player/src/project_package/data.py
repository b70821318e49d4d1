"""The referee's positions: made here, and labelled with their exact values once.

Learning needs no data: the program plays against itself. What needs data is judging it. So this
step plays games of connect four between two one-ply players, keeps positions from ply 12 on and
asks the solver what every move in them is worth; and it solves tic-tac-toe completely. None of
these values is ever learned from: the training part draws the learning curve, the validation part
judges runs and attempts, the test set is `evaluate`'s. The openings of all matches are drawn and
sealed here too, before anybody has learned anything.
"""

import hashlib
import json
import os
import threading
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from tqdm import tqdm

from .engine import solver
from .engine.rules import CELLS, MOST_MOVES, RESULT, RUNNING, State, initial, legal_moves, play
from .engine.tactics import one_ply_move, seed_lots
from .games import GAMES, Game
from .kit import holdout
from .kit.holdout import Ledger
from .kit.workspace import Workspace

SOURCE = "own games of the one-ply player, labelled by the exact solver (engine/solver.py)"
SAMPLE_SOURCE = "a few committed positions, labelled by the exact solver (engine/solver.py)"
PLIES = range(12, 38)  # one of ply 12 takes .2 s to solve, one of ply 8 ten times that
PARTS = ("train", "validation", "test")


@dataclass(frozen=True)
class Position:
    """A position by the moves that led to it, and what each move is worth to the side to move.

    `values` has one entry a move: 1 won, 0 drawn, −1 lost, None where the move is not legal.
    Positions of one `group` are mirror images of each other.
    """

    id: str
    game: str
    moves: list[int]
    values: list[int | None]
    group: str

    @property
    def ply(self) -> int:
        """How many moves have been made."""
        return len(self.moves)

    @property
    def best(self) -> int:
        """The exact value of the position to the side to move."""
        return max(value for value in self.values if value is not None)

    @property
    def decisive(self) -> bool:
        """Whether it matters which move is made."""
        return len({value for value in self.values if value is not None}) > 1


@dataclass(frozen=True)
class Opening:
    """The moves with which both games of a pair begin."""

    id: str
    game: str
    moves: list[int]


def run(workspace: Workspace, sample: bool = False) -> None:
    """Write the three parts and their manifest.

    Raises ManifestError when the positions are not those of an earlier run.
    """
    settings = workspace.config["data"]
    if sample:
        positions = read_positions(workspace.sample / "positions.jsonl")
    else:
        drawn = draw_positions(workspace.seed, sum(settings["connect_four"].values()))
        positions = label(drawn, workspace.raw / f"connect-four-{workspace.seed}.jsonl")
    positions += solved_tic_tac_toe()
    sha256 = content_sha256(positions)
    holdout.require_same_data(workspace, sha256, sample)
    parts = split(positions, settings, workspace.seed)
    files = {
        name: (write_part(workspace, name, part), [position.id for position in part])
        for name, part in parts.items()
    }
    source = SAMPLE_SOURCE if sample else SOURCE
    size = settings["openings"], settings["opening_plies"]
    openings = [
        made for game in GAMES.values() for made in draw_openings(game, workspace.seed, *size)
    ]
    path = write_part(workspace, "openings", openings)
    files["openings"] = path, [opening.id for opening in openings]
    counts = count(positions)
    ledger = Ledger(len(positions) + len(openings), "positions and openings")
    holdout.seal(
        workspace, files, source=source, sha256=sha256, sample=sample, counts=counts, ledger=ledger
    )
    print(f"{len(positions):,} positions: {source}; {counts}")


def load(workspace: Workspace, part: str, reader: str) -> list[Position]:
    """The positions of one part, of all games. Go has none: nobody here can solve it."""
    return read_positions(holdout.open_part(workspace, part, reader))


def load_openings(workspace: Workspace, game: Game) -> list[Opening]:
    """The sealed openings of one game."""
    path = holdout.open_part(workspace, "openings", reader="evaluate")
    rows = [Opening(**json.loads(line)) for line in path.read_text(encoding="utf-8").splitlines()]
    return [opening for opening in rows if opening.game == game.name]


def draw_openings(game: Game, seed: int, pairs: int, plies: int) -> list[Opening]:
    """Random openings of so many plies, drawn with replacement."""
    random = np.random.default_rng((seed, game.number))
    openings = []
    for number in range(pairs):
        state, moves = initial(), []
        legal = np.empty(MOST_MOVES, np.int64)
        for _ in range(plies):
            moves.append(int(random.choice(legal[: legal_moves(game.number, state, legal)])))
            play(game.number, state, moves[-1])
        openings.append(Opening(f"{game.name}:opening-{number:02}", game.name, moves))
    return openings


def of_game(positions: Iterable[Position], game: Game) -> list[Position]:
    """Those of one game."""
    return [position for position in positions if position.game == game.name]


def draw_positions(seed: int, a_ply: int) -> list[list[int]]:
    """Move lists of connect four, `a_ply` of each, no two mirror images of each other."""
    game = GAMES["connect_four"]
    seed_lots(seed)
    known: set[str] = set()
    drawn = []
    for ply in PLIES:
        found = 0
        while found < a_ply:
            state, moves = initial(), []
            while state[RESULT] == RUNNING and len(moves) < ply:
                moves.append(int(one_ply_move(game.number, state)))
                play(game.number, state, moves[-1])
            group = canonical(game, state)
            if state[RESULT] == RUNNING and group not in known:
                known.add(group)
                drawn.append(moves)
                found += 1
    return drawn


def label(drawn: Sequence[list[int]], path: Path) -> list[Position]:
    """Solve every position. Each is kept in `path` at once, so a stopped run goes on from there."""
    game = GAMES["connect_four"]
    known = {p.id: p for p in read_positions(path)} if path.exists() else {}
    waiting = [moves for moves in drawn if name_of(game, moves) not in known]
    own = threading.local()

    def solve(moves: list[int]) -> Position:
        if not hasattr(own, "table"):
            own.table = solver.new_table()
        values = np.empty(game.moves, np.int8)
        solver.exact_values(np.array(moves, np.int64), own.table, values)
        return describe(game, moves, values.tolist())

    path.parent.mkdir(parents=True, exist_ok=True)
    with (
        path.open("a", encoding="utf-8", newline="\n") as file,
        ThreadPoolExecutor(os.cpu_count()) as pool,
    ):
        try:
            solved = pool.map(solve, waiting)
            for position in tqdm(solved, "solving positions", len(waiting), unit="position"):
                known[position.id] = position
                file.write(json.dumps(asdict(position)) + "\n")
        except KeyboardInterrupt:
            pool.shutdown(cancel_futures=True)
            raise
    return [known[name_of(game, moves)] for moves in drawn]


def solved_tic_tac_toe() -> list[Position]:
    """All 4,520 positions of tic-tac-toe in which there is a move to make."""
    game = GAMES["tic_tac_toe"]
    solved = solver.solve_tic_tac_toe()
    return [describe(game, list(moves), solved[moves]) for moves in sorted(solved)]


def describe(game: Game, moves: list[int], values: Sequence[int]) -> Position:
    """A position with its exact values."""
    state = replay(game, moves)
    known = [None if value == solver.ILLEGAL else int(value) for value in values]
    group = f"{game.name}:{canonical(game, state)}"
    return Position(name_of(game, moves), game.name, moves, known, group)


def replay(game: Game, moves: Iterable[int]) -> State:
    """The state after `moves`."""
    state = initial()
    for move in moves:
        play(game.number, state, move)
    return state


def name_of(game: Game, moves: Sequence[int]) -> str:
    """The id of a position."""
    return f"{game.name}:{'.'.join(map(str, moves)) or 'start'}"


def canonical(game: Game, state: State) -> str:
    """The same text for all mirror images of a board."""
    # practice: canonical
    board = state[CELLS : CELLS + game.cells]
    return min("".join(map(str, board[way])) for way in game.symmetries())
    # practice: end


def split(
    positions: Sequence[Position], settings: Mapping[str, Any], seed: int
) -> dict[str, list[Position]]:
    """Mirror images together; connect four as many of every ply, tic-tac-toe by share."""
    # practice: split
    random = np.random.default_rng(seed)
    part_of: dict[str, str] = {}
    for game in ("connect_four", "tic_tac_toe"):
        weights = np.array([settings[game][name] for name in PARTS], float)
        borders = np.cumsum(weights / weights.sum())
        by_ply: dict[int, dict[str, None]] = {}
        for position in positions:
            if position.game == game:
                by_ply.setdefault(position.ply, {})[position.group] = None
        for groups in by_ply.values():
            order = random.permutation(list(groups))
            for rank, group in enumerate(order):
                place = np.searchsorted(borders, (rank + 0.5) / len(order))
                part_of[str(group)] = PARTS[place]
    return {name: [p for p in positions if part_of[p.group] == name] for name in PARTS}
    # practice: end


def count(positions: Sequence[Position]) -> dict[str, int]:
    """What the data sheet reports."""
    counts = {}
    for game in ("connect_four", "tic_tac_toe"):
        of_game = [position for position in positions if position.game == game]
        counts[game] = len(of_game)
        counts[f"{game}_decisive"] = sum(position.decisive for position in of_game)
        counts[f"{game}_groups"] = len({position.group for position in of_game})
    return counts


def content_sha256(positions: Sequence[Position]) -> str:
    """SHA-256 of all positions with their values."""
    text = "\n".join(json.dumps(asdict(position)) for position in positions)
    return hashlib.sha256(text.encode()).hexdigest()


def read_positions(path: Path) -> list[Position]:
    """The positions of a file, one JSON object a line."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return [Position(**json.loads(line)) for line in lines]


def write_part(workspace: Workspace, name: str, part: Sequence[Position | Opening]) -> Path:
    """Write one part as JSON lines."""
    workspace.processed.mkdir(parents=True, exist_ok=True)
    path = workspace.processed / f"{name}.jsonl"
    text = "".join(json.dumps(asdict(position)) + "\n" for position in part)
    path.write_text(text, encoding="utf-8", newline="\n")
    return path
