"""A template rendered as nobody would wish to: whole, clean, and the author's own all the same."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from scaffold.authoring.subject import Subject
from scaffold.engines.layers import LayersEngine
from scaffold.project import Project
from scaffold.results import METRICS

NAMES = ("ab", "customer-support-spam-detector")  # the shortest and the longest that must fit
AWKWARD = {"author": 'Zoë "Z" O\'Brien \\ Co', "email": "zoe@example.com", "github": "zoe"}
PROMPT = re.compile(r"^> \*\*Yours to write — ([a-z0-9-]+):\*\* \S.*$", re.MULTILINE)
MOST_PROMPTS = 12

_LEFT = re.compile(r"project_package|\{%|\{\{ (?!github\.|matrix\.|secrets\.|steps\.)")
_SPEAKS = re.compile(r"^\s*(import|from) scaffold\b|\bTODO\b|\bFIXME\b|lorem ipsum", re.MULTILINE)
# As older and newer releases of ruff name a file.
_UNFORMED = re.compile(r"(?:^Would reformat:|^ *-->) (\S+)", re.MULTILINE)


@dataclass(frozen=True)
class Rendered:
    """A project, with every file of it that is text."""

    project: Project
    texts: dict[str, str]

    @classmethod
    def of(cls, subject: Subject, dest: Path) -> Rendered:
        known = LayersEngine().names(subject.source)
        answers = {name: text for name, text in AWKWARD.items() if name in known}
        return cls.read(subject.make(dest, answers))

    @classmethod
    def read(cls, project: Project) -> Rendered:
        texts = {}
        for path in sorted(project.root.rglob("*")):
            inside = path.relative_to(project.root)
            if path.is_file() and inside.parts[0] != ".git":
                data = path.read_bytes()
                if b"\0" not in data:
                    texts[inside.as_posix()] = data.decode("utf-8", errors="replace")
        return cls(project, texts)


def faults(rendered: Rendered) -> Iterator[str]:
    """What is left of the template language, cannot be read, or is not the author's own."""
    for path, text in rendered.texts.items():
        if found := _LEFT.search(text.replace("${{", "")):
            yield f"{path}: {found.group()!r} is left"
        own = path.endswith((".py", ".toml", ".yml", ".cfg")) and path != ".scaffold.toml"
        if own and (found := _SPEAKS.search(text)):
            yield f"{path}: {found.group().strip()!r}"
        if "\r\n" in text and not path.startswith("data/"):
            yield f"{path}: line ends of Windows"
        yield from _unreadable(path, text)
    if METRICS in rendered.texts:
        yield f"{METRICS}: a result that nobody has measured"
    yield from _not_the_authors(rendered)


def _unreadable(path: str, text: str) -> Iterator[str]:
    try:
        if path.endswith(".toml"):
            tomllib.loads(text)
        elif path.endswith(".py"):
            ast.parse(text, path)
    except (tomllib.TOMLDecodeError, SyntaxError) as error:
        yield f"{path}: {error}"


def _not_the_authors(rendered: Rendered) -> Iterator[str]:
    answers = rendered.project.answers
    readme = " ".join(rendered.texts.get("README.md", "").split())
    try:
        own = tomllib.loads(rendered.texts.get("pyproject.toml", ""))["project"]
        authors = own["authors"]
    except (tomllib.TOMLDecodeError, KeyError):
        yield "pyproject.toml: no project with its authors"
        return
    if own.get("name") != rendered.project.name:
        yield "pyproject.toml: the project goes by another name"
    if "author" in answers and authors[0].get("name") != answers["author"]:
        yield f"pyproject.toml: the author is {authors[0].get('name')!r}"
    if "author" in answers and answers["author"] not in rendered.texts.get("LICENSE", ""):
        yield "LICENSE: the author is not in it"
    if answers.get("question", "") not in readme:
        yield "README.md: the author's question is not in it"


def unclean(root: Path) -> list[str]:
    """What ruff says of a project's code and its form."""
    _, said = _ruff(root, "check", "--output-format=concise", "--quiet")
    faults = [line for line in said.splitlines() if line.strip()]
    code, said = _ruff(root, "format", "--check")
    places = _UNFORMED.findall(said) or (["some file"] if code else [])
    return faults + [f"{place}: ruff format would change it" for place in places]


def _ruff(root: Path, *words: str) -> tuple[int, str]:
    command = [sys.executable, "-m", "ruff", *words, "--no-cache", "."]
    done = subprocess.run(command, cwd=root, capture_output=True, encoding="utf-8", check=False)
    return done.returncode, done.stdout + done.stderr


def faults_of_prompts(rendered: Rendered) -> Iterator[str]:
    """Whether something is left that only the author can answer, and not too much."""
    asked = [name for text in rendered.texts.values() for name in PROMPT.findall(text)]
    if not 1 <= len(asked) <= MOST_PROMPTS:
        yield f"{len(asked)} lines `> **Yours to write — name:** …`; 1 to {MOST_PROMPTS} are right"
    twice = sorted({name for name in asked if asked.count(name) > 1})
    yield from (f"{name} is asked twice" for name in twice)
    if "README.md" in rendered.texts and not PROMPT.search(rendered.texts["README.md"]):
        yield "README.md asks nothing"


def faults_of_level(subject: Subject, rendered: Rendered) -> Iterator[str]:
    """Whether README says what a correct run comes to."""
    target = subject.source.metadata.get("target", {})
    side = ("more", "below") if target.get("higher_is_better") else ("less", "above")
    label, gate = target.get("label"), target.get("gate")
    expected = f"gives about {gate} ({label}) or {side[0]}. Well {side[1]} that"
    if expected not in " ".join(rendered.texts.get("README.md", "").split()):
        yield f"README.md does not say: {expected}"
