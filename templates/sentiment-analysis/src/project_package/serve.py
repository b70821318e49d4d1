"""The web service: POST /predict, GET /health, GET /version, and a page at /."""

from typing import Annotated, Literal

from fastapi import FastAPI, Response
from pydantic import BaseModel, ConfigDict, Field

from .kit.served import Seen
from .kit.web import current, make_service, record
from .kit.workspace import Workspace
from .predict import Opinion, SentimentRater
from .watch import WATCH, summarise

LONGEST_TEXT = 5_000  # characters; the model learned from single sentences
LARGEST_BATCH = 20
BODY_LIMIT = 500_000  # bytes
EXAMPLE = {"snippets": [{"text": "Not bad at all, but the ending is dull.", "kind": "movies"}]}


class Snippet(BaseModel):
    """One text, and which kind of text it is."""

    model_config = ConfigDict(extra="forbid")

    text: Annotated[str, Field(min_length=1, max_length=LONGEST_TEXT)]
    kind: Literal["tweets", "movies", "amazon", "nyt", "other"] = "other"


class Batch(BaseModel):
    """The texts of one request."""

    model_config = ConfigDict(extra="forbid")

    snippets: Annotated[list[Snippet], Field(min_length=1, max_length=LARGEST_BATCH)]


class Opinions(BaseModel):
    """One opinion a text, in the order of the request."""

    opinions: list[Opinion]


def create_app(workspace: Workspace | None = None) -> FastAPI:
    """The service over the model in `workspace`; raises ProjectError when there is none."""
    workspace = workspace or Workspace()
    app = make_service(
        workspace,
        "Sentiment analysis",
        body_limit=BODY_LIMIT,
        watch=WATCH,
        load=SentimentRater.load,
    )

    @app.post("/predict")
    def predict(batch: Batch, response: Response) -> Opinions:
        rater = current()
        opinions = [rater.explain(snippet.text, snippet.kind) for snippet in batch.snippets]
        record(
            response,
            *(
                Seen(opinion.rating, summarise(snippet.text))
                for opinion, snippet in zip(opinions, batch.snippets, strict=True)
            ),
        )
        return Opinions(opinions=opinions)

    return app
