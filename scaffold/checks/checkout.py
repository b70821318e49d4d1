"""What the checks look at: a repository as it lies on disk, read once."""

from __future__ import annotations

import hashlib
import json
import re
import tomllib
from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from scaffold.errors import GitError, NotAProject, TemplateError, UnknownName
from scaffold.git import Blob, Repository
from scaffold.project import Project

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

    from scaffold.catalogue import Template
    from scaffold.checks.document import Document
    from scaffold.checks.validity.events import Story
    from scaffold.checks.validity.sources import Source, Unreadable

NOT_THE_AUTHORS = {
    ".git", ".hg", ".venv", "venv", "env", "node_modules", "__pycache__", "build", "dist",
    ".mypy_cache", ".pytest_cache", ".ruff_cache", ".tox", ".scaffold", "site-packages",
}  # fmt: skip
LARGEST_TEXT = 2_000_000  # bytes; a longer file is data, not something to read
LARGEST_NOTEBOOK = 50_000_000
REQUIREMENTS = re.compile(r"^requirements[\w.-]*\.txt$")
LEARNING = re.compile(
    r"(scikit-learn|sklearn|torch|tensorflow|keras|xgboost|lightgbm|catboost|jax|transformers"
    r"|statsmodels|spacy|nltk|prophet)\b",
    re.IGNORECASE,
)
PROMPT = re.compile(r"^> \*\*Yours to write — (?P<name>[\w-]+):\*\*", re.MULTILINE)


