"""What the web service of any model needs: health, version, a page, limits and clear errors."""

from importlib.resources import files
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import FileResponse, JSONResponse
from fastapi.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from .download import hash_files
from .errors import ProjectError
from .provenance import model_files
from .results import read_results
from .workspace import Workspace

PAGE = files(__package__) / "page"


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
    """An application with /health, /version and the page at /; the caller adds /predict.

    Raises ProjectError when there is no trained and evaluated model to serve.
    """
    app = FastAPI(title=title)
    app.add_middleware(BodyLimit, limit=body_limit)
    about = describe_model(workspace)

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
        raise ProjectError(f"this model was not evaluated: run `python -m {__package__} evaluate`")
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
