"""The same idea on a second source: the 414 hourly series of the M4 competition, 48 hours ahead.

`python -m project_package.m4` downloads them, forecasts, and prints
sMAPE, MASE and OWA beside the published ones (Makridakis, Spiliotis and Assimakopoulos, 2020).
Here, too, a model learns by how much a value differs from the last ones of its kind, which are
the same hour on days and in weeks before. All series share one model; its settings stand here
and were tried on the last two days of the training parts.
"""

from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.ensemble import HistGradientBoostingRegressor

from .kit.sources import WebSource, fetch_first
from .kit.workspace import Workspace

COMMIT = "6c1067e5a57161249b17289a565178dc7a3fb3ca"
PLACE = f"https://raw.githubusercontent.com/Mcompetitions/M4-methods/{COMMIT}/Dataset"
SOURCE = WebSource(
    "M4 competition, hourly series",
    {
        f"{PLACE}/Train/Hourly-train.csv": (
            "ea59b7783573c49077a835ab6465c7d66f1474783360f310988a9a737fbca62f"
        ),
        f"{PLACE}/Test/Hourly-test.csv": (
            "71a57fccb15e534d973626ada4fb87febf789e9317715b7cc6dd3b5f90db6f42"
        ),
    },
)
AHEAD, DAY, WEEK = 48, 24, 168
PUBLISHED = {  # sMAPE and MASE of the competition's own benchmarks
    "Naive2": (18.383, 2.395),
    "seasonal naive": (13.912, 1.193),
    "Theta": (18.138, 2.455),
}
WINDOWS = 10  # that a series is cut into, two days apart


def run(workspace: Workspace) -> dict[str, tuple[float, float, float]]:
    """Print and return sMAPE, MASE and OWA, of the model and of those published."""
    folder = workspace.raw / "m4"
    fetch_first([SOURCE], folder)
    past, future = read(folder / "Hourly-train.csv"), read(folder / "Hourly-test.csv")
    said = forecast(past, workspace.seed)
    scores = [measures(*each) for each in zip(past, future, said, strict=True)]
    found = {"boosting over all series": tuple(np.mean(scores, axis=0)), **PUBLISHED}
    table = {name: (*pair, owa(*pair)) for name, pair in found.items()}
    for name, (error, scaled, both) in table.items():
        print(f"{name}: sMAPE {error:.3f}, MASE {scaled:.3f}, OWA {both:.3f}")
    return table


def read(path: Path) -> list[NDArray[np.float64]]:
    """The series of a file, one a row, as long as each is."""
    rows = pd.read_csv(path).iloc[:, 1:].to_numpy(dtype=float)
    return [row[~np.isnan(row)] for row in rows]


def forecast(past: list[NDArray[np.float64]], seed: int) -> list[NDArray[np.float64]]:
    """The next 48 hours of every series, by one model of all of them."""
    rows, target = [], []
    for series in past:
        scale = spread(series)
        for back in range(WINDOWS):
            end = len(series) - AHEAD * (back + 1)
            if end >= 2 * WEEK:
                rows.append(describe(series[:end], scale))
                target.append((series[end : end + AHEAD] - start(series[:end])) / scale)
    regressor = HistGradientBoostingRegressor(
        loss="absolute_error", max_iter=400, learning_rate=0.06, max_leaf_nodes=31,
        max_features=0.5, random_state=seed,
    ).fit(np.concatenate(rows), np.concatenate(target))  # fmt: skip
    return [
        start(series) + spread(series) * regressor.predict(describe(series, spread(series)))
        for series in past
    ]


def start(past: NDArray[np.float64]) -> NDArray[np.float64]:
    """What a forecast starts from: the same hours a week before, shape (48,)."""
    return past[len(past) - WEEK : len(past) - WEEK + AHEAD]


def spread(past: NDArray[np.float64]) -> float:
    """The median absolute difference from a day before, by which a series is scaled."""
    return float(np.median(np.abs(past[DAY:] - past[:-DAY]))) or float(np.std(past)) or 1.0


def level(values: NDArray[np.float64]) -> float:
    """What a stretch of hours comes to on average."""
    return float(np.average(values))


def describe(past: NDArray[np.float64], scale: float) -> NDArray[np.float64]:
    """One row an hour ahead: the last values of its hour, and of all hours, against the start."""
    base, end = start(past), len(past)
    hours = np.arange(AHEAD)
    last_day = past[end - DAY + hours % DAY]
    today = level(past[-DAY:])
    columns = [(past[end - DAY * back + hours % DAY] - base) / scale for back in range(1, 8)]
    columns += [
        (past[end - 2 * WEEK : end - 2 * WEEK + AHEAD] - base) / scale,
        np.full(AHEAD, (past[-1] - past[-1 - DAY]) / scale),
        np.full(AHEAD, (past[-1] - past[-1 - WEEK]) / scale),
        np.full(AHEAD, (today - level(past[-WEEK : -WEEK + DAY])) / scale),
        np.full(AHEAD, (today - level(past[-2 * DAY : -DAY])) / scale),
        (last_day - today) / scale,
        hours,
        np.full(AHEAD, np.log1p(scale / (np.abs(past).mean() + 1e-9))),
    ]
    return np.column_stack(columns)


def measures(
    past: NDArray[np.float64], truth: NDArray[np.float64], said: NDArray[np.float64]
) -> tuple[float, float]:
    """SMAPE in per cent and MASE of one series, as the competition defines them."""
    smape = 200 * np.mean(np.abs(truth - said) / (np.abs(truth) + np.abs(said)))
    usual = np.mean(np.abs(past[DAY:] - past[:-DAY]))
    return float(smape), float(np.mean(np.abs(truth - said)) / usual)


def owa(smape: float, mase: float) -> float:
    """The overall weighted average: both against those of Naive2."""
    usual_smape, usual_mase = PUBLISHED["Naive2"]
    return (smape / usual_smape + mase / usual_mase) / 2


if __name__ == "__main__":
    run(Workspace())
