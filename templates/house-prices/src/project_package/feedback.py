"""Later sales with their prices: how `retrain` reads and learns from them."""

from collections.abc import Sequence
from typing import Annotated

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pydantic import Field

from . import data
from .kit.holdout import connect
from .kit.registry import serving
from .kit.workspace import Workspace
from .predict import Appraiser
from .serve import House

METRIC, HIGHER_IS_BETTER = "median_ape", False


class Labelled(House):
    """A line: a house as /predict takes it, its price, its month, and where it stands.

    The month counts from January 2014; place, lot and year tell a house from others.
    """

    truth: Annotated[float, Field(gt=0)]
    month_of_sale: Annotated[int, Field(ge=1)]
    latitude: Annotated[float, Field(ge=47, le=48)]
    longitude: Annotated[float, Field(ge=-123, le=-121)]
    sqft_lot: Annotated[float, Field(ge=400, le=2_000_000)]
    sqft_living_15nn: Annotated[float, Field(gt=0)] | None = None
    sqft_lot_15nn: Annotated[float, Field(gt=0)] | None = None


def tabulate(workspace: Workspace, lines: Sequence[Labelled]) -> pd.DataFrame:
    """Sales as the training set has them; what is left out is taken from district or typical."""
    appraiser = Appraiser.load(serving(workspace))
    given = pd.DataFrame([line.model_dump() for line in lines])
    sales = given.reindex(columns=data.FEATURES).astype(float)
    sales["sqft_above"] = sales.sqft_living - sales.sqft_basement
    districts = pd.DataFrame(appraiser.districts).T.reindex(sales.zipcode.map("{:.0f}".format))
    sales = sales.fillna(districts.set_axis(sales.index)).fillna(appraiser.typical)
    sales = sales.astype({"zipcode": int})  # by its digits a district is known in training.json
    sales["id"] = [f"feedback/{number}" for number in range(1, len(lines) + 1)]
    sales["price"] = [line.truth for line in lines]
    parts = [data.load(workspace, name, reader="retrain") for name in ("train", "validation")]
    keys = [house for part in (*parts, sales) for house in data.inputs(part)]
    house, seen = connect(keys), len(keys) - len(sales)
    return sales.assign(
        group=house[seen:],
        known=np.isin(house[seen:], house[:seen]),
        time=sales.month_of_sale,
        truth=sales.price,
    )


def join(workspace: Workspace, rows: pd.DataFrame) -> None:
    """Add rows to the training part; houses are numbered anew."""
    train = data.load(workspace, "train", reader="retrain")
    both = pd.concat([train, rows.reindex(columns=train.columns)], ignore_index=True)
    data.write_part(workspace, "train", both.assign(house=connect(data.inputs(both))))


def say(workspace: Workspace, rows: pd.DataFrame) -> NDArray[np.float64]:
    """Prices by the model in `workspace`."""
    return Appraiser.load(workspace).prices(rows)
