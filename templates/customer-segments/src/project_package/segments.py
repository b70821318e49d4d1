"""Segments: customers who are alike in recency, frequency and money, all on logarithmic scales."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from joblib import Parallel, delayed
from numpy.typing import ArrayLike, NDArray
from sklearn.cluster import KMeans
from sklearn.metrics import adjusted_rand_score
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler

from .data import FEATURES
from .model import normalised_gini

WORTH_PROCESSES = 10_000  # customers; with fewer, starting processes takes longer than the work


def scales(customers: pd.DataFrame) -> NDArray[np.float64]:
    """Logarithms of recency, frequency and money, shape (n, 3)."""
    columns = [np.log1p(customers.recency), np.log(customers.frequency), np.log1p(customers.money)]
    return np.column_stack(columns)


def k_means(count: int, seed: int, starts: int) -> Pipeline:
    """So many segments, the best of some beginnings."""
    clusters = KMeans(count, n_init=starts, random_state=seed)
    return make_pipeline(FunctionTransformer(scales), StandardScaler(), clusters)


def stability(customers: pd.DataFrame, recipe: Any, draws: int, seed: int) -> float:
    """How alike the segments of all customers are to those of customers drawn with replacement.

    Adjusted Rand index of both partitions of all, the mean over draws (Hennig, 2007).
    """
    # practice: stability
    whole, random = recipe.fit(customers).predict(customers), np.random.default_rng(seed)
    found = []
    for _ in range(draws):
        drawn = customers.iloc[random.integers(0, len(customers), len(customers))]
        found.append(adjusted_rand_score(whole, recipe.fit(drawn).predict(customers)))
    return float(np.mean(found))
    # practice: end


def value(labels: ArrayLike, spend: ArrayLike, fold: ArrayLike) -> float:
    """How well segments find the next period's spend: each is worth what others in it spent.

    Normalised Gini; what a customer's segment is worth is told by customers of other folds.
    """
    # practice: value
    table = pd.DataFrame({"label": labels, "spend": np.asarray(spend), "fold": np.asarray(fold)})
    worth = np.zeros(len(table))
    for number in table.fold.unique():
        held = (table.fold == number).to_numpy()
        means = table[~held].groupby("label").spend.mean()
        worth[held] = table.label[held].map(means).fillna(0)
    return normalised_gini(table.spend, worth)
    # practice: end


def try_sizes(
    customers: pd.DataFrame, settings: Mapping[str, Any], seed: int
) -> list[dict[str, float]]:
    """Of each number of segments, how stable they are and what they find; rows of one cut-off."""

    def measure(count: int) -> dict[str, float]:
        recipe = k_means(count, seed, settings["starts"])
        stable = stability(customers, recipe, settings["draws"], seed)
        found = value(recipe.fit(customers).predict(customers), customers.spend, customers.fold)
        stays = stable >= settings["stable"]
        return {"segments": count, "stability": stable, "stays": stays, "value": found}

    workers = -1 if len(customers) > WORTH_PROCESSES else 1
    return Parallel(n_jobs=workers)(delayed(measure)(count) for count in settings["sizes"])


def choose(tried: Sequence[Mapping[str, float]], worth: float) -> int:
    """The fewest segments that find nearly as much as the best, among those that are stable."""
    stable = [row for row in tried if row["stays"]] or tried
    enough = max(row["value"] for row in stable) - worth
    return int(min(row["segments"] for row in stable if row["value"] >= enough))


def describe(now: pd.DataFrame, fitted: Mapping[str, Any], days: int) -> list[dict[str, float]]:
    """Each segment of today's customers: its number in k-means, size, middle, what is expected.

    The one of whose customers most spend is expected comes first.
    """
    expected = now.assign(
        label=fitted["segments"].predict(now),
        expected_spend=fitted["spend"].predict(now) * days,
        expected_orders=fitted["orders"].predict(now) * days,
    )
    found = expected.groupby("label").agg(
        customers=("money", "size"),
        **{name: (name, "median") for name in FEATURES},
        expected_spend=("expected_spend", "mean"),
        expected_orders=("expected_orders", "mean"),
    )
    ordered = found.sort_values("expected_spend", ascending=False, kind="stable").reset_index()
    return ordered.astype(float).to_dict("records")
