"""The model and its baselines. Nothing here reads or writes a file.

A customer is a row of `data.FEATURES`: days since the last order (recency) and since the first
(age), days with an order (frequency), dollars in all (money).
"""

from collections.abc import Callable, Mapping
from itertools import product
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy.stats import rankdata
from sklearn.linear_model import TweedieRegressor
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler

from .data import FEATURES

EQUAL = [1, 1, 1]  # weights of recency, frequency and money
TERMS = ["how much", "how often", "how lately", "how long known"]
Method = Callable[[pd.DataFrame], NDArray[np.float64]]


def terms(customers: pd.DataFrame) -> NDArray[np.float64]:
    """The TERMS of each customer, shape (n, 4).

    The last order counts by when it was between the first one and now, so that the same number
    means the same at a later cut-off.
    """
    age = customers.age.clip(lower=1)
    return np.column_stack(
        [
            np.log1p(customers.money),
            np.log(customers.frequency),
            customers.recency / age,
            np.log(age),
        ]
    )


def build(config: Mapping[str, Any]) -> Pipeline:
    """The model of config.toml: what a customer comes to in a day, as a product of effects.

    Log-linear regression with the deviance of a Tweedie distribution (Jørgensen, 1987): Poisson
    where `power` is 1, with more room for a few large orders above it.
    """
    chosen = config["model"]
    regressor = TweedieRegressor(
        power=chosen["power"], alpha=chosen["penalty"], link="log", max_iter=chosen["steps"]
    )
    return make_pipeline(FunctionTransformer(terms), StandardScaler(), regressor)


def fit(config: Mapping[str, Any], rows: pd.DataFrame, target: str) -> Pipeline:
    """Fit `target`, orders or spend, a day; rows as `data.snapshots` makes them."""
    return build(config).fit(rows[FEATURES], rows[target] / rows.window)


def effects(
    fitted: Pipeline, customers: pd.DataFrame, typical: Mapping[str, float]
) -> NDArray[np.float64]:
    """By what share each of TERMS raises or lowers the answer, against a typical customer, (n, 4).

    The model is a product, so these are its own factors, less one.
    """
    _, scaler, regressor = (step for _, step in fitted.steps)
    slopes = regressor.coef_ / scaler.scale_
    return np.exp(slopes * (terms(customers) - terms(pd.DataFrame([typical])))) - 1


def rfm_score(customers: pd.DataFrame, bins: int, weights: ArrayLike) -> NDArray[np.float64]:
    """Quantile cells of recency, frequency and money, weighted and added up, shape (n,).

    A customer's rank among the others in each, cut into `bins` that are equally full.
    """
    # practice: rfm_score
    columns = [-customers.recency, customers.frequency, customers.money]
    cells = [np.ceil(column.rank(pct=True) * bins) for column in columns]
    return np.column_stack(cells) @ np.asarray(weights, dtype=float)
    # practice: end


def naive_methods() -> dict[str, Method]:
    """What anybody would start from."""
    return {"recency alone": lambda customers: -customers.recency.to_numpy(dtype=float)}


def simple_methods(config: Mapping[str, Any]) -> dict[str, dict[str, Method]]:
    """The strong simple methods, each with the settings it is tuned over."""
    tried = config["baselines"]

    def score(bins: int, weights: list[int]) -> Method:
        return lambda customers: rfm_score(customers, bins, weights)

    def named(bins: int, weights: list[int]) -> str:
        return f"{bins} bins, weights {':'.join(map(str, weights))}"

    return {
        "weighted RFM score": {
            named(*each): score(*each) for each in product(tried["bins"], tried["weights"])
        },
        "RFM score": {named(bins, EQUAL): score(bins, EQUAL) for bins in tried["bins"]},
        "money alone": {"as it is": lambda customers: customers.money.to_numpy(dtype=float)},
    }


def normalised_gini(spend: ArrayLike, said: ArrayLike) -> float:
    """How well an order finds the spend: 1 as the spend itself, 0 as chance; both of shape (n,).

    The Gini coefficient of the spend in that order over the largest there is; those who are said
    to be alike share their places.
    """
    # practice: normalised_gini
    spend = np.asarray(spend, dtype=float)
    places = np.arange(1, len(spend) + 1) - (len(spend) + 1) / 2
    found = spend @ (rankdata(said) - (len(spend) + 1) / 2)
    largest = np.sort(spend) @ places
    return float(found / largest) if largest else float("nan")
    # practice: end


def found_in_top(spend: ArrayLike, said: ArrayLike, share: float) -> float:
    """The part of all spend that the first `share` of customers come to, by what is said of them.

    Those who are alike at the border count in part.
    """
    spend, said = np.asarray(spend, dtype=float), np.asarray(said)
    order = np.argsort(-said)
    last = np.append(np.flatnonzero(np.diff(said[order])), len(said) - 1)  # of those alike
    places, found = np.append(0, last + 1), np.append(0.0, np.cumsum(spend[order])[last])
    return float(np.interp(share * len(spend), places, found) / spend.sum())
