"""The web service: POST /predict says which engine to fire, and the page at / flies with it."""

from typing import Annotated

from fastapi import FastAPI, Response
from pydantic import BaseModel, ConfigDict, Field

from .kit.served import Seen
from .kit.web import current, make_service, record
from .kit.workspace import Workspace
from .model import SEEN
from .predict import Advice, Lander
from .watch import WATCH, summarise

BODY_LIMIT = 10_000  # bytes
FARTHEST = 100.0  # no number of an observation comes near it
EXAMPLE = {"observation": [0.1, 0.8, -0.2, -0.4, 0.05, 0.1, 0.0, 0.0]}


class Question(BaseModel):
    """What the environment shows of the lander: place, speeds, angle, turning, and its legs."""

    model_config = ConfigDict(extra="forbid")

    observation: Annotated[
        list[Annotated[float, Field(ge=-FARTHEST, le=FARTHEST, allow_inf_nan=False, strict=True)]],
        Field(min_length=len(SEEN), max_length=len(SEEN)),
    ]


def create_app(workspace: Workspace | None = None) -> FastAPI:
    """The service over the model in `workspace`; raises ProjectError when there is none."""
    workspace = workspace or Workspace()
    app = make_service(
        workspace, "Lunar lander", body_limit=BODY_LIMIT, watch=WATCH, load=Lander.load
    )

    @app.post("/predict")
    def predict(question: Question, response: Response) -> Advice:
        lander: Lander = current()
        advice = lander.advise(question.observation)
        record(response, Seen(advice.expects, summarise(question.observation)))
        return advice

    return app
