"""portfolio.toml: who shows these projects."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from scaffold.commands.site import build
from tests.conftest import Called
from tests.site.conftest import read_site
from tests.site.worlds import finish

WHOLE = """\
name = "Ada & Co"
tagline = "Numbers <with> intervals."
about = "I *measure*. <script>alert(1)</script>"
email = "ada@example.com"
address = "https://ada.example/work"
order = ["two", "one"]

[links]
github = "https://github.com/ada"
Blog = "https://blog.example.com"
"""


def test_what_the_author_says_stands_on_the_page(here: Path) -> None:
    for name in ("one", "three", "two"):
        finish(here / "p" / name, title=name)
    (here / "portfolio.toml").write_text(WHOLE, encoding="utf-8")
    built = build([here / "p"], here / "site")
    home = read_site(here / "site")["index.html"]
    assert [entry.name for entry in built.entries] == ["two", "one", "three"]
    for words in ("Ada & Co", "Numbers <with> intervals.", "GitHub", "Blog", "I measure ."):
        assert words in home.text
    assert {"mailto:ada@example.com", "https://blog.example.com"} <= set(home.addresses)
    assert "https://ada.example/work/" in home.addresses
    assert not home.all("script")


def test_without_it_the_name_is_the_one_that_git_knows(
    finished: Path, here: Path, identity: None
) -> None:
    built = build([finished], here / "site")
    home = read_site(here / "site")["index.html"]
    assert "Ada Lovelace" in home.text
    assert "ada@example.com" not in home.text, "an address is shown where it is asked for only"
    assert any('name = "Ada Lovelace"' in note for note in built.notes)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (
            'nmae = "Ada"',
            "portfolio.toml:1: nmae is no key that scaffold knows.\n  Did you mean name?",
        ),
        ("\nname = 3", "portfolio.toml:2: name is not a text"),
        ('name = " "', "portfolio.toml:1: name is empty"),
        ('links = "https://github.com/ada"', "links is not a table"),
        ('links.github = "javascript:alert(1)"', "links.github is not an address"),
        ('address = "ada.example"', "address is not an address of the web"),
        ("order = [1]", "order[1] is not a text"),
        ('order = "one"', "order is not a list of texts"),
        ("[links]\nblog = 1", "portfolio.toml:2: links.blog is not a text"),
        ('order = ["spam-detectr"]', "Did you mean spam-detector?"),
        ("name = ", "is not valid TOML"),
    ],
)
def test_a_mistake_names_its_key(
    finished: Path, here: Path, scaffold: Callable[..., Called], text: str, says: str
) -> None:
    (here / "portfolio.toml").write_text(text, encoding="utf-8")
    called = scaffold("site", "projects")
    assert called.code == 1
    assert says in called.err
    assert not (here / "site").exists()
