"""A project's demo as a visitor has it: a folder on a static host, opened on a telephone."""

from __future__ import annotations

import json
import math
import os
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from tests.slow.browser import FLAGS

if TYPE_CHECKING:
    from playwright.sync_api import ConsoleMessage, ViewportSize

PHONE: ViewportSize = {"width": 390, "height": 844}
ROWS, TOLERANCE = 400, 1e-4  # compared with Python, and how far off a number may be
SECONDS = 2.0  # from opening the page to the first prediction
OPENINGS = 3  # the fastest counts, as another program may be in the way of one
ASKING = 60  # seconds in which as many of these answers are asked for in the browser as it can give
FEWEST = 20  # that it must have given by then
# What a visitor presses first, where a prediction then shows, and a part of what it says there.
FIRST = {
    "chatbot": ("#examples button", "#log .assistant", ""),
    "spam-detector": ("#spam-example", "#verdict", ""),
    "house-prices": ("#house:has(option) button", "#price", "$"),
    "demand-forecast": ("#morning:has(#noon:valid) button", "#peak", "GW"),
    "sentiment-analysis": (".examples button", "#verdict", ""),
    "text-summarizer": ("#example", "#summary", ""),
    "image-recognition": ("#examples button", "#verdict", ""),
    "customer-segments": ("#examples button", "#orders-expected", "orders"),
    "product-recommender": ("#starters button", "#list li", ""),
    "face-recognition": ("#drawn button", "#verdict", ""),
    "blood-cell-detector": ("#drawn button", "#counts li", "red"),
    "spoken-digits": ("#examples button", "#verdict", ""),
    "lunar-lander": ("#watch", "#advice", "engine"),
    "translator": ("#examples button", "#german", ""),
    "game-player": ("#board button:not([aria-disabled])", "#status", "It played"),
}
PRESS = """([pressed, shown, says]) => new Promise((done) => {
    let waits = true;
    const look = () => {
        const button = waits && document.querySelector(pressed);
        if (button) { button.click(); waits = false; }
        const there = document.querySelector(shown);
        const said = there?.checkVisibility() ? there.textContent : "";
        if (!waits && said && said.includes(says)) done(performance.now() / 1000);
        else if (performance.now() > 20000) done(Infinity);
        else setTimeout(look, 5);
    };
    look();
})"""
PARITY = """
import json, sys, tempfile
from dataclasses import asdict
from importlib import import_module
from pathlib import Path
sys.path[:0] = ["tests", "tests/kit"]
import test_demo
workspace = import_module(sys.argv[1] + ".kit.workspace").Workspace()
with tempfile.TemporaryDirectory() as scratch:
    print(json.dumps(asdict(test_demo.compare(workspace, Path(scratch)))))
"""


ASK = """async ([requests, most]) => {
    const server = await import(new URL("server.js", document.baseURI));
    const answers = [];
    const until = performance.now() + most * 1000;
    for (const request of requests) {
        if (performance.now() > until) break;
        const said = await server.answer(...request).catch((error) => ({ error: error.message }));
        answers.push(JSON.parse(JSON.stringify(said))); // with what is worked out when looked at
    }
    return answers;
}"""


@dataclass(frozen=True)
class Parity:
    """How the answers in Node compare with the service's, as the project's own test has it."""

    asked: list[Any]
    answers: list[Any]
    milliseconds: float
    worst: float
    others: list[str]


@dataclass(frozen=True)
class Opened:
    """Of opening a demo: seconds to the first prediction, other hosts asked, what went wrong.

    `answers` are those to the first of what it was asked, as many as there was time for.
    """

    seconds: float
    answers: list[Any]
    elsewhere: list[str]
    faults: list[str]


def compare(project: Path, package: str) -> Parity:
    """The real model in Node and in Python, by the project's own comparison; writes demo/ too."""
    scripts = project / ".venv" / ("Scripts" if os.name == "nt" else "bin")
    command = [str(scripts / "python"), "-W", "ignore", "-c", PARITY, package]
    done = subprocess.run(command, cwd=project, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return Parity(**json.loads(done.stdout.splitlines()[-1]))


@contextmanager
def static(folder: Path) -> Iterator[str]:
    """Any static host; yields the address of the folder, which is not at its root."""
    handler = partial(_Silent, directory=str(folder.parent))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/{folder.name}/"
        server.shutdown()


class _Silent(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


def open_on_telephone(address: str, browser: str, name: str, asked: list[Any]) -> Opened:
    """Open the page, press what is there to be tried, then ask its model as Node's was."""
    from playwright.sync_api import sync_playwright

    faults: list[str] = []
    hosts: set[str] = set()

    def hear(said: ConsoleMessage) -> None:
        if said.type == "error":
            faults.append(said.text)

    with sync_playwright() as player:
        started = player.chromium.launch(executable_path=browser, args=list(FLAGS))
        seconds = math.inf
        for _ in range(OPENINGS):
            page = started.new_context(viewport=PHONE, is_mobile=True, has_touch=True).new_page()
            page.on("pageerror", lambda error: faults.append(str(error)))
            page.on("console", hear)
            page.on("request", lambda request: hosts.add(urlsplit(request.url).netloc))
            page.goto(address, wait_until="domcontentloaded")
            seconds = min(seconds, float(page.evaluate(PRESS, list(FIRST[name]))))
            if seconds < SECONDS:
                break
        if page.locator("[role=alert]:visible").count():
            faults.append(page.locator("[role=alert]").inner_text())
        answers = page.evaluate(ASK, [asked, ASKING])
        started.close()
    return Opened(seconds, answers, sorted(hosts - {urlsplit(address).netloc, ""}), faults)


def worst_difference(one: Any, other: Any) -> float:
    """Of any two numbers; infinite where anything else is not the same."""
    if isinstance(one, dict) and isinstance(other, dict) and one.keys() == other.keys():
        return max((worst_difference(one[key], other[key]) for key in one), default=0.0)
    if isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        return max(map(worst_difference, one, other), default=0.0)
    if isinstance(one, int | float) and isinstance(other, int | float):
        return abs(one - other)
    return 0.0 if one == other else math.inf
