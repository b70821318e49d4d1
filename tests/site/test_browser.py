"""The pages in headless Chromium, from file://: axe-core finds nothing, at any width and scheme."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from scaffold.commands.site import build
from tests.site.worlds import REPORT, finish, push
from tests.slow.browser import FLAGS, Scheme, chromium

if TYPE_CHECKING:
    from playwright.sync_api import Browser

WIDE = "| " + " | ".join(f"a long heading {i}" for i in range(12)) + " |\n| " + "--- | " * 12
HARD = (
    f"{REPORT}\n## After\n\n#### Too deep\n\n{WIDE}\n| {'7 | ' * 12}\n\n```\n{'wide ' * 60}\n```\n"
)
PORTFOLIO = """\
name = "Ada Lovelace"
tagline = "Numbers with intervals."
about = "I *measure*.\\n\\n## Before\\n\\nLogistics."
email = "ada@example.com"
links.github = "https://github.com/ada"
"""

pytestmark = pytest.mark.skipif(chromium() is None, reason="there is no Chromium here")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as player:
        started = player.chromium.launch(executable_path=chromium(), args=list(FLAGS))
        yield started
        started.close()


@pytest.fixture
def site(here: Path) -> Path:
    """Nine projects of every state, so that the filter shows."""
    push(finish(here / "p" / "pushed", report=HARD))
    finish(here / "p" / "outdated", change=lambda m: m["inputs"].update({"config.toml": "0"}))
    finish(here / "p" / "sample", change=lambda m: m["data"].update(sample=True))
    finish(here / "p" / "none", change=lambda m: m.clear())
    for index in range(5):
        finish(here / "p" / f"more-{index}", title=f"Project {index}")
    (here / "portfolio.toml").write_text(PORTFOLIO, encoding="utf-8")
    build([here / "p"], here / "site")
    return here / "site"


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
def test_every_page_is_clean(browser: Browser, site: Path, width: int, scheme: Scheme) -> None:
    from axe_playwright_python.sync_playwright import Axe

    context = browser.new_context(
        viewport={"width": width, "height": 900}, color_scheme=scheme, bypass_csp=True
    )
    for name in ("index", "projects/pushed", "projects/outdated", "projects/sample"):
        page = context.new_page()
        page.goto((site / f"{name}.html").as_uri())
        found = Axe().run(page).response["violations"]
        assert [(rule["id"], rule["nodes"][0]["html"]) for rule in found] == [], name
        assert not page.evaluate("document.documentElement.scrollWidth > innerWidth"), name
    context.close()


def test_pages_load_from_a_file_and_everything_on_them_shows(browser: Browser, site: Path) -> None:
    context = browser.new_context()
    page = context.new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    for name in ("index", "projects/pushed"):
        page.goto((site / f"{name}.html").as_uri())
        page.evaluate("for (const image of document.images) image.loading = 'eager'")
        page.wait_for_function("[...document.images].every((i) => i.complete && i.naturalWidth)")
        assert page.evaluate("getComputedStyle(document.body).marginTop") == "0px", "no style"
    assert said == []
    context.close()


def test_the_keyboard_reaches_the_content_and_the_cards(browser: Browser, site: Path) -> None:
    context = browser.new_context()
    page = context.new_page()
    page.goto((site / "index.html").as_uri())
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the content"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.id") == "filter"
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('h3') !== null")
    context.close()


def test_the_filter_shows_the_cards_that_hold_every_word(browser: Browser, site: Path) -> None:
    context = browser.new_context()
    page = context.new_page()
    page.goto((site / "index.html").as_uri())
    page.get_by_label("Filter").fill("project 3")
    assert page.locator(".card:visible").count() == 1
    assert page.locator("#found").inner_text() == "1 of 9"
    page.get_by_label("Filter").fill("")
    assert page.locator(".card:visible").count() == 9
    context.close()


def test_without_script_all_cards_show_and_no_filter(browser: Browser, site: Path) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto((site / "index.html").as_uri())
    assert page.locator(".card:visible").count() == 9
    assert page.locator("#filter:visible").count() == 0
    context.close()
