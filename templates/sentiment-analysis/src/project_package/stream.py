"""Another kind of text as traffic: from some text on, a kind that nobody had taught comes too."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from . import data, model
from .kit.replay import Stream, invented_days
from .kit.served import Seen, Watch
from .kit.workspace import Workspace
from .model import Terms
from .train import rate_unseen
from .watch import summarise

ARRIVES = "nyt"
A_DAY = 100
JUDGED = Watch(metric="pearson_r", label="Pearson r")


def replay(workspace: Workspace) -> Stream:
    """One fold's texts of three kinds; in their second half every second text is of the fourth.

    The models are fitted to the other folds of the training set without the fourth kind, which
    is then rated as the service rates what it was not taught.
    """
    config, seed = workspace.config, workspace.seed
    snippets = data.load(workspace, "train", reader="simulate")
    snippets = snippets.sample(frac=1, random_state=seed, ignore_index=True)
    counts = model.count(snippets.text, Terms(**config["features"]))
    new, held = (snippets.kind == ARRIVES).to_numpy(), (snippets.fold == snippets.fold.max())
    past = np.flatnonzero(~new & ~held & ~snippets.group.isin(snippets.group[new]))
    usual, other = np.flatnonzero(~new & held), np.flatnonzero(new)
    before, mixed = np.array_split(usual, 2)
    mixed = np.concatenate([mixed, other[: len(mixed)]])
    later = np.concatenate([before, np.random.default_rng(seed).permutation(mixed)])

    ratings = np.empty(len(snippets))
    for fit, unseen in model.grouped_folds(snippets.iloc[past], config["train"]["folds"], seed):
        ratings[past[unseen]] = rate(workspace, snippets, counts, past[fit], past[unseen], True)
    ratings[usual] = rate(workspace, snippets, counts, past, usual, True)
    ratings[other] = rate(workspace, snippets, counts, past, other, False)
    names = [data.NAMES[kind] for kind in data.KINDS if kind != ARRIVES]
    return Stream(
        title=f"{', '.join(names).capitalize()}; then as many {data.NAMES[ARRIVES]} among them "
        f"(in days that are invented, {A_DAY} texts each)",
        past=seen(snippets.iloc[past], ratings[past]),
        past_truths=snippets.rating[past].to_list(),
        later=seen(snippets.iloc[later], ratings[later]),
        later_truths=snippets.rating[later].to_list(),
        times=invented_days(len(later), A_DAY),
        begins=len(before),
        watch=JUDGED,
    )


def rate(
    workspace: Workspace,
    snippets: pd.DataFrame,
    counts: NDArray,
    fit: NDArray,
    unseen: NDArray,
    taught: bool,
) -> NDArray[np.float64]:
    """Ratings of the unseen rows by the model for kinds that it was taught, or by the other."""
    config, cut = workspace.config, (fit, unseen)
    recipe = model.build_taught(config) if taught else model.build(config)
    terms = Terms(**config["features"])
    (found,) = rate_unseen([recipe], snippets, counts, cut, terms, workspace.seed, adapted=taught)
    return found


def seen(snippets: pd.DataFrame, ratings: NDArray[np.float64]) -> list[Seen]:
    """What the service would have logged."""
    return [
        Seen(float(rating), summarise(text))
        for rating, text in zip(ratings, snippets.text, strict=True)
    ]
