"""The web service: POST /predict, GET /health, GET /version, and a page at /."""

from typing import Annotated

from fastapi import FastAPI, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field

from .kit.served import Seen
from .kit.web import current, make_service, record
from .kit.workspace import ProjectError, Workspace
from .predict import Translation, Translator
from .watch import WATCH, summarise

LONGEST = 500  # letters of a sentence
LARGEST_BATCH = 20
WIDEST = 8  # of a beam
BODY_LIMIT = 100_000  # bytes
EXAMPLE = {"sentences": ["Two dogs are playing in the snow."]}


class Asked(BaseModel):
    """Sentences in English; `beam` says how many translations are written side by side."""

    model_config = ConfigDict(extra="forbid")

    sentences: Annotated[
        list[Annotated[str, Field(min_length=1, max_length=LONGEST)]],
        Field(min_length=1, max_length=LARGEST_BATCH),
    ]
    beam: Annotated[int | None, Field(ge=1, le=WIDEST)] = None


class Answer(BaseModel):
    """One translation a sentence, in the order of the request."""

    translations: list[Translation]


def create_app(workspace: Workspace | None = None) -> FastAPI:
    """The service over the model in `workspace`; raises ProjectError when there is none."""
    workspace = workspace or Workspace()
    app = make_service(
        workspace, "Translator", body_limit=BODY_LIMIT, watch=WATCH, load=Translator.load
    )

    @app.post("/predict")
    def predict(asked: Asked, response: Response) -> Answer:
        translator: Translator = current()
        made = [translator.translate(text, asked.beam) for text in asked.sentences]
        record(
            response,
            *(
                Seen(each.probability, summarise(text, translator.subwords))
                for each, text in zip(made, asked.sentences, strict=True)
            ),
        )
        return Answer(translations=made)

    @app.exception_handler(ProjectError)
    def refuse(_, error: Exception) -> JSONResponse:
        return JSONResponse({"error": str(error)}, status_code=422)

    return app
