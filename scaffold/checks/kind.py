"""What a repository is, so that it is asked for no more than its kind owes."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from enum import Enum
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from scaffold.checks.checkout import Checkout


class Kind(Enum):
    """What a part of a repository is, as a reviewer would say it."""

    GENERATED = "a project made by scaffold"
    NOTEBOOKS = "a notebook study"
    APPLICATION = "an application"
    PACKAGE = "a package"
    STUDY = "a study in scripts"
    COURSE = "course work"
    COMPETITION = "a competition entry"
    R = "an R project"
    JULIA = "a Julia project"
    JAVASCRIPT = "a JavaScript project"
    OTHER = "another kind of repository"


EVERY = frozenset(Kind)
OURS = frozenset({Kind.GENERATED})
FINISHED = frozenset({Kind.GENERATED, Kind.APPLICATION, Kind.PACKAGE, Kind.STUDY})
LANGUAGES = {
    Kind.R: ({".r", ".rmd", ".qmd"}, {"DESCRIPTION", "renv.lock"}),
    Kind.JULIA: ({".jl"}, {"Project.toml"}),
    Kind.JAVASCRIPT: ({".js", ".ts", ".jsx", ".tsx"}, {"package.json"}),
}
COURSE = re.compile(
    r"(^|[/_ -])(home_?work|hw|assignment|exercise|lab|lecture|week|lesson|module|chapter|ex)s?"
    r"[_ -]?\d+([/_. -]|$)",
    re.IGNORECASE,
)
COMPETITION = re.compile(r"kaggle|competition|leaderboard|submission", re.IGNORECASE)
SERVES = re.compile(
    r"\b(from|import)\s+(flask|fastapi|streamlit|gradio|django|dash|bentoml|chainlit)\b"
)
MANIFESTS = {"pyproject.toml", "setup.py", "package.json", "DESCRIPTION", "Project.toml"}
DETAILS = frozenset(
    {"test", "tests", "docs", "doc", "examples", "example", "fixtures", "data", "templates"}
)
FEWEST_COURSE_PARTS = 2


@dataclass(frozen=True)
class Part:
    """A repository, or one project of a monorepo: where, and what."""

    path: str
    kind: Kind


def parts(checkout: Checkout) -> tuple[Part, ...]:
    """What the repository is; several where folders have a manifest of their own."""
    files = checkout.judged
    roots = {
        PurePosixPath(path).parent.as_posix()
        for path in files
        if PurePosixPath(path).name in MANIFESTS and path.count("/") in {1, 2}
    }
    inner = sorted(root for root in roots if not _is_a_detail(root))
    at_root = any(name in files for name in MANIFESTS)
    if len(inner) < 2 or at_root:
        return (Part("", _kind(checkout, "", tuple(files))),)
    own = {root: tuple(path for path in files if path.startswith(f"{root}/")) for root in inner}
    return tuple(Part(root, _kind(checkout, root, paths)) for root, paths in own.items())


def _is_a_detail(root: str) -> bool:
    """Examples, tests, templates and pages of documentation are no projects of their own."""
    return not DETAILS.isdisjoint(PurePosixPath(root).parts)


def _kind(checkout: Checkout, root: str, files: tuple[str, ...]) -> Kind:
    if not root and checkout.is_generated:
        return Kind.GENERATED
    suffixes = Counter(PurePosixPath(path).suffix.lower() for path in files)
    scripts, notebooks = suffixes[".py"], suffixes[".ipynb"]
    names = {PurePosixPath(path).name for path in files}
    for kind, (endings, manifests) in LANGUAGES.items():
        count = sum(suffixes[ending] for ending in endings)
        if count > scripts + notebooks and (names & manifests or not scripts + notebooks):
            return kind
    if not scripts and not notebooks:
        return Kind.OTHER
    return _kind_of_python(checkout, files, scripts, notebooks)


def _kind_of_python(
    checkout: Checkout, files: tuple[str, ...], scripts: int, notebooks: int
) -> Kind:
    lessons = {match.group(0).strip("/_-. ").lower() for path in files
               if (match := COURSE.search(path))}  # fmt: skip
    if len(lessons) >= FEWEST_COURSE_PARTS:
        return Kind.COURSE
    readme = checkout.readme.text if checkout.readme else ""
    if COMPETITION.search(readme) and any("submission" in path.lower() for path in files):
        return Kind.COMPETITION
    if notebooks and scripts <= notebooks:
        return Kind.NOTEBOOKS
    own = (path for path in files if path.endswith(".py") and not _is_a_detail(path))
    if any(SERVES.search(checkout.text(path) or "") for path in own):
        return Kind.APPLICATION
    if any(name in files for name in ("setup.py", "setup.cfg")) or _builds(checkout):
        return Kind.PACKAGE
    return Kind.STUDY


def _builds(checkout: Checkout) -> bool:
    pyproject = checkout.pyproject
    return isinstance(pyproject.get("build-system"), dict) and (
        "project" in pyproject or "poetry" in pyproject.get("tool", {})
    )
