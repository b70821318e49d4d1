"""The web service: POST /predict, GET /health, GET /version, and a page at /."""

from typing import Annotated

from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse
from pydantic import Base64Bytes, BaseModel, ConfigDict, Field

from .kit.served import Seen
from .kit.web import current, make_service, record
from .kit.workspace import Workspace
from .photograph import PictureError
from .predict import ImageRecogniser, Verdict
from .watch import summarise, watch_by_name

LARGEST_BATCH = 8
LONGEST_PICTURE = 11_000_000  # characters of base64: 8 MB
BODY_LIMIT = 12_000_000  # bytes
# A T-shirt of 28 × 28 pixels, as a PNG file.
SHIRT = (
    "iVBORw0KGgoAAAANSUhEUgAAABwAAAAcCAAAAABXZoBIAAAAKUlEQVR42mNgoAlgZGBgOIFVxoKBgQmfzkEnyQ"
    "hjnED1xeB07agk7QAAEW4CKzVBZdEAAAAASUVORK5CYII="
)
EXAMPLE = {"images": [SHIRT]}


class Batch(BaseModel):
    """The pictures of one request, each a PNG, JPEG, WebP, GIF or BMP file in base64."""

    model_config = ConfigDict(extra="forbid")

    images: Annotated[
        list[Annotated[Base64Bytes, Field(min_length=1, max_length=LONGEST_PICTURE)]],
        Field(min_length=1, max_length=LARGEST_BATCH),
    ]


class Verdicts(BaseModel):
    """One verdict a picture, in the order of the request."""

    verdicts: list[Verdict]


def create_app(workspace: Workspace | None = None) -> FastAPI:
    """The service over the model in `workspace`; raises ProjectError when there is none."""
    workspace = workspace or Workspace()
    watch = watch_by_name(ImageRecogniser.load(workspace).classes)
    app = make_service(
        workspace,
        "Image recognition",
        body_limit=BODY_LIMIT,
        watch=watch,
        load=ImageRecogniser.load,
    )

    @app.post("/predict")
    def predict(batch: Batch, response: Response) -> Verdicts:
        recogniser: ImageRecogniser = current()
        verdicts = [recogniser.judge(content) for content in batch.images]
        record(
            response,
            *(
                Seen(
                    verdict.probability,
                    summarise(verdict.pixels),
                    said=recogniser.classes.index(verdict.label),
                )
                for verdict in verdicts
            ),
        )
        return Verdicts(verdicts=verdicts)

    @app.exception_handler(PictureError)
    def refuse(_: Request, error: PictureError) -> JSONResponse:
        return JSONResponse({"error": str(error)}, status_code=422)

    return app
