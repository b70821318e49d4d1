"""Measure the appraiser on the test set. Nothing else in the project opens that part."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.metrics import mean_absolute_error, r2_score

from . import data, model
from .kit import figures
from .kit.results import (
    Picture,
    Results,
    Score,
    Table,
    keep_errors,
    run_studies,
    write_results,
)
from .kit.statistics import NAIVE, SIMPLE, STRONGEST, Predictions, bootstrap
from .kit.workspace import Workspace, read_json
from .predict import Appraiser

WORST = 20


@dataclass(frozen=True)
class Evaluated:
    """The sales of the test set with what each method says of them, and those before.

    `sales` has a column for the model, both ends of its interval, and each of `baselines`, whose
    roles stand there, the strongest simple method first.
    """

    sales: pd.DataFrame
    earlier: pd.DataFrame
    baselines: Mapping[str, str]
    appraiser: Appraiser

    @property
    def simple(self) -> str:
        """The strongest simple method."""
        return next(iter(self.baselines))

    @property
    def everything(self) -> pd.DataFrame:
        """The sales of all parts, with the columns that they have in common."""
        columns = list(self.earlier)
        return pd.concat([self.earlier, self.sales[columns]], ignore_index=True)


def run(workspace: Workspace) -> None:
    """Write reports/metrics.json, errors.csv and the figures."""
    started = time.perf_counter()
    evaluated = measure(workspace)
    sales, close = evaluated.sales, workspace.config["evaluate"]["close"]
    results = Results(
        primary="median_ape",
        label="median absolute percentage error",
        predictions=predictions(evaluated),
        scores=score(evaluated, close, workspace.seed),
        tables={
            "candidates": candidates_table(workspace),
            "errors": errors_table(workspace, sales),
        },
        figures={"predictions": draw(workspace, sales)},
        studies=run_studies(workspace, evaluated),
    )
    written = write_results(workspace, results, time.perf_counter() - started)
    print(f"median error {written['primary']['value']:.3f}, {written['comparison']['verdict']}")


def measure(workspace: Workspace) -> Evaluated:
    """Open the test set and ask the appraiser and its baselines."""
    test = data.load(workspace, "test", reader="evaluate")
    earlier = pd.concat(data.load(workspace, part, reader="evaluate") for part in data.PARTS[:2])
    training = read_json(workspace.models / "training.json", made_by="train")
    appraiser = Appraiser.load(workspace)
    low, high = appraiser.intervals(test)
    strongest, *others = training["simple"]
    naive = model.naive_methods(workspace.config)
    baselines = {
        strongest: STRONGEST,
        **dict.fromkeys(others, SIMPLE),
        **dict.fromkeys(naive, NAIVE),
    }
    sales = test.assign(model=appraiser.prices(test), low=low, high=high)
    sales = sales.assign(**{name: appraiser.prices(test, by=name) for name in baselines})
    sales["error"] = model.percentage_errors(sales.price, sales.model)
    return Evaluated(sales, earlier, baselines, appraiser)


def predictions(evaluated: Evaluated) -> Predictions:
    """What the headline is computed from."""
    columns = {"id": "id", "house": "group", "price": "truth", "model": "model"}
    return Predictions(
        evaluated.sales[[*columns, *evaluated.baselines]].rename(columns=columns),
        metric="median_ape",
        higher_is_better=False,
        baselines=evaluated.baselines,
        unit="sales",
    )


def score(evaluated: Evaluated, close: float, seed: int) -> dict[str, Score]:
    """Further metrics with intervals, the strongest simple method beside them."""
    sales, simple = evaluated.sales, evaluated.sales[evaluated.simple]

    def measured(label: str, metric: Callable[..., float], higher_is_better: bool) -> Score:
        interval = bootstrap(metric, sales.price, sales.model, groups=sales.house, seed=seed)
        return Score(label, interval, float(metric(sales.price, simple)), higher_is_better)

    held = bootstrap(np.mean, inside(sales), groups=sales.house, seed=seed)
    within = partial(share_within, share=close)
    return {
        "r2": measured("R²", r2_score, True),
        "within_10": measured(f"share within {close:.0%} of the price", within, True),
        "mae_thousands": measured("mean absolute error, $1,000", mae_thousands, False),
        "coverage": Score("share of prices inside their interval", held),
    }


def share_within(price: NDArray, predicted: NDArray, share: float) -> float:
    """Share of prices that are met to within `share` of them."""
    return float(np.mean(model.percentage_errors(price, predicted) <= share))


def mae_thousands(price: NDArray, predicted: NDArray) -> float:
    """Mean absolute error in thousands of dollars."""
    return float(mean_absolute_error(price, predicted)) / 1_000


def inside(sales: pd.DataFrame) -> NDArray[np.float64]:
    """1 where the price lies in its interval, shape (n,)."""
    return ((sales.price >= sales.low) & (sales.price <= sales.high)).to_numpy(dtype=float)


def median_bias(price: NDArray, predicted: NDArray) -> float:
    """The median of predicted / price − 1; below zero, houses are valued too low."""
    return float(np.median(np.asarray(predicted) / np.asarray(price) - 1))


def candidates_table(workspace: Workspace) -> Table:
    """Model and baselines as `train` compared them; no number here comes from the test set."""
    training = read_json(workspace.models / "training.json", made_by="train")
    marks = dict.fromkeys(training["tuned"].values(), "**baseline:** ")
    marks[training["chosen"]] = "**model:** "
    rows = [
        [marks.get(name, "") + name, row["median_ape"], row["deviation"]]
        for name, row in training["candidates"].items()
    ]
    return Table(
        f"Grouped {workspace.config['train']['folds']}-fold cross-validation on the training set.",
        ["", "median error", "standard deviation over folds"],
        rows,
    )


def errors_table(workspace: Workspace, sales: pd.DataFrame) -> Table:
    """The sales valued worst, with what the model knew of them."""
    columns = {
        "id": "id", "price": "price, $", "model": "model, $", "error": "error",
        "zipcode": "zip code", "sqft_living": "sq ft", "grade": "grade", "year_built": "built",
    }  # fmt: skip
    worst = sales.nlargest(WORST, "error")[list(columns)]
    whole = worst[["price", "model"]].round().astype(int)
    names = worst[["zipcode", "year_built"]].astype(str)
    errors = worst.assign(error=worst.error.round(3), **whole, **names)
    caption = (
        f"The {len(errors)} sales with the largest percentage error. A price can be missed by more "
        "than the whole of it from above only"
    )
    return keep_errors(workspace, errors, dict(list(columns.items())[1:]), caption)


def draw(workspace: Workspace, sales: pd.DataFrame) -> Picture:
    """Predictions against prices."""
    with figures.figure(workspace.figures / "predictions", width=5, height=4.6) as (_, axes):
        axes.scatter(sales.price, sales.model, s=4, alpha=0.3, color=figures.MODEL, rasterized=True)
        ends = [sales.price.min(), sales.price.max()]
        axes.plot(ends, ends, "--", color=figures.OTHER)
        axes.set(xscale="log", yscale="log", xlabel="price, $", ylabel="prediction, $")
    return Picture(
        "Price and prediction on the test set, both on a logarithmic scale.",
        "Points, one a sale, predicted price over price, with the diagonal.",
    )
