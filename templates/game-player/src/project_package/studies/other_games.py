"""What does the same program learn of other games?"""

import numpy as np
import pandas as pd

from ..evaluate import ONE_PLY, STRONG, YARDSTICK, Findings, sealed_openings, searcher
from ..games import GAMES, find_game
from ..kit.results import Study, Table
from ..kit.statistics import bootstrap
from ..kit.workspace import Workspace
from ..matches import play_matches
from ..players import Learned, RandomPlayer
from ..storage import load_networks


def study(workspace: Workspace, evaluated: Findings) -> Study:
    """A shorter programme for the games that are not the headline; their games are kept."""
    networks, played = load_networks(workspace.models / "model.npz"), []
    settings, seed = workspace.config["evaluate"], workspace.seed
    options = {"parallel": not workspace.holds_sample}
    for game in map(find_game, workspace.config["games"][1:]):
        learned = Learned(networks[game.name])
        searching = searcher(workspace, networks[game.name])
        openings = sealed_openings(workspace, game)
        quick = [(learned, opponent) for opponent in (RandomPlayer(), ONE_PLY, YARDSTICK)]
        long = [(searching, STRONG)]
        played.append(play_matches(game, quick, openings, seed, **options))
        few = openings[: settings["pairs_long"]]
        played.append(play_matches(game, long, few, seed, **options))
    columns = evaluated.games.columns
    others = pd.concat(played, ignore_index=True) if played else pd.DataFrame(columns=columns)
    others.to_csv(workspace.reports / "other-games.csv", index=False, lineterminator="\n")
    return Study(
        title="The other games",
        text="The same program learned the other games of config.toml, and played in their own "
        f"sealed openings; where both sides search, in the first {settings['pairs_long']}.",
        tables={"others": others_table(others, seed)},
    )


def others_table(others: pd.DataFrame, seed: int) -> Table:
    """The other games, played by the same program."""
    rows = []
    for (name, player, opponent), games in others.groupby(
        ["game", "player", "opponent"], sort=False
    ):
        interval = bootstrap(np.mean, games.score, groups=games.pair, seed=seed)
        rows.append([GAMES[name].title, player, opponent, len(games), interval])
    return Table(
        "The other games of config.toml.", ["game", "player", "opponent", "games", "score"], rows
    )
