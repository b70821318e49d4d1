"""ST: does the write-up tell a story that is the author's own?"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import unquote, urlsplit

from scaffold.checks.checkout import PROMPT, Checkout
from scaffold.checks.document import Document, Number, without_comments
from scaffold.checks.kind import OURS
from scaffold.checks.verdict import PASSES, Check, Verdict, listing

REPORTS = ("REPORT.md", "MODEL_CARD.md", "data/README.md")
UNDERLINED = re.compile(r"^\S.*\n(={3,}|-{3,}|~{3,}|\*{3,})\s*$|^= \S", re.MULTILINE)  # .rst, .adoc
QUESTION = re.compile(r"[A-Z][^.?!\n|]*(?:\n(?!\n)[^.?!\n|]*)*\?")
BEGINNING = 20_000  # characters of a README in which a question is looked for
RESULT_HEADING = re.compile(
    r"result|performance|evaluation|benchmark|accuracy|metric|score|ergebnis|résultat|risultat"
    r"|sonuç|hasil|результат|结果|結果|결과",
    re.IGNORECASE,
)
WORD = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]|\w+?(?=[\u3040-\u9fff]|\b)")
BADGE = re.compile(r"badge|shields\.io|\.svg\?branch", re.IGNORECASE)
NUMBER = re.compile(r"\d+\.\d+|\b0,\d+|\d+ ?%")


class Story(Check):
    family = "story"


class ST101(Story):
    """A README opens with a title and says what this is."""

    reason = "The README is the only page most reviewers read, and they give it half a minute."
    fix = "Write a README.md: a title, then two sentences on the question and the answer."
    blocks = True

    def judge(self, checkout: Checkout) -> Verdict:
        readme = checkout.readme
        if readme is None:
            return "there is no README.md"
        name = checkout.readme_path
        if not readme.headings and "<h1" not in readme.text and not UNDERLINED.search(readme.text):
            return f"{name} has no title"
        words = len(WORD.findall(readme.body))
        return PASSES if words >= 30 else f"{name} has {words} words besides its headings"


class ST102(Story):
    """Every prompt in the README is answered."""

    reason = "A prompt that still stands says that nobody filled the template in."
    fix = "Write the sentence that each prompt asks for and delete the prompt's line."
    blocks = True

    def judge(self, checkout: Checkout) -> Verdict:
        return _unanswered(checkout, [checkout.readme_path]) if checkout.readme else None


class ST103(Story):
    """Every prompt in the report, the model card and the data sheet is answered."""

    reason = (
        "These are the parts that only the author can know, and the ones an interview is about."
    )
    fix = "Write the sentence that each prompt asks for and delete the prompt's line."

    def judge(self, checkout: Checkout) -> Verdict:
        pages = [path for path in checkout.documents if path != checkout.readme_path]
        return _unanswered(checkout, pages) if checkout.is_generated else None


class ST104(Story):
    """The README asks the author's own question."""

    owed_by = OURS
    reason = "Two hundred people may build the same template; the question is what differs."
    fix = "Put your own question, with its question mark, into the README's first section."

    def judge(self, checkout: Checkout) -> Verdict:
        if checkout.readme is None or not checkout.is_study:
            return None
        if own_questions(checkout):
            return PASSES
        asked = QUESTION.search(checkout.readme.body[:BEGINNING])
        return "the only question is the template's" if asked else "README.md asks no question"


class ST105(Story):
    """The README shows a result."""

    reason = "A project without a number is an intention."
    fix = "Run the project to its end (`scaffold run`), or put the measured table into the README."
    blocks = True

    def judge(self, checkout: Checkout) -> Verdict:
        readme = checkout.readme
        if readme is None or not checkout.is_study:
            return None
        filled = [text for _, text, _ in readme.results() if NUMBER.search(text)]
        if filled:
            return PASSES
        if checkout.is_generated:
            if checkout.results and _shows(readme, checkout.results.value):
                return PASSES  # written into the text, the places for it are gone
            return "the places for results in README.md are empty: the project has not been run"
        return PASSES if shows_a_number(readme) else "README.md shows no measured number"


class ST106(Story):
    """Every value of the headline metric in the write-up is one that the last run measured."""

    reason = "A number that cannot be found in the results is the first thing an expert asks about."
    fix = "`scaffold run report` writes them anew; correct numbers in prose by hand."

    def judge(self, checkout: Checkout) -> Verdict:
        if checkout.metrics is None:
            return None
        measured = list(_floats([dict(checkout.metrics), *checkout.further_findings]))
        allowed = measured + list(_floats(dict(checkout.target)))
        strays = [
            f"{path} line {number.line}: {number.value:.{number.places}f}"
            for path, document in checkout.documents.items()
            for number in _claimed(document, checkout.metrics["primary"])
            if not _known(number, allowed)
        ]
        return listing(strays)


class ST107(Story):
    """No section of the report is empty."""

    reason = "An empty heading promises something and breaks the promise on the same line."
    fix = "Write the section or delete its heading."

    def judge(self, checkout: Checkout) -> Verdict:
        reports = {path: checkout.documents.get(path) for path in REPORTS}
        if not any(reports.values()):
            return None
        return listing(
            f"{path}: {heading.text} (line {heading.line})"
            for path, document in reports.items()
            if document
            for heading in document.empty_sections
        )


class ST108(Story):
    """Every picture that the write-up shows is there."""

    reason = "A broken picture where the main figure should be ends the visit."
    fix = "Commit the picture, or correct its address."

    def judge(self, checkout: Checkout) -> Verdict:
        pages = checkout.documents.items()
        if not any(document.pictures for _, document in pages):
            return None
        return listing(
            f"{path} line {picture.line}: {picture.address}"
            for path, document in pages
            for picture in document.pictures
            if not _resolves(checkout, path, picture.address)
        )


