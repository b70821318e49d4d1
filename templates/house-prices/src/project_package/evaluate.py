"""Measure the appraiser on the test set. Nothing else in the project opens that part."""

import time
from collections.abc import Callable

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.base import clone
from sklearn.metrics import mean_absolute_error, r2_score
from sklearn.model_selection import GroupKFold

from . import data, model
from .kit import figures
from .kit.holdout import connect
from .kit.results import EACH_ALONE, Picture, Results, Score, Table, write_results
from .kit.statistics import NAIVE, SIMPLE, STRONGEST, Interval, Predictions, bootstrap
from .kit.workspace import Workspace, read_json
from .predict import Appraiser

WORST = 20
BLOCK = 0.05  # degrees: blocks of about 4 by 5 km
FEWEST_SALES = 20  # in a district's row
LAST_KNOWN = 14  # month of sale: February 2015


def run(workspace: Workspace) -> None:
    """Write reports/metrics.json, errors.csv and the figures."""
    started = time.perf_counter()
    test = data.load(workspace, "test", reader="evaluate")
    earlier = pd.concat(data.load(workspace, part, reader="evaluate") for part in data.PARTS[:2])
    training = read_json(workspace.models / "training.json", made_by="train")
    appraiser = Appraiser.load(workspace)
    low, high = appraiser.intervals(test)
    simple, naive = training["simple"], model.naive_methods()
    baselines = dict.fromkeys(simple, SIMPLE) | dict.fromkeys(naive, NAIVE)
    baselines[simple[0]] = STRONGEST
    said = {name: appraiser.prices(test, by=name) for name in baselines}
    sales = test.assign(model=appraiser.prices(test), low=low, high=high)
    sales["simple"] = said[simple[0]]
    sales["error"] = model.percentage_errors(sales.price, sales.model)
    workspace.reports.mkdir(exist_ok=True)
    worst_errors(sales).to_csv(workspace.reports / "errors.csv", index=False, lineterminator="\n")
    draw(workspace, sales, appraiser.coverage)
    seed = workspace.seed
    everything = pd.concat([earlier, test], ignore_index=True)
    results = Results(
        primary="median_ape",
        label="median absolute percentage error",
        predictions=Predictions(
            pd.DataFrame({"id": test.id, "group": test.house, "truth": test.price, **said}).assign(
                model=sales.model
            ),
            metric="median_ape",
            higher_is_better=False,
            baselines=baselines,
            unit="sales",
        ),
        scores=score(sales, seed),
        tables={
            "candidates": candidates_table(training),
            "deciles": deciles_table(sales, seed),
            "slices": slices_table(sales, seed),
            "districts": districts_table(sales, seed),
            "spatial": spatial_table(everything, appraiser, simple[0], seed),
            "time": time_table(everything, appraiser, training, seed),
            "errors": errors_table(worst_errors(sales)),
        },
        figures=PICTURES,
        notes={"coverage": coverage_note(sales, appraiser.coverage, seed)},
    )
    written = write_results(workspace, results, time.perf_counter() - started)
    print(f"median error {written['primary']['value']:.3f}, {written['comparison']['verdict']}")


def score(sales: pd.DataFrame, seed: int) -> dict[str, Score]:
    """Further metrics with intervals, the strongest simple method beside them."""

    def measure(label: str, metric: Callable[..., float], higher_is_better: bool) -> Score:
        interval = bootstrap(metric, sales.price, sales.model, groups=sales.house, seed=seed)
        return Score(label, interval, metric(sales.price, sales.simple), higher_is_better)

    return {
        "r2": measure("R²", r2_score, True),
        "within_10": measure("share within 10 % of the price", within_10, True),
        "mae_thousands": measure("mean absolute error, $1,000", mae_thousands, False),
        "coverage": Score(
            "share of prices inside their interval",
            bootstrap(np.mean, inside(sales), groups=sales.house, seed=seed),
        ),
    }


def within_10(price: NDArray, predicted: NDArray) -> float:
    """Share of prices that are met to within a tenth."""
    return float(np.mean(model.percentage_errors(price, predicted) <= 0.1))


