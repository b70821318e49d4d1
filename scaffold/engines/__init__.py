"""What renders a source: one small interface, each engine imported only when one needs it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any, Protocol

ENGINES = {"layers": "scaffold.engines.layers"}


@dataclass(frozen=True)
class Question:
    """One question that fills a template; answers are always strings."""

    name: str
    prompt: str
    help: str = ""
    default: str = ""
    choices: tuple[str, ...] = ()
    git: str = ""  # the git setting that pre-fills the answer, like "user.name"


@dataclass(frozen=True)
class Source:
    """Where a template comes from, and where it lies on this machine."""

    template: str
    folder: Path
    location: str = "catalogue"
    engine: str = "layers"
    version: str = ""
    ref: str = ""
    commit: str = ""
    roots: tuple[Path, ...] = ()  # where the layers named in `extends` are looked for, in order
    metadata: Mapping[str, Any] = field(default_factory=dict)

    @property
    def trailers(self) -> dict[str, str]:
        """What a pristine commit says about its origin."""
        lines = {
            "Scaffold-Source": f"{self.location}:{self.template}",
            "Scaffold-Version": self.version,
            "Scaffold-Engine": self.engine,
            "Scaffold-Ref": self.ref,
            "Scaffold-Commit": self.commit,
        }
        return {key: value for key, value in lines.items() if value}


class Engine(Protocol):
    """Knows one kind of template."""

    def questions(self, source: Source) -> tuple[Question, ...]:
        """What the template asks, in order."""
        ...

    def render(self, source: Source, answers: Mapping[str, str], into: Path) -> tuple[str, ...]:
        """Write the project into an empty folder; returns its files' paths, sorted, with `/`.

        The same answers give the same bytes. `answers` holds an answer to every question and
        `project_name`, `package`, `title` and `year`.
        """
        ...


def engine_of(source: Source) -> Engine:
    """The engine for a source."""
    engine: Engine = import_module(ENGINES[source.engine]).ENGINE
    return engine
