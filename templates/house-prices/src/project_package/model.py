"""The model, its baselines and its intervals. Nothing here reads or writes a file.

Every model learns the logarithm of the price, as errors in per cent are what a buyer feels.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from sklearn.compose import ColumnTransformer, TransformedTargetRegressor
from sklearn.dummy import DummyRegressor
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.linear_model import Ridge
from sklearn.neighbors import KNeighborsRegressor
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, StandardScaler

AREAS = ["sqft_living", "sqft_above", "sqft_basement", "sqft_lot", "sqft_living_15nn"]
DISTRICT = ["zipcode"]
LATITUDE = 47.5  # of the county, degrees north
PLAIN = [
    "month_of_sale",
    "latitude",
    "longitude",
    "floors",
    "bedrooms",
    "bathrooms",
    "grade",
    "condition",
    "view",
    "waterfront",
    "year_built",
]


def median_price() -> TransformedTargetRegressor:
    """The same price for every house."""
    # practice: median_price
    return on_log_price(DummyRegressor(strategy="median"))
    # practice: end


def linear_model(penalty: float, *, zip_code: bool) -> TransformedTargetRegressor:
    """Ridge regression on size, quality, age and place; areas as logarithms.

    With `zip_code`, each district has a price level of its own.
    """
    columns = [("areas", log_areas(), AREAS), ("plain", StandardScaler(), PLAIN)]
    if zip_code:
        levels = OneHotEncoder(handle_unknown="ignore", sparse_output=False)
        columns.append(("district", levels, DISTRICT))
    return on_log_price(make_pipeline(ColumnTransformer(columns), Ridge(alpha=penalty)))


def nearest_sales(neighbours: int, distance: Mapping[str, float]) -> TransformedTargetRegressor:
    """What comparable sales went for: those nearest in place, size, quality and age."""
    nearest = KNeighborsRegressor(neighbours, weights="distance", algorithm="brute")
    columns = FunctionTransformer(comparable, kw_args={"distance": dict(distance)})
    return on_log_price(make_pipeline(columns, nearest))


def comparable(houses: pd.DataFrame, distance: Mapping[str, float]) -> pd.DataFrame:
    """Columns in which a difference of one sets two houses about equally far apart."""
    as_they_stand = ["latitude", "longitude", "grade", "condition", "view", "waterfront"]
    columns = {name: distance[name] * houses[name] for name in as_they_stand}
    columns["living_area"] = distance["living_area"] * np.log(houses.sqft_living)
    columns["lot"] = distance["lot"] * np.log(houses.sqft_lot)
    columns["year_built"] = houses.year_built / distance["years"]
    return pd.DataFrame(columns)


def log_areas() -> Pipeline:
    """Logarithms of areas, on one scale."""
    # practice: log_areas
    return make_pipeline(FunctionTransformer(np.log1p), StandardScaler())
    # practice: end


def naive_methods(config: Mapping[str, Any]) -> dict[str, TransformedTargetRegressor]:
    """What anybody would start from."""
    plain = linear_model(config["baselines"]["plain_penalty"], zip_code=False)
    return {"linear model": plain, "median price": median_price()}


def simple_methods(config: Mapping[str, Any]) -> dict[str, dict[str, TransformedTargetRegressor]]:
    """The strong simple methods, each with the settings it is tuned over."""
    tried, distance = config["baselines"], config["distance"]
    return {
        "ridge with zip code": {
            f"alpha {alpha:g}": linear_model(alpha, zip_code=True) for alpha in tried["penalties"]
        },
        "nearest sales": {
            f"{count} sales": nearest_sales(count, distance) for count in tried["neighbours"]
        },
    }


def settings_of(
    methods: Mapping[str, Mapping[str, TransformedTargetRegressor]],
) -> dict[str, TransformedTargetRegressor]:
    """Every setting of every method, by the names of both."""
    return {
        f"{name}, {setting}": regressor
        for name, tried in methods.items()
        for setting, regressor in tried.items()
    }


def build(config: Mapping[str, Any]) -> TransformedTargetRegressor:
    """The model of config.toml: histogram gradient boosting (Ke et al., LightGBM, 2017)."""
    chosen = config["model"]
    regressor = HistGradientBoostingRegressor(
        loss=chosen["loss"],
        max_iter=chosen["trees"],
        max_leaf_nodes=chosen["leaves"],
        learning_rate=chosen["learning_rate"],
        max_features=chosen["features"],
        l2_regularization=chosen["l2"],
        random_state=config["seed"],
    )
    return on_log_price(make_pipeline(FunctionTransformer(add_diagonals), regressor))


def add_diagonals(houses: pd.DataFrame) -> pd.DataFrame:
    """Two more directions on the map: trees cut along axes, and the lake's shore does not."""
    east = houses.longitude * np.cos(np.radians(LATITUDE))  # a degree of longitude is shorter
    return houses.assign(northeast=houses.latitude + east, northwest=houses.latitude - east)


