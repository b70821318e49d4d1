"""Choose the model by grouped cross-validation on the training part; fit it and its intervals."""

import time

import numpy as np
import pandas as pd
from sklearn.base import clone
from sklearn.model_selection import GroupKFold
from tqdm import tqdm

from . import data, model
from .persistence import save_model
from .workspace import Workspace, write_json


def run(workspace: Workspace) -> None:
    """Write models/model.skops and models/training.json. The test part is not opened."""
    started = time.perf_counter()
    settings = workspace.config["train"]
    train = data.load(workspace, "train", reader="train")
    validation = data.load(workspace, "validation", reader="train")

    table = compare(train, workspace.seed, settings["folds"])
    chosen = min(table, key=lambda name: table[name]["median_ape"])
    fitted = {
        "median price": model.median_price(),
        "linear model": model.linear_model(),
        "chosen": model.candidates(workspace.seed)[chosen],
    }
    for regressor in fitted.values():
        regressor.fit(train[data.FEATURES], train.price)

    tail = (1 - settings["coverage"]) / 2
    low, high = (
        model.spread(workspace.seed, quantile).fit(train[data.FEATURES], np.log(train.price))
        for quantile in (tail, 1 - tail)
    )
    seen = validation[data.FEATURES]
    margin = model.conformal_margin(
        np.log(validation.price), low.predict(seen), high.predict(seen), settings["coverage"]
    )
    save_model(workspace, {**fitted, "low": low, "high": high})
    write_json(
        workspace.models / "training.json",
        {
            "chosen": chosen,
            "candidates": table,
            "margin": margin,
            "typical": typical_house(train).to_dict(),
            "districts": describe_districts(train),
            "settings": settings,
            "seconds": round(time.perf_counter() - started, 1),
            "reference_scores": np.log(fitted["chosen"].predict(seen)).round(4).tolist(),
        },
    )
    print(f"chosen: {chosen}, cross-validated median error {table[chosen]['median_ape']:.2%}")


def compare(train: pd.DataFrame, seed: int, folds: int) -> dict[str, dict[str, float]]:
    """Median error of every candidate, with its spread over folds; a house is in one fold."""
    splitter = GroupKFold(n_splits=folds, shuffle=True, random_state=seed)
    cuts = list(splitter.split(train, groups=train.house))
    table = {}
    candidates = model.candidates(seed)
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
