"""The web service: POST /predict, GET /segments, /health and /version, and a page at /."""

import math
from datetime import date
from typing import Annotated, Self

from fastapi import FastAPI, Response
from pydantic import BaseModel, ConfigDict, Field, model_validator

from .kit.served import Seen
from .kit.web import current, make_service, record
from .kit.workspace import Workspace
from .predict import Forecast, Forecaster, describe_customer, without_label
from .watch import WATCH, summarise

BODY_LIMIT = 100_000  # bytes
MOST_ORDERS = 500
FIRST_DAY, LAST_DAY = date(1996, 1, 1), date(1998, 12, 31)  # around the data
EXAMPLE = {
    "orders": [{"date": "1997-02-10", "amount": 25.5}, {"date": "1997-08-02", "amount": 40}],
    "today": "1997-09-30",
}


class Order(BaseModel):
    """A day on which the customer ordered, and the dollars."""

    model_config = ConfigDict(extra="forbid")

    date: Annotated[date, Field(ge=FIRST_DAY, le=LAST_DAY)]
    amount: Annotated[float, Field(ge=0, le=100_000)]


class Customer(BaseModel):
    """All orders of one customer up to the day from which on is asked."""

    model_config = ConfigDict(extra="forbid")

    orders: Annotated[list[Order], Field(min_length=1, max_length=MOST_ORDERS)]
    today: Annotated[date, Field(ge=FIRST_DAY, le=LAST_DAY)]

    @model_validator(mode="after")
    def nothing_lies_in_the_future(self) -> Self:
        """What came after the day from which on is asked is what the model is asked for."""
        if max(order.date for order in self.orders) > self.today:
            raise ValueError("an order lies after the day from which on is asked")
        return self

    def pairs(self) -> list[tuple[date, float]]:
        """Days and dollars."""
        return [(order.date, order.amount) for order in self.orders]


def create_app(workspace: Workspace | None = None) -> FastAPI:
    """The service over the model in `workspace`; raises ProjectError when there is none."""
    workspace = workspace or Workspace()
    app = make_service(
        workspace, "Customer segments", body_limit=BODY_LIMIT, watch=WATCH, load=Forecaster.load
    )

    @app.get("/segments")
    def segments() -> list[dict[str, float]]:
        return [without_label(profile) for profile in current().training["segments"]]

    @app.post("/predict")
    def predict(customer: Customer, response: Response) -> Forecast:
        row = describe_customer(customer.pairs(), customer.today)
        found: Forecast = current().forecast(row)
        record(response, Seen(math.log1p(found.spend), summarise(row.iloc[0]), said=found.spend))
        return found

    return app