def mae_thousands(price: NDArray, predicted: NDArray) -> float:
    """Mean absolute error in thousands of dollars."""
    return float(mean_absolute_error(price, predicted)) / 1_000


def inside(sales: pd.DataFrame) -> NDArray[np.float64]:
    """1 where the price lies in its interval, shape (n,)."""
    return ((sales.price >= sales.low) & (sales.price <= sales.high)).to_numpy(dtype=float)


def candidates_table(training: dict) -> Table:
    """What the choice rested on; no number here comes from the test set."""
    marks = dict.fromkeys(training["tuned"].values(), "**baseline:** ")
    marks[training["chosen"]] = "**chosen:** "
    rows = [
        [marks.get(name, "") + name, row["median_ape"], row["spread"]]
        for name, row in training["candidates"].items()
    ]
    folds = training["settings"]["folds"]
    return Table(
        f"Grouped {folds}-fold cross-validation on the training set.",
        ["candidate", "median error", "standard deviation over folds"],
        rows,
    )


def deciles_table(sales: pd.DataFrame, seed: int) -> Table:
    """Error, bias and coverage from the cheapest tenth to the dearest."""
    tenth = pd.qcut(sales.price.rank(method="first"), 10, labels=False)
    rows = []
    for number, part in sales.groupby(tenth):
        options = {"groups": part.house, "seed": seed}
        rows.append(
            [
                f"{number + 1}",
                f"{part.price.min() / 1e3:,.0f} to {part.price.max() / 1e3:,.0f}",
                median_error(part, seed),
                bootstrap(median_bias, part.price, part.model, **options).signed,
                bootstrap(np.mean, inside(part), **options),
            ]
        )
    return Table(
        "By tenth of the price, from the cheapest; a positive bias means valued too high. The "
        "tenths are by the price paid, which no model knows: one that is not exact tends to lean "
        f"upwards among the cheapest and downwards among the dearest. {EACH_ALONE}",
        ["tenth", "price, $1,000", "median error", "median bias", "coverage"],
        rows,
    )


def slices_table(sales: pd.DataFrame, seed: int) -> Table:
    """Kinds of houses that a reader would ask about."""
    slices = {
        "waterfront": sales.waterfront == 1,
        "renovated": sales.year_renovated > 0,
        "built since 2000": sales.year_built >= 2000,
        "built before 1930": sales.year_built < 1930,
        "high grade (10 and up)": sales.grade >= 10,
        "low grade (6 and down)": sales.grade <= 6,
        "lot over one acre": sales.sqft_lot > 43_560,
    }
    rows = [
        [name, int(chosen.sum()), median_error(sales[chosen], seed)]
        for name, chosen in slices.items()
        if chosen.sum() > 1
    ]
    return Table(f"By kind of house. {EACH_ALONE}", ["houses", "n", "median error"], rows)


def districts_table(sales: pd.DataFrame, seed: int) -> Table:
    """The five best and the five worst zip codes with enough sales."""
    parts = {
        zipcode: part for zipcode, part in sales.groupby("zipcode") if len(part) >= FEWEST_SALES
    }
    ranked = sorted(parts, key=lambda zipcode: parts[zipcode].error.median())
    shown = ranked if len(ranked) <= 10 else ranked[:5] + ranked[-5:]
    rows = [
        [str(zipcode), len(parts[zipcode]), median_error(parts[zipcode], seed)] for zipcode in shown
    ]
    return Table(
        f"Zip codes with at least {FEWEST_SALES} sales in the test set: both ends by median error, "
        "where chance has a part in who stands there; on other sales they would lie closer.",
        ["zip code", "n", "median error"],
        rows,
    )


def median_error(part: pd.DataFrame, seed: int) -> Interval:
    """Median error of these sales."""
    return bootstrap(np.median, part.error, groups=part.house, seed=seed)


