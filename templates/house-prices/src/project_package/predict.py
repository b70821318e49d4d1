"""The trained appraiser, ready for use."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from . import model
from .data import FEATURES
from .kit.persistence import load_model
from .kit.web import one_thread
from .kit.workspace import ProjectError, Workspace, read_json

BOOSTING = "sklearn.ensemble._hist_gradient_boosting"
ALLOWED = (
    "numpy.dtype",
    "sklearn._loss._loss.CyAbsoluteError",
    "sklearn._loss._loss.CyHalfSquaredError",
    "sklearn._loss._loss.CyPinballLoss",
    "sklearn._loss.link.IdentityLink",
    "sklearn._loss.link.Interval",
    "sklearn._loss.loss.AbsoluteError",
    "sklearn._loss.loss.HalfSquaredError",
    "sklearn._loss.loss.PinballLoss",
    f"{BOOSTING}.binning._BinMapper",
    f"{BOOSTING}.predictor.TreePredictor",
    f"{model.__name__}.add_diagonals",
    f"{model.__name__}.comparable",
)


@dataclass(frozen=True)
class Appraisal:
    """A price with its interval, in dollars; `effects` are shares of the price, largest first.

    `coverage` is the share of prices that such intervals are meant to hold.
    """

    price: float
    low: float
    high: float
    coverage: float
    effects: list[tuple[str, float]]


@dataclass(frozen=True)
class Appraiser:
    """The fitted models by name, the margin of their intervals, and what a typical house is."""

    models: Mapping[str, Any]
    margin: float
    coverage: float
    typical: pd.Series
    districts: Mapping[str, Mapping[str, float]]

    @classmethod
    def load(cls, workspace: Workspace) -> "Appraiser":
        """Read what `train` wrote; raises ProjectError when there is none."""
        models = load_model(workspace, allowed=ALLOWED)
        training = read_json(workspace.models / "training.json", made_by="train")
        typical = pd.Series(training["typical"])
        coverage = training["settings"]["coverage"]
        return cls(models, training["margin"], coverage, typical, training["districts"])

    def prices(self, houses: pd.DataFrame, by: str = "chosen") -> NDArray[np.float64]:
        """Prices in dollars, shape (n,), of the model called `by`."""
        return np.asarray(self.models[by].predict(houses[FEATURES]))

    def intervals(self, houses: pd.DataFrame) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Lower and upper ends in dollars, each of shape (n,)."""
        low, high = (self.models[end].predict(houses[FEATURES]) for end in ("low", "high"))
        return np.exp(low - self.margin), np.exp(high + self.margin)

    def complete(self, house: Mapping[str, float]) -> pd.DataFrame:
        """One row with every feature: what was given, then its district, then the typical house.

        Raises ProjectError when the zip code is none of the training data.
        """
        zipcode = str(int(house.get("zipcode", self.typical["zipcode"])))
        if zipcode not in self.districts:
            known = f"{min(self.districts)} to {max(self.districts)}"
            raise ProjectError(
                f"no sale in zip code {zipcode} was seen in training (known: {known})"
            )
        filled = {**self.typical, **self.districts[zipcode], **house}
        filled["sqft_above"] = filled["sqft_living"] - filled["sqft_basement"]
        return pd.DataFrame([filled])[FEATURES]

    @one_thread
    def appraise(self, house: Mapping[str, float]) -> Appraisal:
        """Price, interval and effects of one house; ends always enclose the price."""
        row = self.complete(house)
        price = float(self.prices(row)[0])
        low, high = (float(ends[0]) for ends in self.intervals(row))
        shares = model.effects(self.models["chosen"], row, self.typical)
        strongest = sorted(shares.items(), key=lambda item: -abs(item[1]))[:8]
        return Appraisal(price, min(low, price), max(high, price), self.coverage, strongest)


def run(workspace: Workspace, inputs: Sequence[str]) -> None:
    """Print one JSON line for each input, itself a JSON object of features."""
    appraiser = Appraiser.load(workspace)
    for text in inputs:
        try:
            house = json.loads(text)
            appraisal = appraiser.appraise(house)
        except (ValueError, TypeError, AttributeError) as error:
            raise ProjectError(
                f'not a house: {text.strip()!r}; give JSON such as {{"sqft_living": 1800}}'
            ) from error
        print(json.dumps(asdict(appraisal)))
