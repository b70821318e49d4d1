"""The model that answers now. Another is read beside it and takes its place between two requests.

Each request looks whether the registry was changed. If it was, a thread reads the new model while
the old one goes on answering; a request keeps the model that it began with. A model that cannot be
read, or was not measured, changes nothing.
"""

import logging
from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass
from threading import Lock, Thread
from typing import Any

from starlette.types import ASGIApp, Receive, Scope, Send

from .registry import describe_model, serving, stamp
from .served import Served
from .workspace import ProjectError, Workspace

LOG = logging.getLogger("uvicorn.error")


@dataclass(frozen=True)
class Answering:
    """A model in service: what predicts, what is told of it, and where its answers are logged."""

    workspace: Workspace
    model: Any
    about: dict[str, Any]
    served: Served


class Live:
    """Holds the model that answers now; `on_change` is called with each that takes its place."""

    def __init__(self, workspace: Workspace, load: Callable[[Workspace], Any]) -> None:
        self.on_change: Callable[[Answering], None] = lambda _: None
        self._workspace, self._load = workspace, load
        self._seen, self._reading = stamp(workspace), Lock()
        self.now = self._read()

    def look(self) -> Answering:
        """The model for one request."""
        if stamp(self._workspace) != self._seen and self._reading.acquire(blocking=False):
            Thread(target=self._change, daemon=True).start()
        return self.now

    def _read(self) -> Answering:
        workspace = serving(self._workspace)
        about = describe_model(workspace)
        return Answering(workspace, self._load(workspace), about, Served.of(workspace))

    def _change(self) -> None:
        seen = stamp(self._workspace)
        try:
            now = self._read()
            self.on_change(now)
            self.now = now
            LOG.info("serving model %s", now.served.version)
        except (ProjectError, OSError, ValueError) as error:
            LOG.warning("still serving model %s: %s", self.now.served.version, error)
        finally:
            self._seen = seen
            self._reading.release()


_ANSWERING: ContextVar[Answering] = ContextVar("answering")


def answering() -> Answering:
    """The model that the request at hand began with."""
    return _ANSWERING.get()


class Answers:
    """Gives every request one model from its beginning to its end."""

    def __init__(self, app: ASGIApp, live: Live) -> None:
        self.app, self.live = app, live

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Look once."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        before = _ANSWERING.set(self.live.look())
        try:
            await self.app(scope, receive, send)
        finally:
            _ANSWERING.reset(before)