def spatial_table(sales: pd.DataFrame, appraiser: Appraiser, simple: str, seed: int) -> Table:
    """The same recipes, each block of the map valued by a model that saw no sale there."""
    blocks, rows = blocks_of(sales), []
    for name, by in (("model", "chosen"), (simple, simple)):
        predicted = np.empty(len(sales))
        for fit_rows, held_rows in spatial_folds(sales, seed):
            fit = sales.iloc[fit_rows]
            fitted = clone(appraiser.models[by]).fit(fit[data.FEATURES], fit.price)
            predicted[held_rows] = fitted.predict(sales[data.FEATURES].iloc[held_rows])
        columns, options = (sales.price, predicted), {"groups": blocks, "seed": seed}
        error, fit_of_all = (
            bootstrap(m, *columns, **options) for m in (model.median_ape, r2_score)
        )
        rows.append([name, error, fit_of_all])
    return Table(
        f"All {len(sales):,} sales, blocks of {BLOCK}° left out in five folds, intervals by block; "
        "settings as chosen on the training set.",
        ["", "median error", "R²"],
        rows,
    )


def spatial_folds(sales: pd.DataFrame, seed: int) -> list[tuple[NDArray, NDArray]]:
    """Five pairs of row numbers, to fit on and to value; a block is on one side."""
    splitter = GroupKFold(n_splits=5, shuffle=True, random_state=seed)
    return list(splitter.split(sales, groups=blocks_of(sales)))


def blocks_of(sales: pd.DataFrame) -> NDArray[np.int64]:
    """The block of the map for each sale, shape (n,).

    A house on both sides of a border of blocks keeps its blocks together.
    """
    latitude, longitude = (np.floor(sales[name] / BLOCK) for name in ("latitude", "longitude"))
    return connect(list(zip(latitude, longitude, strict=True)), list(sales.house))


def time_table(sales: pd.DataFrame, appraiser: Appraiser, training: dict, seed: int) -> Table:
    """The same recipe, fitted to the sales up to February 2015 and asked for those after.

    That is how it would be used: a house sold before is known, the coming market is not.
    """
    past, later = time_split(sales)
    fitting, held_out = next(
        GroupKFold(n_splits=8, shuffle=True, random_state=seed).split(past, groups=past.house)
    )
    fit, held = past.iloc[fitting], past.iloc[held_out]
    low, high, margin = model.interval_ends(fit, held, data.FEATURES, appraiser.coverage, seed)
    seen = later[data.FEATURES]
    ends = {
        "low": np.exp(low.predict(seen) - margin),
        "high": np.exp(high.predict(seen) + margin),
    }
    rows = []
    for name, by in (("model", "chosen"), (training["simple"][0],) * 2):
        fitted = clone(appraiser.models[by]).fit(past[data.FEATURES], past.price)
        priced = later.assign(model=fitted.predict(seen), **ends)
        columns = (priced.price, priced.model)
        options = {"groups": priced.house, "seed": seed}
        covered = bootstrap(np.mean, inside(priced), **options) if by == "chosen" else "–"
        rows.append(
            [
                name,
                bootstrap(model.median_ape, *columns, **options),
                bootstrap(median_bias, *columns, **options),
                covered,
            ]
        )
    return Table(
        f"Split in time: fitted to {len(past):,} sales up to February 2015, asked for the "
        f"{len(later):,} of March to May; intervals meant to hold {appraiser.coverage:.0%}. One "
        "cut in one year: what is in brackets says nothing of other years.",
        ["", "median error", "median bias", "coverage"],
        rows,
    )


