"""The catalogue's engine: layers of files, the last one wins, `*.jinja` rendered in a sandbox.

Python in a layer is Python: its package is called `project_package` there, and rendering puts the
project's package name in its place, in paths and in contents. Jinja2 is imported on first use.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scaffold import __version__, remembered, schema
from scaffold.engines import CATALOGUE, PRACTICE, Question, Source, bodies
from scaffold.engines.contents import reads_as_git
from scaffold.errors import TemplateError
from scaffold.schema import FLAG, NUMBER, TEXT, TEXTS, WHOLE, ListOf, Table

if TYPE_CHECKING:
    from jinja2 import Environment, FileSystemBytecodeCache
    from jinja2.bccache import Bucket

TEMPLATE_FILE = "template.toml"
DRAFT_FILE = "template.draft.toml"  # of a template that is not offered yet
PRACTICE_FILE = "practice.toml"  # which marked bodies the author of a practice project writes
SUFFIX = ".jinja"

_PACKAGE = re.compile(rb"\bproject_package\b")
_LEFT_OUT = {"__pycache__", ".DS_Store", ".ruff_cache", ".pytest_cache", ".mypy_cache"}
_BINARY_PROBE = 8192
_BY_DISTRIBUTION = {"dependencies", "dev_dependencies"}

_FUNCTION = Table(
    {"name": TEXT, "file": TEXT, "function": TEXT, "asked": TEXT, "tests": TEXTS, "hints": TEXTS},
    required=("name", "file", "function", "asked", "tests", "hints"),
)
PRACTICE_KINDS = Table({"functions": ListOf(_FUNCTION)}, required=("functions",))

_QUESTION = Table(
    {
        "name": TEXT, "prompt": TEXT, "help": TEXT, "default": TEXT, "choices": TEXTS,
        "git": TEXT, "required": FLAG, "draw": ListOf(WHOLE), "former": WHOLE,
    },
    required=("name", "prompt"),
)  # fmt: skip
KINDS = Table(
    {
        "title": TEXT, "summary": TEXT, "extends": TEXTS, "task": TEXT, "industry": TEXT,
        "level": TEXT, "stages": TEXTS, "skills": TEXTS, "minutes": NUMBER, "topics": TEXTS,
        "question": TEXT, "dependencies": TEXTS, "dev_dependencies": TEXTS, "seeded": TEXTS,
        "questions": ListOf(_QUESTION),
        "data": Table(
            {
                "name": TEXT, "publisher": TEXT, "url": TEXT, "licence": TEXT, "rows": WHOLE,
                "unit": TEXT, "redistribution": FLAG, "note": TEXT,
            }
        ),
        "target": Table(
            {
                "metric": TEXT, "label": TEXT, "higher_is_better": FLAG, "baseline": NUMBER,
                "baseline_name": TEXT, "naive": NUMBER, "naive_name": TEXT, "gate": NUMBER,
                "gates": Table(others=NUMBER),
                "stretch": NUMBER, "published": NUMBER, "source": TEXT, "verdict": TEXTS,
            }
        ),
        "ci": Table(
            {"env": Table(others=TEXT), "arguments": TEXT, "gate": NUMBER, "verdict": TEXTS}
        ),
    }
)  # fmt: skip


@dataclass(frozen=True)
class LayerFile:
    """One file of a layer."""

    layer: Path
    path: Path

    @property
    def parts(self) -> tuple[str, ...]:
        return self.path.relative_to(self.layer).parts

    @property
    def template_name(self) -> str:
        """The name under which the Jinja loader knows it: `_base/README.md.jinja`."""
        return self.path.relative_to(self.layer.parent).as_posix()


class LayersEngine:
    """Renders a folder with a `template.toml` and the layers that it extends."""

    def questions(self, source: Source) -> tuple[Question, ...]:
        return tuple(_question(source, entry) for entry in source.metadata.get("questions", []))

    def names(self, source: Source) -> set[str]:
        """The names of all questions, and of the answer that nobody is asked for."""
        return {question.name for question in self.questions(source)} | {"year"}

    def seeded(
        self, source: Source, answers: Mapping[str, str], files: tuple[str, ...]
    ) -> tuple[str, ...]:
        """The files that the template's `seeded` patterns name."""
        patterns = source.metadata.get("seeded", ())
        return tuple(file for file in files if any(fnmatchcase(file, p) for p in patterns))

    def render(self, source: Source, answers: Mapping[str, str], into: Path) -> tuple[str, ...]:
        layers = layers_of(source.folder, source.roots)
        render = _Renderer(source, answers)
        files = _targets(layers, render.segment)
        if not answers.get(PRACTICE):
            files.pop(PRACTICE_FILE, None)
        for target, file in files.items():
            path = into / target
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(render.contents(file))
            if file.path.stat().st_mode & 0o111:
                path.chmod(path.stat().st_mode | 0o111)
        return tuple(sorted(files))


