"""A stronger opponent as traffic: from some game on, somebody sits there who looks further."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from . import data
from .evaluate import STRONG, YARDSTICK
from .games import Game, find_game
from .kit.replay import Stream, invented_days
from .kit.served import Seen, Watch
from .kit.workspace import Workspace
from .matches import play_matches
from .players import Learned, Player
from .train import short_run
from .watch import summarise

MATCHES = 2  # of `pairs` openings: for the past, and for either half of what comes later
A_DAY = 20
JUDGED = Watch(metric="mean_of_truths", label="mean score")


def replay(workspace: Workspace) -> Stream:
    """Games of a short run against the headline's opponent, then against a stronger one.

    Of each game one move, drawn by lot, stands in the log: moves of one game resemble each other.
    The openings are drawn anew; the sealed ones stay closed.
    """
    config, seed = workspace.config, workspace.seed
    game = find_game(config["games"][0])
    learned, pairs = short_run(workspace, game), MATCHES * config["evaluate"]["pairs"]
    plies = config["data"]["opening_plies"] + 1  # one more than those that are sealed
    openings = data.draw_openings(game, seed, 3 * pairs, plies)
    past, usual, later = (
        play(workspace, game, learned, opponent, openings[start : start + pairs])
        for start, opponent in ((0, YARDSTICK), (pairs, YARDSTICK), (2 * pairs, STRONG))
    )
    random = np.random.default_rng(seed)
    both = pd.concat([usual, later], ignore_index=True)
    return Stream(
        title=f"{game.title} against {YARDSTICK.name}; then against {STRONG.name}, by a player of "
        f"one short run (in days that are invented, {A_DAY} games each)",
        past=[see(game, learned, record, random) for record in past.itertuples()],
        past_truths=past.score.to_list(),
        later=[see(game, learned, record, random) for record in both.itertuples()],
        later_truths=both.score.to_list(),
        times=invented_days(len(both), A_DAY),
        begins=len(usual),
        watch=JUDGED,
    )


def play(
    workspace: Workspace,
    game: Game,
    learned: Learned,
    opponent: Player,
    openings: Sequence[data.Opening],
) -> pd.DataFrame:
    """The games of one match, one row each."""
    parallel = not workspace.holds_sample
    match = [(learned, opponent)]
    return play_matches(game, match, openings, workspace.seed, parallel=parallel)


def see(game: Game, learned: Learned, record: pd.Series, random: np.random.Generator) -> Seen:
    """What the service would have logged of one of the player's moves."""
    moves = [int(move) for move in record.moves.split(".")]
    opening = len(record.opening.split("."))
    own = [ply for ply in range(opening, len(moves)) if ply % 2 == record.seat]
    ply = int(random.choice(own))
    rating = learned.rate(game, data.replay(game, moves[:ply]))
    return Seen(float(rating.values[rating.moves == moves[ply]][0]), summarise(moves[:ply]))
