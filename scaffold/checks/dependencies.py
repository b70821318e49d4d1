"""What a repository needs, in any dialect in which people say so."""

from __future__ import annotations

import ast
import configparser
import json
import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from scaffold.results import table_of

if TYPE_CHECKING:
    from scaffold.checks.checkout import Checkout

REQUIREMENTS = re.compile(
    r"(^|/)(requirements?/[^/]+|([^/]*[_-])?(requirements?|reqs)([_.-][^/]*)?)\.(txt|in)$",
    re.IGNORECASE,
)
ENVIRONMENT = re.compile(r"(^|/)(conda[_-]?)?env(ironment)?([_.-][^/]*)?\.ya?ml$", re.IGNORECASE)
LOCKS = frozenset(
    {"poetry.lock", "uv.lock", "pdm.lock", "Pipfile.lock", "conda-lock.yml", "pylock.toml",
     "requirements.lock", "renv.lock", "Manifest.toml", "package-lock.json", "yarn.lock",
     "pnpm-lock.yaml", "pixi.lock"}
)  # fmt: skip
INLINE = re.compile(r"(?m)^# /// script\s*$\s(?P<content>(^#(| .*)$\s)+)^# ///$")
CONDA = re.compile(r"^\s*-\s+([\w.-]+::)?(?P<name>[A-Za-z0-9][\w.-]*)\s*(?P<bounds>[<>=!~].*)?$")
NAME = re.compile(r"^\s*([A-Za-z0-9][A-Za-z0-9._-]*)")
MALFORMED = (
    ValueError, TypeError, AttributeError, KeyError, SyntaxError, RecursionError,
    configparser.Error,
)  # fmt: skip
DEEPEST = 2  # folders down; what lies deeper belongs to something else


@dataclass(frozen=True)
class Requirement:
    """One thing that is needed: which file says so, its name, and the bounds as written."""

    path: str
    name: str
    bounds: str

    def __str__(self) -> str:
        return f"{self.path}: {self.name}{self.bounds}"

    @property
    def bounded(self) -> bool:
        """Whether next year's release is kept out; an address is pinned by other means."""
        return bool(re.search(r"==|<|~=|\^|~\d|^=?\s*\d|@", self.bounds)) and self.bounds != "*"


def requirements(checkout: Checkout) -> tuple[Requirement, ...]:
    """Everything that any file of the repository asks for; a malformed file asks for nothing."""
    found: list[Requirement] = []
    for path in sorted(checkout.judged):
        if path.count("/") > DEEPEST:
            continue
        name = PurePosixPath(path).name
        reader = READERS.get(name)
        if REQUIREMENTS.search(path):
            reader = _plain
        elif ENVIRONMENT.search(path):
            reader = _conda
        if reader is not None and (text := checkout.text(path)) is not None:
            found += _read(reader, path, text)
        elif name.endswith(".py") and (text := checkout.text(path)) and "# /// script" in text:
            found += _read(_inline, path, text)
    return tuple(dict.fromkeys(found))


UNTIL_RUN = "requirements.lock"  # holds no version before a generated project's first run


def locked(checkout: Checkout) -> bool:
    """Whether a file pins every version."""
    shallow = (PurePosixPath(path) for path in checkout.files if path.count("/") <= DEEPEST)
    found = [path for path in shallow if path.name in LOCKS]
    return any(path.name != UNTIL_RUN or "==" in (checkout.text(str(path)) or "") for path in found)


def _read(reader: Any, path: str, text: str) -> list[Requirement]:
    try:
        return list(reader(path, text))
    except MALFORMED:
        return []


def _one(path: str, text: str) -> Iterator[Requirement]:
    """A line such as `pandas>=2,<3; python_version > "3.8"`."""
    text = text.split(" #")[0].split(";")[0].strip()
    if match := NAME.match(text):
        bounds = re.sub(r"^\[[^]]*\]", "", text[match.end() :].strip()).strip()
        yield Requirement(path, match.group(1), bounds)


def _many(path: str, texts: object) -> Iterator[Requirement]:
    for text in texts if isinstance(texts, list | tuple) else ():
        if isinstance(text, str):
            yield from _one(path, text)


def _plain(path: str, text: str) -> Iterator[Requirement]:
    for line in text.splitlines():
        if line.strip() and not line.lstrip().startswith(("#", "-", "git+", "http")):
            yield from _one(path, line)


