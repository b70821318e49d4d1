"""The badges of a published repository, as a line below the README's title."""

from __future__ import annotations

import re
from collections.abc import Sequence
from urllib.parse import quote

from scaffold import results
from scaffold.git import Repository
from scaffold.results import Results, ResultsUnreadable

WORKFLOW = re.compile(r"^\.github/workflows/(?P<file>(ci|tests?|build|main)\.ya?ml)$")
LICENCES = {"MIT License": "MIT", "Apache License": "Apache 2.0", "BSD 3-Clause": "BSD 3-Clause"}
TITLE = re.compile(r"\A(?:\s*<!--.*?-->\s*)*# [^\n]+\n", re.DOTALL)

DEMO = re.compile(r"^\[!\[Demo: try it in your browser\]\([^)\n]*\)\]\([^)\n]*\)\n", re.MULTILINE)
RESULT = re.compile(r"^\[!\[Result: [^\]\n]*\]\([^)\n]*\)\]\([^)\n]*\)", re.MULTILINE)
COLOURS = {"better": "brightgreen", "no clear difference": "lightgrey", "worse": "orange"}
JOINED = {"better": "than", "no clear difference": "from", "worse": "than"}

Badge = tuple[str, str]
"""A badge's name and its Markdown."""


def lines(
    repository: Repository, address: str, report: str, branch: str, demo: str = ""
) -> list[Badge]:
    """The badges that a repository has something to show for; `report`, `demo`: where they are."""
    tracked = repository.tracked()
    found: list[Badge] = []
    if demo:
        image = "https://img.shields.io/badge/demo-try_it_in_your_browser-brightgreen"
        found.append(("demo", f"[![Demo: try it in your browser]({image})]({demo})"))
    if result := _result(repository):
        found.append(("result", result))
    if workflow := next(filter(None, map(WORKFLOW.match, tracked)), None):
        run = f"{address}/actions/workflows/{workflow['file']}"
        found.append(("tests", f"[![Tests]({run}/badge.svg?branch={branch})]({run})"))
    if licence := _licence(repository, tracked):
        image = f"https://img.shields.io/badge/licence-{_escaped(licence)}-blue"
        found.append(("licence", f"[![Licence: {licence}]({image})](LICENSE)"))
    if report:
        image = "https://img.shields.io/badge/report-read_it-brightgreen"
        found.append(("report", f"[![Report: read it]({image})]({report})"))
    return found


def insert(text: str, badges: Sequence[Badge]) -> str:
    """The page with the badges that it does not show yet, below its title.

    The badge of an earlier result gives way to that of the present one, and that of a demo goes
    with the demo.
    """
    if not any(f"{markdown}\n" in text for name, markdown in badges if name == "demo"):
        text = DEMO.sub("", text)
    if result := next((markdown for name, markdown in badges if name == "result"), ""):
        text = RESULT.sub(lambda _: result, text)
    missing = [markdown for _, markdown in badges if _target(markdown) not in text]
    if not missing:
        return text
    title = TITLE.match(text)
    place = title.end() if title else 0
    rest = text[place:].lstrip("\n")
    glue = "\n" if rest.startswith("[![") else "\n\n"
    before = text[:place] + ("\n" if title else "")
    return before + "\n".join(missing) + glue + rest


def committed(repository: Repository) -> Results | None:
    """What the last commit measured; None where it holds nothing that can be read."""
    text = repository.read("HEAD", results.METRICS)
    try:
        return results.parse(text) if text else None
    except ResultsUnreadable:
        return None


def _target(markdown: str) -> str:
    """The image's address: what tells one badge from another."""
    return markdown.split("](")[1].split("?")[0].rstrip(")")


def _result(repository: Repository) -> str:
    """What the last commit measured on the real data, in its verdict's colour."""
    found = committed(repository)
    if found is None or found.from_sample:
        return ""
    value, verdict = results.number(found.value), found.verdict
    words = f"Result: {found.label} {value}"
    if verdict:
        words += f", {verdict} {JOINED[verdict]} {found.baseline_name}"
    image = f"https://img.shields.io/badge/{_escaped(found.label)}-{_escaped(value)}-"
    image += COLOURS[verdict] if verdict else "blue"
    target = "REPORT.md" if "REPORT.md" in repository.tracked() else results.METRICS
    return f"[![{re.sub(r'[][()]', '', words)}]({image})]({target})"


def _licence(repository: Repository, tracked: Sequence[str]) -> str:
    if "LICENSE" not in tracked:
        return ""
    head = (repository.root / "LICENSE").read_text(encoding="utf-8", errors="replace")[:400]
    return next((short for words, short in LICENCES.items() if words in head), "")


def _escaped(text: str) -> str:
    """Text inside an address of shields.io."""
    return quote(text.replace("-", "--").replace("_", "__").replace(" ", "_"), safe=",")
