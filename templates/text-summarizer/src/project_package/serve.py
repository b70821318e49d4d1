"""The web service: POST /predict, GET /health, GET /version, and a page at /."""

from typing import Annotated

from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field

from .kit.served import Seen
from .kit.web import current, make_service, record
from .kit.workspace import ProjectError, Workspace
from .predict import Summarizer, Summary
from .watch import WATCH, summarise

LONGEST_ARTICLE = 100_000  # characters
LARGEST_BATCH = 20
SHORTEST, LONGEST = 10, 300  # words of a summary
BODY_LIMIT = 1_000_000  # bytes
EXAMPLE = {
    "articles": [
        {
            "headline": "Council votes for new bridge",
            "text": "The council voted on Monday for a new bridge over the river. Work begins in "
            "spring. The old bridge, built in 1921, will stay open until then. Some residents had "
            "asked for a tunnel. The mayor said that a tunnel would have cost twice as much.",
        }
    ]
}


class Article(BaseModel):
    """One article; its headline helps, but is not needed."""

    model_config = ConfigDict(extra="forbid")

    headline: Annotated[str, Field(max_length=1_000)] = ""
    text: Annotated[str, Field(min_length=1, max_length=LONGEST_ARTICLE)]


class Batch(BaseModel):
    """The articles of one request, and how long each summary may be, in words."""

    model_config = ConfigDict(extra="forbid")

    articles: Annotated[list[Article], Field(min_length=1, max_length=LARGEST_BATCH)]
    words: Annotated[int | None, Field(ge=SHORTEST, le=LONGEST)] = None


class Summaries(BaseModel):
    """One summary an article, in the order of the request."""

    summaries: list[Summary]


def create_app(workspace: Workspace | None = None) -> FastAPI:
    """The service over the model in `workspace`; raises ProjectError when there is none."""
    workspace = workspace or Workspace()
    app = make_service(
        workspace, "Text summarizer", body_limit=BODY_LIMIT, watch=WATCH, load=Summarizer.load
    )

    @app.post("/predict")
    def predict(batch: Batch, response: Response) -> Summaries:
        summarizer = current()
        summaries = [
            summarizer.summarize(article.text, article.headline, batch.words)
            for article in batch.articles
        ]
        record(
            response,
            *(
                Seen(
                    max(sentence.score for sentence in summary.sentences),
                    summarise([sentence.text for sentence in summary.sentences]),
                )
                for summary in summaries
            ),
        )
        return Summaries(summaries=summaries)

    @app.exception_handler(ProjectError)
    def explain(_: Request, error: ProjectError) -> JSONResponse:
        return JSONResponse({"error": str(error)}, status_code=422)

    return app