def on_log_price(regressor: Any) -> TransformedTargetRegressor:
    """Fit `regressor` to the logarithm of the price; predictions are in dollars again."""
    return TransformedTargetRegressor(regressor, func=np.log, inverse_func=np.exp)


def quantile_model(
    quantile: float, settings: Mapping[str, Any], seed: int
) -> HistGradientBoostingRegressor:
    """A quantile of the logarithm of the price, for intervals that are wider where it is hard."""
    return HistGradientBoostingRegressor(
        loss="quantile",
        quantile=quantile,
        max_iter=settings["trees"],
        max_leaf_nodes=settings["leaves"],
        learning_rate=settings["learning_rate"],
        random_state=seed,
    )


def interval_ends(
    train: pd.DataFrame, held_out: pd.DataFrame, features: list[str], config: Mapping[str, Any]
) -> tuple[HistGradientBoostingRegressor, HistGradientBoostingRegressor, float]:
    """Models of both ends, fitted to `train`, and the margin that `held_out` asks for."""
    settings = config["intervals"]
    tail = (1 - settings["coverage"]) / 2
    low, high = (
        quantile_model(quantile, settings, config["seed"]).fit(train[features], np.log(train.price))
        for quantile in (tail, 1 - tail)
    )
    ends = (end.predict(held_out[features]) for end in (low, high))
    return low, high, conformal_margin(np.log(held_out.price), *ends, settings["coverage"])


def conformal_margin(price: ArrayLike, low: ArrayLike, high: ArrayLike, coverage: float) -> float:
    """What to add on both ends so that `coverage` of unseen prices fall between them.

    All in logarithms, shape (n,); conformalised quantile regression (Romano et al., 2019).
    """
    # practice: conformal_margin
    misses = np.maximum(np.asarray(low) - price, price - np.asarray(high))
    rank = np.ceil((len(misses) + 1) * coverage) / len(misses)
    return float(np.quantile(misses, min(rank, 1.0), method="higher"))
    # practice: end


def percentage_errors(price: ArrayLike, predicted: ArrayLike) -> NDArray[np.float64]:
    """|predicted − price| / price, shape (n,)."""
    # practice: percentage_errors
    price = np.asarray(price, dtype=float)
    return np.abs(np.asarray(predicted) - price) / price
    # practice: end


def median_ape(price: ArrayLike, predicted: ArrayLike) -> float:
    """The median of the percentage errors."""
    return float(np.median(percentage_errors(price, predicted)))


def effects(
    model: TransformedTargetRegressor, house: pd.DataFrame, typical: pd.Series
) -> dict[str, float]:
    """For a house, one row: the share of its price gained or lost by each feature.

    Each feature alone is set to the typical house's value; place and size count as one each. The
    effects do not add up where features work together.
    """
    together = {
        "place": ["zipcode", "latitude", "longitude", "sqft_living_15nn", "sqft_lot_15nn"],
        "size": ["sqft_living", "sqft_above", "sqft_basement"],
    }
    grouped = [name for names in together.values() for name in names]
    together |= {name: [name] for name in house.columns if name not in grouped}
    changed = pd.concat([house] * len(together), ignore_index=True).astype(float)
    for row, names in enumerate(together.values()):
        changed.loc[row, names] = typical[names].to_numpy(dtype=float)
    price = float(model.predict(house)[0])
    without = model.predict(changed[house.columns])
    return {name: float(price / other - 1) for name, other in zip(together, without, strict=True)}
