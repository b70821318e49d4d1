"""What the service tells Prometheus at /metrics: requests, latency, scores, which model it is.

Nothing of an input is kept, and labels come from the application alone: whatever is asked for,
there are no more series than it has paths.
"""

import time
from collections.abc import Sequence
from contextvars import ContextVar
from functools import cached_property

import numpy as np
from fastapi import FastAPI, Response
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Histogram, Info
from prometheus_client import generate_latest as as_text
from starlette.types import ASGIApp, Message, Receive, Scope, Send

LATENCIES = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)  # seconds
OTHER = "other"  # paths that the application does not have, and the files of its page


class Metrics:
    """The counters of one application."""

    def __init__(self, model: str, reference: Sequence[float]) -> None:
        self.registry = CollectorRegistry()
        self.seconds = Histogram(
            "service_request_seconds",
            "Time from a request to the end of its answer.",
            ["path", "status"],
            buckets=LATENCIES,
            registry=self.registry,
        )
        self.scores = Histogram(
            "service_prediction_score",
            "Score of each prediction; between two bounds lies a tenth of the reference.",
            buckets=tenths(reference),
            registry=self.registry,
        )
        self.model = Info("service_model", "The model that answers.", registry=self.registry)
        self.serves(model)

    def serves(self, model: str) -> None:
        """From now on it is the model of this SHA-256 that answers."""
        self.model.info({"sha256": model})


_CURRENT: ContextVar[Metrics | None] = ContextVar("metrics", default=None)


def observe_score(score: float) -> None:
    """Count one prediction for the application that is answering; without one, do nothing."""
    metrics = _CURRENT.get()
    if metrics is not None:
        metrics.scores.observe(score)


def add_metrics(app: FastAPI, model: str, reference: Sequence[float]) -> Metrics:
    """Give `app` the path /metrics; `reference` holds scores of held-out rows.

    Call it after all other middleware is there, so that what that refuses is counted too.
    """
    metrics = Metrics(model, reference)

    @app.get("/metrics", include_in_schema=False)
    def tell() -> Response:
        return Response(as_text(metrics.registry), media_type=CONTENT_TYPE_LATEST)

    app.add_middleware(_Measured, of=app, metrics=metrics)
    return metrics


def tenths(reference: Sequence[float]) -> list[float]:
    """The bounds between tenths of the reference, each once and to four digits."""
    bounds = np.quantile(reference, np.linspace(0, 1, 11)[1:-1])
    return sorted({float(f"{bound:.4g}") for bound in bounds})


class _Measured:
    """Times every request, and lets `observe_score` know for whom it counts."""

    def __init__(self, app: ASGIApp, of: FastAPI, metrics: Metrics) -> None:
        self.app, self.of, self.metrics = app, of, metrics

    @cached_property
    def paths(self) -> set[str]:
        """Those that the application has; complete once it answers."""
        return {getattr(route, "path", OTHER) for route in self.of.routes}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        status = 500  # of an answer that never begins

        async def noted(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        before, started = _CURRENT.set(self.metrics), time.perf_counter()
        try:
            await self.app(scope, receive, noted)
        finally:
            _CURRENT.reset(before)
            path = scope["path"] if scope["path"] in self.paths else OTHER
            self.metrics.seconds.labels(path, status).observe(time.perf_counter() - started)
