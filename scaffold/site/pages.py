"""The files of the site, as bytes by path: nothing is written here."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from importlib import resources
from typing import Any
from xml.sax.saxutils import escape

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from scaffold import results
from scaffold.results import Results
from scaffold.site import writing
from scaffold.site.entry import Entry
from scaffold.site.portfolio import Portfolio

ASSETS = ("style.css", "filter.js", "icon.svg")
FILTER_FROM = 8  # with fewer projects there is nothing to look for
PLOT = (6.0, 194.0)  # left and right end of the drawn scale
LONGEST_DESCRIPTION = 200  # characters that social networks show

Files = dict[str, bytes]


def make(portfolio: Portfolio, entries: Sequence[Entry]) -> Files:
    """Every file of the site; the same projects give the same bytes."""
    environment = _environment()
    common: dict[str, Any] = {"portfolio": portfolio}
    home = environment.get_template("home.html.jinja").render(
        **common,
        entries=entries,
        about=_about(portfolio),
        skills=_skills(entries),
        filtered=len(entries) >= FILTER_FROM,
        preview=next((entry.preview for entry in entries if entry.preview), None),
    )
    files = {"index.html": home.encode()}
    page = environment.get_template("project.html.jinja")
    for entry in entries:
        html = page.render(**common, entry=entry, report=Markup(entry.report))  # noqa: S704 - made by writing.render
        files[entry.page] = html.encode()
        files |= {picture.place: picture.content for picture in entry.pictures}
        files |= dict(entry.demo_files)
    here = resources.files(__package__)
    files |= {name: (here / name).read_bytes() for name in ASSETS}
    files[".nojekyll"] = b""
    if portfolio.address:
        files["sitemap.xml"] = _sitemap(portfolio.address, entries).encode()
    return files


def number(value: float) -> str:
    """A measured number, with the minus sign of a printed page."""
    return results.number(value).replace("-", "−")


def plot(result: Results) -> dict[str, float] | None:
    """Where value, interval and baseline lie on one drawn scale; None without a baseline."""
    if result.baseline is None:
        return None
    low, high = result.interval or (result.value, result.value)
    least, most = min(low, result.value, result.baseline), max(high, result.value, result.baseline)
    if most == least:
        return None
    start, end = PLOT

    def at(value: float) -> float:
        return round(start + (value - least) / (most - least) * (end - start), 1)

    return {
        "low": at(low),
        "high": at(high),
        "value": at(result.value),
        "baseline": at(result.baseline),
    }


def summary(entry: Entry) -> str:
    """The question and, where one was measured, the answer: for previews in other places."""
    parts = [entry.question]
    if entry.result:
        parts.append(f"{entry.result.summary()}.".replace(" -", " −").replace("[-", "[−"))
    return " ".join(filter(None, parts))


def shortened(text: str) -> str:
    if len(text) <= LONGEST_DESCRIPTION:
        return text
    return text[: LONGEST_DESCRIPTION - 1].rsplit(" ", 1)[0].rstrip(" ,;.") + "…"


def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("scaffold.site", package_path=""),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters |= {"number": number, "plot": plot, "summary": summary, "short": shortened}
    return environment


def _about(portfolio: Portfolio) -> Markup:
    written = writing.render(portfolio.about, lambda _: None, lambda *_: None, top=3)
    return Markup(written.html)  # noqa: S704 - made by writing.render


def _skills(entries: Sequence[Entry]) -> list[str]:
    """What most projects show, most frequent first."""
    counts = Counter(skill for entry in entries for skill in entry.skills)
    return sorted(counts, key=lambda skill: (-counts[skill], skill.lower()))


def _sitemap(address: str, entries: Sequence[Entry]) -> str:
    newest = max((entry.changed for entry in entries), default="")
    pages = [("", newest), *((entry.page, entry.changed) for entry in entries)]
    urls = "".join(
        f"  <url><loc>{escape(address + page)}</loc>"
        + (f"<lastmod>{date}</lastmod>" if re.fullmatch(r"[\d-]{10}", date) else "")
        + "</url>\n"
        for page, date in pages
    )
    head = '<?xml version="1.0" encoding="UTF-8"?>\n'
    space = "http://www.sitemaps.org/schemas/sitemap/0.9"
    return f'{head}<urlset xmlns="{space}">\n{urls}</urlset>\n'
