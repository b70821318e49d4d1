"""Later sales as traffic: the model of the months known values those after, month by month."""

import math

import pandas as pd
from numpy.typing import ArrayLike
from sklearn.base import clone

from . import data, model
from .kit.replay import Stream
from .kit.served import Seen
from .kit.workspace import Workspace
from .train import grouped_folds, out_of_fold
from .watch import summarise


def replay(workspace: Workspace) -> Stream:
    """Sales of the training set, split after `last_known`; the table knows months, not days."""
    config, seed = workspace.config, workspace.seed
    last, folds = config["evaluate"]["last_known"], config["train"]["folds"]
    sales = data.load(workspace, "train", reader="simulate").sample(frac=1, random_state=seed)
    sales = sales.sort_values("month_of_sale", kind="stable", ignore_index=True)
    known = sales.month_of_sale <= last
    past, later = sales[known].reset_index(drop=True), sales[~known]
    recipe = model.build(config)
    held_out = out_of_fold(past, recipe, grouped_folds(past, seed, folds))
    prices = clone(recipe).fit(past[data.FEATURES], past.price).predict(later[data.FEATURES])
    months = [divmod(int(month) - 1, data.MONTHS) for month in later.month_of_sale]
    return Stream(
        title=f"Sales of the months after, by a model of the {len(past):,} before",
        past=seen(past, held_out),
        past_truths=past.price.to_list(),
        later=seen(later, prices),
        later_truths=later.price.to_list(),
        times=[f"{data.FIRST_YEAR + year}-{month + 1:02}-01" for year, month in months],
    )


def seen(sales: pd.DataFrame, prices: ArrayLike) -> list[Seen]:
    """What the service would have logged."""
    return [
        Seen(math.log(price), summarise(house), said=float(price))
        for price, house in zip(prices, sales.to_dict("records"), strict=True)
    ]
