"""A project's page in a real browser: headless Chromium, at the width of a desk and of a phone."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from playwright.sync_api import Browser

Scheme = Literal["light", "dark"]
VIEWS: tuple[tuple[int, Scheme], ...] = ((1280, "light"), (390, "dark"))
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)
UNLABELLED = """() => [...document.querySelectorAll('input, select, textarea, button')]
    .filter((control) => control.type !== 'hidden' && !control.labels?.length
        && !control.getAttribute('aria-label') && !control.getAttribute('aria-labelledby')
        && !control.textContent.trim())
    .map((control) => control.outerHTML)"""


def chromium() -> str | None:
    """Where Chromium is, if anywhere."""
    names = ("chromium", "chromium-browser", "google-chrome")
    return next(filter(None, map(shutil.which, names)), None)


@contextmanager
def served(project: Path, package: str) -> Iterator[str]:
    """The project's service, as its author starts it; yields the address of its page."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    scripts = project / ".venv" / ("Scripts" if os.name == "nt" else "bin")
    command = [str(scripts / "python"), "-m", package, "serve", "--port", str(port)]
    log = project / ".scaffold" / "logs" / "serve.log"
    with log.open("wb") as output:
        service = subprocess.Popen(command, cwd=project, stdout=output, stderr=output)
    try:
        address = f"http://127.0.0.1:{port}/"
        _wait_for(f"{address}health", service, log)
        yield address
    finally:
        service.terminate()
        service.wait(timeout=30)


def faults(address: str, browser: str) -> list[str]:
    """What is wrong with the page: script errors, sideways scrolling, controls without a name."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as player:
        started = player.chromium.launch(executable_path=browser, args=list(FLAGS))
        found = [
            f"{width} px, {scheme}: {fault}"
            for width, scheme in VIEWS
            for fault in _faults_of_view(started, address, width, scheme)
        ]
        started.close()
    return found


def _faults_of_view(browser: Browser, address: str, width: int, scheme: Scheme) -> list[str]:
    found: list[str] = []
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
    page = context.new_page()
    page.on("pageerror", lambda error: found.append(str(error)))
    page.on("console", lambda said: found.append(said.text) if said.type == "error" else None)
    page.goto(address)
    page.wait_for_function("document.querySelector('#about').textContent !== ''")
    if page.evaluate("document.documentElement.scrollWidth > window.innerWidth"):
        found.append("the page scrolls sideways")
    found += [f"no label: {control}" for control in page.evaluate(UNLABELLED)]
    if page.locator("[role=alert]:visible").count():
        found.append(page.locator("[role=alert]").inner_text())
    page.keyboard.press("Tab")
    if page.evaluate("document.activeElement === document.body"):
        found.append("the keyboard reaches nothing")
    context.close()
    return found


def _wait_for(address: str, service: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + 60
    while True:
        try:
            urllib.request.urlopen(address, timeout=5).close()
            return
        except OSError:
            if service.poll() is not None or time.monotonic() > deadline:
                raise AssertionError(log.read_text(encoding="utf-8")) from None
            time.sleep(0.2)
