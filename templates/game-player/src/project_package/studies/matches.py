"""Who scores what against whom?"""

import numpy as np

from ..evaluate import ONE_PLY, YARDSTICK, Findings
from ..kit import figures
from ..kit.results import Picture, Study, Table
from ..kit.statistics import bootstrap
from ..kit.workspace import Workspace
from ..train import MEAN


def study(workspace: Workspace, evaluated: Findings) -> Study:
    """All matches of the headline game."""
    return Study(
        title="Who scores what against whom?",
        text="Every match was played in the openings of the headline, each opening with both "
        "colours.",
        tables={"matches": matches_table(evaluated, workspace.seed)},
        figures={"matches": draw(workspace, evaluated)},
    )


def matches_table(found: Findings, seed: int) -> Table:
    """Who scored what against whom."""
    rows = []
    for (player, opponent), games in found.games.groupby(["player", "opponent"], sort=False):
        if str(player).startswith("run ") or player == MEAN:
            continue
        won, drawn = int((games.score == 1).sum()), int((games.score == 0.5).sum())
        rows.append(
            [
                player,
                opponent,
                bootstrap(np.mean, games.score, groups=games.pair, seed=seed),
                f"{won} / {drawn} / {len(games) - won - drawn}",
            ]
        )
    each = len(found.scores(found.learned.name, YARDSTICK.name))
    return Table(
        f"{each} games a match; half of them with each colour. Score: won 1, drawn ½.",
        ["player", "opponent", "score", "won / drawn / lost"],
        rows,
    )


def draw(workspace: Workspace, found: Findings) -> Picture:
    """Scores of learned player and baselines, with intervals."""
    colours = figures.OTHER, figures.BASELINE, figures.MODEL, "#7c3aed"
    players = ONE_PLY, found.look_ahead, found.learned, found.searching
    opponents = list(found.games.opponent.unique())[::-1]
    with figures.figure(workspace.figures / "matches") as (_, axes):
        for shift, (player, colour) in enumerate(zip(players, colours, strict=True)):
            places, scores = [], []
            for place, opponent in enumerate(opponents):
                games = found.scores(player.name, opponent)
                if len(games):
                    places.append(place + 0.18 * (shift - 1.5))
                    drawn = {"groups": games.pair, "seed": workspace.seed}
                    scores.append(bootstrap(np.mean, games.score, **drawn))
            ends = [[s.value - s.low for s in scores], [s.high - s.value for s in scores]]
            values, looks = [s.value for s in scores], {"color": colour, "label": player.name}
            axes.errorbar(values, places, xerr=ends, fmt="o", capsize=3, **looks)
        axes.axvline(0.5, color=figures.OTHER, linestyle="--", linewidth=1)
        axes.set(xlabel="score (½ = equal strength)", xlim=(-0.02, 1.02))
        axes.set_yticks(range(len(opponents)), [f"against {name}" for name in opponents])
        axes.legend(loc="upper center", bbox_to_anchor=(0.5, 1.22), ncols=2)
    return Picture(
        f"{found.game.title}: scores with 95 % intervals over pairs of games.",
        "Scores with intervals by opponent, for the one-ply player, alpha-beta, and the learned "
        "player with and without search.",
    )
