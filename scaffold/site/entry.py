"""A project as the site shows it: read once from its folder, with nothing that was not measured."""

from __future__ import annotations

import posixpath
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal
from urllib.parse import quote, unquote, urlsplit

from scaffold import guard
from scaffold.checks import story
from scaffold.checks.checkout import Checkout
from scaffold.checks.document import RESULT
from scaffold.checks.reproducible import RE203
from scaffold.project import STATE_FILE, Project
from scaffold.publishing import demo
from scaffold.publishing.steps import address_of
from scaffold.results import Results
from scaffold.site import figure, writing

REPORT = "REPORT.md"
MARKDOWN_PICTURE = re.compile(r"!\[(?P<alt>[^\]]*)\]\((?P<address>[^)\s]+)")

State = Literal["measured", "outdated", "sample", "none"]


@dataclass(frozen=True)
class Picture:
    """A picture that the site copies: its file as it was read, its place in the site, its words."""

    file: Path
    content: bytes = field(repr=False)
    place: str
    alt: str
    size: figure.Size | None


@dataclass(frozen=True)
class Entry:
    """One project on the site."""

    root: Path
    name: str
    slug: str
    title: str
    question: str
    skills: tuple[str, ...]
    state: State
    result: Results | None
    picture: Picture | None  # on the card
    preview: Picture | None  # for social networks, which take no SVG
    pictures: tuple[Picture, ...]  # all that are copied
    report: str  # HTML
    code: str  # address of the repository
    demo: str  # where it is tried: a page of the site, or an address elsewhere
    demo_files: tuple[tuple[str, bytes], ...]  # place in the site, content
    changed: str  # date of the last commit, or nothing
    unwritten: tuple[str, ...]  # prompts of the report that nobody has answered
    notes: tuple[str, ...]  # what its author should know

    @property
    def page(self) -> str:
        return f"projects/{self.slug}.html"


def read(root: Path, slug: str) -> Entry:
    """The project in a folder; NotAProject where its state file cannot be read."""
    return _Reader(Checkout(root), slug).read()


def is_project(folder: Path) -> bool:
    return (folder / STATE_FILE).is_file()


