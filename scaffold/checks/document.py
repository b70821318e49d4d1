"""A Markdown page as the checks read it: headings, pictures, links, numbers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from html.parser import HTMLParser
from typing import TYPE_CHECKING

from markdown_it import MarkdownIt

if TYPE_CHECKING:
    from markdown_it.token import Token

RESULT = re.compile(
    r"<!-- result:(?P<name>[\w-]+) -->(?P<text>.*?)<!-- /result:(?P=name) -->", re.DOTALL
)
COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
# Digits, one point, digits: neither a version (1.2.3) nor part of a name or an address.
DECIMAL = re.compile(r"(?<![\w.])[-−+]?\d[\d,]*\.(?P<places>\d+)(?![\w.]*\d)")


@dataclass(frozen=True)
class Heading:
    level: int
    text: str
    line: int


@dataclass(frozen=True)
class Picture:
    address: str
    alt: str | None
    line: int


@dataclass(frozen=True)
class Link:
    address: str
    line: int


@dataclass(frozen=True)
class Number:
    """A number as printed: 0.998 has three places."""

    value: float
    places: int
    line: int

    def rounds(self, exact: float) -> bool:
        """Whether this is `exact`, rounded to the places printed."""
        return abs(self.value - exact) <= 0.5 * 10.0**-self.places + 1e-9


class Document:
    """One Markdown text. Line numbers count from 1."""

    def __init__(self, text: str) -> None:
        self.text = text

    @cached_property
    def _tokens(self) -> list[Token]:
        return MarkdownIt("commonmark").enable("table").parse(self.text)

    @cached_property
    def headings(self) -> list[Heading]:
        return [
            Heading(int(token.tag[1]), self._tokens[index + 1].content, _line(token))
            for index, token in enumerate(self._tokens)
            if token.type == "heading_open"
        ]

    @cached_property
    def pictures(self) -> list[Picture]:
        """Markdown's and HTML's; `alt` is None where an HTML tag has no such attribute."""
        found = [
            Picture(str(token.attrs.get("src", "")), token.content, line)
            for token, line in self._inline()
            if token.type == "image"
        ]
        tags = (tag for tag in self._html_tags if tag.name == "img")
        return found + [Picture(t.values.get("src", ""), t.values.get("alt"), t.line) for t in tags]

    @cached_property
    def links(self) -> list[Link]:
        """Every address that the page points at, pictures included."""
        found = [
            Link(str(token.attrs.get("href", "")), line)
            for token, line in self._inline()
            if token.type == "link_open"
        ]
        found += [Link(picture.address, picture.line) for picture in self.pictures]
        for tag in self._html_tags:
            if tag.name == "a" and "href" in tag.values:
                found.append(Link(tag.values["href"], tag.line))
            if tag.name == "source" and "srcset" in tag.values:
                found.append(Link(tag.values["srcset"].split()[0], tag.line))
        return found

    @cached_property
    def tables(self) -> int:
        return sum(token.type == "table_open" for token in self._tokens)

    @cached_property
    def prose(self) -> str:
        """The text without comments, code and quoted blocks."""
        lines, inside = [], False
        for line in without_comments(self.text).splitlines():
            if line.lstrip().startswith(("```", "~~~")):
                inside = not inside
            elif not inside and not line.lstrip().startswith(">"):
                lines.append(line)
        return "\n".join(lines)

    @cached_property
    def body(self) -> str:
        """The prose without headings."""
        return re.sub(r"^#.*$", "", self.prose, flags=re.MULTILINE)

    @cached_property
    def empty_sections(self) -> list[Heading]:
        """Headings with nothing under them but comments and quoted prompts."""
        lines = self.text.splitlines()
        found = []
        for index, heading in enumerate(self.headings):
            later = self.headings[index + 1 :]
            if later and later[0].level > heading.level:
                continue
            end = later[0].line - 1 if later else len(lines)
            body = without_comments("\n".join(lines[heading.line : end]))
            if not any(line.strip() and not line.startswith(("> **Yours", "===", "---"))
                       for line in body.splitlines()):  # fmt: skip
                found.append(heading)
        return found

    def results(self) -> Iterator[tuple[str, str, int]]:
        """The filled-in places: name, text, line of the opening marker."""
        for match in RESULT.finditer(self.text):
            yield match["name"], match["text"], self.line_of(match.start())

    def numbers(self, text: str, first_line: int) -> Iterator[Number]:
        """The decimal numbers in a part of this page; `first_line` is where the part begins."""
        bare = re.sub(r"`[^`\n]*`|\]\([^)\n]*\)", lambda code: " " * len(code[0]), text)
        for match in DECIMAL.finditer(bare):
            value = float(match.group().replace(",", "").replace("−", "-"))
            line = first_line + text.count("\n", 0, match.start())
            yield Number(value, len(match["places"]), line)

    def line_of(self, position: int) -> int:
        return self.text.count("\n", 0, position) + 1

    def _inline(self) -> Iterator[tuple[Token, int]]:
        for token in self._tokens:
            if token.type == "inline":
                for child in token.children or ():
                    yield child, _line(token)

    @cached_property
    def _html_tags(self) -> list[_Tag]:
        collector = _TagCollector()
        for token in self._tokens:
            if token.type == "html_block":
                collector.read(token.content, _line(token))
        for child, line in self._inline():
            if child.type == "html_inline":
                collector.read(child.content, line)
        return collector.tags


@dataclass(frozen=True)
class _Tag:
    name: str
    values: dict[str, str]
    line: int


class _TagCollector(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[_Tag] = []
        self._line = 1

    def read(self, html: str, line: int) -> None:
        self._line = line
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(_Tag(tag, {key: value or "" for key, value in attrs}, self._line))


def without_comments(text: str) -> str:
    """A page without its comments; one that is never closed is none, however many begin."""
    closed, end, rest = text.rpartition("-->")
    return COMMENT.sub("", closed + end) + rest


def _line(token: Token) -> int:
    return (token.map[0] if token.map else 0) + 1
