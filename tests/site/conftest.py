from __future__ import annotations

from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from tests.site.worlds import finish


class Page(HTMLParser):
    """One page of a site: its tags, its ids, its text."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.path = path
        self.html = path.read_text(encoding="utf-8")
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.parts: list[str] = []
        self.feed(self.html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {key: value or "" for key, value in attrs}))

    def handle_data(self, data: str) -> None:
        self.parts.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.parts).split())

    def all(self, tag: str) -> list[dict[str, str]]:
        return [attributes for name, attributes in self.tags if name == tag]

    @property
    def addresses(self) -> list[str]:
        kinds = ("href", "src")
        return [values[kind] for _, values in self.tags for kind in kinds if kind in values]

    @property
    def broken(self) -> list[str]:
        """Relative addresses that lead to no file, or to no place in it."""
        return [address for address in self.addresses if not self._leads_somewhere(address)]

    def _leads_somewhere(self, address: str) -> bool:
        parts = urlsplit(address)
        if parts.scheme or parts.netloc:
            return True
        if address.startswith("/"):
            return False  # would leave a site that stands below a path
        target = self.path.parent / unquote(parts.path) if parts.path else self.path
        if not target.is_file():
            return False
        return not parts.fragment or f'id="{parts.fragment}"' in target.read_text(encoding="utf-8")


def read_site(folder: Path) -> dict[str, Page]:
    return {path.relative_to(folder).as_posix(): Page(path) for path in folder.rglob("*.html")}


@pytest.fixture
def finished(here: Path) -> Path:
    """One project with results, in the folder `projects`."""
    return finish(here / "projects" / "spam-detector")
