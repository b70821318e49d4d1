"""What the checks look at: a repository as it lies on disk, read once."""

from __future__ import annotations

import ast
import codecs
import hashlib
import json
import re
import stat
import tempfile
from collections.abc import Iterator, Mapping
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from scaffold import results
from scaffold.checks import metadata, scope
from scaffold.checks.validity.sources import TESTS
from scaffold.errors import GitError, NotAProject, TemplateError, UnknownName
from scaffold.git import Blob, Repository
from scaffold.guard import is_bare
from scaffold.project import STATE_FILE, Project
from scaffold.results import Results, ResultsUnreadable
from scaffold.staging import workshop

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

    from scaffold.catalogue import Template
    from scaffold.checks.code import Code
    from scaffold.checks.dependencies import Requirement
    from scaffold.checks.document import Document
    from scaffold.checks.kind import Kind, Part
    from scaffold.checks.secrets import Search
    from scaffold.checks.validity.sources import Source, Unreadable

NOT_THE_AUTHORS = {
    ".git", ".hg", ".venv", "venv", "env", "node_modules", "__pycache__", "build", "dist",
    ".mypy_cache", ".pytest_cache", ".ruff_cache", ".tox", ".scaffold", "site-packages",
}  # fmt: skip
LARGEST_FACTS = 100_000_000  # bytes of a manifest
LARGEST_TEXT = 2_000_000  # bytes; a longer file is data, not something to read
README = re.compile(
    r"^(?P<folder>(\.github|docs)/)?read[_-]?me(?P<language>[._-](?!md$)[a-z]{2}([_-][a-z]{2,4})?)?"
    r"(?P<format>\.(md|markdown|rst|txt|adoc|org|rmd|qmd))?$",
    re.IGNORECASE,
)
TEST_FOLDER = re.compile(r"(.*/)?tests?/")
LEARNING = re.compile(
    r"(scikit-learn|sklearn|torch|tensorflow|keras|xgboost|lightgbm|catboost|jax|transformers"
    r"|statsmodels|spacy|nltk|prophet)\b",
    re.IGNORECASE,
)
SHALLOW = (
    "this clone is shallow and knows no earlier commits (git fetch --unshallow; fetch-depth: 0)"
)
PROMPT = re.compile(r"^> \*\*Yours to write — (?P<name>[\w-]+):\*\*", re.MULTILINE)


