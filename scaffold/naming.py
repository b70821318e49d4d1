"""Which names work as a folder, a repository, a distribution and a Python package, all at once."""

from __future__ import annotations

import keyword
import re
import sys

from scaffold.errors import NameRefused

MAX_LENGTH = 100  # GitHub's bound for the name of a repository

_WINDOWS = re.compile(r"(con|prn|aux|nul|com[0-9]|lpt[0-9])(\..*)?", re.IGNORECASE)
# Names under which a project's tests or tools import something else.
_TAKEN = {
    "conftest", "docs", "hatchling", "numpy", "pandas", "pip", "pytest", "scipy", "setuptools",
    "sklearn", "src", "test", "tests", "torch", "uv", "wheel",
}  # fmt: skip


def package_of(project_name: str) -> str:
    """The package of a project: `my_spam_detector` of `my-spam-detector`."""
    return re.sub(r"[-.]+", "_", project_name).lower()


def title_of(project_name: str) -> str:
    """A project's name as a title: `My Spam Detector` of `my-spam-detector`."""
    words = re.split(r"[-_.]+", project_name)
    return " ".join(word[:1].upper() + word[1:] for word in words)


def check_name(name: str, imports: set[str] | frozenset[str] = frozenset()) -> None:
    """Refuse a project name that would fail later; `imports` are the modules its code imports."""
    if re.search(r"[/\\]", name):
        raise NameRefused(f"{name!r} has a path separator in it.", "Give one plain name.")
    if not re.fullmatch(r"[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?", name):
        raise NameRefused(
            f"{name!r} cannot name a project: ASCII letters, digits and single - _ . between them.",
            f"For example: {_suggestion(name)}",
        )
    if len(name) > MAX_LENGTH:
        raise NameRefused(f"The name has {len(name)} characters; {MAX_LENGTH} is the most.")
    if _WINDOWS.fullmatch(name):
        raise NameRefused(f"Windows keeps the name {name!r} for a device.", f"Try {name}-project")
    package = package_of(name)
    if not package.isidentifier():
        raise NameRefused(
            f"{name!r} makes the package {package!r}, which Python cannot import.",
            f"Begin with a letter, for example: {_suggestion(name)}",
        )
    if keyword.iskeyword(package) or keyword.issoftkeyword(package):
        raise NameRefused(f"{package!r} is a keyword of Python.", f"Try {name}-project")
    if package in sys.stdlib_module_names or package in imports | _TAKEN:
        raise NameRefused(
            f"The package {package!r} would hide a module of the same name that the project needs.",
            f"Try my-{name}",
        )


def _suggestion(name: str) -> str:
    plain = slug_of(name)
    return plain if plain[0].isalpha() else f"project-{plain}"


def slug_of(text: str) -> str:
    """A text as part of an address: lower-case letters, digits and hyphens."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-") or "project"