class _Reader:
    """Reads one project; collects the pictures and the notes on the way."""

    def __init__(self, checkout: Checkout, slug: str) -> None:
        self.checkout = checkout
        self.slug = slug
        self.code, self.files = _code(checkout)
        self.pictures: dict[Path, Picture] = {}
        self.notes: list[str] = []

    def read(self) -> Entry:
        project = self.checkout.project or Project.read(self.checkout.root)
        state, result = self._result()
        report = self._report()
        picture = self._main_picture()
        preview = self._preview(picture)
        demo_files = self._demo(result)
        template = self.checkout.template
        return Entry(
            root=self.checkout.root,
            name=project.name,
            slug=self.slug,
            title=project.title,
            question=next(iter(story.questions(self.checkout)), ""),
            skills=tuple(template.skills if template else project.topics),
            state=state,
            result=result,
            picture=picture,
            preview=preview,
            pictures=tuple(self.pictures.values()),
            report=report.html,
            code=self.code,
            demo=f"{self._demo_folder}/index.html" if demo_files else _demo(self.checkout),
            demo_files=demo_files,
            changed=_last_change(self.checkout),
            unwritten=report.unwritten,
            notes=tuple(dict.fromkeys(self.notes)),
        )

    @property
    def _demo_folder(self) -> str:
        return f"demos/{self.slug}"

    def _demo(self, result: Results | None) -> tuple[tuple[str, bytes], ...]:
        """The files of the demo, where it is one of the model whose result is shown."""
        found = demo.read(self.checkout.root, result)
        if found is None or found.withheld:
            if found:
                self.notes.append(f"the demo is left out: {found.withheld}")
            return ()
        files = found.files.items()
        return tuple((f"{self._demo_folder}/{name}", path.read_bytes()) for name, path in files)

    def _result(self) -> tuple[State, Results | None]:
        result = self.checkout.results
        if result is None:
            if fault := self.checkout.results_fault:
                self.notes.append(f"{fault.rstrip('.')}, so no result is shown")
            return "none", None
        if result.from_sample:
            self.notes.append("the results come from the sample, so they are left out")
            return "sample", None
        if outdated := RE203().judge(self.checkout):
            self.notes.append(f"the result may be out of date ({outdated})")
            return "outdated", result
        return "measured", result

    def _report(self) -> writing.Written:
        text = self.checkout.text(REPORT)
        if text is None:
            self.notes.append(f"there is no {REPORT}, so its page is short")
            return writing.Written("")
        if self.checkout.from_sample:
            text = RESULT.sub("", text)
        return writing.render(text, self._follow, self._show)

    def _follow(self, address: str) -> str | None:
        """A file of the project on the forge, if it is known to be there."""
        path = _inside(address)
        if not self.files or path is None:
            return None
        tracked = self.checkout.tracked
        kind = "blob" if path in tracked else "tree"
        if kind == "tree" and not any(file.startswith(f"{path}/") for file in tracked):
            return None
        fragment = urlsplit(address).fragment
        return f"{self.files}/{kind}/HEAD/{quote(path)}" + (f"#{fragment}" if fragment else "")

    def _show(self, address: str, alt: str) -> writing.Image | None:
        picture = self._copy(address, alt)
        if picture is None:
            return None
        return writing.Image(f"../{quote(picture.place)}", alt, picture.size)

    def _copy(self, address: str, alt: str) -> Picture | None:
        """Have a picture of the project copied to the site; None where it cannot be shown."""
        path = _inside(address)
        if path is None:
            self.notes.append(f"a picture from elsewhere is left out: {address}")
            return None
        file, root = (self.checkout.root / path).resolve(), self.checkout.root.resolve()
        if not (file.is_file() and file.is_relative_to(root)):
            self.notes.append(f"a picture is missing: {path}")
            return None
        content = file.read_bytes()
        safe = file.suffix.lower() != ".svg" or figure.is_harmless(content)
        if file.suffix.lower() not in figure.SHOWN or not safe:
            self.notes.append(f"a picture is left out, for it could run a script: {path}")
            return None
        if file not in self.pictures:
            size = figure.size_of(file, content)
            place = f"figures/{self.slug}/{path.removeprefix('reports/figures/')}"
            self.pictures[file] = Picture(file, content, place, alt, size)
        return self.pictures[file]

    def _main_picture(self) -> Picture | None:
        """The one that the README leads with, else the first of the report, or of the results."""
        if self.checkout.metrics is None or self.checkout.from_sample:
            return None
        for page in ("README.md", REPORT):
            for match in MARKDOWN_PICTURE.finditer(self.checkout.text(page) or ""):
                path = _inside(match["address"])
                if path and path.startswith("reports/"):
                    return self._copy(match["address"], match["alt"])
        figures = self.checkout.metrics.get("figures")
        for name, words in figures.items() if isinstance(figures, dict) else ():
            alt = str(words.get("alt", "")) if isinstance(words, dict) else ""
            return self._copy(f"reports/figures/{name}.svg", alt)
        return None

    def _preview(self, picture: Picture | None) -> Picture | None:
        if picture is None:
            return None
        raster = picture.file.with_suffix(".png")
        if not raster.is_file():
            return None
        root = self.checkout.root.resolve()
        return self._copy(raster.relative_to(root).as_posix(), picture.alt)


def _code(checkout: Checkout) -> tuple[str, str]:
    """The repository's address, and the one below which its files are shown, where known.

    Only a remote that has been pushed to, or cloned from, leads anywhere.
    """
    if checkout.repository is None:
        return "", ""
    remotes = guard.addresses(checkout.root)
    for remote in sorted(remotes, key=lambda name: (name != "origin", name)):
        place = address_of(remotes[remote])
        known = ("for-each-ref", "--count=1", f"refs/remotes/{remote}/")
        if place is None or not checkout.repository.attempt(*known)[1]:
            continue
        address = "https://{}/{}/{}".format(*place)
        return address, address if place[0] == "github.com" else ""
    return "", ""


def _demo(checkout: Checkout) -> str:
    """What the author gave as `Demo` among the addresses in pyproject.toml."""
    urls = checkout.pyproject.get("project", {}).get("urls", {})
    found = {str(key).lower(): str(value) for key, value in urls.items()}
    address = found.get("demo", "")
    return address if urlsplit(address).scheme in {"https", "http"} else ""


def _last_change(checkout: Checkout) -> str:
    if checkout.repository is None:
        return ""
    status, date = checkout.repository.attempt("log", "-1", "--format=%cs")
    return date.strip() if status == 0 else ""


def _inside(address: str) -> str | None:
    """The path in the project that an address in a page at its root means."""
    parts = urlsplit(address)
    if parts.scheme or parts.netloc:
        return None
    path = posixpath.normpath(unquote(parts.path).lstrip("/"))
    return None if path.startswith("..") or "\\" in path else path
