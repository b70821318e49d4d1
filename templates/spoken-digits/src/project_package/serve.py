"""The web service: POST /predict, GET /health, GET /version, and a page at /."""

import base64
from typing import Annotated

import numpy as np
from fastapi import FastAPI, Response
from fastapi.responses import JSONResponse
from pydantic import Base64Bytes, BaseModel, ConfigDict, Field

from .audio import RATE, SoundError, read_wave, write_wave
from .data import DIGITS
from .kit.served import Seen
from .kit.web import current, make_service, record
from .kit.workspace import ProjectError, Workspace
from .predict import LONGEST, Answer, Recogniser
from .watch import WATCH, summarise

HEADER = 44  # bytes of a WAV file before its samples
LARGEST = HEADER + int(2 * RATE * LONGEST)  # bytes
MOST_TAKES = 5  # of a digit that may be enrolled
MOST_VALUES = 4096  # of a descriptor
BODY_LIMIT = 4_000_000  # bytes
Recording = Annotated[Base64Bytes, Field(min_length=1, max_length=4 * LARGEST)]
Descriptor = Annotated[list[float], Field(min_length=1, max_length=MOST_VALUES)]


class Asked(BaseModel):
    """A recording of one word: a WAV file in base64, mono, 16 bits, 8,000 samples a second.

    `enrolled` are descriptors of the asker's own recordings by word, as earlier answers gave them.
    """

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)

    recording: Recording
    enrolled: dict[
        Annotated[str, Field(pattern=f"^({'|'.join(DIGITS)})$")],
        Annotated[list[Descriptor], Field(min_length=1, max_length=MOST_TAKES)],
    ] = {}


# A tone that falls in pitch: no digit.
_TONE = np.sin(np.cumsum(np.linspace(0.5, 0.2, RATE // 2))) * np.hanning(RATE // 2) * 9000
EXAMPLE = {"recording": base64.b64encode(write_wave(_TONE.astype(np.int16))).decode()}


def create_app(workspace: Workspace | None = None) -> FastAPI:
    """The service over the model in `workspace`; raises ProjectError when there is none."""
    workspace = workspace or Workspace()
    app = make_service(
        workspace, "Spoken digits", body_limit=BODY_LIMIT, watch=WATCH, load=Recogniser.load
    )

    @app.post("/predict")
    def predict(asked: Asked, response: Response) -> Answer:
        samples = listen(asked.recording)
        recogniser: Recogniser = current()
        answer = recogniser.recognise(samples, asked.enrolled)
        record(response, Seen(answer.probability, summarise(samples), said=float(answer.digit)))
        return answer

    @app.exception_handler(SoundError)
    @app.exception_handler(ProjectError)
    def refuse(_, error: Exception) -> JSONResponse:
        return JSONResponse({"error": str(error)}, status_code=422)

    return app


def listen(content: bytes) -> np.ndarray:
    """The samples of what was sent; raises SoundError when it is too long, empty or no sound."""
    samples = read_wave(content)
    if not 0 < len(samples) <= LONGEST * RATE:
        raise SoundError(f"Send a recording of at most {LONGEST:g} seconds.")
    return samples
