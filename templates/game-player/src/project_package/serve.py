"""The web service: POST /predict rates a position and moves, and the page at / plays with it."""

from typing import Annotated

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field

from .kit.web import log_score, make_service
from .kit.workspace import ProjectError, Workspace
from .predict import STRENGTHS, GamePlayer, Opinion
from .rules import LONGEST_GAME

BODY_LIMIT = 10_000  # bytes


class Question(BaseModel):
    """A position, by the moves since the empty board, and how hard to think about it."""

    model_config = ConfigDict(extra="forbid")

    game: Annotated[str, Field(max_length=40)]
    moves: Annotated[list[Annotated[int, Field(ge=0, strict=True)]], Field(max_length=LONGEST_GAME)]
    strength: Annotated[str, Field(max_length=40)] = "quick"


class Setting(BaseModel):
    """A game or a strength that can be chosen."""

    name: str
    title: str


class Board(Setting):
    """A game as the page draws it."""

    rows: int
    columns: int
    falls: bool


class Choices(BaseModel):
    """What can be played here."""

    games: list[Board]
    strengths: list[Setting]


def create_app(workspace: Workspace | None = None) -> FastAPI:
    """The service over the model in `workspace`; raises ProjectError when there is none."""
    workspace = workspace or Workspace()
    app = make_service(workspace, "Game player", body_limit=BODY_LIMIT)
    player = GamePlayer.load(workspace)
    headline = workspace.config["games"][0]
    games = sorted(player.games(), key=lambda game: game.name != headline)
    for game in games:
        for strength in STRENGTHS:  # loads or compiles everything before the first request
            player.consider(game.name, [], strength)

    @app.post("/predict")
    def predict(question: Question) -> Opinion:
        opinion = player.consider(question.game, question.moves, question.strength)
        for rated in opinion.moves:
            if rated.move == opinion.choice and question.game == headline:
                log_score(workspace, rated.value)
        return opinion

    @app.get("/games")
    def choices() -> Choices:
        return Choices(
            games=[
                Board(
                    name=game.name,
                    title=game.title,
                    rows=game.rows,
                    columns=game.columns,
                    falls=game.falls,
                )
                for game in games
            ],
            strengths=[
                Setting(name=name, title=strength.title) for name, strength in STRENGTHS.items()
            ],
        )

    @app.exception_handler(ProjectError)
    def explain(_: Request, error: ProjectError) -> JSONResponse:
        return JSONResponse({"error": str(error)}, status_code=422)

    return app
