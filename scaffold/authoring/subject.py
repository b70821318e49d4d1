"""A template under its author's hands: as it lies in the work tree, with the papers beside it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from scaffold import __version__, catalogue, naming
from scaffold.commands import new
from scaffold.engines import Source
from scaffold.engines.layers import TEMPLATE_FILE, LayerFile, layers_of, metadata_of, walk
from scaffold.errors import TemplateError
from scaffold.project import Project


@dataclass(frozen=True)
class Papers:
    """What is kept of a template beside it, and goes into no project."""

    tests: Path
    name: str

    @property
    def solutions(self) -> Path:
        """A patch for each challenge."""
        return self.tests / "challenges" / self.name

    @property
    def mistakes(self) -> Path:
        """What its tests must catch."""
        return self.tests / "planted" / f"{naming.package_of(self.name)}.py"

    @property
    def facts(self) -> Path:
        """Phrases that no run can make false."""
        return self.tests / "rendering" / "facts" / f"{self.name}.toml"


@dataclass(frozen=True)
class Subject:
    """One template, rendered from the files that are there now, committed or not."""

    source: Source

    @classmethod
    def at(cls, path: Path) -> Subject:
        folder = path.resolve()
        if not (folder / TEMPLATE_FILE).is_file():
            raise TemplateError(
                f"{path} holds no {TEMPLATE_FILE}.",
                "Give a template's folder, or make one: scaffold template new NAME",
            )
        roots = (folder.parent, catalogue.root())
        source = Source(
            template=folder.name,
            folder=folder,
            location=str(folder),
            version=__version__,
            roots=roots,
            metadata=metadata_of(folder, roots, strict=True),
            trusted=True,  # by its author, who is here
        )
        return cls(source)

    @property
    def name(self) -> str:
        return self.source.template

    @property
    def folder(self) -> Path:
        return self.source.folder

    @property
    def papers(self) -> Papers:
        return papers_of(self.folder)

    @property
    def layers(self) -> tuple[Path, ...]:
        return layers_of(self.folder, self.source.roots)

    @cached_property
    def files(self) -> dict[str, LayerFile]:
        """Its files and those of its layers by path as they lie there; the last layer wins."""
        return {"/".join(file.parts): file for layer in self.layers for file in walk(layer)}

    def read(self, path: str) -> str:
        """A file as it lies in the last layer that has it, "" where none does."""
        file = self.files.get(path)
        return file.path.read_text(encoding="utf-8") if file else ""

    def make(
        self, dest: Path, answers: Mapping[str, str] | None = None, title: str = ""
    ) -> Project:
        """A project of it."""
        title = title or str(self.source.metadata.get("title", "")) or naming.title_of(self.name)
        return new.create(new.Plan(self.source, title, dest), answers).project


def papers_of(template: Path) -> Papers:
    """In `tests` beside the folder of templates; those of the wheel in `_papers` beside them."""
    packaged = template.parent == catalogue.root() and template.parent.name == "_templates"
    return Papers(template.parents[1] / ("_papers" if packaged else "tests"), template.name)
