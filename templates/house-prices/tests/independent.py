"""What test_recompute.py needs to know of this project, from pandas and scikit-learn alone."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from sklearn.base import clone
from sklearn.compose import TransformedTargetRegressor, make_column_transformer
from sklearn.dummy import DummyRegressor
from sklearn.linear_model import Ridge
from sklearn.metrics import mean_absolute_error, r2_score
from sklearn.model_selection import GridSearchCV, GroupKFold
from sklearn.neighbors import KNeighborsRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, StandardScaler

from project_package.kit.statistics import decimal
from project_package.kit.workspace import Workspace
from project_package.predict import Appraiser

RAW = "house_sales.csv"
DRAWN = ("train", "validation", "test")  # parts that the seed decides
SHARES = {"train": 0.7, "validation": 0.1, "test": 0.2}
BASELINE_LEVEL = {  # on the sample, whatever the seed
    "ridge with zip code": 0.17,
    "nearest sales": 0.18,
    "linear model": 0.21,
    "median price": 0.43,
}
AREAS = ["sqft_living", "sqft_above", "sqft_basement", "sqft_lot", "sqft_living_15nn"]
PLAIN = ["month_of_sale", "latitude", "longitude", "floors", "bedrooms", "bathrooms", "grade",
         "condition", "view", "waterfront", "year_built"]  # fmt: skip


def sealed_truth(workspace: Workspace) -> pd.DataFrame:
    """Id, bootstrap unit and price of the sealed test set."""
    test = pd.read_csv(workspace.processed / "test.csv")
    return pd.DataFrame({"id": test.id, "group": test.house, "truth": test.price})


def metric(truth: ArrayLike, predicted: ArrayLike) -> float:
    """The headline's metric."""
    ratio = pd.Series(np.asarray(predicted)) / pd.Series(np.asarray(truth))
    return float((ratio - 1).abs().quantile(0.5))


def raw_file(workspace: Workspace) -> Path:
    """The table that the run began with."""
    sample = json.loads(workspace.manifest.read_text(encoding="utf-8"))["sample"]
    return (workspace.sample if sample else workspace.raw) / RAW


def raw_count(workspace: Workspace) -> int:
    """Sales in that table."""
    return len(pd.read_csv(raw_file(workspace)))


def unusable(workspace: Workspace) -> int:
    """Sales without a price or a living area."""
    table = pd.read_csv(raw_file(workspace))
    return int(((table.price <= 0) | (table.sqft_living <= 0)).sum())


FACTS = {
    "LATITUDE": "where the county lies",
    "WORTH_PROCESSES": "rows from which processes pay; no result depends on it",
    "REFERENCE_DIGITS": "how the scores that the monitor compares with are written",
}
SHOWS = {  # what to set a number to where half of it changes nothing on so small a sample
    "evaluate.fewest_sales": 3,
    "evaluate.high_grade": 8,
    "evaluate.last_known": 10,
}
DROPS = {"no price or no living area": unusable}


def shuffle_target(folder: Path, random: np.random.Generator) -> None:
    """Give every sale the price of another one."""
    table = pd.read_csv(folder / RAW)
    table["price"] = random.permutation(table.price)
    table.to_csv(folder / RAW, index=False)


AS_THEY_STAND = [
    "zipcode", "latitude", "longitude", "sqft_living", "sqft_above", "sqft_basement", "sqft_lot",
    "sqft_living_15nn", "sqft_lot_15nn", "floors", "bedrooms", "bathrooms", "grade", "condition",
    "view", "waterfront", "year_built", "year_renovated",
]  # fmt: skip


def sealed_table(workspace: Workspace) -> pd.DataFrame:
    """Every sale of every part with all that it holds, but for the number of its house."""
    parts = (pd.read_csv(workspace.processed / f"{name}.csv") for name in DRAWN)
    return pd.concat(parts, ignore_index=True).drop(columns="house")


def raw_table(workspace: Workspace) -> pd.DataFrame:
    """The same from the raw table, each row by itself."""
    table = pd.read_csv(raw_file(workspace))
    table = table[(table.price > 0) & (table.sqft_living > 0)]
    month = table.year.map({2014: 0, 2015: 12}) + table.month
    return table.assign(month_of_sale=month)[["id", "price", "month_of_sale", *AS_THEY_STAND]]


def judged(workspace: Workspace) -> pd.DataFrame:
    """The sealed test set with what the saved models say of each sale."""
    test = pd.read_csv(workspace.processed / "test.csv")
    appraiser = Appraiser.load(workspace)
    low, high = appraiser.intervals(test)
    said = pd.read_csv(workspace.reports / "predictions.csv")
    simple = json.loads((workspace.reports / "metrics.json").read_text("utf-8"))["baselines"][0]
    return test.assign(
        model=said.model,
        simple=said[simple["column"]],
        error=(said.model / test.price - 1).abs(),
        bias=said.model / test.price - 1,
        held=(low <= test.price) & (test.price <= high),
    )


def metrics(workspace: Workspace) -> dict[str, tuple[float, float | None]]:
    """Every further metric: of the model, and of the strongest simple method."""
    sales = judged(workspace)

    def both(measure: Callable[[ArrayLike], float]) -> tuple[float, float]:
        return measure(sales.model), measure(sales.simple)

    return {
        "r2": both(lambda said: r2_score(sales.price, said)),
        "within_10": both(lambda said: float(((said / sales.price - 1).abs() <= 0.1).mean())),
        "mae_thousands": both(lambda said: mean_absolute_error(sales.price, said) / 1000),
        "coverage": (float(sales.held.mean()), None),
    }


