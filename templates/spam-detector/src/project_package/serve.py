"""The web service: POST /predict, GET /health, GET /version, and a page at /."""

from typing import Annotated

from fastapi import FastAPI, Response
from pydantic import BaseModel, ConfigDict, Field

from .data import compose
from .kit.served import Seen
from .kit.web import current, make_service, record
from .kit.workspace import Workspace
from .predict import SpamDetector, Verdict
from .watch import WATCH, summarise

LONGEST_MAIL = 100_000  # characters
LARGEST_BATCH = 100
BODY_LIMIT = 1_000_000  # bytes
EXAMPLE = {"mails": [{"subject": "Offer", "body": "Click here for your free credit report."}]}


class Mail(BaseModel):
    """One e-mail, without its headers."""

    model_config = ConfigDict(extra="forbid")

    subject: Annotated[str, Field(max_length=1_000)] = ""
    body: Annotated[str, Field(min_length=1, max_length=LONGEST_MAIL)]


class Batch(BaseModel):
    """The mails of one request."""

    model_config = ConfigDict(extra="forbid")

    mails: Annotated[list[Mail], Field(min_length=1, max_length=LARGEST_BATCH)]


class Verdicts(BaseModel):
    """One verdict a mail, in the order of the request."""

    verdicts: list[Verdict]


def create_app(workspace: Workspace | None = None) -> FastAPI:
    """The service over the model in `workspace`; raises ProjectError when there is none."""
    workspace = workspace or Workspace()
    app = make_service(
        workspace, "Spam detector", body_limit=BODY_LIMIT, watch=WATCH, load=SpamDetector.load
    )

    @app.post("/predict")
    def predict(batch: Batch, response: Response) -> Verdicts:
        detector, mails = current(), [(mail.subject, mail.body) for mail in batch.mails]
        verdicts = detector.judge(mails)
        texts = [compose(*mail, detector.longest_body) for mail in mails]
        record(
            response,
            *(
                Seen(verdict.probability, summarise(text))
                for verdict, text in zip(verdicts, texts, strict=True)
            ),
        )
        return Verdicts(verdicts=verdicts)

    return app