class Checkout:
    """A repository's work tree; every property is read on first use and kept.

    Paths are relative to the root, with forward slashes. What is not there is None or empty, so
    that a check can say that it does not apply; so is what cannot be understood, and one check
    says that (PR508 of git, PR509 of pyproject.toml, RE202 of the results).

    Nothing is executed, and no setting of the repository's git is heeded. Files are opened through
    `file` alone, which neither leaves the repository nor opens what is no ordinary file.
    """

    def __init__(self, root: Path, *, deep: bool = False, whole_history: bool = False) -> None:
        self.root = root
        self.deep = deep
        self.whole_history = whole_history
        self._texts: dict[str, str | None] = {}
        self._documents: dict[str, Document | None] = {}
        self._sources: dict[str, Source | Unreadable | None] = {}
        self._places: dict[str, Path | None] = {}
        self._folders: dict[Path, bool] = {}

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        """Itself: repo-review copies every fixture before a run, and this one never changes."""
        return self

    @cached_property
    def repository(self) -> Repository | None:
        """The git repository whose work tree this is, to be read only."""
        return self._opened[0]

    @property
    def git_fault(self) -> str:
        """Why there is no repository."""
        return self._opened[1]

    @cached_property
    def _opened(self) -> tuple[Repository | None, str]:
        try:
            folder = Path(tempfile.mkdtemp(dir=_workshop()))
            repository = Repository.sealed(self.root, folder)
            repository.tracked()  # an index that cannot be read is no use to any check
        except (GitError, OSError) as error:
            return None, str(error)
        return repository, ""

    @cached_property
    def tracked(self) -> tuple[str, ...]:
        """The files that git tracks and that are on disk; without git, every file."""
        if self.repository is None and is_bare(self.root):
            return ()
        if self.repository is None:
            return tuple(sorted(self._walk(self.root)))
        return tuple(path for path in self.repository.tracked() if self.file(path))

    def file(self, path: str) -> Path | None:
        """An ordinary file inside of the repository; None for anything else, and for nothing."""
        if path not in self._places:
            self._places[path] = self._place(path)
        return self._places[path]

    def _place(self, path: str) -> Path | None:
        place = self.root / path
        try:
            mode = place.lstat().st_mode
            if stat.S_ISLNK(mode):
                mode = place.stat().st_mode
                inside = place.resolve().is_relative_to(self._real_root)
            else:
                inside = self._is_inside(place.parent)
        except (OSError, ValueError, RuntimeError):  # not there, a NUL in its name, a circle
            return None
        return place if inside and stat.S_ISREG(mode) else None

    @cached_property
    def _real_root(self) -> Path:
        return self.root.resolve()

    def _is_inside(self, folder: Path) -> bool:
        if folder not in self._folders:
            self._folders[folder] = folder.resolve().is_relative_to(self._real_root)
        return self._folders[folder]

    @cached_property
    def files(self) -> frozenset[str]:
        """The tracked files and those that git does not ignore yet."""
        if self.repository is None:
            return frozenset(self.tracked)
        return frozenset(self.tracked) | frozenset(self.repository.untracked())

    @cached_property
    def scope(self) -> scope.Scope:
        """What pyproject.toml leaves out of judgement."""
        path = self.file("pyproject.toml")
        told = "scaffold" in self.described.table.get("tool", {})
        return scope.read(path) if path and told else scope.Scope()

    @cached_property
    def judged(self) -> frozenset[str]:
        """The files that the repository answers for: those that are not left out."""
        return self.scope.judged(self.files)

    @property
    def left_out(self) -> str:
        """What pyproject.toml leaves out, in words."""
        if not self.scope.patterns:
            return ""
        count = len(self.files) - len(self.judged)
        files = "1 file" if count == 1 else f"{count:,} files"
        return f"{files} ({', '.join(self.scope.patterns)}), as pyproject.toml says"

    @cached_property
    def unchanged(self) -> Mapping[str, str]:
        """Tracked paths whose file is what the index holds, with the content's id."""
        if self.repository is None:
            return {}
        modified = set(self.repository.modified())
        staged = self.repository.index()
        return {path: staged[path] for path in self.tracked if path not in modified}

    @cached_property
    def is_shallow(self) -> bool:
        """Whether the clone was made without the earlier commits."""
        return self.repository is not None and self.repository.is_shallow()

    @cached_property
    def history(self) -> tuple[Blob, ...]:
        """Every content that any branch or tag has ever held."""
        return self._past[0]

    @property
    def history_fault(self) -> str:
        """Why the history cannot be read to its end."""
        return self._past[1]

    @cached_property
    def _past(self) -> tuple[tuple[Blob, ...], str]:
        try:
            return (self.repository.blobs() if self.repository else ()), ""
        except GitError as error:
            return (), f"the history cannot be read to its end: {error.message}"

    def text(self, path: str, largest: int = LARGEST_TEXT) -> str | None:
        """A file's text; None where there is no such file, or it is binary or very long."""
        if path not in self._texts:
            place = self.file(path)
            self._texts[path] = _read_text(place, largest) if place else None
        return self._texts[path]

    def source(self, path: str) -> Source | Unreadable | None:
        """A Python file as parsed once for all checks, never run; None where it is no text."""
        from scaffold.checks.validity.sources import parse_script

        if path not in self._sources:
            text = self.text(path)
            self._sources[path] = None if text is None else parse_script(path, text)
        return self._sources[path]

    def tree(self, path: str) -> ast.Module | None:
        """A Python file's syntax tree; None where it has none."""
        return getattr(self.source(path), "tree", None)

    def document(self, path: str) -> Document | None:
        """A Markdown file, parsed."""
        from scaffold.checks.document import Document

        if path not in self._documents:
            text = self.text(path)
            self._documents[path] = None if text is None else Document(text)
        return self._documents[path]

    @cached_property
    def readme_path(self) -> str:
        """The README's name as it is, in any case, format and language; README.md where none is.

        Of several the one that a forge shows: at the root, in no language by name, in Markdown.
        """
        found = [match for path in self.files if (match := README.match(path))]
        plain = sorted(
            (bool(match["folder"]), bool(match["language"]), match["format"] != ".md", match[0])
            for match in found
        )
        return plain[0][-1] if plain else "README.md"

    @cached_property
    def readme(self) -> Document | None:
        return self.document(self.readme_path)

    @cached_property
    def parts(self) -> tuple[Part, ...]:
        """What the repository is, or holds."""
        from scaffold.checks.kind import parts

        return parts(self)

    @property
    def kind(self) -> Kind:
        """What the repository is; of several, the one that owes most."""
        from scaffold.checks.kind import FINISHED

        kinds = [part.kind for part in self.parts]
        return next((kind for kind in kinds if kind in FINISHED), kinds[0])

    @cached_property
    def documents(self) -> dict[str, Document]:
        """The write-up: Markdown at the root, in `docs` and in `data`."""
        pages = [path for path in sorted(self.judged) if _is_page(path)]
        parsed = {path: self.document(path) for path in pages}
        found = {path: document for path, document in parsed.items() if document is not None}
        return found | ({self.readme_path: self.readme} if self.readme else {})

    @cached_property
    def python_files(self) -> tuple[str, ...]:
        return tuple(path for path in sorted(self.judged) if path.endswith(".py"))

    @cached_property
    def test_files(self) -> tuple[str, ...]:
        """What tests the code: files of tests, and what helps them in a folder of tests."""
        named = [path for path in self.python_files if TESTS.search(path)]
        testing = {
            path
            for path in named
            if "def test" in (self.text(path) or "") and _defines_a_test(self.tree(path))
        }
        folders = tuple({match[0] for path in testing if (match := TEST_FOLDER.match(path))})
        return tuple(path for path in named if path in testing or path.startswith(folders))

    @cached_property
    def code(self) -> Code:
        """Scripts and notebooks, as the checks of validity read them."""
        from scaffold.checks.code import Code

        return Code(self)

    @property
    def pyproject(self) -> dict[str, Any]:
        """pyproject.toml, without what is not of the type that the standard asks for."""
        return self.described.table

    @cached_property
    def described(self) -> metadata.Described:
        """pyproject.toml, and what is wrong with it."""
        path = self.file("pyproject.toml")
        if path is None:
            return metadata.Described({})
        with path.open("rb") as stream:
            return metadata.read(stream.read(metadata.LARGEST + 1))

    @cached_property
    def project(self) -> Project | None:
        """What `.scaffold.toml` says; None in a repository that the tool did not write."""
        return self._state[0]

    @property
    def state_fault(self) -> str:
        """Why the state file that is there says nothing."""
        return self._state[1]

    @cached_property
    def _state(self) -> tuple[Project | None, str]:
        if self.file(STATE_FILE) is None:
            return None, ""
        if self.size(STATE_FILE) > LARGEST_TEXT:
            return None, f"{STATE_FILE} is larger than anything that scaffold writes"
        try:
            project = Project.read(self.root)
        except (NotAProject, ValueError, AttributeError) as error:
            return None, f"{STATE_FILE} cannot be understood: {error}"
        texts = (project.name, project.package, project.title, *project.topics)
        tables = (project.target, project.answers)
        answers = project.answers.values() if isinstance(project.answers, dict) else ()
        if not all(isinstance(text, str) for text in (*texts, *answers)) or not all(
            isinstance(table, dict) for table in tables
        ):
            return None, f"{STATE_FILE} holds a value of another kind than scaffold writes"
        return project, ""

    @cached_property
    def is_generated(self) -> bool:
        """Whether the tool wrote it; an earlier commit with a state file says so too."""
        if self.project is not None or (self.root / STATE_FILE).exists():
            return True
        return self.repository is not None and self.repository.knew(STATE_FILE)

    @cached_property
    def requirements(self) -> tuple[Requirement, ...]:
        """What the repository needs, in any dialect in which it says so."""
        from scaffold.checks.dependencies import requirements

        return requirements(self)

    @cached_property
    def secrets(self) -> Search:
        """Passwords, keys and tokens in the tracked files."""
        from scaffold.checks import secrets

        return secrets.in_files(self)

    @cached_property
    def older_secrets(self) -> Search:
        """Those in anything that git still holds and the files do not."""
        from scaffold.checks import secrets

        return secrets.in_history(self)

    @property
    def is_study(self) -> bool:
        """Whether this should end in a measured result, unlike a library or a site."""
        return (
            self.is_generated
            or self.metrics is not None
            or any(path.endswith(".ipynb") for path in self.judged)
            or any(LEARNING.match(needed.name) for needed in self.requirements)
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

    @property
    def results(self) -> Results | None:
        """What the last run measured; None before the first."""
        return self._results[0]

    @property
    def results_fault(self) -> str:
        """Why the file that is there holds no results."""
        return self._results[1]

    @cached_property
    def _results(self) -> tuple[Results | None, str]:
        try:
            return results.read(self.root), ""
        except ResultsUnreadable as error:
            return None, error.message

    @property
    def metrics(self) -> Mapping[str, Any] | None:
        """The whole of reports/metrics.json, its tables being tables."""
        return self.results.file if self.results else None

    @cached_property
    def further_findings(self) -> tuple[Any, ...]:
        """What other steps than `evaluate` found: exploration, attempts, search, load."""
        log = self.text("experiments/log.jsonl") or ""
        found = [parse(line) for line in log.splitlines()]
        return (
            *found,
            self._json("reports/exploration.json"),
            self._json("experiments/importance.json"),
            self._json("reports/load.json"),
        )

    @cached_property
    def manifest(self) -> dict[str, Any] | None:
        """data/manifest.json: which row is in which part."""
        found = self._json("data/manifest.json")
        if not isinstance(found, dict):
            return None
        parts = results.table_of(found.get("parts"))
        return {**found, "parts": {name: results.table_of(part) for name, part in parts.items()}}

    @property
    def from_sample(self) -> bool:
        """Whether the numbers at hand were made from the sample."""
        return self.results is not None and self.results.from_sample

    def size(self, path: str) -> int:
        place = self.file(path)
        return place.stat().st_size if place else 0

    def sha256(self, path: str) -> str | None:
        """The digest of a file's bytes; None where there is no such file."""
        place = self.file(path)
        if place is None:
            return None
        with place.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()

    def _json(self, path: str) -> Any:
        try:
            place = self.file(path)
            if place is None or place.stat().st_size > LARGEST_FACTS:
                return None
            return parse(place.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return None

    def _walk(self, folder: Path) -> Iterator[str]:
        try:
            entries = list(folder.iterdir())
        except OSError:
            return  # not ours to read
        for entry in entries:
            if entry.name in NOT_THE_AUTHORS or entry.is_symlink():
                continue
            if entry.is_dir():
                yield from self._walk(entry)
            else:
                yield entry.relative_to(self.root).as_posix()


def parse(text: str) -> Any:
    """What a text in JSON says; None where it is none."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def checkout(root: Traversable) -> Checkout | None:
    """The repo-review fixture: None when the tree is not on this disk."""
    return Checkout(root) if isinstance(root, Path) else None


@cache
def _workshop() -> Path:
    """Where the git directories of our own lie while this process lives."""
    return workshop("scaffold-read-")


def _defines_a_test(tree: ast.Module | None) -> bool:
    """Whether pytest or unittest would run something of it; `test.py` may evaluate a model."""
    functions = ast.FunctionDef | ast.AsyncFunctionDef
    return tree is not None and any(
        isinstance(inner, functions) and inner.name.startswith("test")
        for node in tree.body
        for inner in (node.body if isinstance(node, ast.ClassDef) else [node])
    )


def _is_page(path: str) -> bool:
    folder, _, name = path.rpartition("/")
    return name.endswith(".md") and folder in {"", "docs", "data"}


def _read_text(path: Path, largest: int) -> str | None:
    try:
        if path.stat().st_size > largest:
            return None
        content = path.read_bytes()
    except OSError:
        return None
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):  # PowerShell's `>`
        return content.decode("utf-16", errors="replace").replace("\r\n", "\n")
    if b"\0" in content[:8192]:
        return None
    return content.decode("utf-8", errors="replace").replace("\r\n", "\n")
