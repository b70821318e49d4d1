"""Fit the model of config.toml to earlier cut-offs, tune its baselines there, choose segments.

What is tried is judged at one earlier cut-off, by models of still earlier ones and of other
customers; the test set, what came after the last cut-off, is not opened.
"""

import time
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.model_selection import GroupKFold

from . import data, model, segments
from .kit.persistence import save_model
from .kit.provenance import write_training
from .kit.served import tabulate
from .kit.statistics import STRONGEST, Predictions
from .kit.workspace import Workspace
from .watch import summarise

MODEL = "log-linear regression"
PLACES = 4  # of a number that is kept for monitoring


def run(workspace: Workspace) -> None:
    """Write models/model.skops and models/training.json. The test set is not opened."""
    started = time.perf_counter()
    config, seed = workspace.config, workspace.seed
    train = data.load(workspace, "train", reader="train")
    judged, learned = judged_rows(train, config), train[train.asked == config["data"]["last"]]

    simple = model.simple_methods(config)
    table = {MODEL: out_of_fold(train, judged, config)}
    for name, tried in simple.items():
        table |= {f"{name}, {setting}": say(judged) for setting, say in tried.items()}
    scores = {name: model.normalised_gini(judged.spend, said) for name, said in table.items()}

    def best(name: str) -> str:
        return max(simple[name], key=lambda setting: scores[f"{name}, {setting}"])

    tuned = {name: best(name) for name in simple}

    sizes = segments.try_sizes(judged, config["segments"], seed)
    chosen = segments.choose(sizes, config["segments"]["worth"])
    now = data.describe(data.load(workspace, "orders", reader="train"), last_cutoff(config))
    fitted = {target: model.fit(config, learned, target) for target in ("spend", "orders")}
    fitted["segments"] = segments.k_means(chosen, seed, config["segments"]["starts"]).fit(now)
    save_model(workspace, fitted)

    days = config["data"]["horizon"]
    some = now.sample(min(config["train"]["reference"], len(now)), random_state=seed)
    write_training(
        workspace,
        {
            "chosen": MODEL,
            "simple": sorted(tuned, key=lambda name: -scores[f"{name}, {tuned[name]}"]),
            "tuned": tuned,
            "candidates": scores,
            "sizes": sizes,
            "segments": segments.describe(now, fitted, days),
            "typical": now.median().to_dict(),
            "days": days,
            "reference_scores": np.log1p(fitted["spend"].predict(some) * days)
            .round(PLACES)
            .tolist(),
            "reference_summaries": tabulate(
                [summarise(customer) for customer in some.to_dict("records")]
            ),
        },
        seconds=time.perf_counter() - started,
    )
    print(f"{MODEL}: normalised Gini {scores[MODEL]:.3f} at an earlier cut-off; {chosen} segments")


def last_cutoff(config: Mapping[str, Any]) -> pd.Timestamp:
    """The day after which the test set begins."""
    return pd.Timestamp(config["data"]["last"])


def judged_rows(train: pd.DataFrame, config: Mapping[str, Any]) -> pd.DataFrame:
    """The customers at the cut-off by which ideas are judged, with a `fold` for each."""
    settings = config["data"]
    longest = train.window == max(settings["windows"])
    from_feedback = train.id.str.startswith("feedback/")
    rows = train[longest & (train.asked == settings["last"]) & ~from_feedback]
    splitter = GroupKFold(config["train"]["folds"], shuffle=True, random_state=config["seed"])
    fold = np.empty(len(rows), dtype=int)
    for number, (_, held) in enumerate(splitter.split(rows, groups=rows.customer)):
        fold[held] = number
    return rows.assign(fold=fold).reset_index(drop=True)


def out_of_fold(
    train: pd.DataFrame, judged: pd.DataFrame, config: Mapping[str, Any]
) -> NDArray[np.float64]:
    """Spend a day of the judged rows, by models of earlier cut-offs and other customers, (n,)."""
    earlier = train[train.asked == judged.cutoff.iloc[0]]
    fold_of = judged.set_index("customer").fold
    folds = earlier.customer.map(fold_of)
    said = np.empty(len(judged))
    for number in sorted(judged.fold.unique()):
        held = (judged.fold == number).to_numpy()
        fitted = model.fit(config, earlier[folds != number], "spend")
        said[held] = fitted.predict(judged[held])
    return said


def held_out(workspace: Workspace) -> Predictions:
    """What the model of config.toml says at the judged cut-off of customers it never learned of."""
    train = data.load(workspace, "train", reader="train")
    judged = judged_rows(train, workspace.config)
    said = out_of_fold(train, judged, workspace.config)
    columns = {"customer": "group", "spend": "truth"}
    rows = judged[["id", "customer", "fold", "spend"]].rename(columns=columns).assign(model=said)
    return Predictions(
        rows,
        metric="normalised_gini",
        higher_is_better=True,
        baselines={" or ".join(model.simple_methods(workspace.config)): STRONGEST},
        unit="customers",
    )


def held_out_baseline(workspace: Workspace) -> NDArray[np.float64]:
    """What the strongest simple method says of the same rows, the best of its settings there."""
    judged = judged_rows(data.load(workspace, "train", reader="train"), workspace.config)
    methods = model.simple_methods(workspace.config).values()
    said = [say(judged) for tried in methods for say in tried.values()]
    return max(said, key=lambda order: model.normalised_gini(judged.spend, order))
