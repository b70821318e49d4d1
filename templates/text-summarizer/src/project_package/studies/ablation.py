"""What is left without each group of features?"""

import numpy as np
from tqdm import tqdm

from .. import features, model
from ..evaluate import RULE, Evaluated
from ..kit.results import Study, Table
from ..kit.workspace import Workspace


def study(_workspace: Workspace, evaluated: Evaluated) -> Study:
    """The rotation once more for each group of features, without that group."""
    return Study(
        title="Without each group of features",
        text="The ranker is fitted anew without one group of features at a time, on the same folds "
        "and for every article. Groups overlap in what they know, so a small loss does not mean "
        "that a group is worth little.",
        tables={"ablation": ablation_table(evaluated)},
    )


def ablation_table(evaluated: Evaluated) -> Table:
    """The ranker minus the rule without each group; no table here knows of a fold's own labels."""
    corpus = evaluated.corpus
    recipe, rule = model.build(corpus.config), evaluated.reached(RULE)
    rows: list[list] = [["nothing", 0, corpus.interval(evaluated.gain).signed]]
    for group, names in tqdm(features.GROUPS.items(), desc="ablation", unit="group"):
        used = [name for name in features.NAMES if name not in names]
        scores = np.empty(len(corpus.table))
        for held in np.unique(corpus.fold):
            rows_held = corpus.fold == held
            fitted = model.fit_on(recipe, corpus.table[~rows_held], used)
            scores[rows_held] = model.score_on(fitted, corpus.table[rows_held], used)
        left = corpus.interval(corpus.served(scores) - rule)
        rows.append([group, len(names), left.signed])
    return Table(
        "The ranker minus the rule when a group of features is taken away.",
        ["without", "features", "difference"],
        rows,
    )