def _table(path: str, table: object) -> Iterator[Requirement]:
    """Poetry's and Pipenv's tables: name → version, or a table with one."""
    for name, value in table_of(table).items():
        version = value.get("version", "*") if isinstance(value, dict) else value
        if name.lower() != "python":
            yield Requirement(path, str(name), str(version))


def _pyproject(path: str, text: str) -> Iterator[Requirement]:
    parsed = tomllib.loads(text)
    project = table_of(parsed.get("project"))
    own = re.sub(r"[-_.]+", "-", str(project.get("name"))).lower()
    extras = table_of(project.get("optional-dependencies")).values()
    for group in (project.get("dependencies"), *extras):
        for needed in _many(path, group):
            if re.sub(r"[-_.]+", "-", needed.name).lower() != own:  # `this[extra]`
                yield needed
    for group in table_of(parsed.get("dependency-groups")).values():
        yield from _many(path, group)
    poetry = table_of(table_of(parsed.get("tool")).get("poetry"))
    yield from _table(path, poetry.get("dependencies"))
    yield from _table(path, poetry.get("dev-dependencies"))
    for group in table_of(poetry.get("group")).values():
        yield from _table(path, table_of(group).get("dependencies"))
    yield from _table(path, table_of(table_of(parsed.get("tool")).get("pixi")).get("dependencies"))


def _pipfile(path: str, text: str) -> Iterator[Requirement]:
    parsed = tomllib.loads(text)
    yield from _table(path, parsed.get("packages"))
    yield from _table(path, parsed.get("dev-packages"))


def _conda(path: str, text: str) -> Iterator[Requirement]:
    """`- name=1.2` lines of an environment file; read as lines, so that no YAML is trusted."""
    for line in text.splitlines():
        match = CONDA.match(line)
        if match and match["name"].lower() not in {"pip", "python", "defaults", "conda-forge"}:
            yield Requirement(path, match["name"], (match["bounds"] or "").strip())


def _setup_cfg(path: str, text: str) -> Iterator[Requirement]:
    parser = configparser.ConfigParser()
    parser.read_string(text)
    lists = [parser.get("options", "install_requires", fallback="")]
    if parser.has_section("options.extras_require"):
        lists += [value for _, value in parser.items("options.extras_require")]
    for value in lists:
        yield from _many(path, value.splitlines())


def _setup_py(path: str, text: str) -> Iterator[Requirement]:
    """The lists of texts in the call of `setup`; nothing is run."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.keyword) and node.arg in {"install_requires", "extras_require"}:
            for inner in ast.walk(node.value):
                if isinstance(inner, ast.List):
                    texts = [e.value for e in inner.elts if isinstance(e, ast.Constant)]
                    yield from _many(path, texts)


def _inline(path: str, text: str) -> Iterator[Requirement]:
    """PEP 723: metadata inside a script."""
    if match := INLINE.search(text):
        lines = (line[2:] if line.startswith("# ") else line[1:]
                 for line in match["content"].splitlines())  # fmt: skip
        yield from _many(path, tomllib.loads("\n".join(lines)).get("dependencies"))


def _description(path: str, text: str) -> Iterator[Requirement]:
    """R: `Imports:` of a DESCRIPTION file."""
    for match in re.finditer(r"(?ms)^(Imports|Depends):(.*?)(?=^\S|\Z)", text):
        for entry in re.split(r",(?![^(]*\))", match.group(2).replace("\n", " ")):
            if (name := entry.split("(")[0].strip()) and name != "R":
                yield Requirement(path, name, entry.partition("(")[2].strip(" )"))


def _julia(path: str, text: str) -> Iterator[Requirement]:
    parsed = tomllib.loads(text)
    compat = table_of(parsed.get("compat"))
    for name in table_of(parsed.get("deps")):
        yield Requirement(path, name, str(compat.get(name, "")))


def _node(path: str, text: str) -> Iterator[Requirement]:
    parsed = json.loads(text)
    for key in ("dependencies", "devDependencies"):
        yield from _table(path, parsed.get(key))


READERS = {
    "pyproject.toml": _pyproject,
    "Pipfile": _pipfile,
    "conda.yml": _conda,
    "conda.yaml": _conda,
    "setup.cfg": _setup_cfg,
    "setup.py": _setup_py,
    "DESCRIPTION": _description,
    "Project.toml": _julia,
    "package.json": _node,
}