ENGINE = LayersEngine()


def layers_of(folder: Path, roots: Sequence[Path] = ()) -> tuple[Path, ...]:
    """The layers of a template, base first: depth-first through `extends`, each layer once."""
    roots = roots or (folder.parent,)
    found: list[Path] = []

    def visit(layer: Path, trail: tuple[Path, ...]) -> None:
        if layer in trail:
            circle = " → ".join(step.name for step in (*trail, layer))
            raise TemplateError(f"{layer / TEMPLATE_FILE}: layers extend each other: {circle}")
        for name in read_toml(layer).get("extends", []):
            visit(_find(name, layer, roots), (*trail, layer))
        if layer not in found:
            found.append(layer)

    visit(folder, ())
    return tuple(found)


def metadata_of(
    folder: Path, roots: Sequence[Path] = (), *, strict: bool = False
) -> dict[str, Any]:
    """`template.toml` merged over the layers: lists joined, tables by key, the later layer wins.

    Earlier releases may have had other keys: `strict` is for what is rendered for the first time.
    """
    merged: dict[str, Any] = {}
    for layer in layers_of(folder, roots):
        for key, value in read_toml(layer, strict=strict).items():
            merged[key] = _merge(key, merged.get(key), value)
    merged.pop("extends", None)
    return merged


def read_toml(layer: Path, *, strict: bool = False) -> dict[str, Any]:
    """A layer's own `template.toml`, unmerged; `strict`: with no key that is not known."""
    return schema.read(layer / TEMPLATE_FILE, KINDS, TemplateError, strict=strict).table


def practised(source: Source) -> list[dict[str, Any]]:
    """The functions that a template gives to practise, in its order, as its file names them."""
    for layer in reversed(layers_of(source.folder, source.roots)):
        path = layer / PRACTICE_FILE
        if path.is_file():
            found = schema.read(path, PRACTICE_KINDS, TemplateError).table["functions"]
            return list(found)
    return []


def marked_bodies(source: Source, package: str) -> dict[str, bodies.Body]:
    """The bodies that the template's comments mark, by name, as a project of it has them."""
    layers = layers_of(source.folder, source.roots)
    files = {file.parts: file for layer in layers for file in walk(layer)}  # the last layer wins
    found: dict[str, bodies.Body] = {}
    for file in files.values():
        if file.path.suffix == ".py":
            data = _PACKAGE.sub(package.encode(), file.path.read_bytes())
            found |= {body.name: body for body in _bodies_in(file, data)}
    return found


def _bodies_in(file: LayerFile, data: bytes) -> list[bodies.Body]:
    try:
        return list(bodies.found_in(data.decode(errors="surrogateescape")))
    except bodies.UnbalancedMarkers as error:
        raise TemplateError(f"{file.path}:{error.line}: # practice: {error}.") from error


def imported_names(source: Source) -> set[str]:
    """Top-level modules that the template's Python files import."""
    statement = re.compile(r"^[ \t]*(?:import|from)[ \t]+([A-Za-z_]\w*)", re.MULTILINE)
    names: set[str] = set()
    for layer in layers_of(source.folder, source.roots):
        for file in walk(layer):
            if file.path.suffix == ".py":
                names.update(statement.findall(file.path.read_text(encoding="utf-8")))
    return names - {"project_package"}


