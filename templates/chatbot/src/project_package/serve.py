"""The web service: POST /predict, GET /health, GET /version, and a page at /."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

from fastapi import FastAPI, Response
from pydantic import BaseModel, ConfigDict, Field

from .dialogue import Turn
from .kit.served import Seen
from .kit.web import current, make_service, record
from .kit.workspace import Workspace
from .model import NOWHERE
from .predict import Assistant
from .watch import summarise, watch_by_name

LONGEST_TEXT = 10_000  # characters
MOST_TURNS = 20
BODY_LIMIT = 1_000_000  # bytes
EXAMPLE = {"turns": ["book a hotel in paris", "tomorrow"]}


class Conversation(BaseModel):
    """All that the visitor wrote, the first text first; nothing of it is kept here."""

    model_config = ConfigDict(extra="forbid")

    turns: Annotated[
        list[Annotated[str, Field(min_length=1, max_length=LONGEST_TEXT)]],
        Field(min_length=1, max_length=MOST_TURNS),
    ]


@dataclass(frozen=True)
class Answer:
    """The reply to the last text, and how it came about."""

    reply: str
    way: str
    slots: Mapping[str, str]
    asked: str | None
    question: str | None
    intent: str | None
    score: float
    threshold: float
    guesses: list[tuple[str, float]]
    words: list[tuple[str, float]]

    @classmethod
    def of(cls, turn: Turn) -> "Answer":
        """What the page shows of a turn."""
        state, understood = turn.state, turn.understood
        return cls(
            state.reply, turn.way, state.slots, state.asked, turn.question, understood.intent,
            understood.score, understood.threshold, understood.guesses, understood.words,
        )  # fmt: skip


def create_app(workspace: Workspace | None = None) -> FastAPI:
    """The service over the model in `workspace`; raises ProjectError when there is none."""
    workspace = workspace or Workspace()
    names = Assistant.load(workspace).by_name
    app = make_service(
        workspace, "Chatbot", body_limit=BODY_LIMIT, watch=watch_by_name(names),
        load=Assistant.load,
    )  # fmt: skip

    @app.post("/predict")
    def predict(conversation: Conversation, response: Response) -> Answer:
        assistant: Assistant = current()
        turn = assistant.talk(conversation.turns)
        intent = turn.understood.intent
        said = assistant.by_name[intent] if intent else NOWHERE
        record(response, Seen(turn.understood.score, summarise(conversation.turns[-1]), said))
        return Answer.of(turn)

    return app
