"""The web service: POST /predict, GET /health and /version, and a page at /. It keeps no face."""

import base64
from typing import Annotated

import numpy as np
from fastapi import FastAPI, Response
from fastapi.responses import JSONResponse
from pydantic import Base64Bytes, BaseModel, ConfigDict, Field

from .data import HEIGHT, WIDTH
from .kit.served import Seen
from .kit.web import current, make_service, record
from .kit.workspace import ProjectError, Workspace
from .predict import Answer, Recogniser
from .watch import WATCH, summarise

PIXELS = HEIGHT * WIDTH
MOST_PEOPLE, MOST_PICTURES, LONGEST = 100, 20, 1000
BODY_LIMIT = 4_000_000  # bytes
Descriptor = Annotated[list[float], Field(min_length=1, max_length=LONGEST)]


class Probe(BaseModel):
    """A face as 112 rows of 92 grey levels, a byte each, in base64, and who is enrolled.

    The gallery is the asker's own: descriptors by name, as earlier answers gave them.
    """

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)

    picture: Annotated[Base64Bytes, Field(min_length=PIXELS, max_length=PIXELS)]
    gallery: Annotated[
        dict[
            Annotated[str, Field(min_length=1, max_length=60)],
            Annotated[list[Descriptor], Field(min_length=1, max_length=MOST_PICTURES)],
        ],
        Field(max_length=MOST_PEOPLE),
    ] = {}


# A light oval on dark ground.
_ROWS, _COLUMNS = np.mgrid[:HEIGHT, :WIDTH]
_OVAL = np.hypot(_ROWS / HEIGHT - 0.5, _COLUMNS / WIDTH - 0.5) < 0.4
EXAMPLE = {"picture": base64.b64encode((_OVAL * 150 + 50).astype(np.uint8)).decode()}


def create_app(workspace: Workspace | None = None) -> FastAPI:
    """The service over the model in `workspace`; raises ProjectError when there is none."""
    workspace = workspace or Workspace()
    app = make_service(
        workspace, "Face recognition", body_limit=BODY_LIMIT, watch=WATCH, load=Recogniser.load
    )

    @app.exception_handler(ProjectError)
    def refuse(_, error: ProjectError) -> JSONResponse:
        return JSONResponse({"error": str(error)}, status_code=422)

    @app.post("/predict")
    def predict(probe: Probe, response: Response) -> Answer:
        pixels = np.frombuffer(probe.picture, np.uint8).reshape(HEIGHT, WIDTH)
        answer: Answer = current().recognise(pixels, probe.gallery)
        record(response, Seen(answer.distance, summarise(pixels), said=float(answer.known)))
        return answer

    return app
