"""Cohorts by month as traffic: the model of those who came first is asked for those after."""

import numpy as np
import pandas as pd
from sklearn.model_selection import KFold

from . import data, model
from .kit.replay import Stream
from .kit.served import Seen
from .kit.workspace import Workspace
from .watch import summarise

AGE, WINDOW = (
    60,
    100,
)  # days after the first order, and after that: both end before the last cut-off


def replay(workspace: Workspace) -> Stream:
    """Every customer is asked for at the same age, in the order in which they reach it.

    The past are those who first ordered in the first month; the model has learned of them alone.
    """
    config, orders = workspace.config, data.load(workspace, "orders", reader="simulate")
    customers = at_one_age(orders, AGE, WINDOW)
    month = customers.first_order.dt.strftime("%Y-%m")
    past, later = customers[month == month.min()], customers[month > month.min()]
    folds = KFold(config["train"]["folds"], shuffle=True, random_state=workspace.seed)
    held_out = np.empty(len(past))
    for learned, held in folds.split(past):
        fitted = model.fit(config, past.iloc[learned], "spend")
        held_out[held] = fitted.predict(past.iloc[held]) * WINDOW
    expected = model.fit(config, past, "spend").predict(later) * WINDOW
    return Stream(
        title=f"Customers of the months after {month.min()}, {AGE} days after "
        f"their first order, by a model of the {len(past):,} of that month",
        past=seen(past, held_out),
        past_truths=past.spend.to_list(),
        later=seen(later, expected),
        later_truths=later.spend.to_list(),
        times=later.cutoff.dt.strftime("%Y-%m-%d").to_list(),
    )


def at_one_age(orders: pd.DataFrame, age: int, window: int) -> pd.DataFrame:
    """What is known of each customer `age` days after the first order, and what came after that.

    In order of that day; as `data.snapshots` has it, with `first_order`.
    """
    first = orders.groupby("customer").date.min()
    cutoff = first + pd.Timedelta(days=age)
    of_each = orders.customer.map(cutoff)
    found = data.describe(orders, of_each)
    until = of_each + pd.Timedelta(days=window)
    found = found.join(data.outcome(orders, found.index, of_each, until))
    found = found.assign(window=window, first_order=first, cutoff=cutoff).reset_index()
    return found.sort_values(["cutoff", "customer"], ignore_index=True)


def seen(customers: pd.DataFrame, expected: np.ndarray) -> list[Seen]:
    """What the service would have logged."""
    return [
        Seen(float(np.log1p(spend)), summarise(customer), said=float(spend))
        for spend, customer in zip(expected, customers.to_dict("records"), strict=True)
    ]