def walk(layer: Path) -> Iterator[LayerFile]:
    """The files of a layer, sorted; symbolic links are refused, caches left out."""
    for folder, subfolders, names in os.walk(layer):
        here = Path(folder)
        for name in (*subfolders, *names):
            if (here / name).is_symlink():
                raise TemplateError(f"{here / name} is a symbolic link; layers hold plain files.")
            if not _is_utf8(name):
                raise TemplateError(
                    f"{here}: the file name {name!a} is not in UTF-8.",
                    "Rename it: other systems cannot have such a name.",
                )
        # A template may be a whole repository: its own `.git` is no part of it.
        left_out = _LEFT_OUT | {".git"} if here == layer else _LEFT_OUT
        subfolders[:] = sorted(set(subfolders) - left_out)
        for name in sorted(set(names) - left_out):
            is_metadata = here == layer and name in {TEMPLATE_FILE, DRAFT_FILE}
            if not is_metadata and not name.endswith(".pyc"):
                yield LayerFile(layer, here / name)


def _is_utf8(name: str) -> bool:
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


class _Renderer:
    """Renders names and contents with one set of answers."""

    def __init__(self, source: Source, answers: Mapping[str, str]) -> None:
        self._roots = source.roots or (source.folder.parent,)
        self._package = answers["package"]
        self._taken_out = set(answers.get(PRACTICE, "").split())
        self._context = {
            PRACTICE: "",
            **answers,
            "scaffold_version": source.version,
            "template": {**source.metadata, "name": source.template},
        }
        self._environment = _environment(source, self._roots)

    def segment(self, file: LayerFile, segment: str) -> str:
        """One part of a path; empty: the file is left out."""
        text = segment
        if "{" in segment:
            text = self._guard(
                file, lambda: self._environment.from_string(segment).render(self._context)
            )
        return _PACKAGE.sub(self._package.encode(), text.encode()).decode()

    def contents(self, file: LayerFile) -> bytes:
        """The bytes that the project gets."""
        if file.path.name.endswith(SUFFIX):
            template = self._environment.get_template
            name = file.template_name
            data = self._guard(file, lambda: template(name).render(self._context)).encode()
        else:
            data = file.path.read_bytes()
            if b"\0" in data[:_BINARY_PROBE]:
                return data
            if file.path.suffix == ".py" and bodies.MARK in data:
                data = bodies.without(_bodies_in(file, data), data, self._taken_out)
        return _PACKAGE.sub(self._package.encode(), data)

    def _guard(self, file: LayerFile, render: Callable[[], str]) -> str:
        """Jinja's errors as ours: file, line, reason."""
        import jinja2
        from jinja2.exceptions import SecurityError

        try:
            return render()
        except jinja2.TemplateSyntaxError as error:
            place = f"{error.filename or file.path}:{error.lineno}"
            raise TemplateError(f"{place}: {error.message}") from error
        except SecurityError as error:
            raise TemplateError(f"{self._place(file, error)}: not allowed: {error}") from error
        except jinja2.TemplateNotFound as error:
            raise TemplateError(f"{self._place(file, error)}: no layer has {error.name}") from error
        except Exception as error:
            raise TemplateError(f"{self._place(file, error)}: {error}") from error

    def _place(self, file: LayerFile, error: Exception) -> str:
        """`file:line` of the innermost template line in the traceback."""
        place, trace = str(file.path), error.__traceback__
        roots = tuple(f"{root}{os.sep}" for root in self._roots)
        while trace:
            name = trace.tb_frame.f_code.co_filename
            if name.startswith(roots) and not name.endswith(".py"):
                place = f"{name}:{trace.tb_lineno}"
            trace = trace.tb_next
        return place