class ST109(Story):
    """Every picture says in words what it shows."""

    reason = "Screen readers, search engines and slow networks see the words only."
    fix = "Write the alternative text: `![what the figure shows](address)`."

    def judge(self, checkout: Checkout) -> Verdict:
        pictures = [(p, shown) for p, doc in checkout.documents.items() for shown in doc.pictures]
        if not pictures:
            return None
        return listing(
            f"{path} line {picture.line}: {picture.address}"
            for path, picture in pictures
            if not (picture.alt or "").strip() and not BADGE.search(picture.address)
        )


class ST110(Story):
    """Every relative link leads somewhere."""

    reason = "A dead link inside one's own repository says that nobody looked."
    fix = "Correct the address, or commit the file that it names."

    def judge(self, checkout: Checkout) -> Verdict:
        if not checkout.documents:
            return None
        return listing(
            f"{path} line {link.line}: {link.address}"
            for path, document in checkout.documents.items()
            for link in document.links
            if not _resolves(checkout, path, link.address)
        )


def own_questions(checkout: Checkout) -> list[str]:
    """The questions in the README's text, but the one that the template asks by itself."""
    if checkout.readme is None:
        return []
    asked = [_without_marks(text) for text in QUESTION.findall(checkout.readme.body[:BEGINNING])]
    default = _without_marks(checkout.template.question) if checkout.template else ""
    return [text for text in asked if text.lower() != default.lower()]


def questions(checkout: Checkout) -> list[str]:
    """What a project asks, the author's words first; for others, what it says it is."""
    if checkout.project is None:
        described = str(checkout.pyproject.get("project", {}).get("description", ""))
        return [" ".join(described.split())] if described else []
    default = checkout.template.question if checkout.template else checkout.project.title
    answered = checkout.project.answers.get("question", "")
    readme = checkout.readme.text if checkout.readme else ""
    asks_it = default and default.lower() in _without_marks(readme).lower()
    own = [] if asks_it else own_questions(checkout)[:1]
    known = [answered, *own, default]
    return [" ".join(text.split()) for text in known if text]


def _unanswered(checkout: Checkout, paths: list[str]) -> str:
    found: list[str] = []
    for path in paths:
        document = checkout.documents[path]
        found += [
            f"{path} line {document.line_of(match.start())}: {match['name']}"
            for match in PROMPT.finditer(document.text)
        ]
    return listing(found)


def _without_marks(text: str) -> str:
    return " ".join(re.sub(r"[*_>`]", "", text).split())


def _shows(readme: Document, value: float) -> bool:
    return any(_known(number, [value]) for number in readme.numbers(readme.text, 1))


def shows_a_number(readme: Document) -> bool:
    """Whether a table, or a section on results, holds a number."""
    lines = without_comments(readme.text).splitlines()
    if any(line.lstrip().startswith("|") and NUMBER.search(line) for line in lines):
        return True
    starts = [heading.line for heading in readme.headings] + [len(lines) + 1]
    return any(
        RESULT_HEADING.search(heading.text)
        and NUMBER.search("\n".join(lines[heading.line : starts[index + 1] - 1]))
        for index, heading in enumerate(readme.headings)
    )


def _claimed(document: Document, primary: dict[str, Any]) -> Iterator[Number]:
    """Numbers between markers, and numbers that the prose gives for the primary metric."""
    for _, text, line in document.results():
        yield from document.numbers(text, line)
    label = re.escape(str(primary.get("label") or primary.get("name")))
    claim = re.compile(
        rf"\b{label}\b[\s:=*]*(?:(?:is|was|of|at|reached|reaches)\s+)?\**(?=\d)", re.I
    )
    for match in claim.finditer(document.text):
        rest = document.text[match.end() : match.end() + 12]
        first = next(document.numbers(rest, document.line_of(match.end())), None)
        if first and rest.startswith(f"{first.value:.{first.places}f}"):
            yield first


def known_to(metrics: Mapping[str, Any], number: Number) -> bool:
    """Whether a number, or a percentage, is one of those that were measured."""
    return _known(number, list(_floats(dict(metrics))))


def _known(number: Number, exact: list[float]) -> bool:
    return any(number.rounds(value) or number.rounds(100 * value) for value in exact)


def _floats(value: object) -> Iterator[float]:
    """Every number in a JSON value, those inside its texts included."""
    if isinstance(value, bool) or value is None:
        return
    if isinstance(value, int | float):
        yield float(value)
    elif isinstance(value, str):
        for match in re.finditer(r"[-+−]?\d+(?:\.\d+)?", value.replace(",", "")):
            yield float(match.group().replace("−", "-"))
    elif isinstance(value, dict):
        for item in value.values():
            yield from _floats(item)
    elif isinstance(value, list):
        for item in value:
            yield from _floats(item)


def _resolves(checkout: Checkout, page: str, address: str) -> bool:
    parts = urlsplit(address)
    if parts.scheme or parts.netloc or not parts.path:
        return True
    path = unquote(parts.path)
    folder = "" if path.startswith("/") else posixpath.dirname(page)
    target = posixpath.normpath(posixpath.join(folder, path.lstrip("/")))
    if target.startswith("../"):
        return True  # out of the repository: a page of the forge, such as ../../issues
    if target in checkout.files or target == ".":
        return True
    return any(path.startswith(f"{target}/") for path in checkout.files)


CHECKS: tuple[type[Check], ...] = (
    ST101, ST102, ST103, ST104, ST105, ST106, ST107, ST108, ST109, ST110,
)  # fmt: skip
