"""What the web service of any model needs: a page, limits, clear errors, and a look at itself."""

import json
from collections.abc import Callable, Sequence
from functools import cache, wraps
from importlib.resources import files
from typing import Any, ParamSpec, TypeVar

import numpy as np
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import FileResponse, JSONResponse
from fastapi.staticfiles import StaticFiles
from numpy.typing import ArrayLike
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from threadpoolctl import ThreadpoolController

from .metrics import add_metrics, observe_score
from .provenance import TRAINING, model_files, read_results
from .workspace import COMMAND, ProjectError, Workspace, hash_files, read_json

PAGE = files("project_package") / "page"


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


def make_service(workspace: Workspace, title: str, *, body_limit: int) -> FastAPI:
    """An application with /health, /version, /metrics and the page at /; add /predict to it.

    Raises ProjectError when there is no trained and evaluated model to serve.
    """
    app = FastAPI(title=title)
    app.add_middleware(BodyLimit, limit=body_limit)
    about = describe_model(workspace)
    training = read_json(workspace.models / TRAINING, made_by="train")
    add_metrics(app, about["model_sha256"], training["reference_scores"])

    @app.get("/health")
    def health() -> dict[str, str]:
        return {"status": "ok"}

    @app.get("/version")
    def version() -> dict[str, Any]:
        return about

    @app.get("/", include_in_schema=False)
    def page() -> FileResponse:
        return FileResponse(str(PAGE / "index.html"))

    app.mount("/page", StaticFiles(directory=str(PAGE)), name="page")
    app.add_exception_handler(RequestValidationError, _explain)
    return app


def describe_model(workspace: Workspace) -> dict[str, Any]:
    """Which model is served, and how good it was on the test set.

    Raises ProjectError when the model at hand is not the one that was evaluated.
    """
    results = read_results(workspace)
    model = hash_files(model_files(workspace))
    if model != results["digests"]["model"]:
        raise ProjectError(f"this model was not evaluated: run `{COMMAND} evaluate`")
    return {
        "model_sha256": model,
        "primary": results["primary"],
        "comparison": results["comparison"],
        "data": results["data"],
        "commit": results["run"]["commit"],
    }


def _explain(_: Request, error: Exception) -> JSONResponse:
    """One sentence for what is wrong with the input, in place of a list of internals."""
    if not isinstance(error, RequestValidationError):
        raise error
    first = error.errors()[0]
    where = ".".join(str(part) for part in first["loc"][1:]) or "the request"
    return JSONResponse({"error": f"{where}: {first['msg']}"}, status_code=422)


LOG = "logs/predictions.jsonl"
STABLE, SHIFTED = 0.1, 0.25
FEWEST = 100  # below that the index is mostly noise


def monitor(workspace: Workspace) -> int:
    """Does the service still see what the model was trained on? Returns 1 when it has shifted.

    The service logs one number for each prediction (never the input). The population stability
    index compares their distribution with the one on held-out rows: below 0.1 is stable, above
    0.25 calls for a look and perhaps new training (Siddiqi, Credit Risk Scorecards, 2006).
    """
    training = read_json(workspace.models / "training.json", made_by="train")
    served = read_scores(workspace)
    index = population_stability_index(training["reference_scores"], served)
    verdict = "stable" if index < STABLE else "drifting" if index < SHIFTED else "shifted"
    print(f"{len(served):,} predictions served; population stability index {index:.3f}: {verdict}")
    return int(index >= SHIFTED)


def log_score(workspace: Workspace, score: float) -> None:
    """Append one served prediction; its input is not kept."""
    observe_score(float(score))
    path = workspace.root / LOG
    path.parent.mkdir(exist_ok=True)
    with path.open("a", encoding="utf-8", newline="\n") as log:
        log.write(json.dumps({"score": round(float(score), 6)}) + "\n")


def read_scores(workspace: Workspace) -> list[float]:
    """The logged predictions; raises ProjectError when there are too few to judge."""
    path = workspace.root / LOG
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    if len(lines) < FEWEST:
        raise ProjectError(f"{len(lines)} predictions served, {FEWEST} are needed to judge")
    return [json.loads(line)["score"] for line in lines]


def population_stability_index(reference: Sequence[float], served: ArrayLike) -> float:
    """Σ (s − r) · ln(s / r) over the tenths of the reference, shares smoothed by half a count."""
    edges = np.unique(np.quantile(reference, np.linspace(0, 1, 11))[1:-1])
    shares = []
    for values in (reference, served):
        counts = np.bincount(np.searchsorted(edges, values), minlength=len(edges) + 1) + 0.5
        shares.append(counts / counts.sum())
    expected, found = shares
    return float(np.sum((found - expected) * np.log(found / expected)))


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
