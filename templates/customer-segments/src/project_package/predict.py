"""The trained forecaster, ready for use."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from . import data, model, segments
from .data import FEATURES
from .kit.persistence import load_model
from .kit.web import one_thread
from .kit.workspace import ProjectError, Workspace, read_json

ALLOWED = (
    "numpy.dtype",
    "sklearn._loss.link.Interval",
    "sklearn._loss.link.LogLink",
    "sklearn._loss.loss.HalfTweedieLoss",
    "sklearn._loss._loss.CyHalfTweedieLoss",
    f"{model.__name__}.terms",
    f"{segments.__name__}.scales",
)


@dataclass(frozen=True)
class Forecast:
    """What is expected of a customer in `days`: orders, dollars, and why.

    `effects` say by what share each raises or lowers the dollars, against a typical customer, the
    largest first. `segment` counts from 1, the most valuable one, up to `segments`; `profile` is
    its middle. `letter` is what a letter is expected to earn in dollars, under the assumptions of
    config.toml.
    """

    days: int
    orders: float
    spend: float
    effects: list[tuple[str, float]]
    segment: int
    segments: int
    profile: dict[str, float]
    letter: float


@dataclass(frozen=True)
class Forecaster:
    """The fitted models by name, and what `train` found out about today's customers."""

    models: Mapping[str, Any]
    training: Mapping[str, Any]
    letter: Mapping[str, float]

    @classmethod
    def load(cls, workspace: Workspace) -> "Forecaster":
        """Read what `train` wrote; raises ProjectError when there is none."""
        models = load_model(workspace, allowed=ALLOWED)
        training = read_json(workspace.models / "training.json", made_by="train")
        return cls(models, training, workspace.config["letter"])

    def expect(self, customers: pd.DataFrame, target: str = "spend") -> NDArray[np.float64]:
        """Dollars, or orders, in the days that are asked for, shape (n,)."""
        return np.asarray(self.models[target].predict(customers[FEATURES])) * self.training["days"]

    def segment(self, customers: pd.DataFrame) -> NDArray[np.int64]:
        """The segment of each customer, from 1, the most valuable, shape (n,)."""
        labels = [int(profile["label"]) for profile in self.training["segments"]]
        place = {label: number for number, label in enumerate(labels, start=1)}
        return np.array([place[label] for label in self.models["segments"].predict(customers)])

    @one_thread
    def forecast(self, customer: pd.DataFrame) -> Forecast:
        """What to expect of one customer, a row as `describe_customer` makes it."""
        spend, orders = (float(self.expect(customer, name)[0]) for name in ("spend", "orders"))
        shares = model.effects(self.models["spend"], customer, self.training["typical"])[0]
        effects = [(name, float(share)) for name, share in zip(model.TERMS, shares, strict=True)]
        number, profiles = int(self.segment(customer)[0]), self.training["segments"]
        return Forecast(
            days=self.training["days"],
            orders=orders,
            spend=spend,
            effects=sorted(effects, key=lambda effect: -abs(effect[1])),
            segment=number,
            segments=len(profiles),
            profile=without_label(profiles[number - 1]),
            letter=float(earned(spend, self.letter)),
        )


def describe_customer(orders: Sequence[tuple[date, float]], today: date) -> pd.DataFrame:
    """One row of FEATURES from the days of a customer's orders and their dollars.

    Raises ProjectError when no order lies on or before `today`.
    """
    table = pd.DataFrame(orders, columns=["date", "amount"]).assign(customer="asked")
    table["date"] = pd.to_datetime(table.date)
    found = data.describe(data.clean(table), pd.Timestamp(today))
    if found.empty:
        raise ProjectError("a customer has at least one order, none of them after today")
    return found


def without_label(profile: Mapping[str, float]) -> dict[str, float]:
    """A segment as others see it: its number inside k-means says nothing."""
    return {name: value for name, value in profile.items() if name != "label"}


def earned(spend: Any, letter: Mapping[str, float]) -> Any:
    """What a letter earns in dollars where so much spend is expected without it."""
    return spend * letter["lift"] * letter["margin"] - letter["cost"]


def run(workspace: Workspace, inputs: Sequence[str]) -> None:
    """Print one JSON line for each input, a JSON object as /predict takes it."""
    from .serve import Customer

    forecaster = Forecaster.load(workspace)
    for text in inputs:
        try:
            customer = Customer.model_validate(json.loads(text))
        except ValueError as error:
            raise ProjectError(
                f"not a customer: {text.strip()!r}; give JSON such as "
                '{"orders": [{"date": "1997-03-01", "amount": 20}], "today": "1997-09-30"}'
            ) from error
        row = describe_customer(customer.pairs(), customer.today)
        print(json.dumps(asdict(forecaster.forecast(row))))
