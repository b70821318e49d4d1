"""Customers with what they did next: how `retrain` reads and learns from them."""

from collections.abc import Sequence
from typing import Annotated

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pydantic import Field

from . import data
from .kit.workspace import Workspace
from .predict import Forecaster
from .serve import Customer
from .train import last_cutoff

METRIC, HIGHER_IS_BETTER = "normalised_gini", True


class Labelled(Customer):
    """A line: a customer as /predict takes one, and what came in the `window` days after `today`.

    `truth` is the dollars, `came` the days with an order. `customer` joins lines of one person.
    """

    truth: Annotated[float, Field(ge=0)]
    came: Annotated[int, Field(ge=0)]
    window: Annotated[int, Field(ge=7, le=400)]
    customer: Annotated[str, Field(max_length=200)] = ""


def tabulate(workspace: Workspace, lines: Sequence[Labelled]) -> pd.DataFrame:
    """Rows as the training set has them; nobody is `known`, as no line has a number of that set."""
    names = [f"feedback/{number}" for number in range(1, len(lines) + 1)]
    listed = pd.DataFrame(
        [(name, *pair) for name, line in zip(names, lines, strict=True) for pair in line.pairs()],
        columns=["customer", "date", "amount"],
    )
    orders = data.clean(listed.assign(date=pd.to_datetime(listed.date)))
    today = pd.Series(pd.to_datetime([line.today for line in lines]), index=names)
    rows = data.describe(orders, orders.customer.map(today)).loc[names].reset_index()
    return rows.assign(
        id=names,
        asked=f"{last_cutoff(workspace.config):%Y-%m-%d}",
        cutoff=today.dt.strftime("%Y-%m-%d").to_list(),
        window=[line.window for line in lines],
        orders=[line.came for line in lines],
        spend=[line.truth for line in lines],
        group=[line.customer or name for name, line in zip(names, lines, strict=True)],
        known=False,
        time=today.to_list(),
        truth=[line.truth for line in lines],
    )


def join(workspace: Workspace, rows: pd.DataFrame) -> None:
    """Add rows to those that the served model learns from."""
    train = data.load(workspace, "train", reader="retrain")
    data.write_part(workspace, "train", pd.concat([train, rows[train.columns]]))


def say(workspace: Workspace, rows: pd.DataFrame) -> NDArray[np.float64]:
    """Dollars in the window of each row, by the model in `workspace`."""
    forecaster = Forecaster.load(workspace)
    return forecaster.expect(rows) / forecaster.training["days"] * rows.window.to_numpy()
