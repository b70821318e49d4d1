"""What the web service of any model needs: a page, limits, clear errors, a record of answers."""

from collections.abc import Callable
from functools import cache, wraps
from importlib.resources import files
from typing import Annotated, Any, ParamSpec, TypeVar

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import FileResponse, JSONResponse
from fastapi.staticfiles import StaticFiles
from pydantic import ConfigDict, Field, create_model
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from threadpoolctl import ThreadpoolController

from .live import Answers, Live, answering
from .metrics import add_metrics, observe_score
from .provenance import TRAINING
from .served import ID, Seen, Watch
from .workspace import Workspace, read_json

PAGE = files("project_package") / "page"
IDS = "Prediction-Ids"  # the header of an answer that names its predictions, in their order


class BodyLimit:
    """Answers 413 as soon as a request's body grows over `limit` bytes."""

    def __init__(self, app: ASGIApp, limit: int) -> None:
        self.app = app
        self.limit = limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Read the whole body first, then hand it on."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        messages: list[Message] = []
        size = 0
        while True:
            message = await receive()
            messages.append(message)
            size += len(message.get("body", b""))
            if size > self.limit:
                await self._refuse(scope, receive, send)
                return
            if message["type"] != "http.request" or not message.get("more_body"):
                break

        async def replay() -> Message:
            return messages.pop(0) if messages else await receive()

        await self.app(scope, replay, send)

    async def _refuse(self, scope: Scope, receive: Receive, send: Send) -> None:
        text = f"the request is larger than {self.limit:,} bytes"
        await JSONResponse({"error": text}, status_code=413)(scope, receive, send)


def make_service(
    workspace: Workspace,
    title: str,
    *,
    body_limit: int,
    watch: Watch | None = None,
    load: Callable[[Workspace], Any] = lambda _: None,
) -> FastAPI:
    """An application with /health, /version, /metrics, /feedback and the page at /.

    The caller adds /predict, which asks the model that `load` reads with `current`, and puts its
    answers on record with `record`; `watch` says what /feedback takes. Raises ProjectError when
    there is no trained and evaluated model to serve.
    """
    app = FastAPI(title=title)
    live = Live(workspace, load)
    app.add_middleware(BodyLimit, limit=body_limit)
    app.add_middleware(Answers, live=live)
    training = read_json(live.now.workspace.models / TRAINING, made_by="train")
    metrics = add_metrics(app, live.now.about["model_sha256"], training["reference_scores"])
    live.on_change = lambda now: metrics.serves(now.about["model_sha256"])
    _take_feedback(app, watch or Watch())

    @app.get("/health")
    def health() -> dict[str, str]:
        return {"status": "ok"}

    @app.get("/version")
    def version() -> dict[str, Any]:
        return answering().about

    @app.get("/", include_in_schema=False)
    def page() -> FileResponse:
        return FileResponse(str(PAGE / "index.html"))

    app.mount("/page", StaticFiles(directory=str(PAGE)), name="page")
    app.add_exception_handler(RequestValidationError, _explain)
    return app


def record(response: Response, *seen: Seen) -> None:
    """Put the predictions of one answer on record, and their ids into its header."""
    for each in seen:
        observe_score(float(each.score))
    response.headers[IDS] = ",".join(answering().served.predicted(*seen))


def current() -> Any:
    """The model that answers this request, from its first byte to its last."""
    return answering().model


def _take_feedback(app: FastAPI, watch: Watch) -> None:
    """Add /feedback, which takes the truth for a prediction, of the type that `watch` names."""
    fields: dict[str, Any] = {"id": Annotated[str, Field(pattern=ID)], "truth": watch.truth}
    strict = ConfigDict(extra="forbid", strict=True, allow_inf_nan=False)
    model = create_model("Feedback", __config__=strict, **fields)

    def feedback(given: model) -> JSONResponse:
        if answering().served.learned(given.id, given.truth):
            return JSONResponse({"status": "kept"}, status_code=201)
        return JSONResponse({"error": f"no prediction has the id {given.id}"}, status_code=404)

    app.post("/feedback", status_code=201)(feedback)


def _explain(_: Request, error: Exception) -> JSONResponse:
    """One sentence for what is wrong with the input, in place of a list of internals."""
    if not isinstance(error, RequestValidationError):
        raise error
    first = error.errors()[0]
    where = ".".join(str(part) for part in first["loc"][1:]) or "the request"
    return JSONResponse({"error": f"{where}: {first['msg']}"}, status_code=422)


Arguments = ParamSpec("Arguments")
Answer = TypeVar("Answer")


def one_thread(function: Callable[Arguments, Answer]) -> Callable[Arguments, Answer]:
    """Let `function` run with one OpenMP and one BLAS thread, whichever thread calls it.

    For one row, waking the other threads costs more than they do.
    """

    @wraps(function)
    def limited(*arguments: Arguments.args, **options: Arguments.kwargs) -> Answer:
        with _controller().limit(limits=1):
            return function(*arguments, **options)

    return limited


@cache
def _controller() -> ThreadpoolController:
    """Looks for the libraries once: at the first call, when the model has loaded them all."""
    return ThreadpoolController()
