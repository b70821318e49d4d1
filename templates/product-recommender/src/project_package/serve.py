"""The web service: POST /predict, GET /films, /health and /version, and a page at /."""

from typing import Annotated

from fastapi import FastAPI, Query, Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field

from .kit.served import Seen
from .kit.web import current, make_service, record
from .kit.workspace import Workspace
from .predict import Film, FilmRecommender, Recommendation, UnknownFilmError
from .watch import WATCH, summarise

MOST_LIKED = 100
LONGEST_LIST = 50
LONGEST_QUERY = 100  # characters
BODY_LIMIT = 20_000  # bytes
EXAMPLE = {"liked": [1, 50]}


class Visit(BaseModel):
    """The films that somebody likes, by number."""

    model_config = ConfigDict(extra="forbid")

    liked: Annotated[list[int], Field(min_length=1, max_length=MOST_LIKED)]
    length: Annotated[int, Field(ge=1, le=LONGEST_LIST)] = 10
    adventure: Annotated[float, Field(ge=0, le=1)] = 0.0


class Recommendations(BaseModel):
    """The films as they were understood, and what is recommended for them, best first."""

    liked: list[Film]
    recommendations: list[Recommendation]


class Films(BaseModel):
    """Films of the catalogue, the best known first."""

    films: list[Film]


def create_app(workspace: Workspace | None = None) -> FastAPI:
    """The service over the model in `workspace`; raises ProjectError when there is none."""
    workspace = workspace or Workspace()
    app = make_service(
        workspace,
        "Film recommender",
        body_limit=BODY_LIMIT,
        load=FilmRecommender.load,
        watch=WATCH,
    )

    @app.get("/films")
    def films(
        query: Annotated[str, Query(max_length=LONGEST_QUERY)] = "",
        length: Annotated[int, Query(ge=1, le=LONGEST_LIST)] = 10,
    ) -> Films:
        return Films(films=current().search(query, length))

    @app.post("/predict")
    def predict(visit: Visit, response: Response) -> Recommendations:
        recommender: FilmRecommender = current()
        found = recommender.recommend(visit.liked, visit.length, visit.adventure)
        liked = [recommender.film(place) for place in recommender.places(visit.liked)]
        summaries = summarise([film.known_by for film in liked])
        record(response, Seen(recommender.novelty(found), summaries))
        return Recommendations(liked=liked, recommendations=found)

    @app.exception_handler(UnknownFilmError)
    def unknown(_: Request, error: UnknownFilmError) -> JSONResponse:
        return JSONResponse({"error": str(error)}, status_code=422)

    return app
