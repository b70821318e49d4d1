"""The pictures of the tutorial: `python -m scripts.pictures PROJECT`, with Chromium and a project.

PROJECT is house-prices of seed 7 as the tutorial leaves it: run to the report, its demo made.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

from playwright.sync_api import Page, ViewportSize, sync_playwright

from scaffold.commands.site import build
from tests.slow.browser import FLAGS, chromium, served

PICTURES = Path(__file__).parents[1] / "docs" / "pictures"
FIGURE = "reports/figures/predictions.png"
PHONE: ViewportSize = {"width": 390, "height": 844}
ABOUT = 'name = "Ada Lovelace"\ntagline = "Machine learning that says how sure it is."\n'


class Silent(SimpleHTTPRequestHandler):
    def log_message(self, *arguments: object) -> None:
        pass


@contextmanager
def files_of(folder: Path) -> Iterator[str]:
    """A folder, served as any static host does."""
    handler = partial(Silent, directory=str(folder))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/index.html"
        server.shutdown()


def take(page: Page, address: str, name: str, *, ask: bool = False) -> None:
    """One picture of a page; `ask`: after its form was sent as it stands."""
    page.goto(address)
    page.wait_for_load_state("networkidle")
    if ask:
        page.locator("form button[type=submit], form button, button").first.click()
        page.wait_for_timeout(3000)
        if page.viewport_size == PHONE:
            page.locator("button").first.scroll_into_view_if_needed()
            page.mouse.wheel(0, 500)
            page.wait_for_timeout(300)
    page.screenshot(path=PICTURES / f"tutorial-{name}.png")


def main(project: Path) -> None:
    shutil.copyfile(project / FIGURE, PICTURES / "tutorial-figure.png")
    with tempfile.TemporaryDirectory() as work, sync_playwright() as player:
        browser = player.chromium.launch(executable_path=chromium(), args=list(FLAGS))
        page = browser.new_page(viewport={"width": 1000, "height": 960})
        about, site = Path(work, "portfolio.toml"), Path(work, "site")
        about.write_text(ABOUT, encoding="utf-8")
        build([project], site, about)
        with files_of(site) as address:
            take(page, address, "portfolio")
        page.set_viewport_size(PHONE)
        with files_of(project / "demo") as address:
            take(page, address, "demo", ask=True)
        page.set_viewport_size({"width": 1000, "height": 720})
        with served(project, "house_prices") as address:
            take(page, address, "page", ask=True)
        browser.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve())