def tables(workspace: Workspace) -> dict[str, dict[str, list[float | None]]]:
    """Slices of the test set, and the two other ways to split."""
    sales = judged(workspace)
    ordered = sales.sort_values("price", kind="stable").reset_index(drop=True)
    tenths = {
        f"{number + 1}": [None, part.error.median(), part.bias.median(), part.held.mean()]
        for number, part in ordered.groupby(pd.qcut(ordered.index, 10, labels=False))
    }
    kinds = {
        "waterfront": sales.waterfront == 1,
        "renovated": sales.year_renovated > 0,
        "built since 2000": sales.year_built >= 2000,
        "built before 1930": sales.year_built < 1930,
        "high grade (10 and up)": sales.grade >= 10,
        "low grade (6 and down)": sales.grade <= 6,
        "lot over one acre": sales.sqft_lot > 43_560,
    }
    return {
        "deciles": tenths,
        "slices": {
            name: [chosen.sum(), sales[chosen].error.median()]
            for name, chosen in kinds.items()
            if chosen.any()
        },
        **elsewhere_and_later(workspace),
    }


def badness(workspace: Workspace) -> pd.Series:
    """By id, how far off the model is: errors.csv shows the worst."""
    sales = judged(workspace)
    return sales.set_index(sales.id.astype(str)).error


def notes(workspace: Workspace) -> dict[str, list[str]]:
    """What the sentences on this run have to say."""
    meant, held = workspace.config["intervals"]["coverage"], judged(workspace).held.mean()
    return {"coverage": [f"hold {meant:.0%} of the prices", f"they hold {decimal(held)}"]}


def elsewhere_and_later(workspace: Workspace) -> dict[str, dict[str, list[float | None]]]:
    """The same recipes fitted anew: without a block of the map, and up to February 2015."""
    past, later = by_time(workspace)
    models = Appraiser.load(workspace).models
    known = ["month_of_sale", *AS_THEY_STAND]
    simple = json.loads((workspace.reports / "metrics.json").read_text("utf-8"))["baselines"][0]
    time = {}
    for label, name in (("model", "chosen"), (simple["name"],) * 2):
        said = clone(models[name]).fit(past[known], past.price).predict(later[known])
        ratio = said / later.price - 1
        time[label] = [ratio.abs().median(), ratio.median(), None]
    return {"time": time}


def by_time(workspace: Workspace) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The sales of all parts up to February 2015, and those after it."""
    sales = pd.concat(
        [pd.read_csv(workspace.processed / f"{name}.csv") for name in DRAWN], ignore_index=True
    )
    return sales[sales.month_of_sale <= 14], sales[sales.month_of_sale > 14]


def other_groups(workspace: Workspace) -> set[str]:
    """Houses of later sales, which a study judges beside the test set: as many as it, at times."""
    return set(by_time(workspace)[1].house.astype(str))


def saved_model(workspace: Workspace) -> np.ndarray:
    """What the model in models/ says of the sealed test set."""
    return Appraiser.load(workspace).prices(pd.read_csv(workspace.processed / "test.csv"))


def baselines(workspace: Workspace) -> dict[str, np.ndarray]:
    """Each baseline tuned and fitted anew on the sealed training set: prices of the test set."""
    train, test = (pd.read_csv(workspace.processed / f"{part}.csv") for part in ("train", "test"))
    config = workspace.config
    folds = GroupKFold(config["train"]["folds"], shuffle=True, random_state=workspace.seed)
    tried = config["baselines"]

    def linear(district: bool) -> TransformedTargetRegressor:
        columns = [
            (make_pipeline(FunctionTransformer(np.log1p), StandardScaler()), AREAS),
            (StandardScaler(), PLAIN),
        ]
        if district:
            columns.append(
                (OneHotEncoder(handle_unknown="ignore", sparse_output=False), ["zipcode"])
            )
        return dollars(make_pipeline(make_column_transformer(*columns), Ridge()))

    searched = {
        "ridge with zip code": (linear(True), {"regressor__ridge__alpha": tried["penalties"]}),
        "nearest sales": (
            dollars(
                make_pipeline(
                    FunctionTransformer(places_and_sizes),
                    KNeighborsRegressor(weights="distance", algorithm="brute"),
                )
            ),
            {"regressor__kneighborsregressor__n_neighbors": tried["neighbours"]},
        ),
    }
    fitted = {
        name: GridSearchCV(
            regressor, grid, cv=folds, scoring=lambda fit, x, y: -metric(y, fit.predict(x))
        ).fit(train, train.price, groups=train.house)
        for name, (regressor, grid) in searched.items()
    }
    fitted["linear model"] = linear(False).fit(train, train.price)
    fitted["median price"] = dollars(DummyRegressor(strategy="median")).fit(train, train.price)
    return {name: regressor.predict(test) for name, regressor in fitted.items()}


def dollars(regressor: object) -> TransformedTargetRegressor:
    """Fitted to the logarithm of the price, asked in dollars."""
    return TransformedTargetRegressor(regressor, func=np.log, inverse_func=np.exp)


def places_and_sizes(houses: pd.DataFrame) -> np.ndarray:
    """Columns in which a difference of one sets two houses about equally far apart."""
    return np.column_stack(
        [
            37.1 * houses.latitude,
            25.1 * houses.longitude,
            3 * np.log(houses.sqft_living),
            0.7 * np.log(houses.sqft_lot),
            houses.grade,
            0.3 * houses.condition,
            0.7 * houses["view"],
            5 * houses.waterfront,
            houses.year_built / 30,
        ]
    )
