"""Choose the model, and tune its baselines, by grouped cross-validation on the training set."""

import time
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd
from sklearn.base import clone
from sklearn.model_selection import GroupKFold
from tqdm import tqdm

from . import data, model
from .kit.persistence import save_model
from .kit.provenance import write_training
from .kit.workspace import Workspace


def run(workspace: Workspace) -> None:
    """Write models/model.skops and models/training.json. The test set is not opened."""
    started = time.perf_counter()
    settings = workspace.config["train"]
    train = data.load(workspace, "train", reader="train")
    validation = data.load(workspace, "validation", reader="train")

    simple = model.simple_methods()
    settings_of_simple = {
        f"{name}, {setting}": regressor
        for name, tried in simple.items()
        for setting, regressor in tried.items()
    }
    candidates = model.candidates(workspace.seed, settings["trees"])
    table = compare(train, {**candidates, **settings_of_simple}, workspace.seed, settings["folds"])

    def best(names: Iterable[str]) -> str:
        return min(names, key=lambda name: table[name]["median_ape"])

    chosen = best(candidates)
    tuned = {name: best(f"{name}, {setting}" for setting in simple[name]) for name in simple}
    fitted = {
        "chosen": candidates[chosen],
        **{name: settings_of_simple[entry] for name, entry in tuned.items()},
        **model.naive_methods(),
    }
    for regressor in fitted.values():
        regressor.fit(train[data.FEATURES], train.price)
    low, high, margin = model.interval_ends(
        train, validation, data.FEATURES, settings["coverage"], workspace.seed
    )
    save_model(workspace, {**fitted, "low": low, "high": high})
    expected = fitted["chosen"].predict(validation[data.FEATURES])
    write_training(
        workspace,
        {
            "chosen": chosen,
            "simple": sorted(tuned, key=lambda name: table[tuned[name]]["median_ape"]),
            "tuned": tuned,
            "candidates": table,
            "margin": margin,
            "typical": typical_house(train).to_dict(),
            "districts": describe_districts(train),
            "settings": settings,
            "reference_scores": np.log(expected).round(4).tolist(),
        },
        seconds=time.perf_counter() - started,
    )
    print(f"chosen: {chosen}, cross-validated median error {table[chosen]['median_ape']:.2%}")


def compare(
    train: pd.DataFrame, candidates: Mapping[str, Any], seed: int, folds: int
) -> dict[str, dict[str, float]]:
    """Median error of every candidate, with its spread over folds; a house is in one fold."""
    splitter = GroupKFold(n_splits=folds, shuffle=True, random_state=seed)
    cuts = list(splitter.split(train, groups=train.house))
    table = {}
    with tqdm(total=len(candidates) * folds, desc="cross-validation", unit="fit") as progress:
        for name, candidate in candidates.items():
            errors = []
            for fit_rows, held_rows in cuts:
                fit, held_out = train.iloc[fit_rows], train.iloc[held_rows]
                fitted = clone(candidate).fit(fit[data.FEATURES], fit.price)
                predicted = fitted.predict(held_out[data.FEATURES])
                errors.append(model.median_ape(held_out.price, predicted))
                progress.update()
            table[name] = {
                "median_ape": float(np.mean(errors)),
                "spread": float(np.std(errors)),
            }
    return table


def typical_house(train: pd.DataFrame) -> pd.Series:
    """The median of every feature, and the district with most sales."""
    typical = train[data.FEATURES].median()
    typical["zipcode"] = train.zipcode.mode()[0]
    return typical


def describe_districts(train: pd.DataFrame) -> dict[str, dict[str, float]]:
    """For each zip code what the service fills in: its middle, and its neighbours' sizes."""
    place = ["latitude", "longitude", "sqft_living_15nn", "sqft_lot_15nn"]
    medians = train.groupby("zipcode")[place].median()
    return {str(zipcode): row.to_dict() for zipcode, row in medians.iterrows()}
