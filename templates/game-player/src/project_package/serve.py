"""The web service: POST /predict rates a position and moves, and the page at / plays with it."""

from typing import Annotated, Any

from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field

from .engine.rules import LONGEST_GAME
from .kit.served import Seen
from .kit.web import make_service, record
from .kit.workspace import ProjectError, Workspace
from .predict import STRENGTHS, GamePlayer, Opinion
from .watch import WATCH, summarise

BODY_LIMIT = 10_000  # bytes
EXAMPLE = {"game": "connect_four", "moves": [3, 3, 2]}


class Question(BaseModel):
    """A position, by the moves since the empty board, and how hard to think about it."""

    model_config = ConfigDict(extra="forbid")

    game: Annotated[str, Field(max_length=40)]
    moves: Annotated[list[Annotated[int, Field(ge=0, strict=True)]], Field(max_length=LONGEST_GAME)]
    strength: Annotated[str, Field(max_length=40)] = "quick"


def create_app(workspace: Workspace | None = None) -> FastAPI:
    """The service over the model in `workspace`; raises ProjectError when there is none."""
    workspace = workspace or Workspace()
    app = make_service(workspace, "Game player", body_limit=BODY_LIMIT, watch=WATCH)
    player = GamePlayer.load(workspace)
    headline = workspace.config["games"][0]
    games = sorted(player.games(), key=lambda game: game.name != headline)
    for game in games:
        for strength in STRENGTHS:  # loads or compiles everything before the first request
            player.consider(game.name, [], strength)

    @app.post("/predict")
    def predict(question: Question, response: Response) -> Opinion:
        opinion = player.consider(question.game, question.moves, question.strength)
        if opinion.choice is not None and question.game == headline:
            glance = player.consider(headline, question.moves)  # one scale for every strength
            value = next(rated.value for rated in glance.moves if rated.move == opinion.choice)
            record(response, Seen(value, summarise(question.moves)))
        return opinion

    @app.get("/games")
    def choices() -> dict[str, list[dict[str, Any]]]:
        drawn = "name", "title", "rows", "columns", "falls"
        return {
            "games": [{name: getattr(game, name) for name in drawn} for game in games],
            "strengths": [{"name": name, "title": each.title} for name, each in STRENGTHS.items()],
        }

    @app.exception_handler(ProjectError)
    def explain(_: Request, error: ProjectError) -> JSONResponse:
        return JSONResponse({"error": str(error)}, status_code=422)

    return app
