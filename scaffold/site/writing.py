"""A project's Markdown as HTML for strangers: no markup of its own, no address that leads nowhere.

What the author wrote passes as text, headings, lists, tables, code, pictures and links. HTML is
taken out and its text stays; prompts that nobody has answered go, and so do the headings that
they leave empty.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape
from html.parser import HTMLParser
from itertools import pairwise
from typing import Any
from urllib.parse import urlsplit

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token

from scaffold.checks.checkout import PROMPT

SAFE = {"https", "http", "mailto"}
# The ids of the pages around the text.
RESERVED = {"about", "filter", "found", "main", "projects", "skills", "title"}
PROMPT_BLOCK = re.compile(rf"{PROMPT.pattern}.*(?:\n>.*)*\n?", re.MULTILINE)


@dataclass(frozen=True)
class Image:
    """A picture as the page shows it."""

    address: str
    alt: str
    size: tuple[int, int] | None = None


Follow = Callable[[str], str | None]
"""The address that a relative link leads to on the web; None: nowhere."""
Show = Callable[[str, str], Image | None]
"""The picture for an address and its words; None: it cannot be shown."""


@dataclass(frozen=True)
class Written:
    """A text as HTML, and the names of the prompts that it still holds."""

    html: str
    unwritten: tuple[str, ...] = ()


def render(text: str, follow: Follow, show: Show, top: int = 2) -> Written:
    """One Markdown text; its headings begin at level `top`, its own title is left out."""
    unwritten = tuple(match["name"] for match in PROMPT.finditer(text))
    parser = MarkdownIt("commonmark", renderer_cls=Renderer).enable(["table", "strikethrough"])
    parsed = parser.parse(PROMPT_BLOCK.sub("\n", text))
    plain = [kept for token in parsed for kept in _plain(token)]
    tokens = _without_empty_sections(_without_title(plain))
    _level(tokens, top)
    anchors = _name_headings(tokens)
    for token in tokens:
        if token.children:
            token.children = _inline(token.children, anchors, follow, show)
    return Written(str(parser.renderer.render(tokens, parser.options, {})).strip(), unwritten)


class Renderer(RendererHTML):
    """Tables in a box of their own that the keyboard can scroll; alignment by class."""

    def table_open(self, tokens: Sequence[Token], index: int, options: Any, env: Any) -> str:
        number = env["tables"] = env.get("tables", 0) + 1
        return f'<div class="table" role="region" tabindex="0" aria-label="Table {number}"><table>'

    def table_close(self, tokens: Sequence[Token], index: int, options: Any, env: Any) -> str:
        return "</table></div>\n"

    def th_open(self, tokens: Sequence[Token], index: int, options: Any, env: Any) -> str:
        # An empty heading would be one without a name.
        tag = "th" if tokens[index + 1].content.strip() else "td"
        tokens[index + 2].tag = tag
        return f"<{tag}{_alignment(tokens[index])}{' scope=col' if tag == 'th' else ''}>"

    def td_open(self, tokens: Sequence[Token], index: int, options: Any, env: Any) -> str:
        return f"<td{_alignment(tokens[index])}>"

    def fence(self, tokens: Sequence[Token], index: int, options: Any, env: Any) -> str:
        return f'<pre tabindex="0"><code>{escape(tokens[index].content)}</code></pre>\n'

    def code_block(self, tokens: Sequence[Token], index: int, options: Any, env: Any) -> str:
        return self.fence(tokens, index, options, env)


def _alignment(token: Token) -> str:
    return ' class="number"' if "right" in str(token.attrs.get("style", "")) else ""


def _plain(token: Token) -> list[Token]:
    """A block of HTML as a paragraph of its text; comments have none."""
    if token.type != "html_block":
        return [token]
    text = _text_of(token.content)
    if not text:
        return []
    words = [Token("text", "", 0, content=text)]
    return [
        Token("paragraph_open", "p", 1, block=True),
        Token("inline", "", 0, content=text, children=words),
        Token("paragraph_close", "p", -1, block=True),
    ]


class _Text(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.parts: list[str] = []
        self._hidden = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._hidden = tag in {"script", "style"}

    def handle_endtag(self, tag: str) -> None:
        self._hidden = False

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.parts.append(data)


def _text_of(html: str) -> str:
    reader = _Text()
    reader.feed(html)
    return " ".join(" ".join(reader.parts).split())


def _without_title(tokens: list[Token]) -> list[Token]:
    """The first heading, if it is the text's title: the page has one already."""
    first = next((i for i, token in enumerate(tokens) if token.type == "heading_open"), None)
    if first is None or tokens[first].tag != "h1":
        return tokens
    return tokens[:first] + tokens[first + 3 :]


def _without_empty_sections(tokens: list[Token]) -> list[Token]:
    """Drop headings under which nothing stands, from the last to the first."""
    kept = list(tokens)
    starts = [i for i, token in enumerate(tokens) if token.type == "heading_open"]
    for start in reversed(starts):
        following = kept[start + 3 : start + 4]
        if not following or (
            following[0].type == "heading_open" and following[0].tag <= kept[start].tag
        ):
            del kept[start : start + 3]
    return kept


def _level(tokens: Sequence[Token], top: int) -> None:
    """Let no heading be more than one level below the one before it."""
    before = top - 1
    for token in tokens:
        if token.type == "heading_open":
            before = min(max(int(token.tag[1]), top), before + 1)
            token.tag = f"h{before}"
        elif token.type == "heading_close":
            token.tag = f"h{before}"


def _name_headings(tokens: Sequence[Token]) -> set[str]:
    """Give each heading the id that GitHub gives it; returns them all."""
    names = set(RESERVED)
    for token, inline in pairwise(tokens):
        if token.type == "heading_open":
            name = base = re.sub(r"[^\w\- ]", "", inline.content.lower()).strip().replace(" ", "-")
            number = 0
            while name in names or not name:
                number += 1
                name = f"{base or 'section'}-{number}"
            names.add(name)
            token.attrSet("id", name)
    return names - RESERVED


def _inline(
    children: Sequence[Token], anchors: set[str], follow: Follow, show: Show
) -> list[Token]:
    found: list[Token] = []
    kept_links: list[bool] = []
    for token in children:
        if token.type == "html_inline":
            continue
        if token.type == "link_open":
            address = _target(str(token.attrs.get("href", "")), anchors, follow)
            kept_links.append(address is not None)
            if address is None:
                continue
            token.attrs = {"href": address}
        elif token.type == "link_close" and not kept_links.pop():
            continue
        elif token.type == "image":
            token = _image(token, show)
        found.append(token)
    return found


def _target(address: str, anchors: set[str], follow: Follow) -> str | None:
    parts = urlsplit(address)
    if parts.scheme:
        return address if parts.scheme.lower() in SAFE else None
    if parts.netloc:
        return None
    if not parts.path:
        return address if parts.fragment in anchors else None
    return follow(address)


def _image(token: Token, show: Show) -> Token:
    image = show(str(token.attrs.get("src", "")), token.content)
    if image is None:
        return Token("text", "", 0, content=token.content)
    attributes: dict[str, str | int | float] = {"src": image.address, "alt": image.alt}
    if image.size:
        attributes |= {"width": image.size[0], "height": image.size[1]}
    words = [Token("text", "", 0, content=image.alt)]
    attributes |= {"loading": "lazy", "decoding": "async"}
    return Token("image", "img", 0, attrs=attributes, children=words, content=image.alt)