def time_split(sales: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Sales up to the last month that is known, and those after it."""
    return sales[sales.month_of_sale <= LAST_KNOWN], sales[sales.month_of_sale > LAST_KNOWN]


def median_bias(price: NDArray, predicted: NDArray) -> float:
    """The median of predicted / price − 1; below zero, houses are valued too low."""
    return float(np.median(np.asarray(predicted) / np.asarray(price) - 1))


def worst_errors(sales: pd.DataFrame) -> pd.DataFrame:
    """The sales valued worst, with what the model knew of them."""
    worst = sales.nlargest(WORST, "error")
    shown = worst[
        ["id", "price", "model", "error", "zipcode", "sqft_living", "grade", "year_built"]
    ]
    return shown.assign(
        price=worst.price.round().astype(int),
        model=worst.model.round().astype(int),
        error=worst.error.round(3),
    )


def errors_table(errors: pd.DataFrame) -> Table:
    """The worst errors as the write-up shows them."""
    rows = [
        [
            f"{sale.price:,}",
            f"{sale.model:,}",
            f"{sale.error:.0%}",
            str(sale.zipcode),
            int(sale.sqft_living),
            int(sale.grade),
            str(sale.year_built),
        ]
        for sale in errors.itertuples()
    ]
    return Table(
        f"The {len(errors)} sales with the largest percentage error (reports/errors.csv). A price "
        "can be missed by more than the whole of it from above only, so the list leans that way.",
        ["price, $", "model, $", "error", "zip code", "sq ft", "grade", "built"],
        rows,
    )


def coverage_note(sales: pd.DataFrame, meant: float, seed: int) -> str:
    """What the intervals are meant to hold, what they held, and how wide they are."""
    covered = bootstrap(np.mean, inside(sales), groups=sales.house, seed=seed)
    width = float(np.median((sales.high - sales.low) / sales.model))
    held = (
        "no clear difference from what is meant"
        if covered.low <= meant <= covered.high
        else f"{'more' if covered.low > meant else 'less'} often than they are meant to"
    )
    return (
        f"Intervals are meant to hold {meant:.0%} of the prices; on the test set they hold "
        f"{covered}, {held}. The median interval is {width:.0%} of the price wide."
    )


PICTURES = {
    "map": Picture(
        "Median error by zip code on the test set; the larger the circle, the more sales.",
        "Map of King County, one circle a zip code, its colour the median error there.",
    ),
    "deciles": Picture(
        "Share of prices inside their interval, by tenth of the price; the line is what is meant.",
        "Bars of coverage for ten price groups beside a line at the share that is meant.",
    ),
    "predictions": Picture(
        "Price and prediction on the test set, both on a logarithmic scale.",
        "Points, one a sale, predicted price over price, with the diagonal.",
    ),
}


def draw(workspace: Workspace, sales: pd.DataFrame, coverage: float) -> None:
    """The map of errors, coverage by tenth, and predictions against prices."""
    districts = sales.groupby("zipcode").agg(
        latitude=("latitude", "mean"),
        longitude=("longitude", "mean"),
        error=("error", "median"),
        sales=("error", "size"),
    )
    with figures.figure(workspace.figures / "map", width=7, height=5.5) as (drawing, axes):
        circles = axes.scatter(
            districts.longitude,
            districts.latitude,
            s=20 + 3 * districts.sales,
            c=100 * districts.error,
            cmap="viridis_r",
        )
        drawing.colorbar(circles, label="median error, %")
        axes.set(xlabel="longitude", ylabel="latitude", aspect=1 / np.cos(np.radians(47.5)))
        axes.locator_params(axis="x", nbins=5)
    tenth = pd.qcut(sales.price.rank(method="first"), 10, labels=False) + 1
    with figures.figure(workspace.figures / "deciles", height=3.2) as (_, axes):
        axes.bar(range(1, 11), pd.Series(inside(sales)).groupby(tenth.to_numpy()).mean(),
                 color=figures.MODEL)  # fmt: skip
        axes.axhline(coverage, color=figures.BASELINE, linestyle="--")
        axes.set(xlabel="tenth of the price, cheapest first", ylabel="coverage", ylim=(0, 1))
        axes.xaxis.set_major_locator(plt.MultipleLocator(1))
    with figures.figure(workspace.figures / "predictions", width=5, height=4.6) as (_, axes):
        axes.scatter(sales.price, sales.model, s=4, alpha=0.3, color=figures.MODEL, rasterized=True)
        ends = [sales.price.min(), sales.price.max()]
        axes.plot(ends, ends, "--", color=figures.OTHER)
        axes.set(xscale="log", yscale="log", xlabel="price, $", ylabel="prediction, $")
