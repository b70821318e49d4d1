"""Do the models of the textbooks, or a learner of trees, do it too?"""

import numpy as np
import pandas as pd
from sklearn.ensemble import HistGradientBoostingRegressor

from .. import model
from ..data import FEATURES
from ..evaluate import Evaluated, total_ratio
from ..kit import figures
from ..kit.results import EACH_ALONE, Picture, Study, Table
from ..kit.statistics import bootstrap, compared, paired_difference
from ..kit.workspace import Workspace
from ..lifetime import BgNbd, GammaGamma

LIFETIME, BOOSTING = "BG/NBD and Gamma-Gamma", "Poisson boosting"


def study(workspace: Workspace, evaluated: Evaluated) -> Study:
    """The same customers by BG/NBD with Gamma-Gamma and by boosting, in order and in level."""
    config = workspace.config
    days, tenths, seed = config["data"]["horizon"], config["evaluate"]["tenths"], workspace.seed
    customers = evaluated.customers
    leaves = BgNbd.fit(customers)
    asked = customers.assign(textbook_orders=leaves.expect(customers, days))
    asked = asked.assign(
        textbook=asked.textbook_orders * GammaGamma.fit(customers).expect(customers),
        boosting=boosted(evaluated.learned, customers, seed) * days,
    )
    table = calibration_table(asked, tenths, seed)
    draw(workspace, asked, tenths)
    expected = bootstrap(total_ratio, asked.orders, asked.textbook_orders, seed=seed)
    return Study(
        title="Do the models of the textbooks do it too?",
        text="BG/NBD with Gamma-Gamma is fitted to what was known at the last cut-off, and needs "
        "no earlier one. Boosting learns from the same rows as the model, with settings that were "
        "not tuned. A good order may come with a wrong level: who plans stock needs the second.",
        tables={"methods": methods_table(asked, seed), "calibration": table},
        figures={
            "calibration": Picture(
                "Orders expected and orders that came, each tenth of the customers by what was "
                "expected of them; on the line they are equal.",
                "Points for ten groups of customers, orders that came over orders expected.",
            )
        },
        notes={
            "textbook": f"BG/NBD expected {asked.textbook_orders.sum():,.0f} orders, the model "
            f"{asked.expected_orders.sum():,.0f}; {asked.orders.sum():,.0f} came. For each one "
            f"that came, BG/NBD expected {expected}."
        },
    )


def boosted(learned: pd.DataFrame, customers: pd.DataFrame, seed: int) -> np.ndarray:
    """Spend a day by boosted trees with a Poisson loss, shape (n,)."""
    trees = HistGradientBoostingRegressor(
        loss="poisson", max_iter=120, learning_rate=0.05, max_leaf_nodes=8, min_samples_leaf=200,
        random_state=seed,
    )  # fmt: skip
    fitted = trees.fit(learned[FEATURES], learned.spend / learned.window)
    return np.asarray(fitted.predict(customers[FEATURES]))


def methods_table(asked: pd.DataFrame, seed: int) -> Table:
    """Order and level of each method; the difference is the method minus the model."""
    rows = []
    for name, column in (("the model", "model"), (LIFETIME, "textbook"), (BOOSTING, "boosting")):
        found = bootstrap(model.normalised_gini, asked.spend, asked[column], seed=seed)
        difference = paired_difference(
            model.normalised_gini, asked.spend, asked[column], asked.model, seed=seed
        )
        level = bootstrap(total_ratio, asked.spend, asked[column], seed=seed)
        rows.append([name, found, "–" if column == "model" else compared(difference), level])
    return Table(
        "What came after the last cut-off; the third column is the method minus the model. Of the "
        "level, 1 is right.",
        ["", "normalised Gini", "minus the model", "dollars expected for each that came"],
        rows,
    )


def by_tenth(asked: pd.DataFrame, column: str, tenths: int) -> pd.Series:
    """From 1, of whom least is expected, to `tenths`; groups are equally large."""
    places = asked[column].rank(method="first")
    return np.ceil(places / len(asked) * tenths).astype(int)


def calibration_table(asked: pd.DataFrame, tenths: int, seed: int) -> Table:
    """What was expected of each group, and what came."""
    rows = []
    for number, part in asked.groupby(by_tenth(asked, "expected_orders", tenths)):
        came = bootstrap(np.mean, part.orders, seed=seed)
        expected = float(part.expected_orders.mean())
        rows.append([str(number), len(part), expected, float(part.textbook_orders.mean()), came])
    return Table(
        "Orders of a customer, in groups by what the model expects, from the least. " + EACH_ALONE,
        ["group", "n", "expected", "by BG/NBD", "came"],
        rows,
    )


def draw(workspace: Workspace, asked: pd.DataFrame, tenths: int) -> None:
    """Both methods' levels, each in groups of its own."""
    shown = {
        "the model": ("expected_orders", "o", figures.MODEL),
        "BG/NBD": ("textbook_orders", "s", figures.BASELINE),
    }
    with figures.figure(workspace.figures / "calibration", width=5, height=4.2) as (_, axes):
        for label, (column, mark, colour) in shown.items():
            groups = asked.groupby(by_tenth(asked, column, tenths))
            axes.plot(groups[column].mean(), groups.orders.mean(), mark, color=colour, label=label)
        end = float(asked.groupby(by_tenth(asked, "expected_orders", tenths)).orders.mean().max())
        axes.plot([0, end], [0, end], "--", color=figures.OTHER)
        axes.set(xlabel="orders expected of a customer", ylabel="orders that came")
        axes.legend()
