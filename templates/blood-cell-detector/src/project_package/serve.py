"""The web service: POST /predict, GET /health, GET /version, and a page at /."""

import base64
from typing import Annotated

import numpy as np
from fastapi import FastAPI, Response
from fastapi.responses import JSONResponse
from numpy.typing import NDArray
from pydantic import Base64Bytes, BaseModel, ConfigDict, Field

from .kit.served import Seen
from .kit.web import current, make_service, record
from .kit.workspace import ProjectError, Workspace
from .predict import Answer, Detector
from .watch import WATCH, certainty, summarise

LEAST, MOST = 24, 640  # pixels of a picture's side
BODY_LIMIT = 2_000_000  # bytes
Pixels = Annotated[Base64Bytes, Field(min_length=1, max_length=4 * MOST * MOST)]
Side = Annotated[int, Field(ge=LEAST, le=MOST)]


class Asked(BaseModel):
    """A picture: red, green and blue of each pixel, a byte each, in base64, row by row.

    At the scale of the training pictures, which are 256 × 192; the page brings any picture to it.
    """

    model_config = ConfigDict(extra="forbid")

    picture: Pixels
    width: Side
    height: Side


def encode(pixels: NDArray[np.uint8]) -> dict[str, str | int]:
    """A picture (height, width, 3) as /predict takes it."""
    height, width, _ = pixels.shape
    content = base64.b64encode(pixels.tobytes()).decode()
    return {"picture": content, "width": width, "height": height}


def _disc() -> NDArray[np.uint8]:
    down, across = np.mgrid[-36:36, -48:48]
    inside = (np.hypot(down, across) < 20)[..., None]
    return np.where(inside, [182, 150, 152], [206, 207, 203]).astype(np.uint8)


EXAMPLE = encode(_disc())  # nobody's cell


def create_app(workspace: Workspace | None = None) -> FastAPI:
    """The service over the model in `workspace`; raises ProjectError when there is none."""
    workspace = workspace or Workspace()
    app = make_service(
        workspace, "Blood-cell detector", body_limit=BODY_LIMIT, watch=WATCH, load=Detector.load
    )

    @app.post("/predict")
    def predict(asked: Asked, response: Response) -> Answer:
        detector: Detector = current()
        pixels = unpack(asked)
        answer = detector.answer(pixels)
        scores = [each.score for each in answer.found if each.score >= answer.thresholds[each.kind]]
        counted = float(sum(answer.counts.values()))
        record(response, Seen(certainty(scores), summarise(pixels), said=counted))
        return answer

    @app.exception_handler(ProjectError)
    def refuse(_, error: Exception) -> JSONResponse:
        return JSONResponse({"error": str(error)}, status_code=422)

    return app


def unpack(asked: Asked) -> NDArray[np.uint8]:
    """The pixels of what was sent; raises ProjectError when they are too few or too many."""
    shape = asked.height, asked.width, 3
    if len(asked.picture) != np.prod(shape):
        raise ProjectError(
            f"{len(asked.picture):,} bytes are no picture of {asked.width} × {asked.height}: each "
            "pixel has three"
        )
    return np.frombuffer(asked.picture, np.uint8).reshape(shape)
