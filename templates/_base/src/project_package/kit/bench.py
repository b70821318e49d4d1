"""How much the service bears: requests a second, and how long an answer to /predict takes.

Every request is `EXAMPLE` of serve.py, sent over real connections from this machine.
"""

import json
import os
import platform
import shutil
import socket
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from datetime import UTC, datetime
from http.client import HTTPConnection, HTTPException
from multiprocessing import get_context
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import numpy as np

from .provenance import METRICS, read_results
from .workspace import COMMAND, ProjectError, Workspace, read_json, write_json

LOAD = "load.json"
CONNECTIONS = (1, 8)
LONGEST_START = 180.0  # seconds
LONGEST_ANSWER = 60.0


def run(workspace: Workspace, url: str | None, seconds: float) -> None:
    """Measure the service at `url` and say what came out; without one, start it here for that.

    What was measured here is written to reports/load.json. Raises ProjectError when there is
    nothing to serve, and when the service does not answer as it should.
    """
    from ..serve import EXAMPLE

    if url:
        say(measure(url, EXAMPLE, seconds))
        return
    model = read_results(workspace)["digests"]["model"]
    with started(workspace) as address:
        rows = measure(address, EXAMPLE, seconds)
    say(rows)
    load = {
        "rows": rows,
        "bytes": len(json.dumps(EXAMPLE)),
        "seconds": seconds,
        "model": model,
        "cores": os.cpu_count(),
        "machine": f"{platform.system()}, {platform.machine()}, Python {platform.python_version()}",
        "date": datetime.now(UTC).date().isoformat(),
    }
    write_json(workspace.reports / LOAD, load)


def measure(url: str, example: Mapping[str, Any], seconds: float) -> list[dict[str, Any]]:
    """For each number of connections: requests a second, and p50 and p95 in milliseconds.

    A tenth of the time goes before, unmeasured.
    """
    wait_until_healthy(url)
    body, rows = json.dumps(example).encode(), []
    for connections in CONNECTIONS:
        _ask_together(url, body, connections, seconds / 10)
        begun = time.perf_counter()
        took = _ask_together(url, body, connections, seconds)
        rate = len(took) / (time.perf_counter() - begun)
        p50, p95 = (float(np.percentile(took, part) * 1000) for part in (50, 95))
        rows.append(
            {"connections": connections, "requests_per_second": rate, "p50": p50, "p95": p95}
        )
    return rows


def say(rows: list[dict[str, Any]]) -> None:
    """Print a line for each number of connections."""
    for row in rows:
        print(
            f"{row['connections']} connection{'s' if row['connections'] > 1 else ''}: "
            f"{row['requests_per_second']:.0f} requests a second, "
            f"p50 {row['p50']:.1f} ms, p95 {row['p95']:.1f} ms"
        )


def as_table(workspace: Workspace) -> dict[str, Any] | str:
    """The table of the model card, or a sentence when this model was not measured."""
    path = workspace.reports / LOAD
    measured = read_json(path, made_by="bench") if path.exists() else {"model": None}
    if measured["model"] != read_results(workspace)["digests"]["model"]:
        return f"*Not measured for this model yet: `{COMMAND} bench` does it and writes it here.*"
    return {
        "columns": ["connections", "requests a second", "p50, ms", "p95, ms"],
        "rows": [list(row.values()) for row in measured["rows"]],
        "caption": f"POST /predict with one request of {measured['bytes']:,} bytes again and "
        f"again, {measured['seconds']:g} s for each row; client and service share this machine "
        f"({measured['cores']} cores, {measured['machine']}), {measured['date']}",
    }


@contextmanager
def started(workspace: Workspace) -> Iterator[str]:
    """The address of the service in a process of its own, over a copy of the model.

    In the copy, what is predicted for the measurement stays out of the log of predictions.
    """
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder)
        shutil.copyfile(workspace.root / "config.toml", copy / "config.toml")
        shutil.copytree(workspace.models, copy / workspace.models.name)
        (copy / workspace.reports.name).mkdir()
        shutil.copyfile(workspace.reports / METRICS, copy / workspace.reports.name / METRICS)
        port = _free_port()
        service = get_context("spawn").Process(target=_serve, args=(copy, port), daemon=True)
        service.start()
        try:
            address = f"http://127.0.0.1:{port}"
            wait_until_healthy(address, service.is_alive)
            yield address
        finally:
            service.terminate()
            service.join()


def wait_until_healthy(url: str, lives: Callable[[], bool] = lambda: True) -> None:
    """Return when /health answers; raises ProjectError when nothing does, or nothing `lives`."""
    end = time.monotonic() + LONGEST_START
    while lives() and time.monotonic() < end:
        try:
            connection = _connect(url)
            connection.request("GET", "/health")
            if connection.getresponse().status == 200:
                return
            time.sleep(0.2)
        except (OSError, HTTPException):
            time.sleep(0.2)
    raise ProjectError(f"no service answered at {url}: start `{COMMAND} serve` to see why")


def _serve(root: Path, port: int) -> None:
    """As `serve` does it, a line of log for each request included, which nobody reads."""
    import uvicorn

    from ..serve import create_app

    app = create_app(Workspace(root))
    with Path(os.devnull).open("w") as nowhere, redirect_stdout(nowhere), redirect_stderr(nowhere):
        uvicorn.run(app, port=port)


def _free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def _ask_together(url: str, body: bytes, connections: int, seconds: float) -> list[float]:
    """Seconds of each answer, over that many connections at once."""
    with ThreadPoolExecutor(connections) as pool:
        asked = [pool.submit(_ask, url, body, seconds) for _ in range(connections)]
        return [took for each in asked for took in each.result()]


def _ask(url: str, body: bytes, seconds: float) -> list[float]:
    """Ask one question after another over one connection, at least once."""
    connection, took = _connect(url), []
    end = time.perf_counter() + seconds
    try:
        while not took or time.perf_counter() < end:
            begun = time.perf_counter()
            connection.request("POST", "/predict", body, {"Content-Type": "application/json"})
            answer = connection.getresponse()
            text = answer.read()
            took.append(time.perf_counter() - begun)
            if answer.status != 200:
                raise ProjectError(f"/predict answered {answer.status}: {text[:200]!r}")
    except (OSError, HTTPException) as error:
        raise ProjectError(f"the service at {url} stopped answering: {error!r}") from error
    finally:
        connection.close()
    return took


def _connect(url: str) -> HTTPConnection:
    place = urlsplit(url)
    if place.scheme != "http" or not place.hostname:
        raise ProjectError(f"{url!r} is no address such as http://127.0.0.1:8000")
    return HTTPConnection(place.hostname, place.port, timeout=LONGEST_ANSWER)
