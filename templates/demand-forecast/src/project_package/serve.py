"""The web service: POST /predict, GET /usual, /health and /version, and a page at /."""

import datetime as dt
from typing import Annotated, Any, Self

import numpy as np
from fastapi import FastAPI, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field, model_validator

from .kit.web import current, make_service, record
from .kit.workspace import ProjectError, Workspace, read_json
from .model import NOON, SLOTS
from .predict import Forecast, Forecaster, as_series, history
from .watch import WATCH, watched

BODY_LIMIT = 100_000  # bytes
LONGEST = 60  # whole days
LOWEST, HIGHEST = 0.01, 1_000.0  # gigawatts
WARMEST = 60.0  # °C, above zero and below
MOST_BASES = 6
CLOCK = np.arange(history(MOST_BASES) * SLOTS + NOON) * 2 * np.pi / SLOTS
EXAMPLE = {
    "date": "2015-02-03",
    "demand": (4.5 - 0.8 * np.cos(CLOCK)).round(3).tolist(),
    "temperature": (18 - 5 * np.cos(CLOCK - 0.5)).round(1).tolist(),
    "holidays": ["2015-01-26"],
}


class History(BaseModel):
    """What is known at noon of the day before `date`: whole days, and the morning of today.

    Demand in gigawatts, temperature in °C, a value each half-hour from midnight on; `holidays` are
    days on which most people do not work, beside weekends.
    """

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)

    date: dt.date
    demand: Annotated[
        list[Annotated[float, Field(ge=LOWEST, le=HIGHEST)]],
        Field(min_length=SLOTS, max_length=LONGEST * SLOTS + NOON),
    ]
    temperature: Annotated[
        list[Annotated[float, Field(ge=-WARMEST, le=WARMEST)]],
        Field(min_length=SLOTS, max_length=LONGEST * SLOTS + NOON),
    ]
    holidays: Annotated[list[dt.date], Field(max_length=LONGEST)] = []

    @model_validator(mode="after")
    def ends_at_noon(self) -> Self:
        """Whole days and a morning, as long for the temperature as for demand."""
        if len(self.demand) % SLOTS != NOON or len(self.temperature) != len(self.demand):
            raise ValueError(
                f"demand and temperature need {SLOTS} values for each whole day and {NOON} of today"
            )
        return self


def create_app(workspace: Workspace | None = None) -> FastAPI:
    """The service over the model in `workspace`; raises ProjectError when there is none."""
    workspace = workspace or Workspace()
    app = make_service(
        workspace, "Demand forecast", body_limit=BODY_LIMIT, watch=WATCH, load=Forecaster.load
    )

    @app.exception_handler(ProjectError)
    def refuse(_, error: ProjectError) -> JSONResponse:
        return JSONResponse({"error": str(error)}, status_code=422)

    @app.get("/usual")
    def usual() -> dict[str, Any]:
        training = read_json(workspace.models / "training.json", made_by="train")
        return {**training["profiles"], "days": current().history}

    @app.post("/predict")
    def predict(known: History, response: Response) -> Forecast:
        forecaster = current()
        require_enough(len(known.demand) // SLOTS, forecaster.history)
        series, day, first = as_series(known.model_dump(mode="json"))
        found: Forecast = forecaster.forecast(series, day, first)
        record(response, *watched(series, day, found.demand))
        return found

    return app


def require_enough(days: int, needed: int) -> None:
    """Raise ProjectError when there are fewer whole days than a forecast reads."""
    if days < needed:
        raise ProjectError(f"{needed} whole days before today are needed, and there are {days}")