class Checkout:
    """A repository's work tree; every property is read on first use and kept.

    Paths are relative to the root, with forward slashes. What is not there is None or empty, so
    that a check can say that it does not apply.
    """

    def __init__(self, root: Path, *, deep: bool = False, whole_history: bool = False) -> None:
        self.root = root
        self.deep = deep
        self.whole_history = whole_history
        self._texts: dict[str, str | None] = {}
        self._documents: dict[str, Document | None] = {}

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        """Itself: repo-review copies every fixture before a run, and this one never changes."""
        return self

    @cached_property
    def repository(self) -> Repository | None:
        """The git repository whose work tree this is."""
        try:
            return Repository.open(self.root)
        except GitError:
            return None

    @cached_property
    def tracked(self) -> tuple[str, ...]:
        """The files that git tracks and that are on disk; without git, every file."""
        if self.repository is None:
            return tuple(sorted(self._walk(self.root)))
        return tuple(path for path in self.repository.tracked() if (self.root / path).is_file())

    @cached_property
    def files(self) -> frozenset[str]:
        """The tracked files and those that git does not ignore yet."""
        if self.repository is None:
            return frozenset(self.tracked)
        return frozenset(self.tracked) | frozenset(self.repository.untracked())

    @cached_property
    def unchanged(self) -> Mapping[str, str]:
        """Tracked paths whose file is what the index holds, with the content's id."""
        if self.repository is None:
            return {}
        modified = set(self.repository.modified())
        staged = self.repository.index()
        return {path: staged[path] for path in self.tracked if path not in modified}

    @cached_property
    def history(self) -> tuple[Blob, ...]:
        """Every content that any branch or tag has ever held."""
        return self.repository.blobs() if self.repository else ()

    def text(self, path: str) -> str | None:
        """A file's text; None where there is no such file, or it is binary or very long."""
        if path not in self._texts:
            self._texts[path] = _read_text(self.root / path)
        return self._texts[path]

    def document(self, path: str) -> Document | None:
        """A Markdown file, parsed."""
        from scaffold.checks.document import Document

        if path not in self._documents:
            text = self.text(path)
            self._documents[path] = None if text is None else Document(text)
        return self._documents[path]

    @cached_property
    def readme(self) -> Document | None:
        return self.document("README.md")

    @cached_property
    def documents(self) -> dict[str, Document]:
        """The write-up: Markdown at the root, in `docs` and in `data`."""
        pages = [path for path in sorted(self.files) if _is_page(path)]
        parsed = {path: self.document(path) for path in pages}
        return {path: document for path, document in parsed.items() if document is not None}

    @cached_property
    def python_files(self) -> tuple[str, ...]:
        return tuple(path for path in sorted(self.files) if path.endswith(".py"))

    @cached_property
    def test_files(self) -> tuple[str, ...]:
        return tuple(
            path
            for path in self.python_files
            if re.match(r"(test_.*|.*_test)\.py$", Path(path).name)
        )

    @cached_property
    def notebooks(self) -> tuple[str, ...]:
        return tuple(path for path in sorted(self.files) if path.endswith(".ipynb"))

    @cached_property
    def _parsed(self) -> dict[str, Source | Unreadable]:
        """Scripts and notebooks that learn or measure, without the tests."""
        from scaffold.checks.validity.sources import parse_notebook, parse_script

        tests = set(self.test_files)
        parsed: dict[str, Source | Unreadable] = {}
        for path in self.python_files:
            text = self.text(path)
            if text is not None and path not in tests:
                parsed[path] = parse_script(path, text)
        for path in self.notebooks:
            text = self.notebook(path)
            if text is not None:
                parsed[path] = parse_notebook(path, text)
        return parsed

    @property
    def sources(self) -> dict[str, Source]:
        """Everything that could be read as Python 3."""
        from scaffold.checks.validity.sources import Source

        return {path: one for path, one in self._parsed.items() if isinstance(one, Source)}

    @property
    def unreadable(self) -> dict[str, str]:
        """What could not be, and why."""
        from scaffold.checks.validity.sources import Unreadable

        return {path: one.why for path, one in self._parsed.items() if isinstance(one, Unreadable)}

    @cached_property
    def story(self) -> Story | None:
        """What the code does with its rows; None where there is no code."""
        from scaffold.checks.validity.trace import read

        return read(self.sources) if self.sources else None

    def notebook(self, path: str) -> str | None:
        """A notebook's text, pictures and all, up to fifty megabytes."""
        return _read_text(self.root / path, LARGEST_NOTEBOOK)

    @cached_property
    def notebook_outputs(self) -> dict[str, str]:
        """What each notebook printed, as text."""
        return {path: "\n".join(_outputs(cells)) for path, cells in self.cells.items()}

    @cached_property
    def markdown_cells(self) -> tuple[str, ...]:
        return tuple(
            _joined(cell.get("source"))
            for cells in self.cells.values()
            for cell in cells
            if cell.get("cell_type") == "markdown"
        )

    @cached_property
    def cells(self) -> dict[str, list[dict[str, Any]]]:
        """The cells of each notebook that can be read."""
        found = {}
        for path in self.notebooks:
            try:
                parsed = json.loads(self.notebook(path) or "")
            except ValueError:
                continue
            cells = _table(parsed).get("cells")
            listed = cells if isinstance(cells, list) else []
            found[path] = [cell for cell in listed if isinstance(cell, dict)]
        return found

    @cached_property
    def pyproject(self) -> dict[str, Any]:
        return self._toml("pyproject.toml")

    @cached_property
    def project(self) -> Project | None:
        """What `.scaffold.toml` says; None in a repository that the tool did not write."""
        try:
            return Project.read(self.root)
        except NotAProject:
            return None

    @property
    def is_generated(self) -> bool:
        return self.project is not None

    @cached_property
    def requirements(self) -> tuple[tuple[str, str], ...]:
        """What the repository needs: the file that says so, and the requirement's text."""
        project: dict[str, Any] = self.pyproject.get("project", {})
        own = re.compile(rf"{re.escape(str(project.get('name')))}\s*\[", re.IGNORECASE)
        lists = [
            project.get("dependencies", []),
            *project.get("optional-dependencies", {}).values(),
        ]
        found = [
            ("pyproject.toml", text) for texts in lists for text in texts if not own.match(text)
        ]
        for path in sorted(filter(REQUIREMENTS.match, self.files)):
            lines = (line.split("#")[0].strip() for line in (self.text(path) or "").splitlines())
            found += [(path, line) for line in lines if line and not line.startswith("-")]
        return tuple(found)

    @property
    def is_study(self) -> bool:
        """Whether this should end in a measured result, unlike a library or a site."""
        return (
            self.is_generated
            or self.metrics is not None
            or any(path.endswith(".ipynb") for path in self.files)
            or any(LEARNING.match(text) for _, text in self.requirements)
        )

    @cached_property
    def template(self) -> Template | None:
        """The catalogue's template that the project came from."""
        from scaffold import catalogue

        if self.project is None or self.project.origin.location != "catalogue":
            return None
        try:
            return catalogue.template(self.project.origin.template)
        except (UnknownName, TemplateError):
            return None

    @property
    def target(self) -> Mapping[str, Any]:
        """The number to beat."""
        return self.project.target if self.project else {}

    @cached_property
    def metrics(self) -> dict[str, Any] | None:
        """reports/metrics.json of the last run; None before the first."""
        found = self._json("reports/metrics.json")
        primary = found.get("primary") if isinstance(found, dict) else None
        if not isinstance(primary, dict) or not isinstance(primary.get("value"), int | float):
            return None  # another program's file of the same name
        tables = ("data", "run", "inputs", "comparison")
        return {**found, **{key: _table(found.get(key)) for key in tables}}

    @cached_property
    def manifest(self) -> dict[str, Any] | None:
        """data/manifest.json: which row is in which part."""
        found = self._json("data/manifest.json")
        if not isinstance(found, dict):
            return None
        parts = _table(found.get("parts"))
        return {**found, "parts": {name: _table(part) for name, part in parts.items()}}

    @property
    def from_sample(self) -> bool:
        """Whether the numbers at hand were made from the sample."""
        return bool(self.metrics and self.metrics.get("data", {}).get("sample"))

    def size(self, path: str) -> int:
        return (self.root / path).stat().st_size

    def sha256(self, path: str) -> str | None:
        """The digest of a file's bytes; None where there is no such file."""
        try:
            return hashlib.sha256((self.root / path).read_bytes()).hexdigest()
        except OSError:
            return None

    def _toml(self, path: str) -> dict[str, Any]:
        try:
            return tomllib.loads(self.text(path) or "")
        except tomllib.TOMLDecodeError:
            return {}

    def _json(self, path: str) -> Any:
        try:
            return json.loads((self.root / path).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return None

    def _walk(self, folder: Path) -> Iterator[str]:
        for entry in folder.iterdir():
            if entry.name in NOT_THE_AUTHORS or entry.is_symlink():
                continue
            if entry.is_dir():
                yield from self._walk(entry)
            else:
                yield entry.relative_to(self.root).as_posix()


def checkout(root: Traversable) -> Checkout | None:
    """The repo-review fixture: None when the tree is not on this disk."""
    return Checkout(root) if isinstance(root, Path) else None


def _outputs(cells: list[dict[str, Any]]) -> Iterator[str]:
    for cell in cells:
        for output in cell.get("outputs", []):
            yield _joined(output.get("text"))
            yield _joined(_table(output.get("data")).get("text/plain"))


def _joined(text: object) -> str:
    """Notebooks keep a text as one string or as a list of lines."""
    return "".join(map(str, text)) if isinstance(text, list) else str(text or "")


def _table(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _is_page(path: str) -> bool:
    folder, _, name = path.rpartition("/")
    return name.endswith(".md") and folder in {"", "docs", "data"}


def _read_text(path: Path, largest: int = LARGEST_TEXT) -> str | None:
    try:
        if path.stat().st_size > largest:
            return None
        content = path.read_bytes()
    except OSError:
        return None
    if b"\0" in content[:8192]:
        return None
    return content.decode("utf-8", errors="replace").replace("\r\n", "\n")
