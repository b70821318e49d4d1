"""The site is built without a warning, and holds every page."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from markdown_it import MarkdownIt

from tests.documentation.blocks import TOP

PAGES = sorted([*TOP.glob("*.md"), *TOP.glob("docs/**/*.md")])


def mkdocs() -> str | None:
    """The program, from the environment of `make docs` or from the path."""
    own = TOP / "build" / "docs-env" / "bin" / "mkdocs"
    return str(own) if own.exists() else shutil.which("mkdocs")


@pytest.mark.skipif(mkdocs() is None, reason="mkdocs is not installed: make docs")
def test_the_site_is_built_strictly(tmp_path: Path) -> None:
    command = [str(mkdocs()), "build", "--strict", "--site-dir", str(tmp_path)]
    quiet = {**os.environ, "NO_MKDOCS_2_WARNING": "1"}
    done = subprocess.run(command, cwd=TOP, env=quiet, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr  # `--quiet` would take the warnings for none
    made = {
        path.relative_to(tmp_path).with_suffix("").as_posix() for path in tmp_path.rglob("*.html")
    }
    written = {
        path.relative_to(TOP / "docs").with_suffix("").as_posix()
        for path in TOP.glob("docs/**/*.md")
    }
    assert written <= made


def test_every_page_stands_in_the_list_of_pages() -> None:
    listed = set(re.findall(r"[\w/-]+\.md", (TOP / "mkdocs.yml").read_text(encoding="utf-8")))
    assert listed == {
        path.relative_to(TOP / "docs").as_posix() for path in TOP.glob("docs/**/*.md")
    }


def anchors(page: Path) -> set[str]:
    """What a link into a page can name: its headings, and marks of its own."""
    text = page.read_text(encoding="utf-8")
    tokens = MarkdownIt("commonmark").parse(text)
    titles = [tokens[n + 1].content for n, each in enumerate(tokens) if each.type == "heading_open"]
    slugs = (re.sub(r"[^\w\s-]", "", title).strip().lower() for title in titles)
    return {re.sub(r"\s+", "-", slug) for slug in slugs} | set(re.findall(r'id="([\w-]+)"', text))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(TOP).as_posix())
def test_every_link_of_a_page_leads_somewhere(page: Path) -> None:
    tokens = MarkdownIt("commonmark").enable("table").parse(page.read_text(encoding="utf-8"))
    inline = [inner for token in tokens for inner in token.children or ()]
    for link in inline:
        address = str(link.attrs.get("href") or link.attrs.get("src") or "")
        if not address or re.match(r"[a-z]+:", address):
            continue
        path, _, anchor = address.partition("#")
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), f"{page}: {address}"
        if anchor and target.suffix == ".md":
            assert anchor in anchors(target), f"{page}: {address}"
