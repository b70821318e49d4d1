"""The templates that ship with the package, as frozen records read from their `template.toml`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from scaffold import __version__
from scaffold.engines import Source
from scaffold.engines.layers import TEMPLATE_FILE, metadata_of
from scaffold.errors import TemplateError, UnknownName

Record = TypeVar("Record")


@dataclass(frozen=True)
class Data:
    """Where a template's data comes from, and what may be done with it."""

    name: str
    publisher: str
    url: str
    licence: str
    rows: int
    redistribution: bool
    unit: str = "rows"
    note: str = ""


@dataclass(frozen=True)
class Target:
    """The number to beat."""

    metric: str
    label: str
    higher_is_better: bool
    baseline: float
    baseline_name: str
    gate: float
    stretch: float
    published: float | None = None
    source: str = ""
    naive: float | None = None
    """What one starts from."""
    naive_name: str = ""
    verdict: tuple[str, ...] = ()
    """What a correct run may find beside the baseline."""
    gates: Mapping[str, float] = field(default_factory=dict, hash=False)
    """Least values of further metrics, by name."""

    def meets(self, value: float, bound: float) -> bool:
        """Whether a value is at least as good as a bound."""
        return value >= bound if self.higher_is_better else value <= bound


@dataclass(frozen=True)
class Template:
    """One recipe of the catalogue."""

    name: str
    folder: Path
    title: str
    summary: str
    task: str
    level: str
    question: str
    minutes: float
    data: Data
    target: Target
    industry: str = ""
    stages: tuple[str, ...] = ()
    skills: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    dependencies: tuple[str, ...] = ()
    metadata: Mapping[str, Any] = field(default_factory=dict, repr=False, compare=False)


def root() -> Path:
    """The folder of the catalogue: in the wheel beside this file, in a checkout at its top."""
    packaged = Path(__file__).parent / "_templates"
    return packaged if packaged.is_dir() else Path(__file__).parents[1] / "templates"


def names(catalogue: Path | None = None) -> list[str]:
    """Names of all templates, sorted; folders that start with `_` are layers."""
    found = (catalogue or root()).glob(f"*/{TEMPLATE_FILE}")
    return sorted(path.parent.name for path in found if not path.parent.name.startswith("_"))


def templates(catalogue: Path | None = None) -> list[Template]:
    """Every template, by name."""
    return [template(name, catalogue) for name in names(catalogue)]


def template(name: str, catalogue: Path | None = None) -> Template:
    """One template by name; the error offers the nearest names."""
    folder = _folder(name, catalogue)
    return record(folder, _metadata(folder))


def record(folder: Path, metadata: Mapping[str, Any]) -> Template:
    """A template in any folder, by what its `template.toml` says; what is missing is named."""
    values = {
        **metadata,
        "data": _record(Data, folder, metadata.get("data", {})),
        "target": _record(Target, folder, metadata.get("target", {})),
    }
    own = {"name": folder.name, "folder": folder, "metadata": metadata}
    return _record(Template, folder, own | values)


def source(name: str, catalogue: Path | None = None) -> Source:
    """A template as what the layers engine renders."""
    folder = _folder(name, catalogue)
    return Source(
        template=name,
        folder=folder,
        version=__version__,
        roots=(folder.parent,),
        metadata=_metadata(folder),
    )


def as_dict(template: Template) -> dict[str, Any]:
    """A template for `--json`: its record without what is only of use inside."""
    record = asdict(template)
    del record["folder"], record["metadata"]
    return record


def _folder(name: str, catalogue: Path | None) -> Path:
    known = names(catalogue)
    if name not in known:
        raise UnknownName("template", name, known, otherwise="See them all: scaffold list")
    return (catalogue or root()) / name


@cache
def _metadata(folder: Path) -> dict[str, Any]:
    return metadata_of(folder, strict=folder.parent == root())


def _record(kind: type[Record], folder: Path, values: Mapping[str, Any]) -> Record:
    """A frozen record out of a table; a missing key names the file."""
    known = {entry.name for entry in fields(kind)}  # type: ignore[arg-type]
    try:
        return kind(**{key: _frozen(value) for key, value in values.items() if key in known})
    except TypeError as error:
        missing = str(error).partition("missing ")[2]
        raise TemplateError(f"{folder / TEMPLATE_FILE}: {kind.__name__} lacks {missing}") from error


def _frozen(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