def _compiled(source: Source) -> FileSystemBytecodeCache | None:
    """Where the catalogue's templates are kept compiled; of others each copy lies elsewhere."""
    import jinja2

    if (source.location, source.version) != (CATALOGUE, __version__):
        return None
    folder = remembered.cache("compiled") / jinja2.__version__

    class Compiled(jinja2.FileSystemBytecodeCache):
        """Without a place for it, each call compiles anew."""

        def load_bytecode(self, bucket: Bucket) -> None:
            with suppress(OSError):
                super().load_bytecode(bucket)

        def dump_bytecode(self, bucket: Bucket) -> None:
            with suppress(OSError):
                folder.mkdir(mode=0o700, parents=True, exist_ok=True)
                super().dump_bytecode(bucket)

    return Compiled(str(folder))


def _environment(source: Source, roots: Sequence[Path]) -> Environment:
    from jinja2 import FileSystemLoader, StrictUndefined
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    return ImmutableSandboxedEnvironment(
        bytecode_cache=_compiled(source),
        loader=FileSystemLoader([str(root) for root in roots]),
        undefined=StrictUndefined,
        keep_trailing_newline=True,
        trim_blocks=True,
        lstrip_blocks=True,
        autoescape=False,
    )


def _targets(
    layers: Sequence[Path], segment: Callable[[LayerFile, str], str]
) -> dict[str, LayerFile]:
    """Which file of which layer ends up at which path of the project."""
    targets: dict[str, LayerFile] = {}
    for layer in layers:
        own: dict[str, LayerFile] = {}
        for file in walk(layer):
            parts = [segment(file, part) for part in file.parts]
            if not all(parts):
                continue
            parts[-1] = parts[-1].removesuffix(SUFFIX)
            target = "/".join(_inside(file, part) for part in parts)
            if target in own:
                raise TemplateError(f"{file.path} and {own[target].path} both make {target}.")
            own[target] = file
        targets |= own
    for target, file in targets.items():
        parent = target.rpartition("/")[0]
        while parent:
            if parent in targets:
                raise TemplateError(f"{file.path} needs {parent} to be a folder; it is a file.")
            parent = parent.rpartition("/")[0]
    return targets


def _inside(file: LayerFile, part: str) -> str:
    """A rendered part of a path, refused if it would leave the project or reach into `.git`."""
    if part in {"", ".", ".."} or re.search(r'[/\\:*?"<>|\x00-\x1f]', part):
        raise TemplateError(
            f"{file.path}: {part!r} is not a file name; it would leave the project."
        )
    if reads_as_git(part):
        raise TemplateError(f"{file.path}: a template may not write into .git ({part!r}).")
    return part


def _find(name: str, layer: Path, roots: Sequence[Path]) -> Path:
    for root in roots:
        if (root / name / TEMPLATE_FILE).is_file() and (root / name).parent == root:
            return root / name
    raise TemplateError(f"{layer / TEMPLATE_FILE}: extends {name!r}, which is no layer.")


def _merge(key: str, below: Any, above: Any) -> Any:
    if below is None:
        return above
    if key == "questions":
        return list({entry["name"]: entry for entry in (*below, *above)}.values())
    if key in _BY_DISTRIBUTION:
        return list({_distribution(entry): entry for entry in (*below, *above)}.values())
    if isinstance(above, list):
        return list(dict.fromkeys((*below, *above)))
    if isinstance(above, dict):
        return {**below, **above}
    return above


def _distribution(requirement: str) -> str:
    """The normalised distribution name of a requirement: `scikit-learn` of `Scikit_Learn>=1.7`."""
    name = re.match(r"[A-Za-z0-9._-]+", requirement.strip())
    return re.sub(r"[-_.]+", "-", name.group()).lower() if name else requirement


def _question(source: Source, entry: Mapping[str, Any]) -> Question:
    values = {**entry, "choices": tuple(entry.get("choices", ()))}
    if "draw" in entry:
        values |= {"draw": tuple(entry["draw"]), "former": str(entry.get("former", ""))}
    try:
        return Question(**values)
    except TypeError as error:
        raise TemplateError(
            f"{source.template}: question {entry.get('name')!r}: {error}"
        ) from error
