"""Fit the model of config.toml, and tune its baselines on rolling origins of the training set."""

import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from tqdm import tqdm

from . import baselines, data, intervals, model
from .kit.persistence import save_model
from .kit.provenance import write_training
from .kit.served import tabulate
from .kit.statistics import STRONGEST, Predictions
from .kit.workspace import Workspace
from .model import Series
from .watch import watched

MODEL = "ridges and boosting"
REFERENCE_DIGITS = 4
Method = Callable[[Series, int], NDArray[np.float64]]


def run(workspace: Workspace) -> None:
    """Write models/model.skops and models/training.json. The test set is not opened."""
    started = time.perf_counter()
    config = workspace.config
    series, _ = data.series(data.load(workspace, "train", reader="train"))
    days, simple = origins(series, config), baselines.simple_methods(config)
    truth = series.demand[days]
    said = forecasts(series, days, config)
    for name, settings in simple.items():
        for setting, method in tqdm(settings.items(), desc=name):
            said[f"{name}, {setting}"] = ask(method, series, days)
    said |= {name: ask(method, series, days) for name, method in baselines.naive_methods().items()}
    table = {name: {"mape": model.mape(truth, each)} for name, each in said.items()}
    tuned = {
        name: min((f"{name}, {each}" for each in simple[name]), key=lambda key: table[key]["mape"])
        for name in simple
    }
    # At noon of the last day that day is not over: it is not learned from.
    learned = model.learnable(series, len(series.demand) - 1, config["model"]["warm_up"])
    fitted = model.fit(series, learned, config)
    save_model(
        workspace, {"boosting": list(fitted.boosting), "ridges": fitted.ridges, "seen": fitted.seen}
    )
    rows = np.stack([fitted.rows(series, day) for day in learned])
    pairs = zip(days, said[MODEL], strict=True)
    seen = [each for day, own in pairs for each in watched(series, day, own)]
    weekly = series.demand[model.WEEK :] - series.demand[: -model.WEEK]
    write_training(
        workspace,
        {
            "chosen": MODEL,
            "simple": sorted(tuned, key=lambda name: table[tuned[name]]["mape"]),
            "tuned": tuned,
            "candidates": table,
            "settings": config["model"],
            "levels": config["intervals"]["levels"],
            "misses": np.log(truth / said[MODEL]).tolist(),
            "margins": {
                f"{level:g}": intervals.margins(
                    np.log(truth / said[MODEL]), level, config["intervals"]["neighbours"]
                ).tolist()
                for level in config["intervals"]["levels"]
            },
            "typical": np.median(rows, axis=(0, 2)).tolist(),
            "scale": float(np.nanmean(np.abs(weekly))),
            "profiles": profiles(series, days),
            "reference_scores": [round(each.score, REFERENCE_DIGITS) for each in seen],
            "reference_summaries": tabulate([each.summaries for each in seen]),
        },
        seconds=time.perf_counter() - started,
    )
    print(f"{MODEL}: error {table[MODEL]['mape']:.2f} % on the last {len(days)} days of training")


def forecasts(
    series: Series, days: list[int], config: dict[str, Any]
) -> dict[str, NDArray[np.float64]]:
    """What the model says of each day as they came, and what either half of it says alone."""
    shares = {MODEL: config["model"]["boosting_share"], "ridges alone": 0.0, "boosting alone": 1.0}
    said: dict[str, list[NDArray[np.float64]]] = {name: [] for name in shares}
    for block, fitted in model.refits(series, days, config):
        for name, share in shares.items():
            part = replace(fitted, settings={**fitted.settings, "boosting_share": share})
            said[name] += [part.forecast(series, day) for day in block]
    return {name: np.array(each) for name, each in said.items()}


def origins(series: Series, config: dict[str, Any]) -> list[int]:
    """The last days of a series that are forecast as if they were to come."""
    last = range(len(series.demand) - config["train"]["origins"], len(series.demand))
    return [day for day in last if series.known[day] and model.ready(series, day)]


def ask(method: Method, series: Series, days: list[int]) -> NDArray[np.float64]:
    """What a simple method says of each day, shape (days, 48)."""
    return np.array([method(series, day) for day in days])


def held_out(workspace: Workspace) -> Predictions:
    """What the model of config.toml says of the last days of the training set, week by week."""
    series, dates, days = _training(workspace)
    said = model.roll(series, days, workspace.config)
    weeks = data.weeks([dates[day] for day in days])
    rows = {
        "id": [f"{dates[day]} {slot:02d}" for day in days for slot in range(model.SLOTS)],
        "group": np.repeat(weeks, model.SLOTS),
        "fold": np.repeat(pd.factorize(np.array(weeks))[0], model.SLOTS),
        "truth": series.demand[days].ravel(),
        "model": said.ravel(),
    }
    return Predictions(
        pd.DataFrame(rows),
        metric="mape",
        higher_is_better=False,
        baselines={" or ".join(baselines.simple_methods(workspace.config)): STRONGEST},
        unit="half-hours",
    )


def held_out_baseline(workspace: Workspace) -> NDArray[np.float64]:
    """What the strongest simple method says of the same half-hours, the best of its settings."""
    series, _, days = _training(workspace)
    settings = baselines.simple_methods(workspace.config)
    methods = [method for each in settings.values() for method in each.values()]
    said = [ask(method, series, days).ravel() for method in methods]
    return min(said, key=lambda each: model.mape(series.demand[days].ravel(), each))


def _training(workspace: Workspace) -> tuple[Series, list[str], list[int]]:
    series, dates = data.series(data.load(workspace, "train", reader="train"))
    return series, dates, origins(series, workspace.config)


def profiles(series: Series, days: list[int]) -> dict[str, list[list[float]]]:
    """The usual demand and temperature of each kind of day, for the page: medians, no day's own."""
    kind = series.kind[days]
    return {
        name: [
            np.median(table[days][kind == each], axis=0).round(REFERENCE_DIGITS).tolist()
            for each in (model.WORKING, model.SATURDAYS, model.FREE)
        ]
        for name, table in (("demand", series.demand), ("temperature", series.temperature))
    }
