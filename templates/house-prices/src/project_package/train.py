"""Fit the model of config.toml, and tune its baselines by grouped cross-validation."""

import time
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.model_selection import GroupKFold, cross_val_predict
from tqdm import tqdm

from . import data, model
from .kit.persistence import save_model
from .kit.provenance import write_training
from .kit.served import tabulate
from .kit.statistics import STRONGEST, Predictions
from .kit.workspace import Workspace
from .watch import summarise

Cut = tuple[NDArray[np.int64], NDArray[np.int64]]
MODEL = "gradient boosting"
REFERENCE_DIGITS = 4
WORTH_PROCESSES = 5_000  # rows; with fewer, starting processes takes longer than the work


def run(workspace: Workspace) -> None:
    """Write models/model.skops and models/training.json. The test set is not opened."""
    started = time.perf_counter()
    config, train = workspace.config, data.load(workspace, "train", reader="train")
    validation = data.load(workspace, "validation", reader="train")

    simple = model.simple_methods(config)
    settings_of_simple = model.settings_of(simple)
    candidates = {MODEL: model.build(config)}
    cuts = grouped_folds(train, workspace.seed, config["train"]["folds"])
    table = compare(train, {**candidates, **settings_of_simple}, cuts)

    def best(names: Iterable[str]) -> str:
        return min(names, key=lambda name: table[name]["median_ape"])

    tuned = {name: best(f"{name}, {setting}" for setting in simple[name]) for name in simple}
    fitted = {
        "chosen": candidates[MODEL],
        **{name: settings_of_simple[entry] for name, entry in tuned.items()},
        **model.naive_methods(config),
    }
    for regressor in fitted.values():
        regressor.fit(train[data.FEATURES], train.price)
    low, high, margin = model.interval_ends(train, validation, data.FEATURES, config)
    save_model(workspace, {**fitted, "low": low, "high": high})
    expected = fitted["chosen"].predict(validation[data.FEATURES])
    write_training(
        workspace,
        {
            "chosen": MODEL,
            "simple": sorted(tuned, key=lambda name: table[tuned[name]]["median_ape"]),
            "tuned": tuned,
            "candidates": table,
            "margin": margin,
            "typical": typical_house(train).to_dict(),
            "districts": describe_districts(train),
            "coverage": config["intervals"]["coverage"],
            "reference_scores": np.log(expected).round(REFERENCE_DIGITS).tolist(),
            "reference_summaries": tabulate(
                [summarise(house) for house in validation.to_dict("records")]
            ),
        },
        seconds=time.perf_counter() - started,
    )
    print(f"{MODEL}: cross-validated median error {table[MODEL]['median_ape']:.2%}")


def held_out(workspace: Workspace) -> Predictions:
    """What the model of config.toml says of sales of the training set that it was not fitted to."""
    train = data.load(workspace, "train", reader="train")
    cuts = grouped_folds(train, workspace.seed, workspace.config["train"]["folds"])
    fold = np.empty(len(train), dtype=int)
    for number, (_, held_rows) in enumerate(cuts):
        fold[held_rows] = number
    said = out_of_fold(train, model.build(workspace.config), cuts)
    rows = {"id": train.id, "group": train.house, "fold": fold, "truth": train.price, "model": said}
    return Predictions(
        pd.DataFrame(rows),
        metric="median_ape",
        higher_is_better=False,
        baselines={" or ".join(model.simple_methods(workspace.config)): STRONGEST},
        unit="sales",
    )


def held_out_baseline(workspace: Workspace) -> NDArray[np.float64]:
    """What the strongest simple method says of the same rows, the best of its settings."""
    train = data.load(workspace, "train", reader="train")
    cuts = grouped_folds(train, workspace.seed, workspace.config["train"]["folds"])
    settings = model.settings_of(model.simple_methods(workspace.config))
    said = [out_of_fold(train, regressor, cuts) for regressor in tqdm(settings.values())]
    return min(said, key=lambda prices: model.median_ape(train.price, prices))


def out_of_fold(train: pd.DataFrame, regressor: Any, cuts: Sequence[Cut]) -> NDArray[np.float64]:
    """Prices of all rows, each by a model that had not seen its house, shape (n,)."""
    workers = -1 if len(train) > WORTH_PROCESSES else 1
    said = cross_val_predict(regressor, train[data.FEATURES], train.price, cv=cuts, n_jobs=workers)
    return np.asarray(said)


def grouped_folds(train: pd.DataFrame, seed: int, folds: int) -> list[Cut]:
    """Rows to fit on and rows to value; a house is in one fold."""
    splitter = GroupKFold(n_splits=folds, shuffle=True, random_state=seed)
    return list(splitter.split(train, groups=train.house))


def compare(
    train: pd.DataFrame, candidates: Mapping[str, Any], cuts: Sequence[Cut]
) -> dict[str, dict[str, float]]:
    """Median error of every candidate, with its standard deviation over the folds."""
    table = {}
    for name, candidate in tqdm(candidates.items(), desc="cross-validation", unit="candidate"):
        said = out_of_fold(train, candidate, cuts)
        errors = [model.median_ape(train.price.iloc[rows], said[rows]) for _, rows in cuts]
        table[name] = {"median_ape": float(np.mean(errors)), "deviation": float(np.std(errors))}
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
