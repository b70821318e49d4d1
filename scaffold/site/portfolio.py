"""`portfolio.toml`: who shows these projects."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit

from scaffold import git, schema
from scaffold.errors import PortfolioError
from scaffold.schema import TEXT, TEXTS, Document, Table

FILE = "portfolio.toml"
WORDS = ("name", "tagline", "about", "email", "address")
NAMES = {"github": "GitHub", "gitlab": "GitLab", "linkedin": "LinkedIn", "website": "Website"}
KINDS = Table({**dict.fromkeys(WORDS, TEXT), "links": Table(others=TEXT), "order": TEXTS})
EXAMPLE = """\
name = "Ada Lovelace"
tagline = "Machine learning that says how sure it is."
links.github = "https://github.com/ada\""""


@dataclass(frozen=True)
class Portfolio:
    """What the author says; every text but the name may be empty."""

    name: str = "Portfolio"
    tagline: str = ""
    about: str = ""  # Markdown
    email: str = ""
    address: str = ""  # of the site, with a slash at its end
    links: Mapping[str, str] = field(default_factory=dict)  # by the words to show
    order: tuple[str, ...] = ()  # names of projects that come first

    @classmethod
    def read(cls, path: Path) -> Self:
        """The portfolio that a file describes; PortfolioError names the key at fault."""
        document = schema.read(path, KINDS, PortfolioError)
        table = document.table
        texts = {key: _text(document, (key,)) for key in WORDS if key in table}
        if "address" in texts:
            texts["address"] = _address(document, ("address",)).rstrip("/") + "/"
        return cls(
            **texts,
            links={
                NAMES.get(key, key): _address(document, ("links", key))
                for key in table.get("links", {})
            },
            order=tuple(table.get("order", ())),
        )

    @classmethod
    def of_nobody(cls, folder: Path) -> Self:
        """Without a file: the name that git knows, and nothing else."""
        name = git.settings(folder).get("user.name", "")
        return cls(name=name) if name else cls()


def _text(document: Document, at: tuple[str, ...]) -> str:
    value: Any = document.table
    for key in at:
        value = value[key]
    if not value.strip():
        raise document.fault(at, "is empty.", "Write something, or leave it out.")
    return str(value.strip())


def _address(document: Document, at: tuple[str, ...]) -> str:
    text = _text(document, at)
    parts = urlsplit(text)
    if parts.scheme not in {"https", "http"} or not parts.netloc:
        raise document.fault(
            at,
            f"is not an address of the web: {text}",
            f'Begin with https://, for example: {at[-1]} = "https://example.com/"',
        )
    return text
