"""The web service: POST /predict, GET /districts, /health and /version, and a page at /."""

import math
from typing import Annotated, Self

from fastapi import FastAPI, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field, model_validator

from .kit.served import Seen
from .kit.web import current, make_service, record
from .kit.workspace import ProjectError, Workspace
from .predict import Appraisal, Appraiser
from .watch import WATCH, summarise

BODY_LIMIT = 10_000  # bytes
EXAMPLE = {"zipcode": 98103, "sqft_living": 1800}


class House(BaseModel):
    """What a buyer can know. What is left out is taken from the district and the typical house."""

    model_config = ConfigDict(extra="forbid")

    zipcode: Annotated[int, Field(ge=98001, le=98199)]
    sqft_living: Annotated[float, Field(ge=200, le=15_000)]
    sqft_lot: Annotated[float, Field(ge=400, le=2_000_000)] | None = None
    sqft_basement: Annotated[float, Field(ge=0, le=6_000)] = 0
    bedrooms: Annotated[int, Field(ge=0, le=15)] = 3
    bathrooms: Annotated[float, Field(ge=0, le=10)] = 2
    floors: Annotated[float, Field(ge=1, le=4)] = 1
    grade: Annotated[int, Field(ge=1, le=13)] = 7
    condition: Annotated[int, Field(ge=1, le=5)] = 3
    view: Annotated[int, Field(ge=1, le=5)] = 1
    waterfront: bool = False
    year_built: Annotated[int, Field(ge=1850, le=2015)] = 1975
    year_renovated: Annotated[int, Field(ge=0, le=2015)] = 0

    @model_validator(mode="after")
    def basement_is_part_of_the_living_area(self) -> Self:
        """The table counts the basement into the living area."""
        if self.sqft_basement >= self.sqft_living:
            raise ValueError("the basement must be smaller than the whole living area")
        return self


def create_app(workspace: Workspace | None = None) -> FastAPI:
    """The service over the model in `workspace`; raises ProjectError when there is none."""
    workspace = workspace or Workspace()
    app = make_service(
        workspace, "House prices", body_limit=BODY_LIMIT, watch=WATCH, load=Appraiser.load
    )

    @app.exception_handler(ProjectError)
    def refuse(_, error: ProjectError) -> JSONResponse:
        return JSONResponse({"error": str(error)}, status_code=422)

    @app.get("/districts")
    def districts() -> list[int]:
        return sorted(int(zipcode) for zipcode in current().districts)

    @app.post("/predict")
    def predict(house: House, response: Response) -> Appraisal:
        given = house.model_dump(exclude_none=True)
        appraisal: Appraisal = current().appraise(given)
        price = appraisal.price
        record(response, Seen(math.log(price), summarise(given), said=price))
        return appraisal

    return app
