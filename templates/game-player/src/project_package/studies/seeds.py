"""How much of the result is luck?"""

import numpy as np

from .. import data, judge
from ..evaluate import YARDSTICK, Findings, load_runs
from ..kit import figures
from ..kit.results import Picture, Study, Table
from ..kit.statistics import decimal
from ..kit.workspace import Workspace


def study(workspace: Workspace, evaluated: Findings) -> Study:
    """Every run beside the mean that is shipped."""
    own = [row for row in evaluated.training["runs"] if row["game"] == evaluated.game.name]
    drawn = {"learning-curve": draw(workspace, own)} if own[0]["curve"] else {}
    return Study(
        title="How much of it is luck?",
        text="Every run learned from a seed of its own. Each was judged on positions, and played "
        f"{YARDSTICK.name} in the openings of the headline.",
        tables={"runs": runs_table(workspace, evaluated, own)},
        figures=drawn,
        notes={"spread": spread_note(evaluated)},
    )


def runs_table(workspace: Workspace, found: Findings, own: list[dict]) -> Table:
    """Every run of the headline game, and their mean, which is shipped."""
    positions, rows = data.of_game(found.test, found.game), []
    for row, player in zip(own, load_runs(workspace, found.game), strict=True):
        judged = row["validation_mistakes"]
        rows.append(
            [
                ("**shipped:** " if row["shipped"] else "") + player.name,
                row["games"],
                "–" if judged is None else judged,
                judge.decisive_mistakes(player, positions) if positions else "–",
                float(found.scores(player.name, YARDSTICK.name).score.mean()),
            ]
        )
    last = "mistakes, validation set", "mistakes, test set", "score against MCTS-100"
    return Table(
        "Runs differ in their seed alone; the mean averages what they think of a board and is "
        "shipped, whatever stands here.",
        ["player", "games", *last],
        rows,
    )


def spread_note(found: Findings) -> str:
    """How much the headline depends on the seed."""
    names = sorted({name for name in found.games.player if name.startswith("run ")})
    means = [found.scores(name, YARDSTICK.name).score.mean() for name in names]
    if len(means) < 2:
        return "One run only: the spread between seeds is not known."
    return (
        f"{len(means)} single runs, each with its own seed and tuples, score "
        f"{decimal(np.mean(means))} ± {decimal(np.std(means, ddof=1))} (standard deviation) "
        f"against MCTS-100, from {decimal(min(means))} to {decimal(max(means))}. The player of the "
        "headline averages them; how far that average would move with other seeds was not measured."
    )


def draw(workspace: Workspace, own: list[dict]) -> Picture:
    """Mistakes where it matters by games of self-play."""
    with figures.figure(workspace.figures / "learning-curve") as (_, axes):
        for row in own:
            if row["curve"]:
                played, mistakes = zip(*row["curve"], strict=True)
                axes.plot(played, mistakes, linewidth=1, label=row["run"])
        axes.set(xlabel="games of self-play", ylabel="mistakes where it matters", ylim=(0, None))
        axes.xaxis.set_major_formatter(lambda value, _: f"{value:,.0f}")
        axes.legend()
    return Picture(
        "Learning curve on positions of the training set, which are watched and never learned "
        "from.",
        "Share of mistakes against games of self-play, one line a run.",
    )
