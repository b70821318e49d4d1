"""Measure the forecasts on what came after the last cut-off. Nothing else opens the test set."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from . import data, model
from .kit import figures
from .kit.results import Picture, Results, Score, Table, keep_errors, run_studies, write_results
from .kit.statistics import NAIVE, SIMPLE, STRONGEST, Predictions, bootstrap
from .kit.workspace import Workspace, read_json
from .predict import Forecaster
from .train import judged_rows, last_cutoff

WORST = 20


@dataclass(frozen=True)
class Evaluated:
    """Every customer at the last cut-off, what came after it, and what each method says of it.

    `customers` has FEATURES, `spend` and `orders` of the period that is asked for, `model` and
    `expected_orders`, the `segment`, and a column for each of `baselines`, the strongest simple
    method first. `judged` are the customers at the earlier cut-off by which choices were made.
    """

    customers: pd.DataFrame
    orders: pd.DataFrame
    judged: pd.DataFrame
    learned: pd.DataFrame
    baselines: Mapping[str, str]
    forecaster: Forecaster

    @property
    def simple(self) -> str:
        """The strongest simple method."""
        return next(iter(self.baselines))


def run(workspace: Workspace) -> None:
    """Write reports/metrics.json, errors.csv and the figures."""
    started = time.perf_counter()
    evaluated = measure(workspace)
    customers, settings = evaluated.customers, workspace.config["evaluate"]
    results = Results(
        primary="normalised_gini",
        label="normalised Gini of the next period's spend",
        measured_on=f"what all customers spent in the {workspace.config['data']['horizon']} days "
        "after the last cut-off",
        predictions=predictions(evaluated),
        scores=score(evaluated, settings["top"], workspace.seed),
        tables={
            "candidates": candidates_table(workspace),
            "errors": errors_table(workspace, customers),
        },
        figures={"found": draw(workspace, evaluated)},
        notes={"top": top_note(evaluated, settings["top"], workspace.seed)},
        studies=run_studies(workspace, evaluated),
    )
    written = write_results(workspace, results, time.perf_counter() - started)
    print(f"normalised Gini {written['primary']['value']:.3f}, {written['comparison']['verdict']}")


def measure(workspace: Workspace) -> Evaluated:
    """Open the test set and ask the forecaster and its baselines."""
    config = workspace.config
    test = data.load(workspace, "test", reader="evaluate")
    orders, train = (data.load(workspace, part, reader="evaluate") for part in data.PARTS[:2])
    training = read_json(workspace.models / "training.json", made_by="train")
    forecaster, simple = Forecaster.load(workspace), model.simple_methods(config)
    tuned = {name: simple[name][training["tuned"][name]] for name in training["simple"]}
    methods = {**tuned, **model.naive_methods()}
    strongest, *others = tuned
    baselines = {
        strongest: STRONGEST,
        **dict.fromkeys(others, SIMPLE),
        **dict.fromkeys(model.naive_methods(), NAIVE),
    }
    now = data.describe(orders, last_cutoff(config)).reset_index()
    customers = test.merge(now, left_on="id", right_on="customer", validate="1:1")
    customers = customers.assign(
        model=forecaster.expect(customers),
        expected_orders=forecaster.expect(customers, "orders"),
        segment=forecaster.segment(customers),
        **{name: say(customers) for name, say in methods.items()},
    )
    learned = train[train.asked == config["data"]["last"]]
    return Evaluated(customers, orders, judged_rows(train, config), learned, baselines, forecaster)


def predictions(evaluated: Evaluated) -> Predictions:
    """What the headline is computed from: each customer is a group of one."""
    columns = {"id": "id", "customer": "group", "spend": "truth", "model": "model"}
    return Predictions(
        evaluated.customers[[*columns, *evaluated.baselines]].rename(columns=columns),
        metric="normalised_gini",
        higher_is_better=True,
        baselines=evaluated.baselines,
        unit="customers",
    )


def score(evaluated: Evaluated, top: float, seed: int) -> dict[str, Score]:
    """Further metrics with intervals, the strongest simple method beside them where it has one."""
    customers = evaluated.customers
    spend, simple = customers.spend, customers[evaluated.simple]
    found = partial(model.found_in_top, share=top)
    return {
        "found_in_top": Score(
            f"share of the spend that comes from the first {top:.0%}",
            bootstrap(found, spend, customers.model, seed=seed),
            found(spend, simple),
        ),
        "orders_off": Score(
            "how far all expected orders are off, as a share of those that came",
            bootstrap(level_error, customers.orders, customers.expected_orders, seed=seed),
            higher_is_better=False,
        ),
        "spend_off": Score(
            "how far all expected dollars are off, as a share of those that came",
            bootstrap(level_error, spend, customers.model, seed=seed),
            higher_is_better=False,
        ),
    }


def total_ratio(came: NDArray, expected: NDArray) -> float:
    """What was expected of all together, for what came."""
    return float(np.sum(expected) / np.sum(came))


def level_error(came: NDArray, expected: NDArray) -> float:
    """By what share of what came too much or too little was expected of all together."""
    return abs(total_ratio(came, expected) - 1)


def top_note(evaluated: Evaluated, top: float, seed: int) -> str:
    """What the first customers in the model's order came to, beside a rule's order."""
    customers = evaluated.customers
    found = partial(model.found_in_top, share=top)
    said = bootstrap(found, customers.spend, customers.model, seed=seed)
    best = found(customers.spend, customers.spend)
    return (
        f"The first {top:.0%} of the customers in the model's order came to {said} of what all of "
        f"them spent afterwards; the {top:.0%} who spent most came to {best:.2f} of it."
    )


def candidates_table(workspace: Workspace) -> Table:
    """Model and baselines as `train` compared them; no number here comes from the test set."""
    training = read_json(workspace.models / "training.json", made_by="train")
    marks = {f"{name}, {setting}": "**baseline:** " for name, setting in training["tuned"].items()}
    marks[training["chosen"]] = "**model:** "
    rows = [[marks.get(name, "") + name, value] for name, value in training["candidates"].items()]
    return Table(
        "Normalised Gini at the earlier cut-off, the model's out of fold and learned from cut-offs "
        "before it; a setting of a baseline is chosen on the very rows shown, which favours it.",
        ["", "normalised Gini"],
        rows,
    )


def errors_table(workspace: Workspace, customers: pd.DataFrame) -> Table:
    """The customers furthest from what was expected of them, with what was known of them."""
    columns: dict[str, Any] = {
        "id": "customer", "spend": "spent, $", "model": "expected, $", "orders": "orders",
        "expected_orders": "expected", "recency": "days since the last",
        "frequency": "orders before", "money": "dollars before",
    }  # fmt: skip
    off = (customers.model - customers.spend).abs()
    worst = customers.loc[off.nlargest(WORST).index, list(columns)].round(2)
    whole = worst[["recency", "frequency"]].astype(int)
    caption = f"The {len(worst)} customers furthest, in dollars, from what was expected of them"
    return keep_errors(workspace, worst.assign(**whole), columns, caption)


def draw(workspace: Workspace, evaluated: Evaluated) -> Picture:
    """The spend found, as more and more customers are looked after."""
    customers = evaluated.customers
    shares = np.linspace(0, 1, 101)
    shown = {
        "the model": ("model", figures.MODEL, "-"),
        evaluated.simple: (evaluated.simple, figures.BASELINE, "--"),
        "those who spent most": ("spend", figures.OTHER, ":"),
    }
    with figures.figure(workspace.figures / "found", width=5, height=4.2) as (_, axes):
        for label, (column, colour, line) in shown.items():
            found = [model.found_in_top(customers.spend, customers[column], at) for at in shares]
            axes.plot(100 * shares, found, line, color=colour, label=label)
        axes.plot([0, 100], [0, 1], color=figures.OTHER, alpha=0.4, label="by chance")
        axes.set(xlabel="customers looked after, %", ylabel="share of the spend")
        axes.legend()
    return Picture(
        "Share of the next period's spend that the first customers come to, by who is first.",
        "Curves of spend over customers for the model, a simple score and those who spent most.",
    )
