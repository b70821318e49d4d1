"""Look at the referee's positions of the training set: nothing is ever learned from them."""

import numpy as np
import pandas as pd

from . import boards, data
from .games import GAMES, Game
from .kit import figures
from .kit.results import Picture, Study, Table, write_exploration
from .kit.workspace import Workspace

SHOWN = 6  # boards
COLOURS = {1: figures.MODEL, 0: figures.OTHER, -1: figures.BASELINE}


def run(workspace: Workspace) -> None:
    """Write reports/exploration.json and two figures; the test set stays closed."""
    positions = data.load(workspace, "train", reader="explore")
    told = ("game", "group", "ply", "best", "decisive")
    rows = pd.DataFrame([[getattr(each, name) for name in told] for each in positions])
    rows.columns = told
    rows["moves"] = [sum(value is not None for value in each.values) for each in positions]
    rows["keeping"] = [each.values.count(each.best) for each in positions]
    game = GAMES["connect_four"]
    own = rows[rows.game == game.name]
    decisive = own[own.decisive]
    found = Study(
        title="The referee's positions",
        text="",
        tables={"explored-games": games_table(rows), "explored-keeping": keeping_table(decisive)},
        figures={
            "explored-worth": draw_worth(workspace, own),
            "explored-boards": draw_boards(workspace, game, data.of_game(positions, game)),
        },
        notes={
            "explored-decisive": f"In {len(decisive)} of {len(own)} training positions of "
            f"{game.title.lower()} it matters which legal move is made: some give value away, "
            "some do not."
        },
    )
    write_exploration(workspace, found)
    print(f"{len(positions):,} training positions explored")


def games_table(rows: pd.DataFrame) -> Table:
    """What the positions of each game are worth to the side to move."""
    shown = [
        [GAMES[str(name)].title, len(own), own.group.nunique(), float(own.decisive.mean()),
         *(float((own.best == worth).mean()) for worth in boards.WORTH)]
        for name, own in rows.groupby("game", sort=False)
    ]  # fmt: skip
    columns = ["game", "positions", "boards", "where it matters", *boards.WORTH.values()]
    caption = "Positions of the training set; boards that are mirror images count once."
    return Table(caption, columns, shown)


def keeping_table(decisive: pd.DataFrame) -> Table:
    """How hard it is to keep the value by luck."""
    shown = [
        [boards.WORTH[int(best)], len(own), float(own.moves.mean()), float(own.keeping.mean()),
         float((own.keeping / own.moves).mean())]
        for best, own in decisive.groupby("best")
    ]  # fmt: skip
    columns = ["worth", "positions", "legal moves", "moves that keep it", "kept by a random move"]
    return Table("Where it matters in connect four: means over positions.", columns, shown)


def draw_worth(workspace: Workspace, own: pd.DataFrame) -> Picture:
    """Won, drawn and lost positions by ply."""
    counts = own.groupby(["ply", "best"]).size().unstack(fill_value=0)
    with figures.figure(workspace.figures / "explored-worth") as (_, axes):
        bottom = np.zeros(len(counts))
        for worth, colour in COLOURS.items():
            height = counts.get(worth, pd.Series(0, counts.index)).to_numpy()
            axes.bar(counts.index, height, bottom=bottom, color=colour, label=boards.WORTH[worth])
            bottom = bottom + height
        axes.set(xlabel="ply", ylabel="positions")
        axes.legend(loc="upper right", ncols=3)
    return Picture(
        "What the training positions of connect four are worth to the side to move, by ply.",
        "Bars by ply, a colour for each exact value.",
    )


def draw_boards(workspace: Workspace, game: Game, own: list[data.Position]) -> Picture:
    """Some positions with the moves that keep their value."""
    chosen = [position for position in own if position.decisive][:SHOWN]
    states = [data.replay(game, position.moves) for position in chosen]
    titles = [f"ply {each.ply}: {boards.WORTH[each.best]} to the side to move" for each in chosen]
    marks: list[tuple[int | None, list[int]]] = [
        (None, [move for move, value in enumerate(each.values) if value == each.best])
        for each in chosen
    ]
    boards.draw(workspace.figures / "explored-boards", game, states, titles, marks)
    return Picture(
        "The first training positions where it matters: rings are moves that keep the value.",
        "Boards of connect four with the moves that keep what the position is worth.",
    )
