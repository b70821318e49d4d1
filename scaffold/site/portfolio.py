"""`portfolio.toml`: who shows these projects."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit

from scaffold import git
from scaffold.errors import PortfolioError, UnknownName

FILE = "portfolio.toml"
TEXTS = ("name", "tagline", "about", "email", "address")
NAMES = {"github": "GitHub", "gitlab": "GitLab", "linkedin": "LinkedIn", "website": "Website"}
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
        try:
            table = tomllib.loads(path.read_text(encoding="utf-8"))
        except OSError as error:
            raise PortfolioError(f"{path} cannot be read: {error.strerror}.") from error
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise PortfolioError(f"{path} is not valid TOML: {error}.") from error
        return cls.parse(table, path)

    @classmethod
    def parse(cls, table: Mapping[str, Any], path: Path) -> Self:
        known = (*TEXTS, "links", "order")
        for key in table:
            if key not in known:
                raise UnknownName(f"key of {path.name}", key, known)
        texts = {key: _text(table[key], key, path) for key in TEXTS if key in table}
        if "address" in texts:
            texts["address"] = _address(texts["address"], "address", path).rstrip("/") + "/"
        links, order = table.get("links", {}), table.get("order", [])
        if not isinstance(links, dict):
            raise PortfolioError(f"{path}: links is not a table.", f"For example:\n{EXAMPLE}")
        if not isinstance(order, list) or not all(isinstance(name, str) for name in order):
            raise PortfolioError(
                f"{path}: order is not a list of names.", 'For example: order = ["spam-detector"]'
            )
        return cls(
            **texts,
            links={
                NAMES.get(str(k), str(k)): _address(v, f"links.{k}", path) for k, v in links.items()
            },
            order=tuple(order),
        )

    @classmethod
    def of_nobody(cls, folder: Path) -> Self:
        """Without a file: the name that git knows, and nothing else."""
        name = git.settings(folder).get("user.name", "")
        return cls(name=name) if name else cls()


def _text(value: object, key: str, path: Path) -> str:
    if not isinstance(value, str) or not value.strip():
        raise PortfolioError(
            f"{path}: {key} is not a text.", f'Write it in quotes ({key} = "..."), or leave it out.'
        )
    return value.strip()


def _address(value: object, key: str, path: Path) -> str:
    text = _text(value, key, path)
    parts = urlsplit(text)
    if parts.scheme not in {"https", "http"} or not parts.netloc:
        raise PortfolioError(
            f"{path}: {key} is not an address of the web: {text}",
            f'Begin with https://, for example: {key} = "https://example.com/"',
        )
    return text
